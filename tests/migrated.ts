import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '../src/store/open.ts'

let template: Promise<Buffer> | undefined

/** Puts a database that is migrated and has nothing in it where one is about to be opened, and answers where: making each anew costs 20 ms, most of many a test. */
export async function putMigrated(file: string): Promise<string> {
  template ??= makeTemplate()
  writeFileSync(file, await template)
  return file
}

async function makeTemplate(): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-template-'))
  const file = join(folder, 'rollcall.db')
  try {
    const database = await openStore({ database: file, sealer: { seal: (text) => text, open: (text) => text } })
    await database.close()
    return readFileSync(file)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
