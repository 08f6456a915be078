import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { generateLoad, type LoadResult } from './load.ts'
import { measureMembers } from './measure-members.ts'
import { median } from './median.ts'
import { operationNames, operations, startReference, startRollcall, type OperationName, type Subject } from './subject.ts'

// npm run bench -- --people N[,N] --seconds S --json
// Servers stand side by side, each in a process of its own; every operation is measured in slices that take turns, so that what slows the machine slows all.

interface Row {
  readonly name: OperationName
  readonly subject: Subject['name']
  readonly people: number
  readonly perSecond: number
  /** What the rate is divided by: another server, or the product itself with fewer people. */
  readonly ratioTo: string
  readonly ratio: number
}

const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '1000,100000' },
    seconds: { type: 'string', default: '6' },
    json: { type: 'boolean', default: false },
  },
})
const sizes = values.people.split(',').map(Number)
const seconds = Number(values.seconds)
if (!sizes.every((size) => Number.isInteger(size) && size > 0) || !(seconds > 0))
  throw new Error('--people takes whole numbers, --seconds a number above 0')

const connections = 16
const slices = 8
const say = (line: string) => process.stderr.write(`${line}\n`)

const folder = mkdtempSync(join(tmpdir(), 'rollcall-bench-'))
const subjects: Subject[] = []
try {
  say(`seeding ${sizes.join(' and ')} people …`)
  // The first start after an installation compiles, and keeps what it compiled when it ends.
  await (await startRollcall(join(folder, 'first'), 1)).child.stop()
  for (const people of sizes) {
    subjects.push(
      await startRollcall(folder, people),
      await startReference('one query', folder, people),
      await startReference('bare', folder, people),
    )
  }
  const rates = await measure()
  const largest = subjects.findLast((subject) => subject.name === 'rollcall')!
  const rows = compare(rates)
  const member = await measureMembers(largest.home!, { seconds })
  const coldStartMs = Math.round(largest.startMs)
  const residentMb = Math.round(residentBytes(largest.child.pid) / 1e6)
  for (const row of rows)
    say(
      `${row.name.padEnd(7)} ${String(row.people).padStart(7)} people  ${row.subject.padEnd(9)} ${String(row.perSecond).padStart(7)}/s  ${row.ratio.toFixed(2)} of ${row.ratioTo}`,
    )
  say(`member into a group of ${member.members}: ${member.perSecond}/s, ${member.toTen.toFixed(2)} of the rate in a group of 10`)
  say(`cold start on ${largest.people} people: ${coldStartMs} ms; resident after the run: ${residentMb} MB`)
  if (values.json) process.stdout.write(`${JSON.stringify({ rows, member, coldStartMs, residentMb })}\n`)
} finally {
  await Promise.all(subjects.map((subject) => subject.child.stop()))
  rmSync(folder, { recursive: true, force: true })
}

/** Requests per second of each slice, by operation, subject and people. */
async function measure(): Promise<Map<string, number[]>> {
  const done = new Map<string, number[]>()
  const ms = (seconds * 1000) / slices
  for (const name of operationNames) {
    say(`measuring ${name} …`)
    for (const subject of subjects) await run(name, subject, Math.min(ms, 500))
    for (let slice = 0; slice < slices; slice++)
      for (const subject of subjects) {
        const { perSecond } = await run(name, subject, ms)
        const key = keyOf(name, subject)
        done.set(key, [...(done.get(key) ?? []), perSecond])
      }
  }
  return done
}

function run(name: OperationName, subject: Subject, ms: number): Promise<LoadResult> {
  return generateLoad({ port: subject.port, connections, ms, next: subject.requests[name], status: operations[name] })
}

function keyOf(name: OperationName, { name: subject, people }: Pick<Subject, 'name' | 'people'>): string {
  return `${name} ${subject} ${people}`
}

/** The ratio is the median of the slices' ratios: a slice that something else slowed does not move it. */
function compare(rates: ReadonlyMap<string, readonly number[]>): Row[] {
  const rows: Row[] = []
  const [smallest] = sizes
  for (const name of operationNames)
    for (const people of sizes) {
      const ratesOf = (subject: Subject['name'], size: number) => rates.get(keyOf(name, { name: subject, people: size })) ?? []
      const add = (subject: Subject['name'], ratioTo: string, others: readonly number[]) => {
        const own = ratesOf(subject, people)
        const ratio = median(own.map((rate, slice) => rate / (others[slice] ?? Number.NaN)))
        rows.push({ name, subject, people, perSecond: Math.round(median(own)), ratioTo, ratio: Math.round(ratio * 1000) / 1000 })
      }
      add('rollcall', 'one query', ratesOf('one query', people))
      if (name !== 'page' && name !== 'walk') {
        add('rollcall', 'bare', ratesOf('bare', people))
        add('one query', 'bare', ratesOf('bare', people))
      }
      if (smallest !== undefined && people !== smallest) add('rollcall', `rollcall at ${smallest}`, ratesOf('rollcall', smallest))
    }
  return rows
}

/** From /proc where there is one, else from ps. */
function residentBytes(pid: number): number {
  if (existsSync('/proc/self/status'))
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024
}
