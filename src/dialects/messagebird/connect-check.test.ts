import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { scripted, type Scripted } from '../../../tests/bandwidth-vendor.ts'
import { byScim, connect, connectToFace, kinds, provision, type Face } from '../../../tests/messagebird.ts'
import type { Json } from '../../directory/json.ts'
import { connectMessageBird } from './connect.ts'

/** What the check of a connection to the served API says, with other credentials than those that were printed. */
async function checkWith(
  t: Parameters<typeof connectToFace>[0],
  credentials: (face: Face) => Promise<Readonly<Record<string, Json>>>,
  organization = {},
) {
  const { vendor, exchanges } = await connectToFace(t, { credentials, organization })
  const { usable, findings } = await vendor.reader.check()
  return { usable, exchanges, text: findings.map(({ level, message }) => `${level}: ${message}`).join('\n') }
}

test('MBRD-03 both credentials are checked before anything is written, and what works is said', async (t) => {
  const { face, vendor, exchanges } = await connectToFace(t)
  await provision(face, 'ada@example.com')
  const { usable, findings } = await vendor.reader.check()
  const text = findings.map(({ level, message }) => `${level}: ${message}`).join('\n')
  assert.equal(usable, true)
  assert.match(text, /ok: The access key works: 1 users can be read/)
  assert.match(text, /ok: The access key may write/)
  assert.match(text, /ok: The SCIM token works: the plan has SCIM, and it shows 1 users/)
  assert.deepEqual(
    exchanges.map(({ method, status }) => [method, status]),
    [
      ['GET', 200],
      ['PATCH', 404],
      ['GET', 200],
    ],
  )
  assert.equal((await face.send('GET', '/users')).json['count'], 1)
})

test('MBRD-03 a SCIM token in the place of the key is recognised and named', async (t) => {
  const { usable, text } = await checkWith(t, async (face) => ({ accessKey: face.scimToken, scimToken: 'another' }))
  assert.equal(usable, false)
  assert.match(text, /problem: accessKey holds a SCIM token/)
})

test('MBRD-03 an access key in the place of the token is recognised and named', async (t) => {
  const { usable, text } = await checkWith(t, async (face) => ({
    scimToken: await face.credential(kinds.liveKeyKind),
  }))
  assert.equal(usable, true)
  assert.match(text, /warning: scimToken holds an access key/)
})

test('MBRD-03 two credentials that were swapped are both named', async (t) => {
  const { usable, text } = await checkWith(t, async (face) => ({ accessKey: face.scimToken, scimToken: face.accessKey }))
  assert.equal(usable, false)
  assert.match(text, /accessKey holds a SCIM token/)
  assert.match(text, /scimToken holds an access key/)
})

test('MBRD-03 no check tells a credential', async (t) => {
  for (const swapped of [false, true]) {
    const { face, vendor } = await connectToFace(t, {
      credentials: async ({ accessKey, scimToken }) =>
        swapped ? { accessKey: scimToken, scimToken: accessKey } : { accessKey, scimToken },
    })
    const text = JSON.stringify(await vendor.reader.check())
    for (const secret of [face.accessKey, face.scimToken]) assert.ok(!text.includes(secret))
  }
})

test('MBRD-29 MBRD-28 a plan below Enterprise is named before SCIM is needed, and REST stays usable', async (t) => {
  for (const profile of ['rest', 'scim']) {
    const { usable, text } = await checkWith(t, async () => ({ profile }), { plan: 'pro' })
    assert.equal(usable, true)
    assert.match(
      text,
      new RegExp(`${profile === 'scim' ? 'problem' : 'warning'}: SCIM is closed.*below Enterprise.*REST is used`),
    )
  }
})

test('a profile whose writes cannot work is not usable; one that goes by REST for the plan is', async (t) => {
  const usable = async (credentials: Readonly<Record<string, Json>>, organization = {}) =>
    (await checkWith(t, async () => ({ profile: 'scim', ...credentials }), organization)).usable
  assert.deepEqual(
    [await usable({}), await usable({}, { plan: 'free' }), await usable({ scimToken: 'wrong' })],
    [true, true, false],
  )
  assert.equal(await usable({ scimToken: 'wrong', profile: 'rest' }), true)
})

