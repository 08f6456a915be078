import assert from 'node:assert/strict'
import { test } from 'node:test'
import { basic, faceOf, invite, jane, memberOf, openTwilio, roleSid, type Face } from '../../../tests/twilio.ts'
import { stateOf } from '../../directory/membership.ts'

const sids = (face: Face, reply: Awaited<ReturnType<Face['send']>>) => reply.json.users.map(({ sid }) => sid)

async function inviteMany(face: Face, count: number): Promise<string[]> {
  const made: string[] = []
  for (let index = 0; index < count; index++) made.push(await invite(face, { Email: `p${index}@example.com` }))
  return made
}

test('TWIL-01 TWIL-02 Basic takes the account SID with its auth token, or an API key SID with its secret', async (t) => {
  const face = await openTwilio(t)
  const { accountSid, authToken, apiKeySid, apiKeySecret, orgKeySecret } = face.access
  const as = async (userName: string, password: string) =>
    (await face.send('GET', face.users, { headers: { authorization: basic(userName, password) } })).status
  assert.equal(await as(accountSid, authToken), 200)
  assert.equal(await as(apiKeySid, apiKeySecret), 200)
  const another = faceOf(face.world, await face.world.another())
  for (const [userName, password] of [
    [accountSid, apiKeySecret],
    [apiKeySid, authToken],
    [accountSid, orgKeySecret],
    [`SK${'0'.repeat(32)}`, apiKeySecret],
    [another.access.accountSid, authToken],
    [accountSid, another.access.authToken],
    ['user', authToken],
    [accountSid, 'nothing'],
    ['', authToken],
  ] as const)
    assert.equal(await as(userName, password), 401, userName)
})

test('TWIL-02 an API key that is made later is known by SK and its credential’s id', async (t) => {
  const face = await openTwilio(t)
  const input = { kind: 'twilioapikey', name: 'second', scopes: ['read'] as const }
  const { credential, secret } = await face.world.home.directory.createCredential(face.world.call(), input)
  const as = async (userName: string) =>
    (await face.send('GET', face.users, { headers: { authorization: basic(userName, secret) } })).status
  assert.equal(await as(`SK${credential.id.replaceAll('-', '')}`), 200)
  assert.equal(await as(face.access.apiKeySid), 401)
})

test('TWIL-03 there are no scopes to ask for: what a credential may not do is 403', async (t) => {
  const face = await openTwilio(t)
  const { directory } = face.world.home
  const { secret } = await directory.createCredential(face.world.call(), { kind: 'twilioauth', name: 'reader', scopes: ['read'] })
  const headers = { authorization: basic(face.access.accountSid, secret) }
  assert.equal((await face.send('GET', face.users, { headers })).status, 200)
  const refused = await face.send('POST', face.users, { headers, body: jane })
  assert.deepEqual([refused.status, refused.json['code']], [403, 20403])
})

test('TWIL-04 TWIL-05 the path takes the organization SID alone: an account SID, a user SID and another organization are 404', async (t) => {
  const face = await openTwilio(t)
  const another = faceOf(face.world, await face.world.another())
  const sid = await invite(face)
  for (const wrong of [face.access.accountSid, sid, 'ORx', another.access.organizationSid, `OR${'0'.repeat(32)}`]) {
    const reply = await face.send('GET', `/twilio/v1/Organizations/${wrong}/Users`)
    assert.deepEqual([reply.status, reply.json['code']], [404, 20404], wrong)
  }
})

test('TWIL-06 TWIL-07 TWIL-Q17 a list has users and the whole meta block; a page has 50 unless said otherwise', async (t) => {
  const face = await openTwilio(t)
  await inviteMany(face, 51)
  const { json } = await face.send('GET', face.users)
  assert.equal(json.users.length, 50)
  const { page, page_size: size, key } = json.meta
  assert.deepEqual({ page, size, key }, { page: 0, size: 50, key: 'users' })
  const last = await face.send('GET', face.users, {})
  assert.equal(typeof last.json.meta['next_page_url'], 'string')
  assert.deepEqual(Object.keys(json.meta).toSorted(), [
    'first_page_url',
    'key',
    'next_page_url',
    'page',
    'page_size',
    'previous_page_url',
    'url',
  ])
})

