import { mkdirSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { createEngine } from '../src/sync/create.ts'
import { callOf, openPlanHome, writeSeeded } from './plan-home.ts'
import { fillConnection, fillPeople, openTables } from './plan-tables.ts'

// Fills a home with one organization of so many people and so many connections that were read lately; leaves seeded.json.

const { values } = parseArgs({
  options: {
    home: { type: 'string' },
    database: { type: 'string' },
    people: { type: 'string' },
    connections: { type: 'string' },
  },
})
const folder = values.home ?? ''
const people = Number(values.people)

mkdirSync(folder, { recursive: true })
const { home, parts } = await openPlanHome(folder, values.database)
const access = await home.createOrganization(
  { name: 'Benchmark', plan: 'enterprise', sso: 'okta', emailDomains: [] },
  'http://127.0.0.1',
)
const call = callOf(access['organization']?.['id'] ?? '')
const { organizationId } = call
const role = (await home.directory.listRoles(call, undefined)).find(({ name }) => name === 'Member')
if (!role) throw new TypeError('an organization without the role Member')
const engine = createEngine(parts)
const connectionIds: string[] = []
for (let number = 1; number <= Number(values.connections); number++) {
  const input = { name: `desk-${number}`, vendor: 'desk', baseUrl: 'http://127.0.0.1:9', credentials: {} }
  connectionIds.push((await engine.addConnection(call, { ...input, assignments: [{ kind: 'everyone' }] })).id)
}
const file = home.config.database
await home.close()

const tables = await openTables(values.database ?? file)
await fillPeople(tables, { organizationId, roleId: role.id, people })
for (const connectionId of connectionIds) await fillConnection(tables, { organizationId, connectionId, people })
await tables.run('analyze')
await tables.close()
writeSeeded(folder, { organizationId, connectionIds, people })
process.stdout.write(`${JSON.stringify({ event: 'ready' })}\n`)
