import assert from 'node:assert/strict'
import { test } from 'node:test'
import { basic, faceOf, invite, jane, memberOf, openTwilio, roleSid, type Face } from '../../../tests/twilio.ts'

const userSchema = 'urn:ietf:params:scim:schemas:core:2.0:User'
const ada = { schemas: [userSchema], userName: 'ada@example.com', name: { givenName: 'Ada', familyName: 'King' }, active: true }
const patchOf = (...operations: readonly object[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: operations,
})
const suspend = patchOf({ op: 'replace', path: 'active', value: false })

async function create(face: Face, body: object = ada): Promise<string> {
  const reply = await face.sendScim('POST', `${face.scim}/Users`, { body })
  assert.equal(reply.status, 201, reply.text)
  return reply.json.id
}

test('TWIL-34 the account’s credentials are 401, in the wrong scheme and in the right one, and nothing tells why', async (t) => {
  const face = await openTwilio(t)
  const { accountSid, authToken, apiKeySid, apiKeySecret, orgKeySecret } = face.access
  const { access } = face.world
  const refused = new Set<string>()
  for (const authorization of [
    basic(accountSid, authToken),
    basic(apiKeySid, apiKeySecret),
    basic(accountSid, orgKeySecret),
    `Bearer ${authToken}`,
    `Bearer ${apiKeySecret}`,
    `Bearer ${access['scim']?.['token']}`,
    'Bearer nothing',
    'Bearer a.b.c',
    '',
  ]) {
    const reply = await face.send('GET', `${face.scim}/Users`, { headers: { authorization } })
    assert.equal(reply.status, 401, authorization.slice(0, 20))
    refused.add(reply.text)
    assert.match(String(reply.headers['www-authenticate']), /^Bearer /)
  }
  assert.equal(refused.size, 1)
})

test('TWIL-35 the organization’s own key is the one that is accepted', async (t) => {
  const face = await openTwilio(t)
  assert.equal((await face.sendScim('GET', `${face.scim}/Users`)).status, 200)
  const another = faceOf(face.world, await face.world.another())
  assert.equal((await another.sendScim('GET', `${face.scim}/Users`)).status, 404)
  assert.equal((await another.sendScim('GET', `${another.scim}/Users`)).status, 200)
  assert.equal((await face.sendScim('GET', `/twilio/scim/v2/Organizations/${face.access.accountSid}/Users`)).status, 404)
})

test('TWIL-37 TWIL-38 TWIL-Q04 SCIM needs an Enterprise plan, and single sign-on configured: 403, each with its own detail', async (t) => {
  const details = new Set<unknown>()
  for (const organization of [{ plan: 'pro' }, { plan: 'free' }, { plan: 'enterprise', sso: 'none' }] as const) {
    const face = await openTwilio(t, { organization })
    for (const path of ['/Users', '/Groups', '/ServiceProviderConfig', '/Schemas']) {
      const reply = await face.sendScim('GET', `${face.scim}${path}`)
      assert.equal(reply.status, 403)
      assert.deepEqual(reply.json['schemas'], ['urn:ietf:params:scim:api:messages:2.0:Error'])
      details.add(reply.json['detail'])
    }
    const aliases = [`/twilio/Organizations/${face.access.organizationSid}/scim/Users`, '/twilio/scim/v2/Users']
    for (const path of aliases) assert.equal((await face.sendScim('GET', path)).status, 403)
    assert.equal((await face.send('GET', face.users)).status, 200)
  }
  assert.equal(details.size, 2)
})