test('TWIL-08 TWIL-Q05 a PageSize of 1000 is honoured, a larger one is cut to it, and one that is no size is 400', async (t) => {
  const face = await openTwilio(t)
  const sizeOf = async (asked: string) => {
    const reply = await face.send('GET', `${face.users}?PageSize=${asked}`)
    return reply.status === 200 ? reply.json.meta['page_size'] : reply.status
  }
  assert.deepEqual(await Promise.all(['1', '1000', '1001', '99999'].map(sizeOf)), [1, 1000, 1000, 1000])
  assert.deepEqual(await Promise.all(['0', '-1', 'x', '1.5'].map(sizeOf)), [400, 400, 400, 400])
})

test('TWIL-09 TWIL-11 TWIL-Q06 pages are walked by absolute links that keep host and PageSize, forwards and back', async (t) => {
  const face = await openTwilio(t)
  const made = await inviteMany(face, 5)
  const walked: string[] = []
  const numbers: unknown[] = []
  let before: string | null = null
  for (let url: string | null = `${face.users}?PageSize=2`; url !== null;) {
    const reply = await face.send('GET', url)
    assert.equal(reply.status, 200, reply.text)
    walked.push(...sids(face, reply))
    numbers.push(reply.json.meta['page'])
    before = String(reply.json.meta['previous_page_url'])
    const next = reply.json.meta['next_page_url']
    assert.ok(next === null || typeof next === 'string')
    if (next !== null) {
      const link = new URL(next)
      assert.deepEqual([link.origin, link.searchParams.get('PageSize')], ['http://rollcall.test', '2'])
      assert.ok(link.searchParams.get('PageToken') && link.searchParams.get('Page'))
    }
    url = next === null ? null : next.replace('http://rollcall.test', '')
  }
  assert.deepEqual(walked, made)
  assert.deepEqual(numbers, [0, 1, 2])
  const back = await face.send('GET', String(before).replace('http://rollcall.test', ''))
  assert.deepEqual(sids(face, back), made.slice(2, 4))
  assert.equal((await face.send('GET', `${face.users}?PageToken=made-up`)).status, 400)
})

test('a list that grows and shrinks while it is walked shows nobody twice and leaves out nobody who stays', async (t) => {
  const face = await openTwilio(t)
  const made = await inviteMany(face, 4)
  const first = await face.send('GET', `${face.users}?PageSize=2`)
  await face.send('DELETE', `${face.users}/${made[0]}`)
  const late = await invite(face, { Email: 'late@example.com' })
  const next = String(first.json.meta['next_page_url']).replace('http://rollcall.test', '')
  const second = await face.send('GET', next.replace('PageSize=2', 'PageSize=9'))
  assert.deepEqual([...sids(face, first), ...sids(face, second)], [...made, late])
})

test('TWIL-11 under the vendor’s host, links carry that host', async (t) => {
  const face = await openTwilio(t)
  await inviteMany(face, 2)
  const reply = await face.send('GET', `/v1/Organizations/${face.access.organizationSid}/Users?PageSize=1`, {
    headers: { host: 'accounts.twilio.com' },
  })
  assert.equal(reply.status, 200)
  assert.match(String(reply.json.meta['next_page_url']), /^http:\/\/accounts\.twilio\.com\/v1\/Organizations\/OR/)
})

