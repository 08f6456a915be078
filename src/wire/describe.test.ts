import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { describe } from './describe.ts'
import { json, operation, xmlOrJson } from './operation.ts'
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

const document = describe([getUser, createUser, readMetadata], {
  info: { title: 'Users', version: '1' },
  serverUrl: '/users',
  securityScheme: { type: 'http', scheme: 'basic' },
  problem: { mediaTypes: ['application/problem+json'], schema: z.object({ detail: z.string() }), statuses: [400, 404] },
  headersOf: ({ method }) => (method === 'POST' ? [{ name: 'Idempotency-Key', description: 'Repeats safely.' }] : []),
  examples: { createUser: { request: { Name: 'Ann' } } },
})

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
  assert.deepEqual(content['application/xml']?.schema['xml'], { name: 'User' })
})

test('examples stand beside the schema and open operations need no credential', () => {
  assert.deepEqual(document.paths['/accounts/{accountId}/users']?.['post']?.requestBody?.content['application/json']?.example, {
    Name: 'Ann',
  })
  assert.deepEqual(document.paths['/metadata']?.['get']?.security, [])
  assert.equal(document.paths['/accounts/{accountId}/users']?.['post']?.security, undefined)
  assert.deepEqual(document.tags, [{ name: 'accounts' }, { name: 'metadata' }])
})

test('refusals may differ from operation to operation, and a default is documented though a codec reads it', () => {
  const limit = z.codec(z.string(), z.int(), { decode: Number, encode: String }).meta({ type: 'integer', default: 10 })
  const list = operation({ ...readMetadata, query: z.object({ limit: limit.optional() }) })
  const { paths } = describe([list, { ...getUser, path: '/users' }], {
    info: { title: 'Users', version: '1' },
    serverUrl: '/users',
    securityScheme: {},
    problem: {
      mediaTypes: ['application/json'],
      schema: z.object({}),
      statuses: [400],
      statusesOf: ({ name }) => (name === 'getUser' ? [404] : [403]),
    },
  })
  assert.deepEqual(Object.keys(paths['/metadata']?.['get']?.responses ?? {}), ['204', '403'])
  assert.deepEqual(Object.keys(paths['/users']?.['get']?.responses ?? {}), ['200', '304', '404'])
  assert.deepEqual(paths['/metadata']?.['get']?.parameters[0]?.schema, { type: 'integer', default: 10 })
})
