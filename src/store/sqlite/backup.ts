import { closeSync, openSync, renameSync, rmSync } from 'node:fs'
import { backup } from 'node:sqlite'
import { ConfigError } from '../../directory/errors.ts'
import { openConnection } from './connection.ts'

/**
 * Copies one committed state of a file that is in use. The copy is read inside one read transaction, so that it never starts again however
 * much is written meanwhile. It appears whole or not at all, readable by its owner alone.
 */
export async function backupFile(file: string, target: string): Promise<void> {
  const draft = `${target}.partial`
  const db = openConnection(file, { cacheMiB: 2 })
  try {
    closeSync(openSync(draft, 'w', 0o600))
    db.exec('begin')
    db.prepare('select count(*) from migrations').get()
    await backup(db, draft)
    db.exec('rollback')
    renameSync(draft, target)
  } catch (cause) {
    throw new ConfigError(`The backup to ${target} could not be written. Check the folder and the space in it.`, { cause })
  } finally {
    db.close()
    rmSync(draft, { force: true })
  }
}
