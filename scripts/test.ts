import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { startPostgres } from '../tests/postgres.ts'
import { keepInMemory } from './in-memory.ts'

// npm test [-- FILE|PATTERN|--flag=value …]: runs the tests, all of them unless some are named, beside one PostgreSQL.
// The tests of a folder share a process, and all processes what they compiled: loading the product again for every file
// would take half of the time.

const everything = ['src/**/*.test.ts', 'tests/**/*.test.ts']
/** What takes far longer than its length tells: it starts processes, or runs what stands elsewhere. */
const longest: ReadonlySet<string> = new Set([
  'src/cli',
  'tests/store.test.ts',
  'tests/vendors.test.ts',
  'tests/dialects.test.ts',
])
const given = process.argv.slice(2)
const patterns = given.filter((argument) => !argument.startsWith('-'))
const flags = given.filter((argument) => argument.startsWith('-'))
const compiled = join(import.meta.dirname, '../node_modules/.cache/rollcall')

interface Totals {
  tests: number
  pass: number
  fail: number
  cancelled: number
  skipped: number
}

keepInMemory()
const started = performance.now()
const postgres = await startPostgres()
const running = new Set<ReturnType<typeof spawn>>()
process.once('exit', () => running.forEach((runner) => runner.kill()))
const totals: Totals = { tests: 0, pass: 0, fail: 0, cancelled: 0, skipped: 0 }
try {
  const waiting = groupFiles(globSync(patterns.length > 0 ? patterns : everything).toSorted())
  if (waiting.length === 0) throw new Error(`No test file matches ${patterns.join(' ')}.`)
  // One more than there are cores: each waits now and then.
  const workers = Array.from({ length: 1 + Math.max(2, availableParallelism()) }, async () => {
    for (let files = waiting.shift(); files; files = waiting.shift()) await runTogether(files)
  })
  await Promise.all(workers)
} finally {
  await postgres.stop()
}
for (const [name, count] of Object.entries(totals)) console.log(`ℹ ${name} ${count}`)
console.log(`ℹ seconds ${((performance.now() - started) / 1000).toFixed(1)}`)
if (totals.fail + totals.cancelled + totals.skipped > 0) process.exitCode = 1

/** The files of each folder, stories one by one; what is longest first, so that no worker is left with it at the end. */
function groupFiles(files: readonly string[]): string[][] {
  const groups = [...Map.groupBy(files, (file) => (file.startsWith('tests') ? file : dirname(file)))]
  return groups.toSorted((a, b) => weight(b) - weight(a)).map(([, group]) => group)

  function weight([name, group]: readonly [string, readonly string[]]): number {
    if (longest.has(name)) return Number.MAX_SAFE_INTEGER
    // A story does more for each of its lines than a unit test.
    return group.reduce((sum, file) => sum + statSync(file).size, 0) * (name.startsWith('tests') ? 10 : 1)
  }
}

async function runTogether(files: readonly string[]): Promise<void> {
  const runner = spawn(process.execPath, ['--test', '--test-isolation=none', '--test-reporter=spec', ...flags, ...files], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ROLLCALL_TEST_POSTGRES: postgres.url, NODE_COMPILE_CACHE: compiled },
  })
  running.add(runner)
  let output = ''
  runner.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  const [code] = (await once(runner, 'close')) as [number | null]
  running.delete(runner)
  const counted = count(output)
  process.stdout.write(output.replace(/^ℹ .*\n/gm, ''))
  for (const name of Object.keys(totals) as (keyof Totals)[]) totals[name] += counted[name]
  // A process that ended badly without saying of what test, and one that ran nothing, are failures too.
  if ((code !== 0 && counted.fail + counted.cancelled === 0) || counted.tests === 0) {
    totals.fail++
    console.log(`✖ ${files.join(' ')} ended with ${code} after ${counted.tests} tests`)
  }
}

function count(output: string): Totals {
  const last = (name: string) => Number([...output.matchAll(new RegExp(`^ℹ ${name} (\\d+)$`, 'gm'))].at(-1)?.[1] ?? 0)
  return { tests: last('tests'), pass: last('pass'), fail: last('fail'), cancelled: last('cancelled'), skipped: last('skipped') }
}
