import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  accept,
  addActive,
  addKey,
  addProject,
  basic,
  faceOf,
  invite,
  laterApp,
  listed,
  memberOf,
  openFace,
  send,
  userIdOf,
  type Face,
} from '../../../tests/sinch.ts'

const newUser = { email: 'newuser@example.com', role: 'MEMBER' }

test('SNCH-06 a project answers in its own region, and at hosts that are none of Sinch’s', async (t) => {
  const face = await openFace(t)
  const at = (host: string, app: Face = face) =>
    app.send('GET', `/projects/${app.projectId}/members`, { headers: { host } }).then((reply) => reply.status)
  assert.equal(await at('us.api.sinch.com'), 200)
  assert.equal(await at('US.api.sinch.com:443'), 200)
  assert.equal((await face.send('GET', face.members)).status, 200)
})

test('SNCH-Q10 in another region than its own a project is 404', async (t) => {
  const face = await openFace(t)
  const headers = { host: 'eu.api.sinch.com' }
  for (const [method, path, body] of [
    ['GET', 'members', undefined],
    ['POST', 'members', newUser],
    ['GET', 'access-keys', undefined],
  ] as const)
    assert.equal((await face.send(method, `/projects/${face.projectId}/${path}`, { headers, body })).status, 404)
  const european = await openFace(t, { settings: { sinch: { region: 'eu' } } })
  assert.equal((await european.send('GET', `/projects/${european.projectId}/members`, { headers })).status, 200)
})

test('SNCH-06 the region is a setting of each project', async (t) => {
  const face = await openFace(t)
  const second = await addProject(face)
  const app = await laterApp(t, face.world, () => 0, { regions: { [second.projectId]: 'eu' } })
  const at = async (host: string, { projectId }: Face) =>
    (
      await send(app, 'GET', `/projects/${projectId}/members`, {
        headers: { host, authorization: basic(face.keyId, face.keySecret) },
      })
    ).status
  assert.deepEqual([await at('us.api.sinch.com', face), await at('eu.api.sinch.com', face)], [200, 404])
  assert.deepEqual([await at('us.api.sinch.com', second), await at('eu.api.sinch.com', second)], [404, 200])
})

test('SNCH-10 the list is members and next_page_token, and each member is the guide’s user object', async (t) => {
  const face = await openFace(t)
  await addActive(face, 'user@example.com', 'Admin')
  const { json } = await face.send('GET', face.members)
  const { user_id = '', created_at = '', updated_at = '', ...rest } = json.members[0] ?? {}
  assert.deepEqual(Object.keys(json), ['members', 'next_page_token'])
  assert.deepEqual(rest, { email: 'user@example.com', role: 'ADMIN', status: 'ACTIVE', project_id: face.projectId })
  assert.match(user_id, /^usr_[0-9a-f]{32}$/)
  for (const time of [created_at, updated_at]) assert.equal(new Date(time).toISOString(), time)
})

test('SNCH-11 a page has 20 members, at most 100, and the next one follows by page_token', async (t) => {
  const face = await openFace(t)
  for (let index = 0; index < 103; index++) await addActive(face, `p${index}@example.com`)
  const first = (await face.send('GET', face.members)).json
  assert.equal(first['members'].length, 20)
  const second = (await face.send('GET', `${face.members}?page_token=${first['next_page_token']}`)).json
  assert.equal(second.members[0]?.['email'], 'p20@example.com')
  const most = (await face.send('GET', `${face.members}?page_size=1000`)).json
  assert.equal(most['members'].length, 100)
  const rest = (await face.send('GET', `${face.members}?page_size=100&page_token=${most['next_page_token']}`)).json
  assert.equal(rest['members'].length, 3)
  assert.equal(rest['next_page_token'], '')
})

test('SNCH-Q04 page_size and pageSize both count; what is no size, or no token, is 400', async (t) => {
  const face = await openFace(t)
  for (const name of ['a', 'b', 'c']) await addActive(face, `${name}@example.com`)
  for (const name of ['page_size', 'pageSize'])
    assert.equal((await face.send('GET', `${face.members}?${name}=2`)).json['members'].length, 2)
  for (const query of ['page_size=0', 'page_size=-1', 'page_size=x', 'page_size=1.5', 'page_token=x', 'page_token=a+b/c==']) {
    const { status, json } = await face.send('GET', `${face.members}?${query}`)
    assert.equal(status, 400, query)
    assert.equal(json['error'].status, 'INVALID_ARGUMENT')
  }
})

