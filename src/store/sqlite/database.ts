import { existsSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { ConfigError } from '../../directory/errors.ts'
import type { Database } from '../database.ts'
import { createCompiler, createExecutor, runWork } from '../executor.ts'
import { unavailableError } from '../failure.ts'
import { createGroupCommit } from '../group-commit.ts'
import { checkNotNewer, latestMigration, statusFrom, type MigrationStatus } from '../migrate.ts'
import { sqliteDialect } from '../sql-dialect.ts'
import { backupFile } from './backup.ts'
import { busyTimeoutMs, createDriver, currentMigration, migrateFile, openConnection } from './connection.ts'
import { guarded } from './failure.ts'
import { createBegin } from './transaction.ts'
import { createTurnReader } from './turn-reader.ts'

/**
 * Opens or creates a SQLite file: one connection writes, another reads, so that readers see committed rows only and never wait.
 * Throws ConfigError for a file that is no database or is newer than this code.
 */
export async function openSqlite(file: string): Promise<Database> {
  if (file === '' || file === ':memory:') throw new ConfigError('SQLite needs a file. Name one, such as ./.rollcall/rollcall.db.')
  const compiler = createCompiler(sqliteDialect())
  const { reader, writer } = openBoth(file)
  const groupCommit = createGroupCommit(createBegin(writer, { driver: createDriver(writer), busyTimeoutMs }))
  const turn = createTurnReader(reader)
  let commits = 0
  const listeners: ((organizationId: string) => void)[] = []
  return {
    reader: createExecutor(compiler, turn.driver),
    // The one writer holds every organization.
    write: async (_organizationId, work) => {
      const factsOf = new Set<string>()
      const result = await groupCommit.run('', (driver) => runWork(compiler, { driver, factsOf }, work))
      turn.refresh()
      commits++
      for (const id of factsOf) for (const listener of listeners) listener(id)
      return result
    },
    // Another process adds to the file at most: whoever serves a home has locked it.
    commits: () => commits,
    onFacts: (listener) => void listeners.push(listener),
    check: async () => {
      const current = guarded(() => currentMigration(reader))
      checkNotNewer(current)
      if (current < latestMigration) throw unavailableError(undefined)
    },
    backup: (target) => backupFile(file, target),
    close: async () => {
      await groupCommit.close()
      turn.refresh()
      if (reader.isOpen) reader.close()
      if (writer.isOpen) writer.close()
    },
  }
}

/** What stands in the file; a file that is not there is not made. */
export function sqliteMigrationStatus(file: string): MigrationStatus {
  if (!existsSync(file)) return statusFrom(0)
  const db = openConnection(file, { cacheMiB: 2 })
  try {
    return statusFrom(currentMigration(db))
  } finally {
    db.close()
  }
}

function openBoth(file: string): { readonly reader: DatabaseSync; readonly writer: DatabaseSync } {
  const writer = openConnection(file, { cacheMiB: 2 })
  try {
    migrateFile(writer)
    // From here on the queue waits for other processes, without blocking this one.
    writer.exec('pragma busy_timeout = 0')
    return { writer, reader: openConnection(file, { cacheMiB: 12 }) }
  } catch (error) {
    writer.close()
    throw error
  }
}