test('TWIL-39 a list takes startIndex and count, and shows its records first', async (t) => {
  const face = await openTwilio(t)
  const made = [await create(face), await create(face, { ...ada, userName: 'b@example.com' })]
  const { json, text } = await face.sendScim('GET', `${face.scim}/Users?startIndex=2&count=50`)
  assert.deepEqual(json['schemas'], ['urn:ietf:params:scim:api:messages:2.0:ListResponse'])
  assert.equal(json['totalResults'], 2)
  assert.deepEqual(
    json.Resources.map(({ id, userName, active }) => ({ id, userName, active })),
    [{ id: made[1], userName: 'b@example.com', active: true }],
  )
  assert.match(text, /^\{"Resources":/)
})

test('TWIL-40 a filter by userName finds that user alone', async (t) => {
  const face = await openTwilio(t)
  const id = await create(face)
  await create(face, { ...ada, userName: 'b@example.com' })
  const found = await face.sendScim('GET', `${face.scim}/Users?filter=${encodeURIComponent('userName eq "ADA@example.com"')}`)
  assert.deepEqual(
    found.json.Resources.map((user) => user.id),
    [id],
  )
  const none = await face.sendScim('GET', `${face.scim}/Users?filter=${encodeURIComponent('userName eq "x"')}`)
  assert.deepEqual([none.json['totalResults'], none.json.Resources], [0, []])
})

test('TWIL-41 TWIL-42 TWIL-54 TWIL-56 a user is made and read; SID and attributes are the same by REST', async (t) => {
  const face = await openTwilio(t)
  const id = await create(face)
  assert.match(id, /^US[0-9a-f]{32}$/)
  const { json } = await face.sendScim('GET', `${face.scim}/Users/${id}`)
  assert.deepEqual([json.id, json['userName'], json['name'], json['active']], [id, ada.userName, ada.name, true])
  const rest = await face.send('GET', `${face.users}/${id}`)
  const { sid, email, first_name: first, last_name: last, active } = rest.json
  assert.deepEqual(
    { sid, email, first, last, active },
    { sid: id, email: ada.userName, first: 'Ada', last: 'King', active: true },
  )
})

test('TWIL-43 TWIL-58 creating always invites, whatever is sent', async (t) => {
  const face = await openTwilio(t)
  const { active: _, ...silent } = ada
  const ids = [await create(face), await create(face, { ...silent, userName: 'b@example.com' })]
  const facts = await face.world.home.directory.listFacts(face.world.call(), { limit: 100 })
  assert.equal(facts.filter(({ action }) => action === 'invitation.created').length, 2)
  for (const id of ids) {
    assert.equal((await memberOf(face, id)).status, 'invited')
    assert.equal((await face.sendScim('GET', `${face.scim}/Users/${id}`)).json['active'], true)
  }
})

test('TWIL-44 TWIL-Q12 a PUT replaces: what is left out is cleared, and active left out is true', async (t) => {
  const face = await openTwilio(t)
  const id = await create(face, { ...ada, displayName: 'Ada', active: false })
  const { status, json } = await face.sendScim('PUT', `${face.scim}/Users/${id}`, {
    body: { schemas: [userSchema], userName: 'countess@example.com', name: { familyName: 'King' } },
  })
  assert.equal(status, 200)
  assert.deepEqual(
    [json['userName'], json['name'], json['displayName'], json['active']],
    ['countess@example.com', { familyName: 'King' }, undefined, true],
  )
})

test('TWIL-45 TWIL-46 TWIL-47 a PATCH with active false answers the user, suspends, and keeps the record listed', async (t) => {
  const face = await openTwilio(t)
  const id = await create(face)
  const { status, json } = await face.sendScim('PATCH', `${face.scim}/Users/${id}`, { body: suspend })
  assert.equal(status, 200)
  assert.deepEqual([json.id, json['userName'], json['active']], [id, ada.userName, false])
  assert.equal((await memberOf(face, id)).status, 'suspended')
  const listed = await face.sendScim('GET', `${face.scim}/Users`)
  assert.deepEqual(
    listed.json.Resources.map((user) => [user.id, user['active']]),
    [[id, false]],
  )
  assert.equal((await face.send('GET', face.users)).json.users[0]?.['active'], false)
  const renamed = patchOf({ op: 'replace', path: 'name.givenName', value: 'Augusta' })
  const patched = await face.sendScim('PATCH', `${face.scim}/Users/${id}`, { body: renamed })
  assert.deepEqual(patched.json['name'], { givenName: 'Augusta', familyName: 'King' })
})

test('TWIL-48 TWIL-49 active=false lets running sessions go on; a deletion ends them and removes the record everywhere', async (t) => {
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
  const id = `US${member.id.replaceAll('-', '')}`
  await directory.startSession(face.world.call(), { membershipId: member.id })
  await face.sendScim('PATCH', `${face.scim}/Users/${id}`, { body: suspend })
  const [session] = await directory.listSessions(face.world.call(), { membershipId: member.id })
  assert.equal(session?.endedAt, undefined)
  assert.equal((await face.sendScim('DELETE', `${face.scim}/Users/${id}`)).status, 204)
  const facts = await directory.listFacts(face.world.call(), { limit: 100 })
  assert.ok(facts.some(({ action }) => action === 'session.ended'))
  assert.equal((await face.sendScim('GET', `${face.scim}/Users/${id}`)).status, 404)
  assert.equal((await face.send('GET', `${face.users}/${id}`)).status, 404)
})

test('TWIL-50 TWIL-51 TWIL-52 groups are listed, made, changed in their members, and removed', async (t) => {
  const face = await openTwilio(t)
  const id = await create(face)
  const made = await face.sendScim('POST', `${face.scim}/Groups`, {
    body: { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: 'Support' },
  })
  assert.equal(made.status, 201, made.text)
  const path = `${face.scim}/Groups/${made.json.id}`
  const members = async () => (await face.sendScim('GET', path)).json['members']
  const add = patchOf({ op: 'add', path: 'members', value: [{ value: id }] })
  assert.ok((await face.sendScim('PATCH', path, { body: add })).status < 300)
  assert.deepEqual(
    ((await members()) as readonly { value: string }[]).map(({ value }) => value),
    [id],
  )
  assert.equal((await face.sendScim('GET', `${face.scim}/Groups`)).json['totalResults'], 1)
  const remove = patchOf({ op: 'remove', path: `members[value eq "${id}"]` })
  assert.ok((await face.sendScim('PATCH', path, { body: remove })).status < 300)
  assert.equal(await members(), undefined)
  assert.equal((await face.sendScim('PUT', path, { body: { displayName: 'X' } })).status, 405)
  assert.equal((await face.sendScim('DELETE', path)).status, 204)
  assert.equal((await face.sendScim('GET', `${face.scim}/Groups`)).json['totalResults'], 0)
})

test('TWIL-53 TWIL-Q11 ServiceProviderConfig, Schemas and ResourceTypes answer a caller with the key', async (t) => {
  const face = await openTwilio(t)
  for (const path of ['/ServiceProviderConfig', '/Schemas', '/ResourceTypes']) {
    assert.equal((await face.sendScim('GET', `${face.scim}${path}`)).status, 200, path)
    assert.equal((await face.sendScim('GET', `${face.scim}${path}`, { headers: { authorization: '' } })).status, 401, path)
  }
})

test('TWIL-Q11 TWIL-P07 an If-Match that is out of date is 409', async (t) => {
  const face = await openTwilio(t)
  const id = await create(face)
  const { headers } = await face.sendScim('GET', `${face.scim}/Users/${id}`)
  const version = String(headers['etag'])
  const first = await face.sendScim('PATCH', `${face.scim}/Users/${id}`, { body: suspend, headers: { 'if-match': version } })
  assert.equal(first.status, 200)
  const second = await face.sendScim('PATCH', `${face.scim}/Users/${id}`, { body: suspend, headers: { 'if-match': version } })
  assert.deepEqual([second.status, second.json['status'], second.json['code']], [409, '409', 20409])
})

test('TWIL-54 a change on one surface shows on the other', async (t) => {
  const face = await openTwilio(t)
  const sid = await invite(face)
  const scim = await face.sendScim('GET', `${face.scim}/Users/${sid}`)
  assert.deepEqual([scim.json['userName'], scim.json['displayName']], [jane.Email, 'Jane Doe'])
  const moved = patchOf({ op: 'replace', path: 'userName', value: 'j@example.com' })
  assert.equal((await face.sendScim('PATCH', `${face.scim}/Users/${sid}`, { body: moved })).status, 200)
  assert.equal((await face.send('GET', `${face.users}/${sid}`)).json['email'], 'j@example.com')
  await face.send('POST', `${face.users}/${sid}`, { body: { Email: 'k@example.com', Active: 'false' } })
  const after = await face.sendScim('GET', `${face.scim}/Users/${sid}`)
  assert.deepEqual([after.json['userName'], after.json['active']], ['k@example.com', false])
})

test('TWIL-55 a group that is mapped to nothing grants nothing', async (t) => {
  const face = await openTwilio(t)
  const id = await create(face)
  await face.sendScim('POST', `${face.scim}/Groups`, {
    body: {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
      displayName: 'Admin',
      members: [{ value: id }],
    },
  })
  assert.equal((await face.send('GET', `${face.users}/${id}`)).json['role_sid'], null)
  const groups = await face.world.home.directory.listGroups(face.world.call(), { limit: 10 })
  assert.deepEqual(
    groups.map((group) => group.roleIds),
    [[]],
  )
})

test('TWIL-57 every identity provider that is supported opens SCIM', async (t) => {
  for (const sso of ['okta', 'entra', 'onelogin'] as const) {
    const face = await openTwilio(t, { organization: { sso } })
    assert.equal((await face.sendScim('GET', `${face.scim}/Users`)).status, 200)
  }
})

test('TWIL-Q03 a userName in use is 409 uniqueness, with what the vendor’s client reads beside it', async (t) => {
  const face = await openTwilio(t)
  await create(face)
  const { status, json } = await face.sendScim('POST', `${face.scim}/Users`, { body: ada })
  assert.equal(status, 409)
  assert.deepEqual([json['scimType'], json['status'], json['code']], ['uniqueness', '409', 20409])
  assert.equal(json['message'], json['detail'])
})

test('TWIL-Q13 a group is read by its id, unless the setting says that it cannot be', async (t) => {
  for (const [settings, expected] of [
    [{}, 200],
    [{ scimGroupById: 'offered' }, 200],
    [{ scimGroupById: 'absent' }, 404],
  ] as const) {
    const face = await openTwilio(t, { settings: { twilio: settings } })
    const made = await face.sendScim('POST', `${face.scim}/Groups`, {
      body: { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: 'Support' },
    })
    assert.equal((await face.sendScim('GET', `${face.scim}/Groups/${made.json.id}`)).status, expected)
  }
})

test('roles by REST survive what SCIM does', async (t) => {
  const face = await openTwilio(t)
  const RoleSid = await roleSid(face, 'Admin')
  const sid = await invite(face, { ...jane, RoleSid })
  await face.sendScim('PUT', `${face.scim}/Users/${sid}`, { body: { schemas: [userSchema], userName: jane.Email } })
  assert.equal((await face.send('GET', `${face.users}/${sid}`)).json['role_sid'], RoleSid)
})

test('a user name of another API that is no address stays, and a new one must be an address', async (t) => {
  const face = await openTwilio(t)
  const { member } = await face.world.home.directory.addMember(face.world.call(), {
    as: 'active',
    state: {
      userName: 'jdoe',
      externalId: undefined,
      displayName: undefined,
      name: {},
      emails: [],
      roleIds: [],
      suspended: false,
      attributes: {},
    },
  })
  const path = `${face.scim}/Users/US${member.id.replaceAll('-', '')}`
  const suspended = await face.sendScim('PATCH', path, { body: suspend })
  assert.deepEqual([suspended.status, suspended.json['userName']], [200, 'jdoe'])
  const renamed = patchOf({ op: 'replace', path: 'userName', value: 'john' })
  assert.equal((await face.sendScim('PATCH', path, { body: renamed })).status, 400)
})
