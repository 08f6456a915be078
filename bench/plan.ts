import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { projectRoot, startNode } from '../scripts/child.ts'
import { startPostgres } from '../tests/postgres.ts'
import { rollcallFlags } from './home.ts'

// npm run bench:plan -- --people N[,N] --connections N --databases sqlite,postgres --json
// Plans for so many people at so many connections, beside the plain SQL full join of the same tables; each in a process of its own.

const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '10000,100000,1000000' },
    connections: { type: 'string', default: '4' },
    databases: { type: 'string', default: 'sqlite,postgres' },
    json: { type: 'boolean', default: false },
  },
})
const sizes = values.people.split(',').map(Number)
if (!sizes.every((size) => Number.isInteger(size) && size > 0 && size % 1000 === 0))
  throw new Error('--people takes multiples of 1000')
const connections = Number(values.connections)
if (!(Number.isInteger(connections) && connections > 0)) throw new Error('--connections takes a number above 0')

const Raised = z.object({ seconds: z.number(), steps: z.int(), peakMb: z.number() })
const Joined = z.object({ seconds: z.number(), rows: z.int() })

interface Row {
  readonly database: string
  readonly people: number
  readonly steps: number
  readonly seconds: number
  readonly joinSeconds: number
  readonly ratio: number
  readonly peakMb: number
  /** Time per person, of that with the fewest people: 1 where time grows in proportion. */
  readonly timePerPerson: number
}

const say = (line: string) => process.stderr.write(`${line}\n`)
const rows: Row[] = []
for (const database of values.databases.split(',')) {
  let smallest: number | undefined
  for (const people of sizes.toSorted((a, b) => a - b)) {
    const row = await measure(database, people)
    smallest ??= row.seconds / people
    rows.push({ ...row, timePerPerson: round(row.seconds / people / smallest, 100) })
    const { seconds, joinSeconds, ratio, peakMb, steps, timePerPerson } = rows.at(-1)!
    say(
      `${database.padEnd(9)} ${String(people).padStart(8)} people × ${connections}  plan ${seconds} s, ${steps} steps  join ${joinSeconds} s  ratio ${ratio}  time per person ${timePerPerson}  peak ${peakMb} MB`,
    )
  }
}
if (values.json) process.stdout.write(`${JSON.stringify({ connections, rows })}\n`)

async function measure(database: string, people: number): Promise<Omit<Row, 'timePerPerson'>> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-plan-'))
  const postgres = database === 'postgres' ? await startPostgres() : undefined
  try {
    const where = ['--home', join(folder, 'home'), ...(postgres ? ['--database', postgres.url] : [])]
    say(`${database}: filling the tables for ${people} people …`)
    await act('plan-seed', [...where, '--people', String(people), '--connections', String(connections)])
    // Before and after: whoever comes first finds nothing in memory.
    const before = Joined.parse(await act('plan-join', where))
    const raised = Raised.parse(await act('plan-raise', where))
    const after = Joined.parse(await act('plan-join', where))
    const joinSeconds = (before.seconds + after.seconds) / 2
    return {
      database,
      people,
      steps: raised.steps,
      seconds: round(raised.seconds, 10),
      joinSeconds: round(joinSeconds, 10),
      ratio: round(raised.seconds / joinSeconds, 100),
      peakMb: Math.round(raised.peakMb),
    }
  } finally {
    await postgres?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** One part of the benchmark in a process of its own, with the flags that the product runs with. */
async function act(name: string, args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url))
  const child = startNode([...rollcallFlags(), file, ...args], {
    NODE_COMPILE_CACHE: join(projectRoot, 'node_modules/.cache/rollcall'),
  })
  const answer = await child.ready
  await child.ended
  return answer
}

function round(value: number, parts: number): number {
  return Math.round(value * parts) / parts
}
