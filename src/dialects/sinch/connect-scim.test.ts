import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { json, scripted, type Seen } from '../../../tests/bandwidth-vendor.ts'
import { addActive, connect, connectToFace, listed, memberOf, suspend, userIdOf } from '../../../tests/sinch.ts'
import type { DesiredAccount } from '../../sync/vendor.ts'

const ada: DesiredAccount = {
  userName: 'ada@example.com',
  email: 'ada@example.com',
  givenName: 'Ada',
  familyName: 'King',
  roleIds: [],
}
const isToken = ({ url }: Seen) => url.endsWith('/oauth2/token')

/** A vendor whose SCIM accepts everything and whose list shows what it is given. */
async function openScripted(t: TestContext, members: (seen: readonly Seen[]) => readonly object[]) {
  const all: Seen[] = []
  const { url, seen } = await scripted(t, (one) => {
    all.push(one)
    if (isToken(one)) return json({ access_token: 't', token_type: 'bearer', expires_in: 3600 })
    if (one.url.includes('/members')) return one.method === 'GET' ? json({ members: members(all) }) : { status: 204 }
    if (one.method === 'GET')
      return json({ schemas: [], totalResults: 1, Resources: [{ id: 's1', userName: 'Ada@example.com' }] })
    return one.method === 'DELETE' ? { status: 204 } : json({ id: 's1' }, one.method === 'POST' ? 201 : 200)
  })
  const credentials = {
    projectId: 'p1',
    keyId: 'k',
    keySecret: 's',
    scimBaseUrl: `${url}/scim/cus`,
    scimToken: 'st',
    profile: 'scim',
  }
  return { seen, ...connect(url, credentials) }
}
const member = (status: string) => ({ user_id: 'u1', email: 'ada@example.com', role: 'MEMBER', status })

test('SNCH-42 after a deprovision by SCIM, SUSPENDED and absent both count', async (t) => {
  for (const after of [[member('SUSPENDED')], []]) {
    const { vendor } = await openScripted(t, (seen) => (seen.some((one) => one.method === 'PATCH') ? after : [member('ACTIVE')]))
    assert.equal((await suspend(vendor, 'u1')).status, 'suspended')
  }
})

test('SNCH-42 a member that stays ACTIVE after a deprovision is told', async (t) => {
  const { vendor } = await openScripted(t, () => [member('ACTIVE')])
  await assert.rejects(suspend(vendor, 'u1'), { effect: 'unknown', message: /shows the member as active/ })
})

test('SNCH-42 whom SCIM deleted and the list shows as SUSPENDED is taken out of the project as well', async (t) => {
  const { vendor, seen } = await openScripted(t, () => [member('SUSPENDED')])
  await vendor.writer.remove('u1')
  assert.deepEqual(
    seen.filter((one) => one.method === 'DELETE').map((one) => one.url),
    ['/api/scim/cus/Users/s1', '/api/projects/p1/members/u1'],
  )
})

test('SNCH-41 by SCIM a member is created, suspended, resumed and deleted at the served API', async (t) => {
  const { face, vendor } = await connectToFace(t, { profile: 'scim' })
  const made = await vendor.writer.create(ada)
  assert.ok(made.outcome === 'done')
  assert.equal(made.account.id, await userIdOf(face, ada.userName))
  assert.equal((await vendor.writer.suspend?.(made.account.id))?.status, 'suspended')
  assert.equal((await memberOf(face, ada.userName))?.['status'], 'SUSPENDED')
  assert.equal((await vendor.writer.resume?.(made.account.id))?.status, 'active')
  assert.deepEqual(
    (await vendor.writer.update(made.account.id, { ...ada, roleIds: ['ADMIN'] })).roles.map((role) => role.id),
    ['ADMIN'],
  )
  assert.deepEqual(await vendor.writer.create(ada), { outcome: 'exists' })
  await vendor.writer.remove(made.account.id)
  assert.deepEqual(await listed(face), [])
  const { home, call } = face.world
  assert.equal(await home.directory.findMemberByEmail(call(), { email: ada.userName }), undefined)
  await vendor.writer.remove(made.account.id)
})

test('SNCH-39 the SCIM URL is a setting that the operator enters', async (t) => {
  const { seen, vendor } = await openScripted(t, () => [member('ACTIVE')])
  await vendor.reader.check()
  assert.ok(seen.some((one) => one.url.startsWith('/api/scim/cus/Users') && one.headers.authorization === 'Bearer st'))
})

test('SNCH-40 groups are never pushed, and the notes say so', async (t) => {
  const { face, vendor, exchanges } = await connectToFace(t, { profile: 'scim' })
  await addActive(face, 'x@example.com')
  await vendor.writer.create(ada)
  await vendor.reader.check()
  assert.ok(exchanges.every((exchange) => !/Groups/.test(exchange.url)))
  assert.ok(vendor.capabilities.notes.some((note) => /pushes no groups/.test(note)))
})

test('an identity that SCIM made is in progress until the list of members shows it, and invited while it is PENDING', async (t) => {
  const outcomeOf = async (members: readonly object[]) =>
    (await (await openScripted(t, () => members)).vendor.writer.create(ada)).outcome
  assert.equal(await outcomeOf([]), 'inProgress')
  assert.equal(await outcomeOf([member('PENDING')]), 'invited')
  assert.equal(await outcomeOf([member('ACTIVE')]), 'done')
})
