import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import Fastify, { type FastifyInstance } from 'fastify'
import { membersOf, referenceGroupId, referenceId, scimResource, token } from './people.ts'
import { openReferencePostgres } from './reference-postgres.ts'
import { openReferenceSqlite } from './reference-sqlite.ts'
import type { ReferenceStore, StoredPerson } from './reference-store.ts'

// What we are measured against. `bare`: Fastify and a fixed answer. `one-query`: Fastify, a bearer compare and one query per request, on a SQLite file or, by URL, on
// PostgreSQL.

const listSchema = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'
const now = new Date().toISOString()

interface Change {
  readonly Operations: readonly { readonly op: string; readonly path: string; readonly value: unknown }[]
}

function bareServer(): FastifyInstance {
  const app = createApp()
  const one = scimResource(1, { id: referenceId(1), now })
  const list = { schemas: [listSchema], totalResults: 1, startIndex: 1, itemsPerPage: 1, Resources: [one] }
  app.get('/scim/v2/Users/:id', async () => one)
  app.get('/scim/v2/Users', async () => list)
  app.post('/scim/v2/Users', async (request, reply) =>
    reply.code(201).send({ ...(request.body as object), id: referenceId(1), meta: one.meta }),
  )
  app.patch('/scim/v2/Users/:id', async () => one)
  app.patch('/scim/v2/Groups/:id', async (_request, reply) => reply.code(204).send())
  return app
}

function oneQueryServer(store: ReferenceStore): FastifyInstance {
  const app = createApp()
  app.addHook('onRequest', async (request, reply) => {
    if (request.headers.authorization !== `Bearer ${token}`) await reply.code(401).send({ status: '401' })
    else reply.type('application/scim+json')
  })
  app.get<{ Params: { id: string } }>(
    '/scim/v2/Users/:id',
    async (request, reply) => (await store.byId(request.params.id)) ?? reply.code(404).send({ status: '404' }),
  )
  app.get<{ Querystring: { filter?: string; startIndex?: string } }>('/scim/v2/Users', async ({ query }) => {
    const name = /^userName eq "([^"]*)"$/.exec(query.filter ?? '')?.[1]
    // A page begins at an id and is sent without a total: as cheap as a page can be.
    const startIndex = Number(query.startIndex ?? '1')
    const documents = await (name === undefined ? store.pageFrom(referenceId(startIndex)) : store.byUserName(name))
    return `{"schemas":["${listSchema}"],"startIndex":${startIndex},"itemsPerPage":${documents.length},"Resources":[${documents.join(',')}]}`
  })
  app.post<{ Body: { userName: string } }>('/scim/v2/Users', async (request, reply) => {
    const id = randomUUID()
    const at = new Date().toISOString()
    const meta = { resourceType: 'User', created: at, lastModified: at, version: 'W/"1"', location: `/scim/v2/Users/${id}` }
    const document = JSON.stringify({ ...request.body, id, meta })
    await store.insert({ id, userName: request.body.userName, document })
    return reply.code(201).send(document)
  })
  app.patch<{ Params: { id: string }; Body: Change }>('/scim/v2/Users/:id', async (request, reply) => {
    const changes = Object.fromEntries(request.body.Operations.map(({ path, value }) => [path, value]))
    return (await store.set(request.params.id, changes, new Date().toISOString())) ?? reply.code(404).send({ status: '404' })
  })
  app.patch<{ Params: { id: string }; Body: Change }>('/scim/v2/Groups/:id', async (request, reply) => {
    for (const { op, path, value } of request.body.Operations) {
      if (op === 'add')
        for (const member of value as readonly { readonly value: string }[])
          await store.addMember(request.params.id, member.value)
      else await store.removeMember(request.params.id, /^members\[value eq "([^"]*)"\]$/.exec(path)?.[1] ?? '')
    }
    return reply.code(204).send()
  })
  return app
}

function createApp(): FastifyInstance {
  const app = Fastify()
  app.addContentTypeParser('application/scim+json', { parseAs: 'string' }, app.getDefaultJsonParser('error', 'error'))
  return app
}

function* storedPeople(count: number): Generator<StoredPerson> {
  for (let number = 1; number <= count; number++) {
    const id = referenceId(number)
    const resource = scimResource(number, { id, now })
    yield { id, userName: resource.userName, document: JSON.stringify(resource) }
  }
}

async function openReferenceStore(database: string, people: number): Promise<ReferenceStore> {
  const filling = { people: storedPeople(people), group: { id: referenceGroupId, members: membersOf(people).map(referenceId) } }
  return database.startsWith('postgres://') ? openReferencePostgres(database, filling) : openReferenceSqlite(database, filling)
}

const { values } = parseArgs({ options: { kind: { type: 'string' }, database: { type: 'string' }, people: { type: 'string' } } })
const app =
  values.kind === 'bare'
    ? bareServer()
    : oneQueryServer(await openReferenceStore(values.database ?? ':memory:', Number(values.people)))
const url = await app.listen({ host: '127.0.0.1', port: 0 })
process.stdout.write(`${JSON.stringify({ event: 'ready', url })}\n`)
