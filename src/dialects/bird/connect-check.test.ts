import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { json, scripted, type Scripted } from '../../../tests/bandwidth-vendor.ts'
import { connectTo, connectToBird, credentials, invite, membership, wholeUser } from '../../../tests/bird-vendor.ts'
import { connectBird } from './connect.ts'

const error = (status: number): Scripted => json({ code: 'x', message: 'No.' }, status)

test('BIRD-57 suspension is no capability: there is only removal, and it is said', async (t) => {
  const { vendor } = await connectToBird(t)
  const { notes, ...capabilities } = vendor.capabilities
  assert.deepEqual(capabilities, {
    create: true,
    update: false,
    suspend: false,
    remove: true,
    setRoles: true,
    attributes: ['email'],
    invite: true,
    cancelInvitation: true,
  })
  assert.ok(notes.some((note) => note.startsWith('Suspend unsupported, remove only')))
  assert.ok(!('suspend' in vendor.writer))
  assert.ok((await vendor.reader.check()).findings.some(({ message }) => message.startsWith('Suspend unsupported, remove only')))
})

test('BIRD-29 the notes tell to look at the open sessions before a removal', async (t) => {
  assert.ok((await connectToBird(t)).vendor.capabilities.notes.some((note) => /sessions/.test(note)))
})

test('the check reads, changes nobody, and says what to know', async (t) => {
  const { vendor, exchanges } = await connectToBird(t)
  const empty = await vendor.reader.check()
  assert.ok(empty.usable && empty.findings.some(({ message }) => /no members/.test(message)))
  await invite(vendor)
  exchanges.length = 0
  const report = await vendor.reader.check()
  assert.equal(report.usable, true)
  assert.match(report.findings[0]?.message ?? '', /access key works/)
  assert.deepEqual(
    exchanges.map(({ method }) => method),
    ['GET', 'GET', 'PATCH'],
  )
  for (const said of [/may write/, /cannot be changed/, /lists no roles/, /different things/, /no total/])
    assert.ok(
      report.findings.some(({ message }) => said.test(message)),
      String(said),
    )
})

test('a key that may only read is told so, and one whose answer tells nothing is left open', async (t) => {
  const { face } = await connectToBird(t)
  const { secret } = await face.world.home.directory.createCredential(face.world.call(), {
    kind: 'birdkey',
    name: 'Reader',
    scopes: ['read'],
  })
  const { baseUrl = '', organizationId } = face.world.access['bird'] ?? {}
  const origin = new URL(face.world.app.listeningOrigin).origin
  const reader = connectTo(`${origin}${new URL(baseUrl).pathname}`, { organizationId: organizationId ?? '', accessKey: secret })
  const { usable, findings } = await reader.vendor.reader.check()
  assert.equal(usable, true)
  assert.ok(findings.some(({ level, message }) => level === 'warning' && /may read and not write\. Attach a role/.test(message)))
  const { url } = await scripted(t, ({ method }) => (method === 'GET' ? json({ results: [] }) : error(405)))
  assert.ok((await connectTo(url).vendor.reader.check()).findings.some(({ message }) => /cannot be told/.test(message)))
})

test('the check tells of hidden telephone numbers and of previews', async (t) => {
  const messages = async (user: object) => {
    const one = { ...membership, user }
    const { url } = await scripted(t, ({ url: path }) => json(path.includes('?') ? { results: [one] } : one))
    return (await connectTo(url).vendor.reader.check()).findings.map(({ message }) => message).join('\n')
  }
  assert.match(await messages({ ...wholeUser, phoneNumber: '**hidden**' }), /hides telephone numbers/)
  const { id, name, createdAt } = wholeUser
  assert.match(await messages({ id, name, createdAt }), /previews instead of whole users/)
})

test('the check says what to do about each way of failing', async (t) => {
  const messageOf = async (answer: Scripted | undefined) => {
    const { url } = await scripted(t, () => answer)
    const report = await connectTo(url).vendor.reader.check()
    assert.equal(report.usable, false)
    return report.findings[0]?.message ?? ''
  }
  assert.match(await messageOf(error(401)), /refused the access key/)
  assert.match(await messageOf(error(403)), /policy does not allow/)
  assert.match(await messageOf(error(404)), /no such organization/)
  assert.match(await messageOf(error(429)), /limits this key/)
  assert.match(await messageOf(error(500)), /status 500/)
  assert.match(await messageOf({ status: 404, type: 'text/html', body: '<p>' }), /does not come from Bird/)
  assert.match(await messageOf(json({ items: [] })), /not the one of Accounts v1/)
  assert.match(await messageOf(undefined), /cannot be reached/)
})

test('BIRD-P03 credentials and URLs of another platform are refused when the connection is made, and no value is shown', () => {
  const open = (given: object, baseUrl = 'https://api.bird.com') =>
    connectBird({ baseUrl, credentials: { ...given }, fetch, sleep: async () => undefined, random: Math.random, randomBytes })
  assert.equal(open(credentials).name, 'bird')
  assert.equal(open({ ...credentials, baseUrl: 'https://elsewhere.example', roles: ['managed:a'] }).name, 'bird')
  for (const [wrong, said] of [
    [{ ...credentials, organizationId: 'canary-9' }, /organizationId/],
    [{ ...credentials, accessKey: 'canary-9 x' }, /accessKey/],
    [{ ...credentials, token: 'canary-9' }, /token/],
    [{ ...credentials, roles: ['canary-9'] }, /roles/],
    [{ ...credentials, accessKey: 'bk_eu1_canary-9' }, /newer platform/],
  ] as const)
    assert.throws(
      () => open(wrong),
      (thrown: Error) => thrown.name === 'ConfigError' && said.test(thrown.message) && !thrown.message.includes('canary-9'),
    )
  assert.throws(() => open(credentials, 'https://api.bird.com/v1'), /Leave \/v1 out/)
  assert.throws(() => open(credentials, 'https://eu1.platform.bird.com'), /newer platform/)
  for (const url of ['', 'api.bird.com', 'ftp://x', 'https://u:p@x', 'https://x?a=1'])
    assert.throws(() => open(credentials, url), { name: 'ConfigError' })
})
