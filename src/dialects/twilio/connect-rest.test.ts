import assert from 'node:assert/strict'
import { test } from 'node:test'
import { json, scripted, type Scripted } from '../../../tests/bandwidth-vendor.ts'
import { invite, memberOf, roleSid } from '../../../tests/twilio.ts'
import { ada, connect, connectToFace, listAll, make, organizationSid, restOnly } from '../../../tests/twilio-vendor.ts'

const page = (users: readonly object[], next: string | null): Scripted =>
  json({ users, meta: { page: 0, page_size: 50, next_page_url: next } })
const error = (status: number): Scripted =>
  json({ code: 20000 + status, message: 'No.', more_info: 'https://www.twilio.com/docs/errors', status }, status)
const path = `/api/v1/Organizations/${organizationSid}/Users`

test('TWIL-09 TWIL-10 the list follows next_page_url as it stands until it is null', async (t) => {
  const { url, seen } = await scripted(t, (_, index) =>
    page(
      [{ sid: `US${index}`, email: `p${index}@example.com`, friendly_name: null, role_sid: null }],
      index === 2 ? null : `${url}/v1/Organizations/${organizationSid}/Users?Odd=%20a+b&t=${index}:x`,
    ),
  )
  const accounts = await listAll(connect(url).vendor)
  assert.deepEqual(
    accounts.map(({ id }) => id),
    ['US0', 'US1', 'US2'],
  )
  assert.deepEqual(
    seen.map((request) => request.url),
    [`${path}?PageSize=1000`, `${path}?Odd=%20a+b&t=0%3Ax`, `${path}?Odd=%20a+b&t=1%3Ax`],
  )
})

test('a link to another host is asked for on our own: credentials go nowhere else; one that leads back ends the read', async (t) => {
  const elsewhere = await scripted(t, () => page([], null))
  const { url, seen } = await scripted(t, (_, index) =>
    page([{ sid: `US${index}` }], index === 0 ? `${elsewhere.url}/next` : null),
  )
  assert.equal((await listAll(connect(url).vendor)).length, 2)
  assert.equal(seen[1]?.url, '/api/next')
  assert.equal(elsewhere.seen.length, 0)
  const endless = await scripted(t, () => page([{ sid: 'US1' }], `${endless.url}/again`))
  await assert.rejects(listAll(connect(endless.url).vendor), { name: 'RemoteError', message: /leads back/ })
  const broken = await scripted(t, () => page([], 'no link'))
  await assert.rejects(listAll(connect(broken.url).vendor), { name: 'RemoteError', message: /no URL/ })
})

test('a list without a word on the next page is not read to its end', async (t) => {
  const { url } = await scripted(t, () => json({ users: [{ sid: 'US1' }], meta: { page: 0 } }))
  await assert.rejects(listAll(connect(url).vendor), { name: 'RemoteError' })
})

test('TWIL-65 the audit reads pages of 100 and more and keeps sid, email, friendly_name, role_sid and date_created', async (t) => {
  const { face, vendor, exchanges } = await connectToFace(t)
  const RoleSid = await roleSid(face, 'Admin')
  const sid = await invite(face, { Email: 'jane@example.com', FriendlyName: 'Jane Doe', RoleSid })
  const [account] = await listAll(vendor)
  const raw = account?.raw as Readonly<Record<string, unknown>>
  assert.deepEqual(
    [raw['sid'], raw['email'], raw['friendly_name'], raw['role_sid'], typeof raw['date_created']],
    [sid, 'jane@example.com', 'Jane Doe', RoleSid, 'string'],
  )
  assert.ok(Number(new URL(exchanges[0]?.url ?? '').searchParams.get('PageSize')) >= 100)
})

test('TWIL-26 names that are missing are not read as empty: they are not compared, and an update leaves them alone', async (t) => {
  const documented = { sid: 'US1', email: 'ada@example.com', friendly_name: 'Ada King', role_sid: 'RL1' }
  const { url, seen } = await scripted(t, ({ method }) => (method === 'GET' ? json(documented) : json({ sid: 'US1' })))
  const { vendor } = connect(url)
  const account = await vendor.reader.read('US1')
  assert.deepEqual([account?.givenName, account?.familyName], [undefined, undefined])
  assert.deepEqual(vendor.capabilities.attributes, ['email'])
  await vendor.writer.update('US1', { ...ada, roleIds: ['RL1'] })
  assert.ok(seen.every(({ method }) => method === 'GET'))
})

