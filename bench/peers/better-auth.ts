import { createServer } from 'node:http'
import { parseArgs } from 'node:util'
import { scim } from '@better-auth/scim'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { toNodeHandler } from 'better-auth/node'
import { token } from '../people.ts'
import { fillBetterAuth } from './better-auth-people.ts'
import { openDurable } from './scimmy-store.ts'

// better-auth with its SCIM plugin on a SQLite file, with one connection and its static token, as their documentation sets it up.

const { values } = parseArgs({ options: { database: { type: 'string' }, people: { type: 'string' } } })
const database = openDurable(values.database ?? ':memory:')
const connectionId = 'bench'
const auth = betterAuth({
  baseURL: 'http://127.0.0.1/api/auth',
  secret: 'only-for-the-benchmark-0123456789abcdef',
  database,
  telemetry: { enabled: false },
  rateLimit: { enabled: false },
  logger: { level: 'error' },
  plugins: [scim({ connections: [{ id: connectionId, credentials: [{ type: 'bearer', id: 'primary', token }] }] })],
})
const { runMigrations } = await getMigrations(auth.options)
await runMigrations()
// Its first request writes down the connection, which people belong to.
const first = await auth.handler(
  new Request('http://127.0.0.1/api/auth/scim/v2/Users?count=1', { headers: { authorization: `Bearer ${token}` } }),
)
if (!first.ok) throw new Error(`better-auth answered ${first.status}`)
fillBetterAuth(database, { connectionId, people: Number(values.people) })

const handle = toNodeHandler(auth)
const server = createServer((request, response) => void handle(request, response)).listen(0, '127.0.0.1', () => {
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  process.stdout.write(`${JSON.stringify({ event: 'ready', url: `http://127.0.0.1:${port}` })}\n`)
})