test('SNCH-Q05 SNCH-P07 the last page’s token is empty, and a token is base64url', async (t) => {
  const face = await openFace(t)
  assert.deepEqual((await face.send('GET', face.members)).json, { members: [], next_page_token: '' })
  for (const name of ['a', 'b']) await addActive(face, `${name}@example.com`)
  const first = (await face.send('GET', `${face.members}?page_size=1`)).json
  assert.match(first['next_page_token'], /^[\w-]+$/)
  const last = (await face.send('GET', `${face.members}?page_size=1&page_token=${first['next_page_token']}`)).json
  assert.equal(last['next_page_token'], '')
  assert.equal(last['members'].length, 1)
})

test('SNCH-13 an invitation needs email and role, and display_name may come with it', async (t) => {
  const face = await openFace(t)
  for (const body of [
    {},
    { email: 'a@example.com' },
    { role: 'MEMBER' },
    { ...newUser, email: 'no address' },
    { ...newUser, nickname: 'x' },
  ])
    assert.equal((await face.send('POST', face.members, { body })).status, 400, JSON.stringify(body))
  assert.equal((await face.send('POST', face.members, { body: { ...newUser, display_name: 'New User' } })).status, 201)
  assert.equal((await memberOf(face, newUser.email))?.['display_name'], 'New User')
})

test('SNCH-14 an invitation answers PENDING, mails the person, and is ACTIVE once they accept', async (t) => {
  const face = await openFace(t)
  const reply = await face.send('POST', face.members, { body: newUser })
  assert.deepEqual(reply.json, { email: 'newuser@example.com', role: 'MEMBER', status: 'PENDING' })
  assert.equal((await memberOf(face, newUser.email))?.['status'], 'PENDING')
  await accept(face, newUser.email)
  assert.equal((await memberOf(face, newUser.email))?.['status'], 'ACTIVE')
})

test('SNCH-15 a PENDING member has no access', async (t) => {
  const face = await openFace(t)
  await invite(face, newUser.email)
  const { home, call } = face.world
  const member = await home.directory.findMemberByEmail(call(), { email: newUser.email })
  await assert.rejects(home.directory.startSession(call(), { membershipId: member?.id ?? '' }), { refusal: 'conflict' })
})

test('SNCH-16 no request resends an invitation', async (t) => {
  const face = await openFace(t)
  const id = await invite(face, newUser.email)
  for (const path of [`${id}/resend`, `${id}:resend`, `${id}/invitation`])
    assert.equal((await face.send('POST', `${face.members}/${path}`, { body: {} })).status >= 404, true)
  assert.equal((await face.send('POST', face.members, { body: newUser })).status, 409)
})

test('SNCH-17 a role outside of the four is refused', async (t) => {
  const face = await openFace(t)
  for (const role of ['BILLING', 'admin', '', null, 1])
    assert.equal((await face.send('POST', face.members, { body: { ...newUser, role } })).status, 400)
  const id = await invite(face, newUser.email)
  for (const role of ['BILLING', 'admin', '', null]) {
    const reply = await face.send('PATCH', `${face.members}/${id}`, { body: { role } })
    assert.equal(reply.status, 400)
    assert.equal(reply.json['error'].status, 'INVALID_ARGUMENT')
  }
  for (const role of ['OWNER', 'ADMIN', 'READONLY', 'MEMBER'])
    assert.equal((await face.send('PATCH', `${face.members}/${id}`, { body: { role } })).json['role'], role)
})

test('SNCH-18 an address is one person in the whole account: other projects get the same, and nobody else takes it', async (t) => {
  const face = await openFace(t)
  const second = await addProject(face)
  const id = await invite(second, newUser.email)
  await invite(face, 'other@example.com')
  assert.equal(await invite(face, newUser.email), id)
  const taken = await face.send('PATCH', `${face.members}/${await userIdOf(face, 'other@example.com')}`, {
    body: { email: newUser.email },
  })
  assert.equal(taken.status, 409)
  assert.equal(taken.json['error'].status, 'ALREADY_EXISTS')
})

test('SNCH-Q09 who is a member already cannot be invited again, whatever the case of the address', async (t) => {
  const face = await openFace(t)
  await invite(face, newUser.email)
  for (const email of [newUser.email, 'NewUser@Example.com']) {
    const reply = await face.send('POST', face.members, { body: { ...newUser, email } })
    assert.equal(reply.status, 409)
    assert.deepEqual([reply.json['error'].code, reply.json['error'].status], [409, 'ALREADY_EXISTS'])
  }
  assert.equal((await listed(face)).length, 1)
})

