import { parseArgs } from 'node:util'
import { openHub } from '../../src/app.ts'

// `rollcall serve` with a lease so short that the work of a killed process is taken over at once, many times in a run.

const { values } = parseArgs({ options: { home: { type: 'string' }, port: { type: 'string' } } })
const { DATABASE_URL } = process.env
const hub = await openHub({
  home: values.home ?? '',
  environment: { DATABASE_URL },
  host: '127.0.0.1',
  port: Number(values.port),
  log: undefined,
  leaseMs: 800,
})
process.stdout.write(`${JSON.stringify({ event: 'ready', url: hub.url })}\n`)
process.once('SIGTERM', () => void hub.close())
