import assert from 'node:assert/strict'
import { test } from 'node:test'
import { json, scripted } from '../../../tests/bandwidth-vendor.ts'
import { inviteUser, jane } from '../../../tests/bird.ts'
import {
  ada,
  connectTo,
  connectToBird,
  invite,
  listAll,
  membership,
  organizationId,
  userId,
  wholeUser,
} from '../../../tests/bird-vendor.ts'

const error = (status: number, code: string, message = 'No.') => json({ code, message }, status)

test('BIRD-02 every request carries the access key as AccessKey, and the organization of the connection', async (t) => {
  const { url, seen } = await scripted(t, () => json({ results: [] }))
  await listAll(connectTo(url).vendor)
  assert.equal(seen[0]?.headers.authorization, 'AccessKey birdkey')
  assert.ok(seen[0]?.url.startsWith(`/api/organizations/${organizationId}/users?`))
})

test('BIRD-05 BIRD-06 BIRD-07 pages of 100 are walked by token until it is empty or absent', async (t) => {
  for (const last of [{ nextPageToken: '' }, {}]) {
    const { url, seen } = await scripted(t, (_, index) =>
      json({ results: [membership], ...(index < 2 ? { nextPageToken: `t${index}=` } : last) }),
    )
    assert.equal((await listAll(connectTo(url).vendor)).length, 3)
    assert.deepEqual(
      seen.map((one) => one.url.split('?')[1]),
      ['limit=100', 'limit=100&pageToken=t0%3D', 'limit=100&pageToken=t1%3D'],
    )
  }
})

test('BIRD-06 a page token that comes again ends the walk as unreadable instead of walking on for ever', async (t) => {
  const { url } = await scripted(t, () => json({ results: [membership], nextPageToken: 'same' }))
  await assert.rejects(listAll(connectTo(url).vendor), { name: 'RemoteError', effect: 'none' })
})

test('BIRD-06 BIRD-63 more members than a page are read, each once, without a declared total', async (t) => {
  const { face, vendor } = await connectToBird(t)
  for (let number = 0; number < 103; number++) await inviteUser(face, { name: 'x', email: `u${number}@example.com` })
  const totals: unknown[] = []
  const ids: string[] = []
  for await (const page of vendor.reader.list()) {
    totals.push(page.declaredTotal)
    ids.push(...page.accounts.map(({ id }) => id))
  }
  assert.deepEqual([totals, ids.length, new Set(ids).size], [[undefined, undefined], 103, 103])
})

test('BIRD-20 the membership’s status counts, not the user’s, and one that is new is unknown', async (t) => {
  const statuses = ['active', 'invited', 'banned', 'frozen']
  const { url } = await scripted(t, () =>
    json({
      results: statuses.map((status) => Object.assign({}, membership, { status, user: { ...wholeUser, status: 'deleted' } })),
    }),
  )
  assert.deepEqual(
    (await listAll(connectTo(url).vendor)).map((account) => account.status),
    ['active', 'invited', 'suspended', 'unknown'],
  )
})

test('BIRD-26 a hidden telephone number is read past, and never sent back', async (t) => {
  const user = { ...wholeUser, phoneNumber: '**hidden**' }
  const { url, seen } = await scripted(t, ({ method }, index) =>
    json({
      ...membership,
      user,
      ...(method !== 'PATCH' && index > 0 && { attributes: { roles: ['managed:organization_admin'] } }),
    }),
  )
  const account = await connectTo(url).vendor.writer.update(userId, { ...ada, roleIds: ['managed:organization_admin'] })
  assert.ok(JSON.stringify(account.raw).includes('**hidden**'))
  assert.ok(seen.every((one) => !one.body.includes('hidden')))
})

test('BIRD-29 the number of open sessions is read with each account', async (t) => {
  const { face, vendor } = await connectToBird(t)
  const { directory } = face.world.home
  const account = await invite(vendor)
  assert.equal(account.activeSessions, 0)
  await face.send('DELETE', `${face.users}/${account.id}`)
  await face.send('POST', face.users, { body: { userId: account.id } })
  const member = await directory.findMemberByPerson(face.world.call(), { personId: account.id })
  await directory.startSession(face.world.call(), { membershipId: member?.id ?? '' })
  assert.equal((await vendor.reader.read(account.id))?.activeSessions, 1)
  assert.equal((await listAll(vendor))[0]?.activeSessions, 1)
})