test('TWIL-30 a role has the name of the setting; a SID that is not there is shown as unknown', async (t) => {
  const users = [
    { sid: 'US1', email: 'a@example.com', role_sid: 'RLa' },
    { sid: 'US2', email: 'b@example.com', role_sid: 'RLb' },
    { sid: 'US3', email: 'c@example.com', role_sid: null },
  ]
  const { url } = await scripted(t, () => page(users, null))
  const { vendor } = connect(url, { ...restOnly, roleNames: { RLa: 'Administrator' } })
  assert.deepEqual(await vendor.reader.roles(), [{ id: 'RLa', name: 'Administrator' }])
  assert.deepEqual(
    (await listAll(vendor)).map(({ roles }) => roles),
    [[{ id: 'RLa', name: 'Administrator' }], [{ id: 'RLb', name: 'unknown role RLb' }], []],
  )
  assert.deepEqual(await vendor.reader.roles(), [
    { id: 'RLa', name: 'Administrator' },
    { id: 'RLb', name: 'unknown role RLb' },
  ])
})

test('TWIL-33 a subaccount among users is no person, and the read is refused', async (t) => {
  const { url } = await scripted(t, () => page([{ sid: restOnly.accountSid, email: 'a@example.com' }], null))
  await assert.rejects(listAll(connect(url).vendor), { name: 'RemoteError', message: /no user SID/ })
  const { face, vendor } = await connectToFace(t)
  await face.world.home.directory.createWorkspace(face.world.call(), { name: 'EU' })
  await invite(face)
  assert.ok((await listAll(vendor)).every(({ id }) => id.startsWith('US')))
})

test('TWIL-05 an id of another kind is refused before anything is sent', async (t) => {
  const { url, seen } = await scripted(t, () => error(404))
  const { vendor } = connect(url)
  for (const wrong of [restOnly.accountSid, organizationSid, 'ada@example.com']) {
    await assert.rejects(vendor.reader.read(wrong), { name: 'RemoteError', effect: 'none' })
    await assert.rejects(vendor.writer.remove(wrong), { name: 'RemoteError', effect: 'none' })
    await assert.rejects(vendor.writer.update(wrong, ada), { name: 'RemoteError', effect: 'none' })
  }
  assert.equal(seen.length, 0)
})

test('TWIL-16 TWIL-17 creating invites by a form, and says that an acceptance is still to come', async (t) => {
  const { face, vendor, exchanges } = await connectToFace(t)
  const RoleSid = await roleSid(face, 'Member')
  const account = await make(vendor, { ...ada, roleIds: [RoleSid] })
  assert.equal((await memberOf(face, account.id)).status, 'invited')
  assert.deepEqual([account.userName, account.email, account.roles[0]?.id], [ada.email, ada.email, RoleSid])
  assert.match(exchanges[0]?.sent ?? '', /^Email=ada%40example\.com&/)
  assert.ok(vendor.capabilities.notes.some((note) => /no API, SCIM included, can accept/.test(note)))
  assert.deepEqual(await vendor.writer.create(ada), { outcome: 'exists' })
})

test('somebody without an address, or with two roles, is a task for a person', async (t) => {
  const { url, seen } = await scripted(t, () => error(500))
  const { vendor } = connect(url)
  const without = await vendor.writer.create({ ...ada, userName: 'ada', email: undefined })
  const many = await vendor.writer.create({ ...ada, roleIds: ['RLa', 'RLb'] })
  assert.ok(without.outcome === 'needsPerson' && /e-mail address/.test(without.task))
  assert.ok(many.outcome === 'needsPerson' && /one role/.test(many.task))
  assert.equal(seen.length, 0)
})

test('a user who cannot be read back right after the invitation is still known by the SID', async (t) => {
  const { url } = await scripted(t, ({ method }) =>
    method === 'POST' ? json({ sid: 'US1', email: 'ada@example.com', role_sid: null }, 201) : error(404),
  )
  const account = await make(connect(url).vendor)
  assert.deepEqual([account.id, account.userName], ['US1', 'ada@example.com'])
})

