import assert from 'node:assert/strict'
import { test } from 'node:test'
import { json, scripted, type Scripted, type Seen } from '../../../tests/bandwidth-vendor.ts'
import { addKey, connect, connectToFace, credentialsOf, invite, openFace } from '../../../tests/sinch.ts'
import type { CheckReport, Vendor } from '../../sync/vendor.ts'

const isToken = ({ url }: Seen) => url.endsWith('/oauth2/token')
const token = json({ access_token: 't', token_type: 'bearer', expires_in: 3600 })
const says = ({ findings }: CheckReport, level: string, message: RegExp) =>
  assert.ok(
    findings.some((finding) => finding.level === level && message.test(finding.message)),
    `${level} ${message}\n${findings.map((finding) => `${finding.level}: ${finding.message}`).join('\n')}`,
  )
const check = (vendor: Vendor) => vendor.reader.check()

test('the check of a working connection tells what can be read, and every trap', async (t) => {
  const { face, vendor, exchanges } = await connectToFace(t)
  await invite(face, 'new@example.com')
  const report = await check(vendor)
  assert.equal(report.usable, true)
  says(report, 'ok', /1 members can be read; 1 of them are PENDING/)
  says(report, 'ok', /rights of an ADMIN: 1 access keys of at most 10/)
  says(report, 'ok', /SCIM works and shows 1 users/)
  says(report, 'warning', /identity survives.*projectIds/)
  says(report, 'warning', /No request resends an invitation.*dashboard/)
  says(report, 'ok', /no webhooks.*rate limits/)
  assert.ok(exchanges.every(({ method, operation }) => method === 'GET' || operation === 'issueToken'))
})

test('SNCH-32 a key without the rights of an ADMIN is told', async (t) => {
  const { face, origin } = await connectToFace(t)
  const { id, secret } = await addKey(face, ['read', 'write'])
  const report = await check(connect(`${origin}/sinch`, credentialsOf(face, origin, { keyId: id, keySecret: secret })).vendor)
  assert.equal(report.usable, true)
  says(report, 'warning', /OWNER or ADMIN/)
})

test('SNCH-P02 a project full of keys leaves no room for a rotation', async (t) => {
  const { face, vendor } = await connectToFace(t)
  for (let index = 0; index < 9; index++) await face.send('POST', face.keys, { body: { display_name: `Key ${index}` } })
  says(await check(vendor), 'warning', /10 access keys and may have 10: delete an unused one/)
})

test('SNCH-07 a project in another region is told with the region asked for', async (t) => {
  const { url } = await scripted(t, (one) => (isToken(one) ? token : json({ error: { code: 404, message: 'no' } }, 404)))
  const report = await check(connect(url, { projectId: 'p1', keyId: 'k', keySecret: 's', region: 'eu' }).vendor)
  assert.equal(report.usable, false)
  says(report, 'problem', /no such project in the region eu/)
  says(report, 'problem', /set "paths"/)
  says(await check(connect(url).vendor), 'warning', /none is assumed/)
})

test('SNCH-08 credentials of the communications APIs are told apart', async (t) => {
  const { url } = await scripted(t, (one) => (isToken(one) ? json({ error: 'invalid_client' }, 401) : json({})))
  const report = await check(connect(url).vendor)
  assert.equal(report.usable, false)
  says(report, 'problem', /access key.*not a service plan/)
  const other = await scripted(t, (one) => (isToken(one) ? token : json({ error: { code: 401 } }, 401)))
  says(await check(connect(other.url).vendor), 'problem', /base URLs of the communications APIs/)
})

test('SNCH-38 SCIM that does not answer is told with what it needs, and is a problem only where it is used', async (t) => {
  const face = await openFace(t, { organization: { plan: 'pro' } })
  const origin = await face.world.app.listen({ port: 0, host: '127.0.0.1' })
  for (const [profile, level] of [
    ['rest', 'warning'],
    ['scim', 'problem'],
  ] as const)
    says(
      await check(connect(`${origin}/sinch`, credentialsOf(face, origin, { profile })).vendor),
      level,
      /Enterprise.*Okta or Microsoft Entra ID/,
    )
})

test('SNCH-39 without a SCIM URL the check tells where one comes from', async (t) => {
  const { url } = await scripted(t, (one) =>
    isToken(one) ? token : json(one.url.includes('keys') ? { access_keys: [] } : { members: [] }),
  )
  says(await check(connect(url).vendor), 'ok', /cannot be configured by oneself: Sinch support issues it/)
})

test('the check says what to do about each way of failing', async (t) => {
  const atToken = async (answer: Scripted | undefined) => {
    const { url } = await scripted(t, () => answer)
    const report = await check(connect(url).vendor)
    assert.equal(report.usable, false)
    return report
  }
  const atMembers = async (answer: Scripted | undefined) => {
    const { url } = await scripted(t, (one) => (isToken(one) ? token : answer))
    const report = await check(connect(url).vendor)
    assert.equal(report.usable, false)
    return report
  }
  const html = { status: 200, type: 'text/html', body: '<p>' }
  says(await atToken(undefined), 'problem', /cannot be reached/)
  says(await atToken(json({ error: 'slow' }, 429)), 'problem', /too many were asked for/)
  says(await atToken(html), 'problem', /does not come from Sinch's token endpoint/)
  says(await atToken(json({ error: 'down' }, 500)), 'problem', /status 500/)
  says(await atMembers(undefined), 'problem', /cannot be reached/)
  says(await atMembers(json({ error: { code: 403 } }, 403)), 'problem', /the key has no access/)
  says(await atMembers(json({ error: { code: 429 } }, 429)), 'problem', /limits this account/)
  says(await atMembers(html), 'problem', /does not come from Sinch's API/)
  says(await atMembers(json({ error: { code: 500 } }, 500)), 'problem', /status 500/)
})

test('a key that would travel in the clear is told', async (t) => {
  const { url } = await scripted(t, () => undefined)
  const port = new URL(url).port
  says(await check(connect(`http://sinch.test:${port}`).vendor), 'warning', /unencrypted/)
})