test('SNCH-20 PATCH changes the role and answers user_id, role and status', async (t) => {
  const face = await openFace(t)
  await addActive(face, 'user@example.com', 'Member')
  const id = await userIdOf(face, 'user@example.com')
  const reply = await face.send('PATCH', `${face.members}/${id}`, { body: { role: 'READONLY' } })
  assert.deepEqual(reply.json, { user_id: id, role: 'READONLY', status: 'ACTIVE' })
  assert.equal((await memberOf(face, 'user@example.com'))?.['role'], 'READONLY')
})

test('SNCH-21 only the key of an OWNER or ADMIN changes anything', async (t) => {
  const face = await openFace(t)
  const id = await invite(face, newUser.email)
  for (const scopes of [['read'], ['read', 'write']] as const) {
    const { authorization } = await addKey(face, scopes)
    const as = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown) =>
      send(face.app, method, path, { body, headers: { authorization } }).then((reply) => reply.status)
    assert.equal(await as('PATCH', `${face.members}/${id}`, { role: 'ADMIN' }), 403)
    assert.equal(await as('POST', face.members, { email: 'y@example.com', role: 'OWNER' }), 403)
    assert.equal(await as('DELETE', `${face.members}/${id}`), 403)
    assert.equal(await as('GET', face.members), 200)
  }
})

test('SNCH-Q14 a role change without those rights is 403 PERMISSION_DENIED', async (t) => {
  const face = await openFace(t)
  const id = await invite(face, newUser.email)
  const { authorization } = await addKey(face, ['read', 'write'])
  const reply = await send(face.app, 'PATCH', `${face.members}/${id}`, { body: { role: 'ADMIN' }, headers: { authorization } })
  assert.equal(reply.status, 403)
  assert.equal(reply.json['error'].status, 'PERMISSION_DENIED')
})

test('SNCH-22 email and display_name can change, user_id, project_id and created_at cannot, and updated_at moves', async (t) => {
  const face = await openFace(t)
  await addActive(face, 'user@example.com', 'Member')
  const before = await memberOf(face, 'user@example.com')
  const path = `${face.members}/${before?.['user_id']}`
  for (const body of [{ user_id: 'usr_1' }, { project_id: 'p' }, { created_at: '2020-01-01T00:00:00Z' }]) {
    const reply = await face.send('PATCH', path, { body })
    assert.equal(reply.status, 400)
    assert.equal(reply.json['error'].status, 'INVALID_ARGUMENT')
  }
  assert.equal((await face.send('PATCH', path, { body: { ...before, status: 'ACTIVE', role: 'MEMBER' } })).status, 200)
  assert.deepEqual(await memberOf(face, 'user@example.com'), before)
  assert.equal((await face.send('PATCH', path, { body: { email: 'renamed@example.com', display_name: 'Renamed' } })).status, 200)
  const after = await memberOf(face, 'renamed@example.com')
  assert.equal(after?.['display_name'], 'Renamed')
  assert.equal(after?.['user_id'], before?.['user_id'])
  assert.equal(after?.['created_at'], before?.['created_at'])
  assert.ok((after?.['updated_at'] ?? '') > (before?.['updated_at'] ?? ''))
})

test('SNCH-23 a status in the invitation has no effect', async (t) => {
  const face = await openFace(t)
  for (const [index, status] of ['ACTIVE', 'SUSPENDED', 'anything', 7].entries()) {
    const email = `s${index}@example.com`
    const reply = await face.send('POST', face.members, { body: { ...newUser, email, status } })
    assert.equal(reply.json['status'], 'PENDING')
    assert.equal((await memberOf(face, email))?.['status'], 'PENDING')
  }
})

test('SNCH-24 DELETE is 204 and takes the member out of this project', async (t) => {
  const face = await openFace(t)
  await addActive(face, 'user@example.com', 'Admin')
  const path = `${face.members}/${await userIdOf(face, 'user@example.com')}`
  const reply = await face.send('DELETE', path)
  assert.equal(reply.status, 204)
  assert.equal(reply.text, '')
  assert.deepEqual(await listed(face), [])
  for (const method of ['DELETE', 'PATCH'] as const)
    assert.equal((await face.send(method, path, { ...(method === 'PATCH' && { body: { role: 'OWNER' } }) })).status, 404)
})

