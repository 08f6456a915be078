import assert from 'node:assert/strict'
import { test } from 'node:test'
import { json, scripted, type Seen } from '../../../tests/bandwidth-vendor.ts'
import {
  accept,
  addActive,
  addProject,
  connect,
  connectToFace,
  credentialsOf,
  invite,
  listAll,
  listed,
  memberOf,
  suspend,
  userIdOf,
} from '../../../tests/sinch.ts'
import type { DesiredAccount } from '../../sync/vendor.ts'

const ada: DesiredAccount = {
  userName: 'ada@example.com',
  email: 'ada@example.com',
  givenName: 'Ada',
  familyName: 'King',
  roleIds: ['MEMBER'],
}
const isToken = ({ url }: Seen) => url.endsWith('/oauth2/token')
const token = json({ access_token: 't1', token_type: 'bearer', expires_in: 3600 })
const credentials = { projectId: 'p1', keyId: 'key_abc', keySecret: 's3cr3t' }

test('SNCH-19 an invitation answers no user_id: it is learnt by reading the list again', async (t) => {
  const { face, vendor } = await connectToFace(t)
  const made = await vendor.writer.create(ada)
  assert.ok(made.outcome === 'invited')
  assert.equal(made.account?.id, await userIdOf(face, ada.userName))
  assert.equal(made.account?.status, 'invited')
  assert.equal((await memberOf(face, ada.userName))?.['display_name'], 'Ada King')
})

test('SNCH-44 onboarding is reported as invited, and as done once the person accepted before', async (t) => {
  const { face, vendor } = await connectToFace(t)
  assert.equal((await vendor.writer.create(ada)).outcome, 'invited')
  await accept(face, ada.userName)
  assert.equal((await vendor.reader.read(await userIdOf(face, ada.userName)))?.status, 'active')
  await vendor.writer.remove(await userIdOf(face, ada.userName))
  const again = await vendor.writer.create(ada)
  assert.ok(again.outcome === 'done')
  assert.equal(again.account.status, 'active')
})

test('SNCH-16 nothing is sent again to whoever stays invited: the notes name the dashboard', async (t) => {
  const { vendor, exchanges } = await connectToFace(t)
  await vendor.writer.create(ada)
  assert.deepEqual(await vendor.writer.create(ada), { outcome: 'exists' })
  assert.equal(exchanges.filter((exchange) => exchange.operation === 'inviteMember' && exchange.status === 201).length, 1)
  assert.ok(vendor.capabilities.notes.some((note) => /resends an invitation: use the dashboard/.test(note)))
})

test('SNCH-09 whoever is wanted without a role is invited with the least', async (t) => {
  const { face, vendor } = await connectToFace(t)
  await vendor.writer.create({ ...ada, roleIds: [] })
  assert.equal((await memberOf(face, ada.userName))?.['role'], 'READONLY')
})

test('what Sinch cannot do is a task for a person', async (t) => {
  const { vendor, exchanges } = await connectToFace(t)
  for (const [desired, task] of [
    [{ ...ada, userName: 'ada', email: undefined }, /e-mail address/],
    [{ ...ada, roleIds: ['MEMBER', 'ADMIN'] }, /one role in a project/],
    [{ ...ada, roleIds: ['BILLING'] }, /OWNER, ADMIN, MEMBER, READONLY alone/],
  ] as const) {
    const made = await vendor.writer.create(desired)
    assert.ok(made.outcome === 'needsPerson')
    assert.match(made.task, task)
  }
  assert.ok(exchanges.every((exchange) => exchange.operation !== 'inviteMember'))
})

test('an update sends what differs alone, and reads it back', async (t) => {
  const { face, vendor, exchanges } = await connectToFace(t)
  await addActive(face, 'ada@example.com', 'Member')
  const id = await userIdOf(face, 'ada@example.com')
  const account = await vendor.writer.update(id, { ...ada, email: 'king@example.com', roleIds: ['ADMIN'] })
  assert.deepEqual([account.id, account.email, account.roles.map((role) => role.id)], [id, 'king@example.com', ['ADMIN']])
  await vendor.writer.update(id, { ...ada, email: 'king@example.com', roleIds: ['ADMIN'] })
  assert.equal(exchanges.filter((exchange) => exchange.method === 'PATCH').length, 1)
})

test('an update that Sinch accepts and does not keep is told, with what to do', async (t) => {
  const member = { user_id: 'u1', email: 'ada@example.com', role: 'MEMBER', status: 'ACTIVE' }
  const { url } = await scripted(t, (one) =>
    isToken(one)
      ? token
      : one.method === 'PATCH'
        ? json({ user_id: 'u1', role: 'ADMIN', status: 'ACTIVE' })
        : json({ members: [member] }),
  )
  const { vendor } = connect(url, credentials)
  await assert.rejects(vendor.writer.update('u1', { ...ada, roleIds: ['ADMIN'] }), {
    effect: 'unknown',
    message: /did not keep the role/,
  })
  await assert.rejects(suspend(vendor, 'u1'), { effect: 'unknown', message: /dashboard/ })
})

