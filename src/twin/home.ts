import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { ConfigError } from '../directory/errors.ts'

const secret = z.strictObject({ id: z.string(), identifier: z.string(), secret: z.string() })

/** What a twin keeps beside its database. It guards nothing: the vendor is made up, and its secrets open nothing else. */
const TwinNote = z.strictObject({
  vendor: z.string(),
  organizationId: z.uuid(),
  /** Credentials by kind. */
  secrets: z.record(z.string(), secret),
  /** Base64url of 32 bytes. */
  sealingKey: z.string(),
})
export type TwinNote = z.output<typeof TwinNote>

export const databaseFile = (home: string): string => join(resolve(home), 'twin.db')
export const ledgerFile = (home: string): string => join(resolve(home), 'twin-ledger.jsonl')
const noteFile = (home: string): string => join(resolve(home), 'twin.json')

/** What an earlier start left; undefined in a fresh home. Throws ConfigError when the home is another vendor's. */
export function readNote(home: string, vendor: string): TwinNote | undefined {
  const file = noteFile(home)
  if (!existsSync(file)) return undefined
  let content: unknown
  try {
    content = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new ConfigError(`${file} is not JSON. Remove the home and start again.`, { cause })
  }
  const note = TwinNote.safeParse(content)
  if (!note.success)
    throw new ConfigError(`${file} cannot be read. Remove the home and start again. ${z.prettifyError(note.error)}`)
  if (note.data.vendor !== vendor)
    throw new ConfigError(`${home} holds a twin of ${note.data.vendor}. Use another --home for ${vendor}.`)
  return note.data
}

/** Written last, so that a home with a note is a whole one. Readable by its owner alone. */
export function writeNote(home: string, note: TwinNote): void {
  const draft = `${noteFile(home)}.new`
  writeFileSync(draft, `${JSON.stringify(note, undefined, 2)}\n`, { mode: 0o600 })
  renameSync(draft, noteFile(home))
}

/** Makes the folder, and takes away what a start that was cut short left in it. */
export function clearHome(home: string): void {
  mkdirSync(resolve(home), { recursive: true, mode: 0o700 })
  for (const file of [databaseFile(home), `${databaseFile(home)}-wal`, `${databaseFile(home)}-shm`, ledgerFile(home)])
    rmSync(file, { force: true })
}