test('TWIL-12 TWIL-25 TWIL-29 one user is read with its fields; the SID is the server’s and the role is a SID without a label', async (t) => {
  const face = await openTwilio(t)
  const RoleSid = await roleSid(face, 'Admin')
  const sid = await invite(face, { ...jane, RoleSid, Sid: `US${'1'.repeat(32)}` })
  assert.match(sid, /^US[0-9a-f]{32}$/)
  assert.notEqual(sid, `US${'1'.repeat(32)}`)
  const { json, text } = await face.send('GET', `${face.users}/${sid}`)
  const { email, friendly_name: name, role_sid: role, account_sid: account, active, url } = json
  assert.deepEqual(
    { sid: json.sid, email, name, role, account, active, url },
    {
      sid,
      email: jane.Email,
      name: 'Jane Doe',
      role: RoleSid,
      account: face.access.accountSid,
      active: true,
      url: `http://rollcall.test${face.users}/${sid}`,
    },
  )
  assert.match(String(json['date_created']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  const list = await face.send('GET', face.users)
  for (const shown of [text, list.text]) assert.doesNotMatch(shown, /Admin/)
})

test('TWIL-13 an unknown user SID is 404 for every verb, and so is anything that is none', async (t) => {
  const face = await openTwilio(t)
  for (const sid of [`US${'0'.repeat(32)}`, 'USx', face.access.accountSid, 'jane@example.com'])
    for (const [method, body] of [['GET'], ['POST', { FriendlyName: 'X' }], ['DELETE']] as const) {
      const reply = await face.send(method, `${face.users}/${sid}`, { ...(body && { body }) })
      assert.deepEqual([reply.status, reply.json['code']], [404, 20404], `${method} ${sid}`)
    }
})

test('TWIL-14 TWIL-19 TWIL-Q01 a form creates: + and %20 are spaces, the answer is 201 with sid, email, role_sid, date_created', async (t) => {
  const face = await openTwilio(t)
  const RoleSid = await roleSid(face, 'Member')
  const post = (body: string) =>
    face.send('POST', face.users, { body, headers: { 'content-type': 'application/x-www-form-urlencoded' } })
  const plus = await post(`Email=a%40example.com&RoleSid=${RoleSid}&FriendlyName=Jane+Doe`)
  const percent = await post('Email=b@example.com&FriendlyName=Jane%20Doe')
  assert.deepEqual([plus.status, percent.status], [201, 201])
  assert.deepEqual([plus.json['friendly_name'], percent.json['friendly_name']], ['Jane Doe', 'Jane Doe'])
  assert.deepEqual([plus.json['email'], plus.json['role_sid']], ['a@example.com', RoleSid])
  assert.match(plus.json.sid, /^US/)
  assert.equal(typeof plus.json['date_created'], 'string')
  assert.equal(percent.json['role_sid'], null)
})

test('TWIL-15 creating without an address, or with one that is none, is 400 and says which parameter', async (t) => {
  const face = await openTwilio(t)
  for (const body of [{ FriendlyName: 'X' }, { Email: '' }]) {
    const reply = await face.send('POST', face.users, { body })
    assert.equal(reply.status, 400)
    assert.match(String(reply.json['message']), /Email/)
  }
  assert.equal((await face.send('POST', face.users, { body: { Email: 'nobody' } })).status, 400)
  assert.equal((await face.send('POST', face.users, { body: { ...jane, RoleSid: 'RLx' } })).status, 400)
  assert.equal((await face.send('POST', face.users, { body: { ...jane, Active: 'perhaps' } })).status, 400)
})

test('TWIL-16 TWIL-58 TWIL-Q10 what is created is invited, though it says active: there is no status to see', async (t) => {
  const face = await openTwilio(t)
  const sid = await invite(face)
  const { json } = await face.send('GET', `${face.users}/${sid}`)
  assert.equal(json['active'], true)
  assert.equal('status' in json, false)
  assert.equal((await memberOf(face, sid)).status, 'invited')
  const facts = await face.world.home.directory.listFacts(face.world.call(), { limit: 100 })
  assert.ok(facts.some(({ action }) => action === 'invitation.created'))
})

test('TWIL-17 nothing that is sent makes an invited user active', async (t) => {
  const face = await openTwilio(t)
  const sid = await invite(face)
  for (const body of [{ Active: 'true' }, { Active: 'false' }, { Active: 'true' }, { Status: 'active' }])
    assert.equal((await face.send('POST', `${face.users}/${sid}`, { body })).status, 200)
  const patch = {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'replace', path: 'active', value: true }],
  }
  assert.equal((await face.sendScim('PATCH', `${face.scim}/Users/${sid}`, { body: patch })).status, 200)
  assert.equal((await memberOf(face, sid)).status, 'invited')
})