test('a member is suspended and resumed by status', async (t) => {
  const { face, vendor } = await connectToFace(t)
  await addActive(face, 'ada@example.com', 'Member')
  const id = await userIdOf(face, 'ada@example.com')
  assert.equal((await vendor.writer.suspend?.(id))?.status, 'suspended')
  assert.equal((await memberOf(face, 'ada@example.com'))?.['status'], 'SUSPENDED')
  assert.equal((await vendor.writer.resume?.(id))?.status, 'active')
})

test('SNCH-24 a removal ends in nobody, twice as well', async (t) => {
  const { face, vendor } = await connectToFace(t)
  const id = await invite(face, 'ada@example.com')
  await vendor.writer.remove(id)
  assert.equal(await vendor.reader.read(id), undefined)
  await vendor.writer.remove(id)
})

test('SNCH-26 a removal visits every configured project, and the capabilities tell of the identity that survives', async (t) => {
  const { face, origin } = await connectToFace(t)
  const second = await addProject(face)
  const third = await addProject(face, 'Third project')
  await addActive(face, 'ada@example.com', 'Member')
  for (const project of [second, third])
    await project.send('POST', project.members, { body: { email: 'ada@example.com', role: 'MEMBER' } })
  const projectIds = [second.projectId, third.projectId]
  const { vendor, exchanges } = connect(`${origin}/sinch`, credentialsOf(face, origin, { projectIds }))
  const id = await userIdOf(face, 'ada@example.com')
  await vendor.writer.remove(id)
  assert.equal(exchanges.filter((exchange) => exchange.method === 'DELETE' && exchange.status === 204).length, 3)
  assert.equal(await vendor.reader.read(id), undefined)
  for (const project of [face, second, third]) assert.deepEqual(await listed(project), [])
  assert.ok(vendor.capabilities.residue)
  assert.match(vendor.capabilities.residue, /identity survives/)
})

test('SNCH-25 an account that was removed is in no project, and its identity is there still', async (t) => {
  const { face, vendor } = await connectToFace(t)
  const member = await addActive(face, 'ada@example.com', 'Member')
  await vendor.writer.remove(await userIdOf(face, 'ada@example.com'))
  assert.deepEqual(await listAll(vendor), [])
  const { home, call } = face.world
  assert.equal((await home.directory.getMember(call(), { id: member.id })).status, 'active')
})

test('roles of several projects are given and taken one by one', async (t) => {
  const { face, origin } = await connectToFace(t)
  const second = await addProject(face)
  const { vendor } = connect(`${origin}/sinch`, credentialsOf(face, origin, { projectIds: [second.projectId] }))
  const inSecond = (role: string) => `${second.projectId}/${role}`
  const made = await vendor.writer.create({ ...ada, roleIds: ['MEMBER', inSecond('ADMIN')] })
  assert.ok(made.outcome === 'invited' && made.account)
  assert.deepEqual(
    made.account.roles.map((role) => role.id),
    ['MEMBER', inSecond('ADMIN')],
  )
  const after = await vendor.writer.update(made.account.id, { ...ada, roleIds: [inSecond('READONLY')] })
  assert.deepEqual(
    after.roles.map((role) => role.id),
    [inSecond('READONLY')],
  )
  const back = await vendor.writer.update(made.account.id, { ...ada, roleIds: ['OWNER', inSecond('READONLY')] })
  assert.deepEqual(
    back.roles.map((role) => role.id),
    ['OWNER', inSecond('READONLY')],
  )
})

test('a lost answer to an invitation is never followed by another one', async (t) => {
  const { url, seen } = await scripted(t, (one) =>
    isToken(one) ? token : one.method === 'POST' ? undefined : json({ members: [] }),
  )
  await assert.rejects(connect(url, credentials).vendor.writer.create(ada), { name: 'RemoteError', effect: 'unknown' })
  assert.equal(seen.filter((one) => one.method === 'POST' && !isToken(one)).length, 1)
})

test('a 404 that does not come from Sinch ends no removal', async (t) => {
  const { url } = await scripted(t, (one) =>
    isToken(one) ? token : { status: 404, type: 'text/html', body: '<h1>Not found</h1>' },
  )
  await assert.rejects(connect(url, credentials).vendor.writer.remove('usr_1'), { name: 'RemoteError', status: 404 })
})
