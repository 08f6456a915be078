import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import express from 'express'
import SCIMMY from 'scimmy'
import SCIMMYRouters from 'scimmy-routers'
import { membersOf, referenceGroupId, referenceId, scimUser, token } from '../people.ts'
import { openDurable, openMemory, openTable, type Kept, type ScimmyStore } from './scimmy-store.ts'

// scimmy with scimmy-routers, as its README mounts it: in memory, or on the SQLite file that --database names.

const { values } = parseArgs({ options: { database: { type: 'string' }, people: { type: 'string' } } })
const people = Number(values.people)
const database = values.database === undefined ? undefined : openDurable(values.database)
const users = database ? openTable(database, 'users') : openMemory()
const groups = database ? openTable(database, 'groups') : openMemory()

const at = new Date()
database?.exec('begin')
for (let number = 1; number <= people; number++) {
  const { schemas: _, ...person } = scimUser(number)
  users.put({ ...person, id: referenceId(number), meta: { created: at, lastModified: at } }, person.userName)
}
const members = membersOf(people).map((number) => ({ value: referenceId(number) }))
groups.put({ id: referenceGroupId, displayName: 'Many', members, meta: { created: at, lastModified: at } }, 'many')
database?.exec('commit')

serve(SCIMMY.Resources.declare(SCIMMY.Resources.User), createHandlers(users, 'userName'))
serve(SCIMMY.Resources.declare(SCIMMY.Resources.Group), createHandlers(groups, 'displayName'))
SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser, false)

const app = express()
app.use(
  '/scim/v2',
  new SCIMMYRouters({
    type: 'bearer',
    handler: (request) => {
      if (request.header('authorization') !== `Bearer ${token}`) throw new Error('not the token')
      return referenceId(1)
    },
  }),
)
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  process.stdout.write(`${JSON.stringify({ event: 'ready', url: `http://127.0.0.1:${port}` })}\n`)
})

/** What scimmy tells of a request. */
interface Asked {
  readonly id?: string | undefined
  readonly filter?: SCIMMY.Types.Filter | undefined
  constraints?: { readonly startIndex?: number; readonly count?: number; readonly totalResults?: number } | undefined
}

/** A resource type as scimmy declares it: what its handlers answer is checked against its schema when they are called. */
interface Declared {
  ingress(take: never): Declared
  egress(give: never): Declared
  degress(drop: never): unknown
}

function serve(type: Declared, { take, give, drop }: ReturnType<typeof createHandlers>): void {
  type
    .ingress(take as never)
    .egress(give as never)
    .degress(drop as never)
}

function createHandlers(store: ScimmyStore, key: string) {
  const missing = () => new SCIMMY.Types.Error(404, '', 'There is no such resource.')
  return {
    take: (resource: Asked, data: object): Kept => {
      const before = resource.id === undefined ? undefined : store.get(resource.id)
      if (resource.id !== undefined && !before) throw missing()
      const now = new Date()
      const sent = JSON.parse(JSON.stringify(data)) as Record<string, unknown>
      const created = (before?.['meta'] as { readonly created?: Date } | undefined)?.created ?? now
      const kept: Kept = { ...sent, id: resource.id ?? randomUUID(), meta: { created, lastModified: now } }
      if (!store.put(kept, String(sent[key]).toLowerCase())) throw new SCIMMY.Types.Error(409, 'uniqueness', `${key} is taken.`)
      return kept
    },
    give: (resource: Asked): Kept | Kept[] => {
      if (resource.id !== undefined) {
        const kept = store.get(resource.id)
        if (!kept) throw missing()
        return kept
      }
      const { filter } = resource
      if (filter) {
        const name = store.byName && nameIn(filter, key)
        if (name === undefined) return filter.match(store.all())
        const kept = store.byName?.(name)
        return kept ? [kept] : []
      }
      if (!store.page) return store.all()
      const { startIndex = 1, count = 20 } = resource.constraints ?? {}
      const { page, total } = store.page(count, startIndex - 1)
      resource.constraints = { ...resource.constraints, totalResults: total }
      return page
    },
    drop: (resource: Asked): void => {
      if (resource.id === undefined || !store.remove(resource.id)) throw missing()
    },
  }
}

/** What the filter's one comparison, by equality, looks for; undefined for every other filter. */
function nameIn(filter: Iterable<Readonly<Record<string, unknown>>>, key: string): string | undefined {
  const [first, ...others] = filter
  const comparison = first && Object.keys(first).length === 1 && others.length === 0 ? first[key] : undefined
  return Array.isArray(comparison) && comparison[0] === 'eq' ? String(comparison[1]).toLowerCase() : undefined
}