test('TWIL-18 TWIL-Q03 an address that is in use is 409, whatever its case, here and in an update', async (t) => {
  const face = await openTwilio(t)
  await invite(face)
  const other = await invite(face, { Email: 'other@example.com' })
  const again = await face.send('POST', face.users, { body: { Email: 'JANE@example.com' } })
  assert.deepEqual([again.status, again.json['code'], again.json['status']], [409, 20409, 409])
  const update = await face.send('POST', `${face.users}/${other}`, { body: { Email: jane.Email } })
  assert.equal(update.status, 409)
})

test('TWIL-20 TWIL-Q16 a user is updated by POST; PATCH and PUT are 405', async (t) => {
  const face = await openTwilio(t)
  const sid = await invite(face)
  for (const method of ['PATCH', 'PUT'] as const) {
    const reply = await face.send(method, `${face.users}/${sid}`, { body: { FriendlyName: 'X' } })
    assert.deepEqual([reply.status, reply.json['code']], [405, 20004])
    assert.match(String(reply.headers['allow']), /POST/)
  }
})

test('TWIL-21 an update of the role changes the role and nothing else', async (t) => {
  const face = await openTwilio(t)
  const sid = await invite(face, { ...jane, FirstName: 'Jane', RoleSid: await roleSid(face, 'Admin') })
  const before = await face.send('GET', `${face.users}/${sid}`)
  const RoleSid = await roleSid(face, 'ReadOnly')
  const { status, json } = await face.send('POST', `${face.users}/${sid}`, { body: { RoleSid } })
  assert.equal(status, 200)
  assert.deepEqual({ ...json, date_updated: null }, { ...before.json, role_sid: RoleSid, date_updated: null })
})

test('a role takes the place of every role of the organization that was held, and leaves those of its subaccounts', async (t) => {
  const face = await openTwilio(t)
  const { directory } = face.world.home
  const workspace = await directory.createWorkspace(face.world.call(), { name: 'EU' })
  const inPart = await directory.createRole(face.world.call(), { name: 'Developer', workspaceId: workspace.id })
  const roles = await directory.listRoles(face.world.call(), undefined)
  const held = ['Admin', 'Member'].map((name) => roles.find((role) => role.name === name)!.id)
  const sid = await invite(face)
  const member = await memberOf(face, sid)
  await directory.changeMember(face.world.call(), {
    id: member.id,
    sessions: 'keep',
    change: (current) => ({ ...stateOf(current), roleIds: [...held, inPart.id] }),
  })
  await face.send('POST', `${face.users}/${sid}`, { body: { RoleSid: await roleSid(face, 'ReadOnly') } })
  const after = (await memberOf(face, sid)).roleIds.map((id) => [...roles, inPart].find((role) => role.id === id)?.name)
  assert.deepEqual(new Set(after), new Set(['Developer', 'ReadOnly']))
  const partRole = `RL${inPart.id.replaceAll('-', '')}`
  assert.equal((await face.send('POST', `${face.users}/${sid}`, { body: { RoleSid: partRole } })).status, 400)
})

test('TWIL-22 address, names, role and active can be changed, and an empty name is taken away', async (t) => {
  const face = await openTwilio(t)
  const sid = await invite(face)
  const RoleSid = await roleSid(face, 'Member')
  const change = { Email: 'jd@example.com', FriendlyName: 'JD', FirstName: 'J', LastName: 'D', RoleSid, Active: 'false' }
  const { json } = await face.send('POST', `${face.users}/${sid}`, { body: change })
  assert.deepEqual(
    [json['email'], json['friendly_name'], json['first_name'], json['last_name'], json['role_sid'], json['active']],
    ['jd@example.com', 'JD', 'J', 'D', RoleSid, false],
  )
  const { json: cleared } = await face.send('POST', `${face.users}/${sid}`, {
    body: { FriendlyName: '', FirstName: '', RoleSid: '' },
  })
  assert.deepEqual(
    [cleared['friendly_name'], cleared['first_name'], cleared['last_name'], cleared['role_sid'], cleared['active']],
    [null, undefined, 'D', null, false],
  )
  assert.equal((await face.send('POST', `${face.users}/${sid}`, { body: { Email: '' } })).status, 400)
})