test('TWIL-21 an update sends what differs and nothing else, and reads back', async (t) => {
  const { face, vendor, exchanges } = await connectToFace(t)
  const [admin, member] = [await roleSid(face, 'Admin'), await roleSid(face, 'Member')]
  const account = await make(vendor, { ...ada, roleIds: [admin] })
  exchanges.length = 0
  const after = await vendor.writer.update(account.id, { ...ada, givenName: 'X', roleIds: [member] })
  assert.deepEqual(
    exchanges.map(({ method, sent }) => `${method} ${sent ?? ''}`),
    ['GET ', `POST RoleSid=${member}`, 'GET '],
  )
  assert.equal(after.roles[0]?.id, member)
  const moved = await vendor.writer.update(account.id, { ...ada, email: 'countess@example.com', roleIds: [member] })
  assert.deepEqual([moved.userName, moved.givenName], ['countess@example.com', 'Ada'])
})

test('an update that Twilio did not keep is an error that names the parameter, and nothing is sent twice', async (t) => {
  const { url, seen } = await scripted(t, () => json({ sid: 'US1', email: 'old@example.com', role_sid: 'RL1' }))
  const { vendor } = connect(url)
  await assert.rejects(vendor.writer.update('US1', { ...ada, roleIds: ['RL1'] }), {
    name: 'RemoteError',
    effect: 'unknown',
    message: /Email/,
  })
  assert.equal(seen.filter(({ method }) => method === 'POST').length, 1)
  await assert.rejects(vendor.writer.update('US1', { ...ada, roleIds: [] }), { effect: 'none', message: /only role/ })
  await assert.rejects(vendor.writer.update('US1', { ...ada, roleIds: ['RL1', 'RL2'] }), { effect: 'none' })
})

test('TWIL-27 TWIL-28 a removal is final, and one that happened already counts', async (t) => {
  const { vendor } = await connectToFace(t)
  const account = await make(vendor)
  await vendor.writer.remove(account.id)
  assert.equal(await vendor.reader.read(account.id), undefined)
  await vendor.writer.remove(account.id)
  assert.ok(vendor.capabilities.notes.some((note) => /ends the sessions at once/.test(note)))
})

test('a 404 of something that is not the vendor is no absence', async (t) => {
  const { url } = await scripted(t, () => ({ status: 404, type: 'text/html', body: '<p>' }))
  const { vendor } = connect(url)
  await assert.rejects(vendor.reader.read('US1'), { name: 'RemoteError', status: 404 })
  await assert.rejects(vendor.writer.remove('US1'), { name: 'RemoteError', status: 404 })
})

test('TWIL-59 TWIL-60 TWIL-P05 429 without Retry-After is tried again with growing waits, a POST too, without any option', async (t) => {
  const { url, seen } = await scripted(t, ({ method }, index) =>
    index < 3 ? error(429) : json({ sid: 'US1', email: 'ada@example.com' }, method === 'POST' ? 201 : 200),
  )
  const { vendor, waits } = connect(url)
  await make(vendor)
  assert.equal(seen.filter(({ method }) => method === 'POST').length, 4)
  assert.equal(waits.length, 3)
  assert.ok(waits[0]! < waits[1]! && waits[1]! < waits[2]!)
})

test('a creation whose answer was lost is never sent again', async (t) => {
  const { url, seen } = await scripted(t, () => undefined)
  await assert.rejects(connect(url).vendor.writer.create(ada), { name: 'RemoteError', effect: 'unknown' })
  assert.equal(seen.length, 1)
})

test('TWIL-62 TWIL-67 what is known of webhooks and limits is said, and no rate is', async (t) => {
  const { url } = await scripted(t, () => page([], null))
  const { vendor } = connect(url)
  const { findings } = await vendor.reader.check()
  const said = [...vendor.capabilities.notes, ...findings.map(({ message }) => message)]
  assert.ok(said.some((text) => /no webhooks for users: changes made there are found by reading/.test(text)))
  assert.ok(said.every((text) => !/\d+ (requests )?(per|a) (second|minute)/i.test(text)))
})

test('TWIL-02 an API key goes before the auth token', async (t) => {
  const { url, seen } = await scripted(t, () => page([], null))
  const apiKeySid = `SK${'c'.repeat(32)}`
  await listAll(connect(url, { ...restOnly, apiKeySid, apiKeySecret: 'secret' }).vendor)
  const sent = Buffer.from(seen[0]?.headers.authorization?.slice(6) ?? '', 'base64').toString()
  assert.equal(sent, `${apiKeySid}:secret`)
})
