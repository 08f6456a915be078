import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startHome, type ServedHome } from './home.ts'
import { measurePages } from './measure-pages.ts'
import { measureReads } from './measure-reads.ts'
import { pageSize } from './pages.ts'

// npm run bench:lists -- --pages N[,N] --reads N[,N] --only NAME[,NAME] --seconds S --json
// One home for each number of people, each served by a process of its own; every dialect and every connector is tried on them, or
// those that --only names, as the rows name them.

const { values } = parseArgs({
  options: {
    pages: { type: 'string', default: '1000,100000' },
    reads: { type: 'string', default: '10000,100000' },
    only: { type: 'string' },
    seconds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
})
const sizes = { pages: sizesIn(values.pages, '--pages'), reads: sizesIn(values.reads, '--reads') }
const seconds = Number(values.seconds)
if (!(seconds > 0)) throw new Error('--seconds takes a number above 0')

const only = values.only === undefined ? undefined : new Set(values.only.split(','))
const isWanted = (name: string): boolean => only?.has(name) ?? true

const say = (line: string) => process.stderr.write(`${line}\n`)
const folder = mkdtempSync(join(tmpdir(), 'rollcall-lists-'))
const homes = new Map<number, ServedHome>()
try {
  for (const people of [...new Set([...sizes.pages, ...sizes.reads])].toSorted((a, b) => a - b)) {
    say(`seeding ${people} people …`)
    homes.set(people, await startHome(folder, { people, role: 'Member' }))
  }
  const homesOf = (wanted: readonly number[]) => wanted.map((people) => homes.get(people)!)
  say(`pages of ${pageSize} people`)
  const pages = await measurePages(homesOf(sizes.pages), { isWanted, seconds, say })
  say('complete reads')
  const reads = await measureReads(homesOf(sizes.reads), { isWanted, folder, say })
  const measured = new Set([...pages.map(({ list }) => list), ...reads.map(({ connector }) => connector)])
  for (const name of only?.difference(measured) ?? []) throw new Error(`--only: there is no ${name}`)
  if (values.json) process.stdout.write(`${JSON.stringify({ pages, reads })}\n`)
} finally {
  await Promise.all([...homes.values()].map(({ child }) => child.stop()))
  rmSync(folder, { recursive: true, force: true })
}

/** Numbers of people that fill whole pages; none for an empty text. */
function sizesIn(text: string, option: string): readonly number[] {
  const found = text === '' ? [] : text.split(',').map(Number)
  if (!found.every((size) => Number.isInteger(size) && size > 0 && size % pageSize === 0))
    throw new Error(`${option} takes multiples of ${pageSize}`)
  return found.toSorted((a, b) => a - b)
}
