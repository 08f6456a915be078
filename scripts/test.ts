import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { startPostgres } from '../tests/postgres.ts'

// npm test [-- FILE|PATTERN|--flag=value …]: runs the tests, all of them unless some are named, beside one PostgreSQL.

const everything = ['src/**/*.test.ts', 'tests/**/*.test.ts']
const given = process.argv.slice(2)
const patterns = given.filter((argument) => !argument.startsWith('-'))
const flags = given.filter((argument) => argument.startsWith('-'))
const concurrency = Math.max(2, availableParallelism())

const postgres = await startPostgres()
try {
  const runner = spawn(
    process.execPath,
    ['--test', `--test-concurrency=${concurrency}`, ...flags, ...(patterns.length > 0 ? patterns : everything)],
    { stdio: 'inherit', env: { ...process.env, ROLLCALL_TEST_POSTGRES: postgres.url } },
  )
  process.once('exit', () => runner.kill())
  const [code] = (await once(runner, 'exit')) as [number | null]
  process.exitCode = code ?? 1
} finally {
  await postgres.stop()
}
