import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { z } from 'zod'
import { decodeBody, encodeBody } from '../../wire/body.ts'
import { buildForm } from '../../wire/form.ts'
import type { Body, Operation } from '../../wire/operation.ts'
import { sinch } from './dialect.ts'
import { inviteMember, listMembers, restOperations } from './wire.ts'

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
const operations: readonly Operation[] = restOperations

const spell = (body: Body, value: unknown) => (body.media[0] === 'form' ? buildForm(value) : JSON.stringify(value))
/** Reads a text and writes it again. */
const again = (body: Body, text: string) => encodeBody(body, body.media[0]!, decodeBody(body, body.media[0]!, text).value)

test('every operation has a documented request and reply, and no fixture is left over', () => {
  assert.deepEqual(
    fixtures.map((fixture) => fixture.operation).toSorted(),
    operations.map((operation) => operation.name).toSorted(),
  )
})

for (const fixture of fixtures) {
  const operation = operations.find(({ name }) => name === fixture.operation)!
  test(`${fixture.operation}: the documented request and reply are read, and written back the same`, () => {
    assert.equal(operation.method, fixture.request.method)
    assert.match(fixture.request.path, new RegExp(`^${operation.path.replaceAll(/:\w+/g, '[^/]+')}$`))
    assert.equal(operation.status, fixture.reply.status)
    assert.equal(operation.request === undefined, fixture.request.body === undefined)
    if (operation.request) {
      const text = spell(operation.request, fixture.request.body)
      assert.equal(again(operation.request, text), text)
    }
    assert.equal(operation.reply === undefined, fixture.reply.body === undefined)
    if (operation.reply)
      assert.equal(again(operation.reply, JSON.stringify(fixture.reply.body)), JSON.stringify(fixture.reply.body))
  })
}

test('no two operations of the dialect have one name, or one method and path', () => {
  for (const keyOf of [(one: Operation) => one.name, (one: Operation) => `${one.method} ${one.path}`])
    assert.equal(new Set(sinch.operations.map(keyOf)).size, sinch.operations.length)
})

test('SNCH-27 no reply that lists or reads keys has a place for a secret', () => {
  const key = { key_id: 'k', display_name: 'K', created_at: '2024-01-01T00:00:00Z', key_secret: 's3cr3t', secret: 's3cr3t' }
  const publicKey = { accessKeyId: 'k', displayName: 'K', keySecret: 's3cr3t', secret: 's3cr3t' }
  for (const [name, value] of [
    ['listKeys', { access_keys: [key], next_page_token: '' }],
    ['listProjectKeys', { accessKeys: [publicKey], nextPageToken: '' }],
    ['getProjectKey', publicKey],
  ] as const) {
    const { reply } = operations.find((operation) => operation.name === name)!
    assert.ok(reply)
    assert.doesNotMatch(encodeBody(reply, 'json', value), /secret|s3cr3t/i)
  }
})

test('a key that the vendor adds later does not break the client, and is not lost', () => {
  const member = { email: 'a@example.com', role: 'NEW_ROLE', status: 'NEW_STATUS', brand_new: 1 }
  const { value, raw } = decodeBody(listMembers.reply, 'json', JSON.stringify({ members: [member] }))
  assert.deepEqual(value, { members: [{ email: 'a@example.com', role: 'NEW_ROLE', status: 'NEW_STATUS' }] })
  assert.deepEqual(raw, { members: [member] })
})

test('SNCH-17 a role that is none names the four', () => {
  assert.throws(() => decodeBody(inviteMember.request, 'json', '{"email":"a@example.com","role":"BOSS"}'), {
    name: 'WireError',
    field: 'role',
    message: /OWNER, ADMIN, MEMBER, READONLY/,
  })
})
