import assert from 'node:assert/strict'
import { test } from 'node:test'
import { json, scripted } from '../../../tests/bandwidth-vendor.ts'
import { jane, roleId } from '../../../tests/bird.ts'
import { ada, connectTo, connectToBird, invite, listAll, membership, userId } from '../../../tests/bird-vendor.ts'

const admin = 'managed:organization_admin'
const member = 'managed:organization_member'

test('BIRD-45 roles are given as attributes.roles, and roleIds are never sent', async (t) => {
  const { vendor, exchanges } = await connectToBird(t)
  const account = await invite(vendor, { roleIds: [admin] })
  assert.deepEqual(account.roles, [{ id: admin, name: admin }])
  const updated = await vendor.writer.update(account.id, { ...ada, roleIds: [member] })
  assert.deepEqual(updated.roles, [{ id: member, name: member }])
  const sent = exchanges.flatMap((exchange) => exchange.sent ?? [])
  assert.deepEqual(
    sent.map((text) => JSON.parse(text)),
    [{ name: 'Ada King', email: 'ada@example.com', attributes: { roles: [admin] } }, { attributes: { roles: [member] } }],
  )
})

test('BIRD-46 nothing is taken from the answer to an invitation: the id is learnt by asking for the address', async (t) => {
  const { url, seen } = await scripted(t, ({ method }) =>
    method === 'POST' ? json({ ok: 1, user: { id: 'wrong' } }, 201) : json({ results: [{ ...membership, status: 'invited' }] }),
  )
  const made = await connectTo(url).vendor.writer.create(ada)
  assert.ok(made.outcome === 'invited')
  assert.deepEqual([made.account?.id, made.expiresAt], [userId, undefined])
  assert.match(seen[1]?.url ?? '', /\?email=ada%40example\.com&limit=1$/)
})

test('BIRD-46 an invitation that cannot be found by its address is invited without an account', async (t) => {
  const { url } = await scripted(t, ({ method }) => (method === 'POST' ? json({}, 201) : json({ results: [] })))
  assert.deepEqual(await connectTo(url).vendor.writer.create(ada), {
    outcome: 'invited',
    account: undefined,
    expiresAt: undefined,
  })
})

test('BIRD-46 when the reading back fails, the effect is unknown and nothing is sent again', async (t) => {
  const { url, seen } = await scripted(t, ({ method }) =>
    method === 'POST' ? json({}, 201) : json({ code: 'x', message: 'y' }, 400),
  )
  await assert.rejects(connectTo(url).vendor.writer.create(ada), { name: 'RemoteError', effect: 'unknown' })
  assert.equal(seen.filter(({ method }) => method === 'POST').length, 1)
})

test('BIRD-48 a domain that is not allowed is a task for a person, another 403 an error', async (t) => {
  const { vendor } = await connectToBird(t, { organization: { emailDomains: ['example.org'] } })
  const made = await vendor.writer.create(ada)
  assert.ok(made.outcome === 'needsPerson')
  assert.match(made.task, /domain of ada@example\.com/)
  const { url } = await scripted(t, () => json({ code: 'Forbidden', message: 'Policy.' }, 403))
  await assert.rejects(connectTo(url).vendor.writer.create(ada), { name: 'RemoteError', status: 403 })
})

test('BIRD-49 somebody who is a member already exists, and nothing was made', async (t) => {
  const { face, vendor } = await connectToBird(t)
  await face.send('POST', face.users, { body: { ...jane, email: 'ada@example.com' } })
  assert.deepEqual(await vendor.writer.create(ada), { outcome: 'exists' })
  assert.equal((await listAll(vendor)).length, 1)
})

test('somebody without an address cannot be invited; without a name they are invited by their address', async (t) => {
  const { vendor, exchanges } = await connectToBird(t)
  assert.equal((await vendor.writer.create({ ...ada, email: undefined })).outcome, 'needsPerson')
  await invite(vendor, { givenName: undefined, familyName: undefined })
  assert.equal(JSON.parse(exchanges[0]?.sent ?? '').name, 'ada@example.com')
})

test('legacy roles that are not wanted go with roleTreatment, the wanted ones stay', async (t) => {
  const { face, vendor } = await connectToBird(t)
  const { id } = await invite(vendor, { roleIds: [member] })
  const [kept, gone] = [await roleId(face, 'Admin'), await roleId(face, 'ReadOnly')]
  const roleRefs = [kept, gone].map((each) => ({ id: each, type: 'managed' }))
  await face.send('PATCH', `${face.users}/${id}`, { body: { roleRefs } })
  const after = await vendor.writer.update(id, { ...ada, roleIds: [member, kept] })
  assert.deepEqual(
    after.roles.map((role) => role.id),
    [member, kept],
  )
  assert.deepEqual((await vendor.writer.update(id, { ...ada, roleIds: [] })).roles, [])
})

test('roles that stand already are not sent, and one that is no slug is refused before anything is', async (t) => {
  const { face, vendor, exchanges } = await connectToBird(t)
  const { id } = await invite(vendor, { roleIds: [member] })
  exchanges.length = 0
  await vendor.writer.update(id, { ...ada, roleIds: [member] })
  await assert.rejects(vendor.writer.update(id, { ...ada, roleIds: [await roleId(face, 'Admin')] }), {
    name: 'RemoteError',
    effect: 'none',
  })
  assert.deepEqual(
    exchanges.filter(({ method }) => method !== 'GET'),
    [],
  )
})

test('roles that Bird accepts and does not keep are an error after the write', async (t) => {
  const { url } = await scripted(t, () => json(membership))
  await assert.rejects(connectTo(url).vendor.writer.update(userId, { ...ada, roleIds: [admin] }), {
    name: 'RemoteError',
    effect: 'unknown',
    retryable: false,
  })
})