test('SNCH-25 the identity survives, without its roles, and other projects do not notice', async (t) => {
  const face = await openFace(t)
  const second = await addProject(face)
  const member = await addActive(face, 'user@example.com', 'Admin')
  await second.send('POST', second.members, { body: { email: 'user@example.com', role: 'READONLY' } })
  assert.equal((await face.send('DELETE', `${face.members}/${await userIdOf(face, 'user@example.com')}`)).status, 204)
  assert.equal((await memberOf(second, 'user@example.com'))?.['role'], 'READONLY')
  const { home, call } = face.world
  const kept = await home.directory.getMember(call(), { id: member.id })
  assert.equal(kept.status, 'active')
  const roles = await home.directory.listRoles(call(), {})
  assert.deepEqual(
    kept.roleIds.map((id) => roles.find((role) => role.id === id)?.name),
    ['ReadOnly'],
  )
  assert.equal((await second.send('DELETE', `${second.members}/${await userIdOf(second, 'user@example.com')}`)).status, 204)
  assert.equal((await home.directory.getMember(call(), { id: member.id })).status, 'active')
})

test('SNCH-25 who was taken out can be invited again, as the same person', async (t) => {
  const face = await openFace(t)
  await addActive(face, 'user@example.com', 'Member')
  const id = await userIdOf(face, 'user@example.com')
  await face.send('DELETE', `${face.members}/${id}`)
  const reply = await face.send('POST', face.members, { body: { email: 'user@example.com', role: 'ADMIN' } })
  assert.deepEqual(reply.json, { email: 'user@example.com', role: 'ADMIN', status: 'ACTIVE' })
  assert.equal(await userIdOf(face, 'user@example.com'), id)
})

test('SNCH-24 an invitation that nobody accepted is taken back, and the address is free again', async (t) => {
  const face = await openFace(t)
  const id = await invite(face, newUser.email)
  assert.equal((await face.send('DELETE', `${face.members}/${id}`)).status, 204)
  const { home, call } = face.world
  assert.equal(await home.directory.findMemberByEmail(call(), { email: newUser.email }), undefined)
  const second = await addProject(face)
  const inSecond = await invite(second, newUser.email)
  assert.deepEqual(await listed(face), [])
  assert.notEqual(inSecond, id)
  assert.equal((await second.send('DELETE', `${second.members}/${inSecond}`)).status, 204)
  assert.equal(await home.directory.findMemberByEmail(call(), { email: newUser.email }), undefined)
})

test('SNCH-34 no reply tells of limits or when to come back, not even a refusal', async (t) => {
  const face = await openFace(t, { limits: { sinch: { requests: 2, perSeconds: 60 } } })
  const replies = [
    await face.send('GET', face.members),
    await face.send('GET', face.members),
    await face.send('GET', face.members),
  ]
  assert.deepEqual(
    replies.map((reply) => reply.status),
    [200, 200, 429],
  )
  for (const { headers } of replies)
    assert.deepEqual(
      Object.keys(headers).filter((name) => /retry-after|rate-?limit/i.test(name)),
      [],
    )
})

test('SNCH-Q03 too many requests are 429 RESOURCE_EXHAUSTED', async (t) => {
  const face = await openFace(t, { limits: { sinch: { requests: 1, perSeconds: 60 } } })
  await face.send('GET', face.members)
  assert.equal((await face.send('GET', face.members)).json['error'].status, 'RESOURCE_EXHAUSTED')
})

test('SNCH-Q01 an error is code, message and status under "error"', async (t) => {
  const face = await openFace(t)
  const expected = {
    401: await send(face.app, 'GET', face.members),
    403: await face.send('GET', face.members.replace(face.projectId, '00000000-0000-7000-8000-000000000000')),
    404: await face.send('DELETE', `${face.members}/usr_1`),
    400: await face.send('POST', face.members, { body: {} }),
    415: await face.send('POST', face.members, { body: 'a=b' }),
  }
  for (const [code, reply] of Object.entries(expected)) {
    assert.equal(reply.status, Number(code))
    const { error, ...rest } = reply.json
    assert.deepEqual(rest, {})
    assert.deepEqual(Object.keys(error), ['code', 'message', 'status'])
    assert.equal(error.code, Number(code))
    assert.match(error.status, /^[A-Z_]+$/)
  }
})

test('SNCH-Q02 inviting and making a key are 201', async (t) => {
  const face = await openFace(t)
  assert.equal((await face.send('POST', face.members, { body: newUser })).status, 201)
  assert.equal((await face.send('POST', face.keys, { body: { display_name: 'CI Key' } })).status, 201)
})

