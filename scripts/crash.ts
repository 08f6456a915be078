import { parseArgs } from 'node:util'
import { seededRandom } from '../src/twin/random.ts'
import { crash, type CrashReport } from './crash/run.ts'
import { keepInMemory } from './in-memory.ts'
import { startPostgres } from '../tests/postgres.ts'

// npm run crash -- --kills N --steps N --database sqlite|postgres|all --processes 1|3 --json
// Kills hub processes with SIGKILL, at random and at every named kill point, while people come and go at five vendors who are ill now and then, and judges
// by what the vendors accepted: nothing lost, nothing done twice.

keepInMemory()

/** SQLite belongs to one process at a time; PostgreSQL to as many as there are. */
const variants = [
  { database: 'sqlite', processes: 1 },
  { database: 'postgres', processes: 1 },
  { database: 'postgres', processes: 3 },
] as const
type Variant = (typeof variants)[number]

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    steps: { type: 'string', default: '10000' },
    database: { type: 'string', default: 'all' },
    /** Without it each number that goes with the database. */
    processes: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    /** The longest that one variant may take. */
    minutes: { type: 'string', default: '30' },
    json: { type: 'boolean', default: false },
  },
})
const numberOf = (name: 'kills' | 'steps' | 'seed' | 'minutes') => {
  const number = Number(values[name])
  if (!Number.isInteger(number) || number < 0) throw new Error(`--${name} takes a whole number`)
  return number
}
const chosen = variants.filter(
  ({ database, processes }) =>
    (values.database === 'all' || values.database === database) &&
    (values.processes === undefined || Number(values.processes) === processes),
)
if (chosen.length === 0)
  throw new Error(
    `There is: ${variants.map(({ database, processes }) => `--database ${database} --processes ${processes}`).join(', ')}, or --database all`,
  )
const say = (line: string) => process.stderr.write(`${line}\n`)

const reports: (CrashReport & Variant)[] = []
say(`seed ${values.seed}`)
for (const variant of chosen) {
  const report = { ...variant, ...(await runOn(variant)) }
  say(`${nameOf(variant)}: ${JSON.stringify(report)}`)
  reports.push(report)
}
const sum = (name: 'kills' | 'steps' | 'lost' | 'duplicated' | 'wronglyRemoved') =>
  reports.reduce((total, report) => total + report[name], 0)
const unreached = [...new Set(reports.flatMap((report) => report.unreached))]
const total = {
  kills: sum('kills'),
  steps: sum('steps'),
  lost: sum('lost'),
  duplicated: sum('duplicated'),
  wronglyRemoved: sum('wronglyRemoved'),
  unreached,
}
process.stdout.write(
  values.json
    ? `${JSON.stringify({ ...total, variants: reports })}\n`
    : `${total.kills} kills, ${total.steps} steps: ${total.lost} lost, ${total.duplicated} duplicated, ${total.wronglyRemoved} wrongly removed; kill points not reached: ${unreached.join('; ') || 'none'}\n`,
)
process.exitCode = total.lost + total.duplicated + total.wronglyRemoved + unreached.length > 0 ? 1 : 0

function nameOf({ database, processes }: Variant): string {
  return `${database} ${processes}`
}

async function runOn(variant: Variant): Promise<CrashReport> {
  const postgres = variant.database === 'sqlite' ? undefined : await startPostgres()
  try {
    return await crash({
      kills: numberOf('kills'),
      steps: numberOf('steps'),
      processes: variant.processes,
      databaseUrl: postgres?.url,
      limitMs: numberOf('minutes') * 60_000,
      random: seededRandom(numberOf('seed')),
      say: (line) => say(`${nameOf(variant)} ${line}`),
    })
  } finally {
    await postgres?.stop()
  }
}
