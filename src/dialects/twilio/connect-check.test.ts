import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { json, scripted, type Scripted } from '../../../tests/bandwidth-vendor.ts'
import { invite, roleSid } from '../../../tests/twilio.ts'
import { connect, connectToFace, organizationSid, restOnly, withKey } from '../../../tests/twilio-vendor.ts'
import type { Json } from '../../directory/json.ts'
import type { Vendor } from '../../sync/vendor.ts'
import { connectTwilio } from './connect.ts'

const users = json({ users: [], meta: { next_page_url: null } })
const scimUsers = json({ totalResults: 3, Resources: [] })
const accounts = json({ accounts: [], next_page_uri: null })
const refused = (status: number, message = 'No.'): Scripted => json({ code: 20000 + status, message, status }, status)

interface Answers {
  readonly rest?: (authorization: string) => Scripted | undefined
  readonly scim?: (authorization: string) => Scripted | undefined
}

/** What the check says of a vendor that answers REST and SCIM so. */
async function check(t: TestContext, credentials: Json, { rest = () => users, scim = () => scimUsers }: Answers) {
  const { url, seen } = await scripted(t, ({ url: path, headers }) => {
    const authorization = headers.authorization ?? ''
    if (path.includes('Accounts.json')) return accounts
    return path.includes('/scim/') ? scim(authorization) : rest(authorization)
  })
  const report = await connect(url, credentials).vendor.reader.check()
  return { report, seen, messages: report.findings.map(({ message }) => message) }
}
const says = (messages: readonly string[], pattern: RegExp) =>
  assert.ok(
    messages.some((message) => pattern.test(message)),
    `${pattern} not in:\n${messages.join('\n')}`,
  )
const problems = async (vendor: Vendor) =>
  (await vendor.reader.check()).findings.filter(({ level }) => level === 'problem').map(({ message }) => message)

test('the check of our own served Twilio finds both surfaces, the roles without a name, and the subaccounts', async (t) => {
  const { face, vendor, exchanges } = await connectToFace(t)
  const RoleSid = await roleSid(face, 'Admin')
  await invite(face, { Email: 'jane@example.com', RoleSid })
  await face.world.home.directory.createWorkspace(face.world.call(), { name: 'EU' })
  const report = await vendor.reader.check()
  const messages = report.findings.map(({ message }) => message)
  assert.equal(report.usable, true)
  says(messages, /REST works: 1 users can be read/)
  says(messages, /SCIM works: it shows 1 users, and people can be suspended/)
  says(messages, new RegExp(`roleNames.*${RoleSid} \\(1\\)`))
  says(messages, /There are 1 subaccounts\. They are environments, not people/)
  says(messages, /may write by REST/)
  const written = exchanges.filter(({ method }) => method !== 'GET')
  assert.deepEqual(
    written.map(({ status, url }) => [status, new URL(url).pathname.split('/').at(-1)]),
    [[404, `US${'0'.repeat(32)}`]],
  )
})

test('credentials that may only read are told so, and those whose answer tells nothing are left open', async (t) => {
  const { face, baseUrl } = await connectToFace(t)
  const { secret } = await face.world.home.directory.createCredential(face.world.call(), {
    kind: 'twilioauth',
    name: 'reader',
    scopes: ['read'],
  })
  const { organizationSid: organization, accountSid } = face.access
  const reader = connect(baseUrl, { organizationSid: organization, accountSid, authToken: secret })
  const report = await reader.vendor.reader.check()
  assert.equal(report.usable, true)
  says(
    report.findings.map(({ message }) => message),
    /may read and not write\. Give their owner the Console role/,
  )
  const { messages } = await check(t, restOnly, {})
  says(messages, /cannot be told by reading/)
})

test('TWIL-30 with every role named the check does not ask for names', async (t) => {
  const named = { sid: 'US1', role_sid: 'RLa' }
  const answer = json({ users: [named], meta: { next_page_url: null } })
  const { messages } = await check(t, { ...withKey, roleNames: { RLa: 'Administrator' } }, { rest: () => answer })
  assert.ok(!messages.some((message) => /roleNames/.test(message)))
})

