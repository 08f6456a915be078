import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { HandedKey, HandOutcome } from '../sync/keys/hand-out.ts'

/**
 * Puts the key into a file of one line of JSON, readable by its owner alone. Whoever reads sees the whole old line or the whole new one, and after a
 * crash one of both is there. A link in the file's place is replaced, never followed.
 */
export async function writeKeyFile(path: string, key: HandedKey): Promise<HandOutcome> {
  // The same for each try, so that a process that dies in between leaves nothing that stays.
  const draft = `${path}.${key.rotation}.new`
  try {
    await rm(draft, { force: true })
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.chmod(0o600)
      await file.writeFile(`${JSON.stringify(key)}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, path)
    await syncFolder(dirname(path))
    return { outcome: 'written' }
  } catch (error) {
    await rm(draft, { force: true })
    return { outcome: 'failed', reason: `its file cannot be written (${codeOf(error)})` }
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : 'unknown error')
