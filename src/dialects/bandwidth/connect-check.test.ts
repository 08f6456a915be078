import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { john, strong } from '../../../tests/bandwidth.ts'
import { type Scripted, scripted, vendorError, connect, connectToFace } from '../../../tests/bandwidth-vendor.ts'
import { connectBandwidth } from './connect.ts'

test('BAND-29 the capabilities and the check tell to look for sub-accounts and resources before a removal', async (t) => {
  const { vendor } = await connectToFace(t)
  assert.ok(vendor.capabilities.notes.some((note) => /sub-accounts or resources/.test(note)))
  assert.ok((await vendor.reader.check()).findings.some((finding) => /sub-accounts or resources/.test(finding.message)))
})

test('BAND-30 suspension is no capability: there is only removal', async (t) => {
  const { vendor } = await connectToFace(t)
  assert.deepEqual(
    { ...vendor.capabilities, notes: [] },
    {
      create: true,
      update: true,
      suspend: false,
      remove: true,
      setRoles: true,
      invite: false,
      cancelInvitation: false,
      notes: [],
    },
  )
  assert.ok(vendor.capabilities.notes.some((note) => /no way to suspend/.test(note)))
})

test('BAND-37 nothing is ever asked of a SCIM path, and the notes say that there is none', async (t) => {
  const { vendor, exchanges } = await connectToFace(t)
  await vendor.reader.check()
  assert.ok(exchanges.length > 0 && exchanges.every((exchange) => !/scim/i.test(exchange.url)))
  assert.ok(vendor.capabilities.notes.some((note) => /no SCIM and no user webhooks/.test(note)))
})

test('BAND-38 the check says that single sign-on provisions nobody, and that this connection does', async (t) => {
  const { vendor } = await connectToFace(t)
  const { findings } = await vendor.reader.check()
  assert.ok(
    findings.some(({ message }) => /single sign-on creates nobody: this connection is what provisions users/.test(message)),
  )
})

test('BAND-44 the check of refused credentials tells which ones to use', async (t) => {
  const { url } = await scripted(t, () => vendorError(401))
  const report = await connect(url).vendor.reader.check()
  assert.equal(report.usable, false)
  assert.match(report.findings[0]?.message ?? '', /Dashboard user.*not those of a voice or messaging application/)
})

test('the check says what to do about each way of failing', async (t) => {
  const messageOf = async (answer: Scripted | undefined) => {
    const { url } = await scripted(t, () => answer)
    const report = await connect(url).vendor.reader.check()
    assert.equal(report.usable, false)
    return report.findings[0]?.message ?? ''
  }
  assert.match(await messageOf(vendorError(403)), /not for this account/)
  assert.match(await messageOf(vendorError(429)), /limits this account/)
  assert.match(await messageOf({ status: 404, type: 'text/html', body: '<p>' }), /does not come from Bandwidth/)
  assert.match(await messageOf(vendorError(500)), /status 500/)
  assert.match(await messageOf(undefined), /cannot be reached/)
})

test('the check counts what can be read, and warns of XML and of plain http', async (t) => {
  const { face, vendor } = await connectToFace(t)
  await face.send('POST', `${face.account}/users`, { body: john })
  const report = await vendor.reader.check()
  assert.equal(report.usable, true)
  assert.match(report.findings[0]?.message ?? '', /1 users and 4 roles/)
  const { url } = await scripted(t, ({ url: path }) => ({
    status: 200,
    type: 'text/xml',
    body: path.endsWith('roles') ? '<RolesResponse><Roles/></RolesResponse>' : '<UsersResponse><Users/></UsersResponse>',
  }))
  const messages = (await connect(url).vendor.reader.check()).findings.map((finding) => finding.message)
  assert.ok(messages.some((message) => /XML came back/.test(message)))
  assert.ok(messages.some((message) => /shows no roles/.test(message)))
})

test('credentials are checked when the connection is made, and no value of theirs is shown', () => {
  const good = { accountId: '12345', username: 'user', password: strong }
  const open = (credentials: object, baseUrl = 'https://dashboard.bandwidth.com/api') =>
    connectBandwidth({
      baseUrl,
      credentials: { ...credentials },
      fetch,
      sleep: async () => undefined,
      random: Math.random,
      randomBytes,
    })
  assert.equal(open(good).name, 'bandwidth')
  assert.equal(open({ ...good, baseUrl: 'https://elsewhere.example/api' }).name, 'bandwidth')
  for (const [wrong, name] of [
    [{ ...good, accountId: undefined }, 'accountId'],
    [{ ...good, username: 'a:b' }, 'username'],
    [{ ...good, password: '' }, 'password'],
    [{ ...good, token: 'x' }, 'token'],
  ] as const)
    assert.throws(
      () => open(wrong),
      (error: Error) => error.name === 'ConfigError' && error.message.includes(name) && !error.message.includes(strong),
    )
  for (const url of ['', 'dashboard.bandwidth.com/api', 'ftp://x/api', 'https://u:p@x/api', 'https://x/api?a=1'])
    assert.throws(() => open(good, url), { name: 'ConfigError' })
})