test('TWIL-66 a 401 by SCIM is told as the wrong kind of credential and is not tried again', async (t) => {
  const { report, messages, seen } = await check(t, withKey, {
    scim: () => refused(401),
    rest: (authorization) => (authorization === basicOf(withKey) ? users : refused(401)),
  })
  says(
    messages,
    /^Wrong credential kind: SCIM needs an Organization-level API key \(Console: Organization > Settings > API Keys\)/,
  )
  assert.equal(seen.filter(({ url }) => url.includes('/scim/')).length, 1)
  assert.equal(report.usable, true)
})

test('TWIL-66 an auth token where the organization key belongs is recognised, and the other way round', async (t) => {
  const swapped = await check(t, { ...withKey, orgKeySecret: 'really-a-token' }, { scim: () => refused(401) })
  says(swapped.messages, /orgKeySecret holds the account’s auth token/)
  const { report, messages } = await check(t, restOnly, {
    rest: () => refused(401),
    scim: (authorization) => (authorization === `Bearer ${restOnly.authToken}` ? scimUsers : refused(401)),
  })
  assert.equal(report.usable, false)
  says(messages, /Organization-level API key\. It opens SCIM alone: put it into orgKeySecret/)
})

test('TWIL-34 TWIL-36 our own served Twilio leads to the same sentences', async (t) => {
  const { face, baseUrl } = await connectToFace(t)
  const { organizationSid: sid, accountSid, authToken, orgKeySecret } = face.access
  const crossed = connect(baseUrl, { organizationSid: sid, accountSid, authToken: orgKeySecret })
  assert.match((await problems(crossed.vendor)).join(), /Organization-level API key\. It opens SCIM alone/)
  const token = connect(baseUrl, { organizationSid: sid, accountSid, orgKeySecret: authToken })
  assert.match((await problems(token.vendor)).join(), /^Wrong credential kind.*holds the account’s auth token/)
})

test('TWIL-37 TWIL-38 which gate of SCIM is shut is told, and REST goes on', async (t) => {
  const plan = await connectToFace(t, { organization: { plan: 'pro' } })
  const sso = await connectToFace(t, { organization: { sso: 'none' } })
  const [planReport, ssoReport] = [await plan.vendor.reader.check(), await sso.vendor.reader.check()]
  assert.deepEqual([planReport.usable, ssoReport.usable], [true, true])
  says(
    planReport.findings.map(({ message }) => message),
    /^SCIM needs an Enterprise plan with the SSO add-on/,
  )
  says(
    ssoReport.findings.map(({ message }) => message),
    /^The plan is right; single sign-on has to be configured before SCIM/,
  )
  const silent = await check(t, { ...withKey, profile: 'scim' }, { scim: () => refused(403) })
  assert.equal(silent.report.usable, false)
  says(silent.messages, /^SCIM is closed to this organization/)
})

test('TWIL-04 TWIL-05 an unknown organization leads to the SID that begins with OR', async (t) => {
  const { report, messages } = await check(t, withKey, { rest: () => refused(404), scim: () => refused(404) })
  assert.equal(report.usable, false)
  says(messages, /Copy the organization SID \(OR…\).*it is not the account SID/)
  says(messages, /Set scimBaseUrl to .*\(OR…, not AC…\)/)
})

test('without an organization key the check says what is missing for a suspension', async (t) => {
  const { messages } = await check(t, restOnly, {})
  says(messages, /no orgKeySecret, so that nobody can be suspended, only removed/)
})

test('TWIL-48 TWIL-57 TWIL-62 what holds at Twilio whatever the credentials is said every time', async (t) => {
  const { messages } = await check(t, withKey, {})
  says(messages, /active=false does not end running sessions.*a removal does, at once/)
  says(messages, /Google Workspace is not officially supported/)
  says(messages, /no user webhooks/)
})

