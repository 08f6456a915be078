import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { describe, lastNoun, type Description } from './describe.ts'
import { json, operation, scim, xmlOrJson, type NamedSchema } from './operation.ts'
import { flag } from './spelling.ts'

const instant = z.codec(z.iso.datetime(), z.date(), { decode: (text) => new Date(text), encode: (date) => date.toISOString() })
const user = z.object({ UserId: z.string(), Enabled: flag.optional(), CreatedAt: instant })
const getUser = operation({
  name: 'getUser',
  summary: 'One user',
  method: 'GET',
  path: '/accounts/:accountId/users/:userId',
  query: z.strictObject({ fields: z.string().optional(), page: z.string() }),
  status: 200,
  alsoStatus: [304],
  reply: xmlOrJson(user, { root: 'UserResponse', inner: 'User' }),
})
const createUser = operation({
  name: 'createUser',
  summary: 'A new user',
  method: 'POST',
  path: '/accounts/:accountId/users',
  request: json(z.strictObject({ Name: z.string() })),
  status: 201,
  reply: json(user),
})
const readMetadata = operation({
  name: 'readMetadata',
  summary: 'Metadata',
  method: 'GET',
  path: '/metadata',
  status: 204,
  open: true,
})

const description: Description = {
  info: { title: 'Users', version: '1' },
  serverUrl: '/users',
  securitySchemes: { password: { type: 'http', scheme: 'basic' }, token: { type: 'http', scheme: 'bearer' } },
  securityOf: ({ method }) => (method === 'POST' ? ['token'] : ['password', 'token']),
  problems: { Problem: { body: json(z.object({ detail: z.string() })), mediaTypes: ['application/problem+json'] } },
  refusalsOf: () => ({ problem: 'Problem', statuses: [400, 404] }),
  headersOf: ({ method }) => (method === 'POST' ? [{ name: 'Idempotency-Key', description: 'Repeats safely.' }] : []),
  examples: { createUser: { request: { Name: 'Ann' } } },
}
const document = describe([getUser, createUser, readMetadata], description)

test('paths, parameters and statuses are those of the operations', () => {
  const described = document.paths['/accounts/{accountId}/users/{userId}']?.['get']
  assert.deepEqual(
    described?.parameters.map(({ name, in: place, required }) => [name, place, required]),
    [
      ['accountId', 'path', true],
      ['userId', 'path', true],
      ['fields', 'query', false],
      ['page', 'query', true],
    ],
  )
  assert.deepEqual(Object.keys(described?.responses ?? {}), ['200', '304', '400', '404'])
  assert.deepEqual(document.paths['/accounts/{accountId}/users']?.['post']?.parameters.at(-1)?.name, 'Idempotency-Key')
})

test('each medium is described with the wire’s side of the codec', () => {
  const { content } = z
    .object({ content: z.record(z.string(), z.object({ schema: z.looseObject({}) })) })
    .parse(document.paths['/accounts/{accountId}/users/{userId}']?.['get']?.responses['200'])
  assert.deepEqual(Object.keys(content), ['application/xml', 'application/json'])
  const { properties } = z.object({ properties: z.record(z.string(), z.unknown()) }).parse(content['application/json']?.schema)
  assert.deepEqual(properties['Enabled'], { anyOf: [{ type: 'boolean' }, { type: 'string', enum: ['true', 'false'] }] })
  assert.equal(z.looseObject({ format: z.string() }).parse(properties['CreatedAt']).format, 'date-time')
})

test('XML is described from its root element on, with what is wrapped and how items of lists are called', () => {
  const listUsers = operation({
    name: 'listUsers',
    summary: 'Users',
    method: 'GET',
    path: '/users',
    status: 200,
    reply: xmlOrJson(z.object({ Users: z.array(user.pick({ UserId: true })).nullish() }), {
      root: 'UsersResponse',
      items: { Users: 'User' },
    }),
  })
  const deleteUser = operation({
    name: 'deleteUser',
    summary: 'Gone',
    method: 'DELETE',
    path: '/users',
    status: 200,
    reply: xmlOrJson(z.object({}), { root: 'UserResponse', empty: 'noBody' }),
  })
  const { paths } = describe([getUser, listUsers, deleteUser], { ...description, securityOf: () => ['token'] })
  const schemaAt = (path: string, method: string) =>
    z
      .object({ content: z.object({ 'application/xml': z.object({ schema: z.json() }).optional() }) })
      .parse(paths[path]?.[method]?.responses['200']).content['application/xml']?.schema
  const wrapped = z
    .object({ properties: z.object({ User: z.looseObject({ required: z.unknown() }) }), required: z.unknown(), xml: z.unknown() })
    .parse(schemaAt('/accounts/{accountId}/users/{userId}', 'get'))
  assert.deepEqual([wrapped.xml, wrapped.required], [{ name: 'UserResponse' }, ['User']])
  assert.deepEqual(wrapped.properties.User.required, ['UserId', 'CreatedAt'])
  assert.deepEqual(schemaAt('/users', 'get'), {
    type: 'object',
    properties: {
      Users: {
        anyOf: [
          {
            type: 'array',
            items: {
              type: 'object',
              properties: { UserId: { type: 'string' } },
              required: ['UserId'],
              xml: { name: 'User' },
            },
            xml: { wrapped: true },
          },
          { type: 'null' },
        ],
      },
    },
    xml: { name: 'UsersResponse' },
  })
  assert.equal(schemaAt('/users', 'delete'), undefined)
})