test('BIRD-30 an account is known by its default address, in a preview too, and by a listed address without one', async (t) => {
  const { defaultEmail: _, ...user } = wholeUser
  const preview = { id: userId, name: 'Ada King', createdAt: wholeUser.createdAt, defaultEmail: 'ada@example.com' }
  const email = {
    id: userId,
    userId,
    email: 'listed@example.com',
    verified: true,
    passwordSet: false,
    tokenSet: false,
    createdAt: wholeUser.createdAt,
  }
  const { url } = await scripted(t, () =>
    json({ results: [preview, { ...user, emails: [email] }, user].map((each) => Object.assign({}, membership, { user: each })) }),
  )
  assert.deepEqual(
    (await listAll(connectTo(url).vendor)).map((account) => [account.userName, account.email]),
    [
      ['ada@example.com', 'ada@example.com'],
      ['listed@example.com', 'listed@example.com'],
      ['Ada King', undefined],
    ],
  )
})

test('BIRD-31 roles are those of attributes, references and ids together; null and absent are none', async (t) => {
  const [a, b] = ['00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000b']
  const { url } = await scripted(t, () =>
    json({
      results: [
        { ...membership, attributes: { roles: ['managed:x', 7] }, roleRefs: [{ id: a, type: 'managed' }], roleIds: [b, a] },
        { ...membership, attributes: null, roleRefs: null, roleIds: null },
        membership,
      ],
    }),
  )
  assert.deepEqual(
    (await listAll(connectTo(url).vendor)).map((account) => account.roles.map((role) => role.id)),
    [['managed:x', a, b], [], []],
  )
})

test('BIRD-54 a 404 means that nobody is there only where the organization can be read', async (t) => {
  const { vendor } = await connectToBird(t)
  const account = await invite(vendor)
  await vendor.writer.remove(account.id)
  assert.equal(await vendor.reader.read(account.id), undefined)
  await vendor.writer.remove(account.id)
  const { url } = await scripted(t, () => error(404, 'NotFound'))
  await assert.rejects(connectTo(url).vendor.reader.read(userId), { name: 'RemoteError', status: 404 })
  await assert.rejects(connectTo(url).vendor.writer.remove(userId), { name: 'RemoteError', status: 404 })
})

test('BIRD-54 a 404 that does not come from the vendor proves nothing', async (t) => {
  const { url } = await scripted(t, ({ url: path }) =>
    path.includes('?') ? json({ results: [] }) : { status: 404, type: 'text/html', body: '<h1>Not found</h1>' },
  )
  await assert.rejects(connectTo(url).vendor.reader.read(userId), { name: 'RemoteError', status: 404 })
  await assert.rejects(connectTo(url).vendor.writer.remove(userId), { name: 'RemoteError', status: 404 })
})

test('BIRD-52 an error’s code and message stand in what is reported', async (t) => {
  const { url } = await scripted(t, () => error(400, 'E17', 'Something else.'))
  await assert.rejects(listAll(connectTo(url).vendor), /E17 Something else\./)
})

test('BIRD-64 ids and times come as UUIDs and RFC 3339, and are kept as they came', async (t) => {
  const { face, vendor } = await connectToBird(t)
  const id = await inviteUser(face, jane)
  const [account] = await listAll(vendor)
  assert.equal(account?.id, id)
  assert.match(JSON.stringify(account?.raw), /"createdAt":"\d{4}-\d\d-\d\dT/)
})

test('the roles that can be given are those that members hold, the documented one, and those that the credentials name', async (t) => {
  const { face, exchanges } = await connectToBird(t)
  await inviteUser(face, { ...jane, attributes: { roles: ['managed:organization_member'] } })
  const [{ url } = { url: '' }] = exchanges
  assert.equal(url, '')
  const address = face.world.app.server.address()
  assert.ok(address && typeof address === 'object')
  const given = { ...face.world.access['bird'], roles: ['organization:agent'] }
  const { vendor } = connectTo(`http://127.0.0.1:${address.port}/bird`, given)
  assert.deepEqual(
    (await vendor.reader.roles()).map((role) => role.name),
    ['managed:organization_admin', 'organization:agent', 'managed:organization_member'],
  )
})
