import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { z } from 'zod'
import { decodeBody, decodeValue, encodeBody } from '../../wire/body.ts'
import type { Body } from '../../wire/operation.ts'
import { messagebird } from './dialect.ts'
import { createUser, errorReply, getUser, listUsers, updateUser } from './wire.ts'

const Fixture = z.strictObject({
  source: z.string().min(1),
  read: z.iso.date(),
  note: z.string().optional(),
  operation: z.string(),
  request: z.strictObject({ method: z.string(), path: z.string(), body: z.json().optional() }),
  reply: z.strictObject({ status: z.int(), body: z.json().optional() }),
})
const folder = new URL('fixtures/', import.meta.url)
const fixtures = readdirSync(folder).map((file) => Fixture.parse(JSON.parse(readFileSync(new URL(file, folder), 'utf8'))))
const ofOperations = fixtures.filter((fixture) => fixture.operation !== 'error')

/** Reads a text and writes it again. */
const again = (body: Body, value: unknown) =>
  JSON.parse(encodeBody(body, body.media[0]!, decodeBody(body, body.media[0]!, JSON.stringify(value)).value))

test('every operation has a documented request and reply, and no fixture is left over', () => {
  assert.deepEqual(
    ofOperations.map((fixture) => fixture.operation).toSorted(),
    messagebird.operations.map((operation) => operation.name).toSorted(),
  )
})

for (const { operation: name, request, reply } of ofOperations) {
  const operation = messagebird.operations.find((candidate) => candidate.name === name)!
  test(`${name}: the documented request and reply are read, and written back the same`, () => {
    const { pathname, searchParams } = new URL(request.path, 'https://rest.messagebird.com')
    assert.equal(operation.method, request.method)
    assert.match(pathname, new RegExp(`^${operation.path.replaceAll(/:\w+/g, '[^/]+')}$`))
    if (operation.query) assert.ok(decodeValue(operation.query, Object.fromEntries(searchParams)))
    assert.ok([operation.status, ...(operation.alsoStatus ?? [])].includes(reply.status))
    assert.equal(operation.request === undefined, request.body === undefined)
    if (operation.request) assert.deepEqual(again(operation.request, request.body), request.body)
    if (operation.reply && reply.body) assert.deepEqual(again(operation.reply, reply.body), reply.body)
  })
}

test('MBRD-Q01 an error is a list of code, description and parameter', () => {
  const error = fixtures.find((fixture) => fixture.operation === 'error')
  assert.deepEqual(again(errorReply, error?.reply.body), error?.reply.body)
})

test('MBRD-39 there are five operations by REST and nine by SCIM, and no more', () => {
  assert.deepEqual(messagebird.operations.map(({ method, path }) => `${method} ${path}`).toSorted(), [
    'DELETE /scim/v2/Groups/:id',
    'DELETE /scim/v2/Users/:id',
    'DELETE /users/:userId',
    'GET /scim/v2/Groups',
    'GET /scim/v2/Users',
    'GET /scim/v2/Users/:id',
    'GET /users',
    'GET /users/:userId',
    'PATCH /scim/v2/Groups/:id',
    'PATCH /scim/v2/Users/:id',
    'PATCH /users/:userId',
    'POST /scim/v2/Groups',
    'POST /scim/v2/Users',
    'POST /users',
  ])
})

test('a key that the vendor adds later does not break the client, and is not lost', () => {
  const text = '{"id":"u1","email":"a@example.com","brand":{"new":1},"role":null}'
  const decoded = decodeBody(getUser.reply, 'json', text)
  assert.deepEqual(decoded.value, { id: 'u1', email: 'a@example.com', role: null })
  assert.deepEqual(decoded.raw, JSON.parse(text))
})

test('a page without its total, or with a user without an id, is no page', () => {
  for (const text of [
    '{"offset":0,"limit":20,"items":[]}',
    '{"offset":0,"limit":20,"count":1,"items":[{"email":"a"}]}',
    '[]',
    '{}',
  ])
    assert.throws(() => decodeBody(listUsers.reply, 'json', text), { name: 'WireError', kind: 'shape' })
})

test('requests are read strictly: what is not known is named', () => {
  for (const body of [createUser.request, updateUser.request])
    assert.throws(() => decodeBody(body, 'json', '{"email":"a@example.com","nickname":"J"}'), {
      name: 'WireError',
      field: 'nickname',
    })
})