test('no credential is sent to another origin than its own API', async (t) => {
  const refused = () => ({ status: 401, body: '{"errors":[]}' })
  const [rest, scim] = [await scripted(t, refused), await scripted(t, refused)]
  await connect(rest.url, { accessKey: 'the-key', scimToken: 'the-token', scimBaseUrl: scim.url }).vendor.reader.check()
  const sent = (server: typeof rest) => server.seen.map((one) => one.headers.authorization)
  assert.deepEqual([sent(rest), sent(scim)], [['AccessKey the-key'], ['Bearer the-token']])
})

test('MBRD-52 what SCIM needs is told in its order: plan, token, base URL', async (t) => {
  const { url } = await scripted(t, () => ({ status: 200, body: '{"offset":0,"limit":1,"count":0,"items":[]}' }))
  const { findings } = await connect(url).vendor.reader.check()
  const message = findings.find((finding) => finding.message.startsWith('SCIM is not set up'))?.message ?? ''
  const [plan, token, base] = ['Enterprise', 'scimToken', 'scimBaseUrl'].map((word) => message.indexOf(word))
  assert.ok(plan! > 0 && plan! < token! && token! < base!, message)
})

test('MBRD-52 a plan, a token and a base URL that are wrong are told apart', async (t) => {
  const closed = await checkWith(t, async () => ({ profile: 'scim' }), { plan: 'free' })
  assert.match(closed.text, /Check the plan first/)
  const refused = await checkWith(t, async () => ({ profile: 'scim', scimToken: 'wrong' }))
  assert.match(refused.text, /problem: MessageBird refused the SCIM token.*plan first.*generate a new token/)
  const { face, url } = await connectToFace(t)
  const { vendor } = connect(url, {
    accessKey: face.accessKey,
    scimToken: face.scimToken,
    profile: 'scim',
    scimBaseUrl: `${url}/nowhere`,
  })
  const { findings } = await vendor.reader.check()
  assert.ok(findings.some(({ level, message }) => level === 'problem' && /No SCIM answers at scimBaseUrl/.test(message)))
})

test('MBRD-04 the check of a personal key says which key is needed', async (t) => {
  const { usable, text } = await checkWith(t, async (face) => ({ accessKey: await face.credential(kinds.personalKeyKind) }))
  assert.equal(usable, false)
  assert.match(text, /refused the access key.*neither a personal nor a project key/)
})

test('MBRD-05 a key that may only read, or only write, is told with what to do', async (t) => {
  const reading = await checkWith(t, async (face) => ({ accessKey: await face.credential(kinds.liveKeyKind, ['read']) }))
  assert.equal(reading.usable, true)
  assert.match(reading.text, /warning: The access key may read and not write.*user:write/)
  const writing = await checkWith(t, async (face) => ({ accessKey: await face.credential(kinds.liveKeyKind, ['write']) }))
  assert.equal(writing.usable, false)
  assert.match(writing.text, /problem: MessageBird knows the access key.*user:read/)
})

test('MBRD-07 a test key is told: it sees nobody real', async (t) => {
  const { usable, text } = await checkWith(t, async (face) => ({ accessKey: await face.credential(kinds.testKeyKind) }))
  assert.equal(usable, true)
  assert.match(text, /warning: This is a test key/)
  const { url } = await scripted(t, () => ({ status: 401, body: '{"errors":[]}' }))
  for (const [accessKey, isTest] of [
    ['test_gshuPaZoeEG6ovbc8M79w0QyM', true],
    ['live_gshuPaZoeEG6ovbc8M79w0QyM', false],
  ] as const) {
    const { findings } = await connect(url, { accessKey }).vendor.reader.check()
    assert.equal(
      findings.some(({ message }) => /test key/.test(message)),
      isTest,
    )
  }
})

