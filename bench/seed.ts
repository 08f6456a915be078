import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openHome } from '../src/app.ts'
import type { Call } from '../src/directory/call.ts'
import { scopes } from '../src/directory/credential.ts'
import { createSeeder } from '../src/twin/people.ts'
import { memberState } from './people.ts'

// Fills a home with one organization of so many people, in a process of its own; leaves seed.json with the access and the ids in it. With --role everybody holds
// the role of that name.

const { values } = parseArgs({
  options: { home: { type: 'string' }, people: { type: 'string' }, role: { type: 'string' } },
})
const folder = values.home ?? ''
const people = Number(values.people)
const batchSize = 10_000

mkdirSync(folder, { recursive: true })
const home = await openHome(folder, { DATABASE_URL: process.env['DATABASE_URL'] })
const access = await home.createOrganization(
  { name: 'Benchmark', plan: 'enterprise', sso: 'okta', emailDomains: [] },
  'http://127.0.0.1',
)
const call: Call = {
  organizationId: access['organization']?.['id'] ?? '',
  actor: 'system:bench',
  scopes: new Set(scopes),
  now: new Date(),
  requestId: 'bench',
  via: 'bench.seed',
}
const roles = await home.directory.listRoles(call, undefined)
const roleIds = roles.filter((role) => role.name === values.role).map((role) => role.id)
const seed = createSeeder(home.database.store, home.newId)
const ids: string[] = []
for (let first = 1; first <= people; first += batchSize) {
  const states = Array.from({ length: Math.min(batchSize, people - first + 1) }, (_, index) => ({
    ...memberState(first + index),
    roleIds,
  }))
  ids.push(...(await seed(call, { states })).map((member) => member.id))
}
await home.close()
writeFileSync(join(folder, 'seed.json'), JSON.stringify({ access, ids }))
process.stdout.write(`${JSON.stringify({ event: 'ready', people })}\n`)