test('TWIL-03 the check says what to do about every other way of failing: what is missing is a Console role, never a scope', async (t) => {
  const messageOf = async (answer: Scripted | undefined) => {
    const { report, messages } = await check(t, restOnly, { rest: () => answer, scim: () => refused(401) })
    assert.equal(report.usable, false)
    return messages[0] ?? ''
  }
  assert.match(await messageOf(refused(401)), /auth token, or an API key SID/)
  const forbidden = await messageOf(refused(403))
  assert.match(forbidden, /Console role Administrator/)
  assert.doesNotMatch(forbidden, /scope/i)
  assert.match(await messageOf(refused(429)), /limits these credentials/)
  assert.match(await messageOf({ status: 502, type: 'text/html', body: '<p>' }), /does not come from Twilio/)
  assert.match(await messageOf(refused(500)), /status 500/)
  assert.match(await messageOf(undefined), /cannot be reached/)
})

test('the check of the current profile names the OAuth app, the key, the URL and the gate', async (t) => {
  const app = { organizationSid, clientId: 'OQ1', clientSecret: 's', profile: 'current' }
  const keyed = { organizationSid, orgKeySecret: 'k', profile: 'current' }
  const messageOf = async (credentials: Json, answer: Scripted) => {
    const { url } = await scripted(t, ({ url: path }) =>
      path.endsWith('/v1/token') ? json({ access_token: 't', expires_in: 3600 }, 201) : answer,
    )
    return (await problems(connect(url, credentials).vendor)).join()
  }
  assert.match(await messageOf(app, refused(401)), /OAuth app or its token.*iam\.twilio\.com\/v1\/token/)
  assert.match(await messageOf(keyed, refused(401)), /^Wrong credential kind/)
  assert.match(await messageOf(keyed, refused(404)), /preview-iam\.twilio\.com/)
  assert.match(await messageOf(keyed, refused(403, 'Enterprise plan needed')), /Enterprise plan/)
  const { url } = await scripted(t, () => refused(401))
  assert.match((await problems(connect(url, app).vendor)).join(), /OAuth app or its token/)
})

test('TWIL-05 credentials are checked when the connection is made, by prefix, and no value of theirs is shown', () => {
  const open = (credentials: object, baseUrl = 'https://accounts.twilio.com') =>
    connectTwilio({
      baseUrl,
      credentials: { ...credentials },
      fetch,
      sleep: async () => undefined,
      random: Math.random,
      randomBytes,
    })
  assert.equal(open(withKey).name, 'twilio')
  assert.equal(open({ organizationSid, orgKeySecret: 'k' }).capabilities.setRoles, false)
  assert.equal(open({ ...restOnly, baseUrl: 'https://elsewhere.example' }).capabilities.suspend, false)
  for (const [wrong, name] of [
    [{ ...withKey, organizationSid: restOnly.accountSid }, 'organizationSid'],
    [{ ...withKey, accountSid: organizationSid }, 'accountSid'],
    [{ ...withKey, apiKeySid: restOnly.accountSid }, 'apiKeySid'],
    [{ ...withKey, organizationSid: undefined }, 'organizationSid'],
    [{ ...withKey, authToken: '' }, 'authToken'],
    [{ ...withKey, profile: 'soap' }, 'profile'],
    [{ ...withKey, token: 'x' }, 'token'],
    [{ ...withKey, scimBaseUrl: 'ftp://x' }, 'scimBaseUrl'],
    [{ organizationSid }, 'orgKeySecret'],
    [{ organizationSid, accountSid: restOnly.accountSid, profile: 'rest' }, 'rest'],
    [{ ...restOnly, profile: 'current' }, 'current'],
    [{ ...withKey, orgKeySecret: withKey.authToken }, 'orgKeySecret'],
  ] as const)
    assert.throws(
      () => open(wrong),
      (error: Error) =>
        error.name === 'ConfigError' && error.message.includes(name) && !error.message.includes(withKey.authToken),
      name,
    )
  for (const url of ['', 'accounts.twilio.com', 'ftp://x', 'https://u:p@x', 'https://x/?a=1'])
    assert.throws(() => open(withKey, url), { name: 'ConfigError' })
})

function basicOf({ accountSid, authToken }: typeof restOnly): string {
  return `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`
}
