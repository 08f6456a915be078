import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { z } from 'zod'
import { decodeBody, encodeBody } from '../../wire/body.ts'
import { getOrganizationUser, listOrganizationUsers, operations } from './wire.ts'

const Fixture = z.strictObject({
  source: z.string().min(1),
  read: z.iso.date(),
  note: z.string().optional(),
  operation: z.string(),
  request: z.strictObject({ method: z.string(), path: z.string(), body: z.json().optional() }),
  reply: z.strictObject({ status: z.int(), body: z.json().optional() }),
})
const folder = new URL('fixtures/', import.meta.url)
const fixtures = readdirSync(folder)
  .filter((file) => file !== 'accounts-v1.json')
  .map((file) => Fixture.parse(JSON.parse(readFileSync(new URL(file, folder), 'utf8'))))

test('every operation has a request and a reply, and no fixture is left over', () => {
  assert.deepEqual(fixtures.map((fixture) => fixture.operation).toSorted(), operations.map(({ name }) => name).toSorted())
})

for (const { operation: name, request, reply } of fixtures)
  test(`${name}: the request and the reply are read, and written back the same`, () => {
    const operation = operations.find((each) => each.name === name)!
    assert.equal(operation.method, request.method)
    assert.match(request.path, new RegExp(`^${operation.path.replaceAll(/:\w+/g, '[^/]+')}$`))
    assert.equal(operation.status, reply.status)
    for (const [body, value] of [
      [operation.request, request.body],
      [operation.reply, reply.body],
    ] as const) {
      assert.equal(body === undefined, value === undefined)
      if (body)
        assert.deepEqual(JSON.parse(encodeBody(body, 'json', decodeBody(body, 'json', JSON.stringify(value)).value)), value)
    }
  })

const membership = JSON.parse(readFileSync(new URL('get-organization-user.json', folder), 'utf8')).reply.body
const read = (record: unknown) => decodeBody(getOrganizationUser.reply, 'json', JSON.stringify(record))

test('BIRD-65 keys that Bird adds to a user are passed over, and not lost', () => {
  const record = { ...membership, user: { ...membership.user, shoeSize: 42 }, later: 1 }
  const { value, raw } = read(record)
  assert.deepEqual(value, membership)
  assert.deepEqual(raw, record)
})

test('BIRD-31 roleIds, roleRefs and attributes are read as null and as absent', () => {
  const { roleIds: _ids, roleRefs: _refs, attributes: _attributes, ...bare } = membership
  assert.deepEqual(read(bare).value, bare)
  const nothing = { ...bare, roleIds: null, roleRefs: null, attributes: null, teamRoles: null }
  assert.deepEqual(read(nothing).value, nothing)
})

test('what is of no use to us may be anything without spoiling the record, and is never written so', () => {
  const odd = { ...membership, user: { ...membership.user, locale: 7, badges: null, phoneNumber: {}, bio: null } }
  const { locale: _locale, badges: _badges, phoneNumber: _phone, ...user } = membership.user
  assert.deepEqual(JSON.parse(JSON.stringify(read(odd).value)).user, user)
  assert.throws(() => encodeBody(getOrganizationUser.reply, 'json', odd))
})

test('a member without an id, or a list without results, is no answer', () => {
  const { id: _, ...user } = membership.user
  assert.throws(() => read({ ...membership, user }), { name: 'WireError' })
  assert.throws(() => decodeBody(listOrganizationUsers.reply, 'json', '{}'), { name: 'WireError' })
})