test('MBRD-46 the check says which providers are documented, and that there are no webhooks', async (t) => {
  const { text } = await checkWith(t, async () => ({}))
  assert.match(text, /SCIM for Okta alone; Entra ID and Google Workspace are not confirmed/)
  assert.match(text, /no user webhooks/)
})

test('the check says what to do about each way of failing', async (t) => {
  const messageOf = async (answer: Scripted | undefined) => {
    const { url } = await scripted(t, () => answer)
    const report = await connect(url).vendor.reader.check()
    assert.equal(report.usable, false)
    return report.findings[0]?.message ?? ''
  }
  const error = (status: number): Scripted => ({ status, body: '{"errors":[{"code":2,"description":"No.","parameter":null}]}' })
  assert.match(await messageOf(error(401)), /live key of the organization/)
  assert.match(await messageOf(error(429)), /limits this organization/)
  assert.match(await messageOf(error(500)), /status 500/)
  assert.match(await messageOf({ status: 404, type: 'text/html', body: '<p>' }), /does not come from MessageBird/)
  assert.match(await messageOf(undefined), /cannot be reached/)
})

test('whether a key may write is left open where the vendor’s answer does not tell', async (t) => {
  const { url } = await scripted(t, ({ method }) =>
    method === 'GET'
      ? { status: 200, body: '{"offset":0,"limit":1,"count":0,"items":[]}', headers: { 'x-ratelimit-limit': '300' } }
      : { status: 404, type: 'text/html', body: '<p>' },
  )
  const { usable, findings } = await connect(url).vendor.reader.check()
  assert.equal(usable, true)
  assert.ok(findings.some(({ message }) => /cannot be told/.test(message)))
  assert.ok(findings.some(({ message }) => /allows 300 requests/.test(message)))
})

test('the profile that writes is named, and by SCIM people are active at once', async (t) => {
  const { vendor } = await connectToFace(t, byScim)
  assert.ok(
    (await vendor.reader.check()).findings.some(({ message }) => /created and suspended by SCIM, active at once/.test(message)),
  )
  assert.match(vendor.capabilities.notes[0] ?? '', /created by SCIM is active at once/)
})

test('credentials are checked when the connection is made, and no value of theirs is shown', () => {
  const secret = 'live_secret-value'
  const good = { accessKey: secret, scimToken: 'scim-secret-value' }
  const open = (credentials: object, baseUrl = 'https://rest.messagebird.com') =>
    connectMessageBird({
      baseUrl,
      credentials: { ...credentials },
      fetch,
      sleep: async () => undefined,
      random: Math.random,
      randomBytes,
    })
  const printed = { ...good, baseUrl: 'https://rest.messagebird.com', scimBaseUrl: 'https://rest.messagebird.com/scim/v2' }
  for (const credentials of [good, printed, { accessKey: secret }, { ...good, profile: 'scim' }, { ...good, roles: ['admin'] }])
    assert.equal(open(credentials).name, 'messagebird')
  for (const [wrong, name] of [
    [{}, 'accessKey'],
    [{ ...good, accessKey: '' }, 'accessKey'],
    [{ ...good, token: 'x' }, 'token'],
    [{ ...good, profile: 'soap' }, 'profile'],
    [{ ...good, roles: 'admin' }, 'roles'],
    [{ accessKey: secret, profile: 'scim' }, 'scimToken'],
    [{ accessKey: secret, scimToken: secret }, 'two credentials'],
    [{ ...good, scimBaseUrl: 'ftp://x' }, 'scimBaseUrl'],
    [{ ...good, scimBaseUrl: 'http://rest.messagebird.com/scim/v2' }, 'https://'],
  ] as const)
    assert.throws(
      () => open(wrong),
      (error: Error) => error.name === 'ConfigError' && error.message.includes(name) && !error.message.includes(secret),
    )
  for (const url of ['', 'rest.messagebird.com', 'ftp://x', 'https://u:p@x', 'https://x?a=1'])
    assert.throws(() => open(good, url), { name: 'ConfigError' })
})