test('TWIL-23 TWIL-24 what cannot change does not, and date_updated moves with what does', async (t) => {
  const face = await openTwilio(t)
  const { member } = await face.world.home.directory.addMember(face.world.call({ now: new Date('2024-06-01T12:00:00.987Z') }), {
    as: 'active',
    state: {
      userName: 'old@example.com',
      externalId: undefined,
      displayName: undefined,
      name: {},
      emails: [],
      roleIds: [],
      suspended: false,
      attributes: {},
    },
  })
  const sid = `US${member.id.replaceAll('-', '')}`
  const before = await face.send('GET', `${face.users}/${sid}`)
  assert.equal(before.json['date_created'], '2024-06-01T12:00:00Z')
  assert.equal(before.json['date_updated'], '2024-06-01T12:00:00Z')
  const immutable = { Sid: 'USx', AccountSid: 'ACx', DateCreated: '2000-01-01T00:00:00Z', Url: 'http://x', sid: 'USx' }
  const same = await face.send('POST', `${face.users}/${sid}`, { body: immutable })
  assert.deepEqual(same.json, before.json)
  const changed = await face.send('POST', `${face.users}/${sid}`, { body: { ...immutable, FriendlyName: 'X' } })
  assert.deepEqual(
    { ...changed.json, date_updated: null, friendly_name: null },
    { ...before.json, date_updated: null, friendly_name: null },
  )
  assert.ok(Date.parse(String(changed.json['date_updated'])) > Date.parse('2025-01-01'))
})

test('TWIL-27 a deletion is 204, and coming back is a new invitation with a new SID', async (t) => {
  const face = await openTwilio(t)
  const sid = await invite(face)
  const gone = await face.send('DELETE', `${face.users}/${sid}`)
  assert.deepEqual([gone.status, gone.text], [204, ''])
  assert.equal((await face.send('DELETE', `${face.users}/${sid}`)).status, 404)
  assert.notEqual(await invite(face), sid)
})

test('TWIL-28 a deletion ends sessions at once; active=false leaves them', async (t) => {
  const face = await openTwilio(t)
  const { directory } = face.world.home
  const { member } = await directory.addMember(face.world.call(), {
    as: 'active',
    state: {
      userName: 'ada@example.com',
      externalId: undefined,
      displayName: undefined,
      name: {},
      emails: [],
      roleIds: [],
      suspended: false,
      attributes: {},
    },
  })
  const path = `${face.users}/US${member.id.replaceAll('-', '')}`
  await directory.startSession(face.world.call(), { membershipId: member.id })
  const running = async () =>
    (await directory.listSessions(face.world.call(), { membershipId: member.id })).filter((session) => !session.endedAt).length
  await face.send('POST', path, { body: { Active: 'false' } })
  assert.equal(await running(), 1)
  await face.send('DELETE', path)
  const facts = await directory.listFacts(face.world.call(), { limit: 100 })
  assert.ok(facts.some(({ action }) => action === 'session.ended'))
})

test('the last owner cannot be removed or made less', async (t) => {
  const face = await openTwilio(t)
  const { directory } = face.world.home
  const owner = (await directory.listRoles(face.world.call(), undefined)).find((role) => role.owner)!
  const { member } = await directory.addMember(face.world.call(), {
    as: 'active',
    state: {
      userName: 'owner@example.com',
      externalId: undefined,
      displayName: undefined,
      name: {},
      emails: [],
      roleIds: [owner.id],
      suspended: false,
      attributes: {},
    },
  })
  const path = `${face.users}/US${member.id.replaceAll('-', '')}`
  assert.equal((await face.send('DELETE', path)).status, 409)
  assert.equal((await face.send('POST', path, { body: { RoleSid: await roleSid(face, 'Member') } })).status, 409)
})