test('a body whose codec takes anything is described by its shape, which the document keeps once', () => {
  const node: NamedSchema = {
    name: 'Node',
    schema: (refer) => ({ type: 'object', properties: { children: { type: 'array', items: refer(node) } } }),
  }
  const put = (name: string, shape: NamedSchema) =>
    operation({ name, summary: name, method: 'PUT', path: `/${name}`, request: scim(z.unknown(), shape), status: 204 })
  const { paths, components } = describe([put('one', node), put('two', { ...node })], description)
  const reference = { $ref: '#/components/schemas/Node' }
  assert.deepEqual(paths['/two']?.['put']?.requestBody?.content['application/scim+json']?.schema, reference)
  assert.deepEqual(components.schemas['Node'], { type: 'object', properties: { children: { type: 'array', items: reference } } })
  const other = put('three', { name: 'Node', schema: () => ({ type: 'string' }) })
  assert.throws(() => describe([put('one', node), other], description), /two schemas are named Node/)
})

test('a version that is asked for stands in a header, and a status that refuses is a refusal', () => {
  const remove = operation({
    name: 'remove',
    summary: 'Gone',
    method: 'DELETE',
    path: '/v1/things/:id',
    precondition: 'If-Match',
    status: 501,
  })
  const { paths, tags } = describe([remove], { ...description, tagOf: lastNoun })
  const described = paths['/v1/things/{id}']?.['delete']
  assert.deepEqual(
    described?.parameters.map(({ name, in: place, required }) => [name, place, required]),
    [
      ['id', 'path', true],
      ['If-Match', 'header', false],
    ],
  )
  assert.deepEqual(described?.responses['501'], { $ref: '#/components/responses/Problem', description: 'Not Implemented.' })
  assert.deepEqual(tags, [{ name: 'things' }])
})

test('examples stand beside the schema and open operations need no credential', () => {
  assert.deepEqual(document.paths['/accounts/{accountId}/users']?.['post']?.requestBody?.content['application/json']?.example, {
    Name: 'Ann',
  })
  assert.deepEqual(document.paths['/metadata']?.['get']?.security, [])
  assert.deepEqual(document.paths['/accounts/{accountId}/users']?.['post']?.security, [{ token: [] }])
  assert.equal(document.paths['/accounts/{accountId}/users/{userId}']?.['get']?.security, undefined)
  assert.deepEqual(document.security, [{ password: [] }, { token: [] }])
  assert.deepEqual(document.tags, [{ name: 'accounts' }, { name: 'metadata' }])
})

test('refusals may differ from operation to operation, and a default is documented though a codec reads it', () => {
  const limit = z.codec(z.string(), z.int(), { decode: Number, encode: String }).meta({ type: 'integer', default: 10 })
  const list = operation({ ...readMetadata, query: z.object({ limit: limit.optional() }) })
  const { paths } = describe([list, { ...getUser, path: '/users' }], {
    info: { title: 'Users', version: '1' },
    serverUrl: '/users',
    securitySchemes: {},
    problems: { Problem: { body: json(z.object({})), mediaTypes: ['application/json'] } },
    refusalsOf: ({ name }) => ({ problem: 'Problem', statuses: name === 'getUser' ? [404] : [403] }),
  })
  assert.deepEqual(Object.keys(paths['/metadata']?.['get']?.responses ?? {}), ['204', '403'])
  assert.deepEqual(Object.keys(paths['/users']?.['get']?.responses ?? {}), ['200', '304', '404'])
  assert.deepEqual(paths['/metadata']?.['get']?.parameters[0]?.schema, { type: 'integer', default: 10 })
})
