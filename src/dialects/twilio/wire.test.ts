import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { z } from 'zod'
import { json, scripted } from '../../../tests/bandwidth-vendor.ts'
import { connect, listAll, organizationSid, withKey } from '../../../tests/twilio-vendor.ts'
import { decodeBody, encodeBody } from '../../wire/body.ts'
import type { Body, Media, Operation } from '../../wire/operation.ts'
import { scimOperations } from './face.ts'
import { createUser, getUser, guideOperations, listUsers, updateUser } from './wire.ts'
import { createRoleAssignment, publicOperations } from './wire-public.ts'

const Fixture = z.strictObject({
  source: z.string().min(1),
  read: z.iso.date(),
  note: z.string().optional(),
  operation: z.string(),
  request: z.strictObject({ method: z.string(), path: z.string(), form: z.string().optional(), body: z.json().optional() }),
  reply: z.strictObject({ status: z.int(), body: z.json().optional() }),
})
const folder = new URL('fixtures/', import.meta.url)
const fixtures = readdirSync(folder).map((file) => Fixture.parse(JSON.parse(readFileSync(new URL(file, folder), 'utf8'))))
const operations: readonly Operation[] = [...guideOperations, ...publicOperations, ...scimOperations]

/** Reads a text and writes it again. */
const again = (body: Body, media: Media, text: string) => encodeBody(body, media, decodeBody(body, media, text).value)
const fixtureOf = (operation: string) => fixtures.find((fixture) => fixture.operation === operation)!

test('every operation but SCIM’s own has a documented request and reply, and no fixture is left over', () => {
  const documented = fixtures.map(({ operation }) => operation)
  const scim = new Set(scimOperations.map(({ name }) => name))
  assert.deepEqual(
    documented.filter((name) => !scim.has(name)).toSorted(),
    [...guideOperations, ...publicOperations].map(({ name }) => name).toSorted(),
  )
  assert.equal(new Set(documented).size, documented.length)
})

test('the names of all operations differ', () => {
  const names = operations.map(({ name }) => name)
  assert.equal(new Set(names).size, names.length)
})

for (const fixture of fixtures) {
  const operation = operations.find(({ name }) => name === fixture.operation)!
  test(`${fixture.operation}: the documented request and reply are read, and written back the same`, () => {
    const { request, reply } = fixture
    assert.equal(operation.method, request.method)
    assert.match(request.path, new RegExp(`^${operation.path.replaceAll(/:\w+/g, '[^/]+')}$`))
    assert.equal(operation.status, reply.status)
    assert.equal(operation.request === undefined, request.form === undefined && request.body === undefined)
    if (operation.request && request.form !== undefined)
      assert.deepEqual(
        Object.fromEntries(new URLSearchParams(again(operation.request, 'form', request.form))),
        Object.fromEntries(new URLSearchParams(request.form)),
      )
    if (operation.request && request.body !== undefined)
      assert.deepEqual(JSON.parse(again(operation.request, 'json', JSON.stringify(request.body))), request.body)
    assert.equal(operation.reply === undefined, reply.body === undefined)
    if (operation.reply) assert.deepEqual(JSON.parse(again(operation.reply, 'json', JSON.stringify(reply.body))), reply.body)
  })
}

test('TWIL-06 the documented list keeps the order of its members', () => {
  const text = JSON.stringify(fixtureOf('listUsers').reply.body)
  assert.equal(again(listUsers.reply, 'json', text), text)
})

test('TWIL-14 + and %20 are both a space', () => {
  const nameIn = (text: string) =>
    z.object({ FriendlyName: z.string() }).parse(decodeBody(createUser.request, 'form', text).value)
  assert.deepEqual(nameIn('Email=a@b&FriendlyName=Jane+Doe'), nameIn('Email=a@b&FriendlyName=Jane%20Doe'))
})

test('a parameter that is repeated, or broken, is refused; one that is not known is left out', () => {
  const read = (text: string) => decodeBody(updateUser.request, 'form', text).value
  for (const text of ['Email=a@b&Email=c@d', 'Email=%zz', 'Active=1']) assert.throws(() => read(text), { name: 'WireError' })
  assert.deepEqual(read('Email=a@b&Sid=US1&AccountSid=AC1&Url=x&Other=1'), { Email: 'a@b' })
})

test('a role assignment needs a role, under either name', () => {
  const read = (body: object) => decodeBody(createRoleAssignment.request, 'json', JSON.stringify(body)).value
  assert.throws(() => read({ scope: 'OR', identity: 'US' }), { name: 'WireError', field: 'role_sid' })
  assert.ok(read({ roleSid: 'IX', scope: 'OR', identity: 'US' }))
})

test('a key that the vendor adds later does not break the client, and is not lost', () => {
  const decoded = decodeBody(getUser.reply, 'json', '{"sid":"US1","email":null,"mfa":{"on":true}}')
  assert.deepEqual(decoded.value, { sid: 'US1', email: null })
  assert.deepEqual(decoded.raw, { sid: 'US1', email: null, mfa: { on: true } })
})

test('TWIL-39 TWIL-P07 the connector reads the documented SCIM lists, the guide’s and the public one', async (t) => {
  const guide = z
    .object({ Resources: z.array(z.unknown()) })
    .loose()
    .parse(fixtureOf('scimListUsers').reply.body)
  const complete = { ...guide, totalResults: guide.Resources.length }
  const scim = await scripted(t, () => json(complete))
  const [user] = await listAll(connect(scim.url, { ...withKey, profile: 'scim' }).vendor)
  assert.deepEqual([user?.id, user?.userName, user?.status], ['USxxx', 'user@example.com', 'active'])
  const current = await scripted(t, ({ url }) =>
    url.includes('RoleAssignments')
      ? json({ content: [], meta: { next_page_url: null } })
      : json(fixtureOf('previewScimListUsers').reply.body),
  )
  const [person] = await listAll(connect(current.url, { organizationSid, orgKeySecret: 'k', profile: 'current' }).vendor)
  assert.deepEqual([person?.email, person?.givenName, person?.familyName], ['user@example.com', 'Jane', 'Doe'])
})
