import { DatabaseSync } from 'node:sqlite'
import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import Fastify, { type FastifyInstance } from 'fastify'
import { referenceId, scimResource } from './people.ts'

// What we are measured against. `bare`: Fastify and a fixed answer. `one-query`: Fastify, a bearer compare and one SQLite query per request.

const listSchema = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'
const token = 'reference-token'
const now = new Date().toISOString()

interface Change {
  readonly Operations: readonly { readonly path: string; readonly value: unknown }[]
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
  return app
}

function oneQueryServer(file: string, people: number): FastifyInstance {
  const database = new DatabaseSync(file)
  database.exec('pragma journal_mode = wal; pragma synchronous = full')
  database.exec('create table users (id text primary key, userName text not null, document text not null) without rowid')
  database.exec('create unique index usersByName on users (lower(userName))')
  const insert = database.prepare('insert into users (id, userName, document) values (?, ?, ?)')
  database.exec('begin')
  for (let number = 1; number <= people; number++) {
    const id = referenceId(number)
    const resource = scimResource(number, { id, now })
    insert.run(id, resource.userName, JSON.stringify(resource))
  }
  database.exec('commit')
  const byId = database.prepare('select document from users where id = ?')
  const byName = database.prepare('select document from users where lower(userName) = lower(?)')
  const page = database.prepare('select document from users where id >= ? order by id limit 100')
  const update = database.prepare('update users set document = ? where id = ?')

  const app = createApp()
  app.addHook('onRequest', async (request, reply) => {
    if (request.headers.authorization !== `Bearer ${token}`) await reply.code(401).send({ status: '401' })
    else reply.type('application/scim+json')
  })
  app.get<{ Params: { id: string } }>('/scim/v2/Users/:id', async (request, reply) => {
    const row = byId.get(request.params.id)
    return row ? row['document'] : reply.code(404).send({ status: '404' })
  })
  app.get<{ Querystring: { filter?: string; startIndex?: string } }>('/scim/v2/Users', async ({ query }) => {
    const name = /^userName eq "([^"]*)"$/.exec(query.filter ?? '')?.[1]
    // A page begins at an id and is sent without a total: as cheap as a page can be.
    const startIndex = Number(query.startIndex ?? '1')
    const rows = name === undefined ? page.all(referenceId(startIndex)) : byName.all(name)
    const documents = rows.map((row) => row['document'])
    return `{"schemas":["${listSchema}"],"startIndex":${startIndex},"itemsPerPage":${documents.length},"Resources":[${documents.join(',')}]}`
  })
  app.post<{ Body: { userName: string } }>('/scim/v2/Users', async (request, reply) => {
    const id = randomUUID()
    const at = new Date().toISOString()
    const meta = { resourceType: 'User', created: at, lastModified: at, version: 'W/"1"', location: `/scim/v2/Users/${id}` }
    const document = JSON.stringify({ ...request.body, id, meta })
    insert.run(id, request.body.userName, document)
    return reply.code(201).send(document)
  })
  app.patch<{ Params: { id: string }; Body: Change }>('/scim/v2/Users/:id', async (request, reply) => {
    const row = byId.get(request.params.id)
    if (!row) return reply.code(404).send({ status: '404' })
    const resource = JSON.parse(String(row['document'])) as Record<string, unknown> & { meta: Record<string, unknown> }
    for (const { path, value } of request.body.Operations) resource[path] = value
    resource.meta['lastModified'] = new Date().toISOString()
    const document = JSON.stringify(resource)
    update.run(document, request.params.id)
    return document
  })
  return app
}

function createApp(): FastifyInstance {
  const app = Fastify()
  app.addContentTypeParser('application/scim+json', { parseAs: 'string' }, app.getDefaultJsonParser('error', 'error'))
  return app
}

const { values } = parseArgs({ options: { kind: { type: 'string' }, database: { type: 'string' }, people: { type: 'string' } } })
const app = values.kind === 'bare' ? bareServer() : oneQueryServer(values.database ?? ':memory:', Number(values.people))
const url = await app.listen({ host: '127.0.0.1', port: 0 })
process.stdout.write(`${JSON.stringify({ event: 'ready', url, token })}\n`)
