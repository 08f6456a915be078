import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startHome, type ServedHome } from './home.ts'
import { measurePages } from './measure-pages.ts'

const { values } = parseArgs({
  options: {
    pages: { type: 'string', default: '1000,100000' },
    seconds: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
  },
})
const sizes = values.pages.split(',').map(Number)
const say = (line: string) => process.stderr.write(`${line}\n`)
const folder = mkdtempSync(join(tmpdir(), 'rollcall-lists-'))
const homes: ServedHome[] = []
try {
  for (const people of sizes) homes.push(await startHome(folder, { people, role: 'Member' }))
  const pages = await measurePages(homes, { seconds: Number(values.seconds), say })
  if (values.json) process.stdout.write(`${JSON.stringify({ pages })}\n`)
} finally {
  await Promise.all(homes.map(({ child }) => child.stop()))
  rmSync(folder, { recursive: true, force: true })
}
