import { parseArgs } from 'node:util'
import { seededRandom } from '../src/twin/random.ts'
import { crash, type CrashReport } from './crash/run.ts'
import { startPostgres } from '../tests/postgres.ts'

// npm run crash -- --kills N --steps N --database sqlite|postgres|postgres2|all --json
// Kills hub processes with SIGKILL at random while people come and go, and judges by what the vendor accepted: nothing lost, nothing done twice.

const databases = ['sqlite', 'postgres', 'postgres2'] as const
type DatabaseName = (typeof databases)[number]

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    steps: { type: 'string', default: '2000' },
    database: { type: 'string', default: 'all' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    /** The longest that one database may take. */
    minutes: { type: 'string', default: '15' },
    json: { type: 'boolean', default: false },
  },
})
const numberOf = (name: 'kills' | 'steps' | 'seed' | 'minutes') => {
  const number = Number(values[name])
  if (!Number.isInteger(number) || number < 0) throw new Error(`--${name} takes a whole number`)
  return number
}
const chosen = databases.filter((name) => values.database === 'all' || values.database === name)
if (chosen.length === 0) throw new Error(`--database takes ${databases.join(', ')} or all`)
const say = (line: string) => process.stderr.write(`${line}\n`)

const reports: (CrashReport & { readonly database: DatabaseName })[] = []
say(`seed ${values.seed}`)
for (const database of chosen) {
  const report = { database, ...(await runOn(database)) }
  say(`${database}: ${JSON.stringify(report)}`)
  reports.push(report)
}
const sum = (name: 'kills' | 'steps' | 'lost' | 'duplicated' | 'wronglyRemoved') =>
  reports.reduce((total, report) => total + report[name], 0)
const total = {
  kills: sum('kills'),
  steps: sum('steps'),
  lost: sum('lost'),
  duplicated: sum('duplicated'),
  wronglyRemoved: sum('wronglyRemoved'),
}
process.stdout.write(
  values.json
    ? `${JSON.stringify({ ...total, databases: reports })}\n`
    : `${total.kills} kills, ${total.steps} steps: ${total.lost} lost, ${total.duplicated} duplicated, ${total.wronglyRemoved} wrongly removed\n`,
)
process.exitCode = total.lost + total.duplicated + total.wronglyRemoved > 0 ? 1 : 0

async function runOn(database: DatabaseName): Promise<CrashReport> {
  const postgres = database === 'sqlite' ? undefined : await startPostgres()
  try {
    return await crash({
      kills: numberOf('kills'),
      steps: numberOf('steps'),
      processes: database === 'postgres2' ? 2 : 1,
      databaseUrl: postgres?.url,
      limitMs: numberOf('minutes') * 60_000,
      random: seededRandom(numberOf('seed')),
      say: (line) => say(`${database} ${line}`),
    })
  } finally {
    await postgres?.stop()
  }
}