test('SNCH-Q07 one member cannot be read, and a key cannot be changed: 405', async (t) => {
  const face = await openFace(t)
  const id = await invite(face, newUser.email)
  assert.equal((await face.send('GET', `${face.members}/${id}`)).status, 405)
  assert.equal((await face.send('PATCH', `${face.keys}/${face.keyId}`, { body: { display_name: 'x' } })).status, 405)
})

test('SNCH-Q08 the last OWNER of an account, and of a project, can be neither removed, demoted nor suspended', async (t) => {
  const first = await openFace(t)
  const second = await addProject(first)
  await addActive(first, 'boss@example.com', 'Owner')
  await second.send('POST', second.members, { body: { email: 'boss@example.com', role: 'OWNER' } })
  for (const face of [first, second]) {
    const path = `${face.members}/${await userIdOf(face, 'boss@example.com')}`
    const replies = [
      await face.send('DELETE', path),
      await face.send('PATCH', path, { body: { role: 'ADMIN' } }),
      await face.send('PATCH', path, { body: { status: 'SUSPENDED' } }),
    ]
    for (const reply of replies) {
      assert.equal(reply.status, 409)
      assert.equal(reply.json['error'].status, 'FAILED_PRECONDITION')
    }
    assert.equal((await memberOf(face, 'boss@example.com'))?.['role'], 'OWNER')
  }
  await addActive(first, 'vice@example.com', 'Owner')
  assert.equal((await first.send('DELETE', `${first.members}/${await userIdOf(first, 'boss@example.com')}`)).status, 204)
})

test('SNCH-Q12 ACTIVE and SUSPENDED can be set, PENDING cannot, and only acceptance ends it', async (t) => {
  const face = await openFace(t)
  await addActive(face, 'user@example.com')
  const path = `${face.members}/${await userIdOf(face, 'user@example.com')}`
  const patch = async (status: string) => (await face.send('PATCH', path, { body: { status } })).json['status']
  assert.equal(await patch('SUSPENDED'), 'SUSPENDED')
  assert.equal((await memberOf(face, 'user@example.com'))?.['status'], 'SUSPENDED')
  assert.equal(await patch('ACTIVE'), 'ACTIVE')
  assert.equal((await face.send('PATCH', path, { body: { status: 'PENDING' } })).status, 400)
  assert.equal((await face.send('PATCH', path, { body: { status: 'GONE' } })).status, 400)
  const pending = `${face.members}/${await invite(face, newUser.email)}`
  for (const status of ['ACTIVE', 'SUSPENDED'])
    assert.equal((await face.send('PATCH', pending, { body: { status } })).status, 409)
  assert.equal((await face.send('PATCH', pending, { body: { status: 'PENDING', role: 'READONLY' } })).status, 200)
})

test('people that other APIs added are members of the first project, with the role they have there', async (t) => {
  const face = await openFace(t)
  for (const [index, name] of ['Owner', 'Admin', 'Member', 'ReadOnly', undefined].entries())
    await addActive(face, `r${index}@example.com`, name)
  assert.deepEqual(
    (await listed(face)).map((member) => member['role']),
    ['OWNER', 'ADMIN', 'MEMBER', 'READONLY', 'MEMBER'],
  )
})

test('a project of another organization, or none at all, is 403 for every operation, and nothing is read or changed', async (t) => {
  const face = await openFace(t)
  const other = faceOf(face.world, await face.world.another())
  const id = await invite(other, newUser.email)
  for (const project of [other.projectId, '00000000-0000-7000-8000-000000000000', 'x']) {
    const at = `/sinch/projects/${project}`
    const replies = [
      await face.send('GET', `${at}/members`),
      await face.send('POST', `${at}/members`, { body: { ...newUser, email: 'm@example.com' } }),
      await face.send('PATCH', `${at}/members/${id}`, { body: { role: 'OWNER' } }),
      await face.send('DELETE', `${at}/members/${id}`),
      await face.send('GET', `${at}/access-keys`),
      await face.send('POST', `${at}/access-keys`, { body: { display_name: 'x' } }),
      await face.send('DELETE', `${at}/access-keys/${other.keyId}`),
      await face.send('GET', `/sinch/v1/projects/${project}/accessKeys`),
    ]
    for (const reply of replies) {
      assert.equal(reply.status, 403, project)
      assert.ok(!reply.text.includes(newUser.email))
    }
  }
  assert.equal((await face.send('DELETE', `${face.members}/${id}`)).status, 404)
  assert.equal((await listed(other)).length, 1)
})
