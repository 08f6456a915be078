import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { z } from 'zod'
import { decodeBody, encodeBody } from '../../wire/body.ts'
import type { Body, Media } from '../../wire/operation.ts'
import { createUser, getUser, listUsers, operations, updateUser, updateUserKeeping } from './wire.ts'

const Fixture = z.strictObject({
  source: z.string().min(1),
  read: z.iso.date(),
  note: z.string().optional(),
  operation: z.string(),
  request: z.strictObject({ method: z.string(), path: z.string(), body: z.json().optional() }),
  reply: z.strictObject({ status: z.int(), body: z.json().optional(), xml: z.string().optional() }),
})
const folder = new URL('fixtures/', import.meta.url)
const fixtures = readdirSync(folder).map((file) => Fixture.parse(JSON.parse(readFileSync(new URL(file, folder), 'utf8'))))

/** Reads a text and writes it again. */
const again = (body: Body, media: Media, text: string) => encodeBody(body, media, decodeBody(body, media, text).value)

test('every operation has a documented request and reply, and no fixture is left over', () => {
  assert.deepEqual(
    fixtures.map((fixture) => fixture.operation).toSorted(),
    operations.map((operation) => operation.name).toSorted(),
  )
})

for (const fixture of fixtures) {
  const operation = operations.find(({ name }) => name === fixture.operation)!
  test(`BAND-09 ${fixture.operation}: the documented request and reply are read, and written back the same`, () => {
    assert.equal(operation.method, fixture.request.method)
    assert.match(fixture.request.path, new RegExp(`^${operation.path.replaceAll(/:\w+/g, '[^/]+')}$`))
    assert.equal(operation.status, fixture.reply.status)
    assert.equal(operation.request === undefined, fixture.request.body === undefined)
    if (operation.request)
      assert.equal(again(operation.request, 'json', JSON.stringify(fixture.request.body)), JSON.stringify(fixture.request.body))
    if (fixture.reply.body)
      assert.equal(again(operation.reply, 'json', JSON.stringify(fixture.reply.body)), JSON.stringify(fixture.reply.body))
    if (fixture.reply.xml)
      assert.equal(
        again(operation.reply, 'xml', fixture.reply.xml).replace(/<\?.*?\?>/, ''),
        fixture.reply.xml.replace(/<\?.*?\?>/, ''),
      )
  })

  test(`BAND-06 ${fixture.operation}: the documented reply says the same in XML`, () => {
    const { value } = fixture.reply.xml
      ? decodeBody(operation.reply, 'xml', fixture.reply.xml)
      : decodeBody(operation.reply, 'json', JSON.stringify(fixture.reply.body))
    assert.deepEqual(decodeBody(operation.reply, 'xml', encodeBody(operation.reply, 'xml', value)).value, value)
  })
}

test('a key that the vendor adds later does not break the client, and is not lost', () => {
  const decoded = decodeBody(getUser.reply, 'json', '{"UserId":"u1","Username":"jdoe","Brand":{"New":1}}')
  assert.deepEqual(decoded.value, { UserId: 'u1', Username: 'jdoe' })
  assert.deepEqual(decoded.raw, { UserId: 'u1', Username: 'jdoe', Brand: { New: 1 } })
})

test('a reply never carries what its schema does not name', () => {
  assert.equal(
    encodeBody(getUser.reply, 'json', { UserId: 'u1', Username: 'jdoe', Password: 'x' }),
    '{"UserId":"u1","Username":"jdoe"}',
  )
})

test('null members of a vendor’s record count as absent', () => {
  const record = '{"UserId":"u1","Username":"jdoe","FirstName":null,"LastName":null,"Email":null,"Roles":null,"Enabled":null}'
  assert.ok(decodeBody(listUsers.reply, 'json', `{"Users":[${record}]}`))
})

test('Enabled is true or false, in JSON and in XML, and nothing else', () => {
  const body = { Username: 'a', FirstName: 'b', LastName: 'c', Email: 'd', Password: 'e' }
  const enabled = (value: unknown) => decodeBody(createUser.request, 'json', JSON.stringify({ ...body, Enabled: value }))
  for (const value of [0, 1, 'yes', 'False', '', null, {}])
    assert.throws(() => enabled(value), { name: 'WireError', field: 'Enabled' })
  assert.equal(encodeBody(updateUser.request, 'xml', { Enabled: false }).endsWith('<User><Enabled>false</Enabled></User>'), true)
})

test('the keeping update differs from the update in nothing but the members that it lets through', () => {
  const { request: _, ...rest } = updateUser
  const { request: _keeping, ...keeping } = updateUserKeeping
  assert.deepEqual(keeping, rest)
  assert.equal(encodeBody(updateUserKeeping.request, 'json', { Username: 'a', Brand: 1 }), '{"Username":"a","Brand":1}')
  assert.throws(() => encodeBody(updateUser.request, 'json', { Username: 'a', Brand: 1 }))
})