test('TWIL-36 the organization key as a bearer is not valid on the REST surface', async (t) => {
  const face = await openTwilio(t)
  const token = await face.send('POST', '/twilio/v1/token', {
    body: { grant_type: 'client_credentials', client_id: 'OQ1', client_secret: face.access.orgKeySecret },
  })
  for (const secret of [face.access.orgKeySecret, face.access.authToken, String(token.json['access_token'])]) {
    const headers = { authorization: `Bearer ${secret}` }
    assert.equal((await face.send('GET', face.users, { headers })).status, 401)
    assert.equal((await face.send('GET', '/twilio/2010-04-01/Accounts.json', { headers })).status, 401)
  }
})

test('TWIL-Q08 JSON is not spoken where a form is', async (t) => {
  const face = await openTwilio(t)
  const headers = { 'content-type': 'application/json' }
  const reply = await face.send('POST', face.users, { body: JSON.stringify(jane), headers })
  assert.deepEqual([reply.status, reply.json['code']], [415, 20415])
})

test('TWIL-Q09 TWIL-Q14 there is no list of roles, and a list of users is not narrowed by an address', async (t) => {
  const face = await openTwilio(t)
  await inviteMany(face, 2)
  assert.equal((await face.send('GET', `/twilio/v1/Organizations/${face.access.organizationSid}/Roles`)).status, 404)
  assert.equal((await face.send('GET', `${face.users}?Email=p0@example.com`)).json.users.length, 2)
})

test('a member with a user name that is no address shows the address, and an update changes that alone', async (t) => {
  const face = await openTwilio(t)
  const { member } = await face.world.home.directory.addMember(face.world.call(), {
    as: 'active',
    state: {
      userName: 'jdoe',
      externalId: undefined,
      displayName: undefined,
      name: {},
      emails: [{ value: 'jdoe@example.com' }],
      roleIds: [],
      suspended: false,
      attributes: {},
    },
  })
  const path = `${face.users}/US${member.id.replaceAll('-', '')}`
  assert.equal((await face.send('GET', path)).json['email'], 'jdoe@example.com')
  await face.send('POST', path, { body: { Email: 'john@example.com' } })
  const { userName, emails } = await memberOf(face, path.slice(-34))
  assert.deepEqual({ userName, emails }, { userName: 'jdoe', emails: [{ value: 'john@example.com' }] })
})

test('TWIL-P08 an address outside the organization’s own domains is refused', async (t) => {
  const face = await openTwilio(t, { organization: { emailDomains: ['example.com'] } })
  assert.equal((await face.send('POST', face.users, { body: { Email: 'a@example.com' } })).status, 201)
  const refused = await face.send('POST', face.users, { body: { Email: 'a@elsewhere.test' } })
  assert.equal(refused.status, 400)
  assert.match(String(refused.json['message']), /elsewhere\.test/)
})

test('TWIL-Q15 without limits set, any number at a time is served', async (t) => {
  const face = await openTwilio(t)
  const replies = await Promise.all(Array.from({ length: 200 }, () => face.send('GET', face.users)))
  assert.ok(replies.every(({ status }) => status === 200))
})

test('TWIL-56 a user name that is an address is the login, whatever other address there is; an update leaves that one alone', async (t) => {
  const face = await openTwilio(t)
  const { member } = await face.world.home.directory.addMember(face.world.call(), {
    as: 'active',
    state: {
      userName: 'login@example.com',
      externalId: undefined,
      displayName: undefined,
      name: {},
      emails: [{ value: 'mail@example.com', primary: true }],
      roleIds: [],
      suspended: false,
      attributes: {},
    },
  })
  const path = `${face.users}/US${member.id.replaceAll('-', '')}`
  assert.equal((await face.send('GET', path)).json['email'], 'login@example.com')
  assert.equal((await face.send('POST', path, { body: { Email: 'new@example.com' } })).json['email'], 'new@example.com')
  const { userName, emails } = await memberOf(face, path.slice(-34))
  assert.deepEqual([userName, emails[0]?.value], ['new@example.com', 'mail@example.com'])
})
