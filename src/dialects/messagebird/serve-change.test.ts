import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accepted, invite, openFace, type Face } from '../../../tests/messagebird.ts'

const statusOf = async (face: Face, id: string) => (await face.send('GET', `/users/${id}`)).json['status']
const roleOf = async (face: Face, id: string) => (await face.send('GET', `/users/${id}`)).json['role']

test('MBRD-20 a PATCH changes what is sent and nothing else', async (t) => {
  const face = await openFace(t)
  const id = await invite(face, 'jane@example.com', { firstName: 'Jane', lastName: 'Doe', role: 'member' })
  const { json: before } = await face.send('GET', `/users/${id}`)
  await face.send('PATCH', `/users/${id}`, { body: { firstName: 'Janet' } })
  const { json: after } = await face.send('GET', `/users/${id}`)
  assert.deepEqual(after, { ...before, firstName: 'Janet', updatedAt: after['updatedAt'] })
  await face.send('PATCH', `/users/${id}`, { body: { firstName: '', lastName: null } })
  const { json: cleared } = await face.send('GET', `/users/${id}`)
  assert.deepEqual(['firstName' in cleared, 'lastName' in cleared], [false, false])
})

test('MBRD-20 what MessageBird does not know of a person survives its PATCH', async (t) => {
  const face = await openFace(t)
  const { directory } = face.world.home
  const { member } = await directory.addMember(face.world.call(), {
    as: 'active',
    state: {
      userName: 'jane',
      externalId: 'x-1',
      displayName: 'Jane D.',
      name: { givenName: 'Jane', familyName: 'Doe', middleName: 'Q' },
      emails: [
        { value: 'jane@example.com', primary: true },
        { value: 'home@example.com', type: 'home' },
      ],
      roleIds: [],
      suspended: false,
      attributes: { title: 'Captain' },
    },
  })
  await face.send('PATCH', `/users/${member.id}`, { body: { email: 'j@example.com', lastName: 'Roe' } })
  const after = await directory.getMember(face.world.call(), { id: member.id })
  assert.deepEqual(
    [after.userName, after.externalId, after.displayName, after.name, after.emails, after.attributes],
    [
      'jane',
      'x-1',
      'Jane D.',
      { givenName: 'Jane', familyName: 'Roe', middleName: 'Q' },
      [
        { value: 'j@example.com', primary: true },
        { value: 'home@example.com', type: 'home' },
      ],
      { title: 'Captain' },
    ],
  )
})

test('MBRD-21 a PATCH answers 200 with the id, what was changed and a later updatedAt', async (t) => {
  const face = await openFace(t)
  const id = await accepted(face, 'jane@example.com', new Date('2024-06-01T10:00:00Z'))
  const { json: before } = await face.send('GET', `/users/${id}`)
  assert.equal(before['updatedAt'], '2024-06-01T10:00:00.000Z')
  const { status, json } = await face.send('PATCH', `/users/${id}`, { body: { role: 'admin' } })
  assert.equal(status, 200)
  assert.deepEqual(json, { id, role: 'admin', updatedAt: json['updatedAt'] })
  assert.ok(String(json['updatedAt']) > '2024-06-01T10:00:00.000Z')
  assert.equal((await face.send('GET', `/users/${id}`)).json['updatedAt'], json['updatedAt'])
})

test('MBRD-22 id and createdAt in a PATCH never change the record', async (t) => {
  const face = await openFace(t)
  const id = await invite(face, 'jane@example.com')
  const { json: before } = await face.send('GET', `/users/${id}`)
  const sent = {
    id: '00000000-0000-0000-0000-000000000001',
    createdAt: '2001-01-01T00:00:00Z',
    updatedAt: 'never',
    firstName: 'J',
  }
  const { status, json } = await face.send('PATCH', `/users/${id}`, { body: sent })
  assert.deepEqual([status, Object.keys(json)], [200, ['id', 'firstName', 'updatedAt']])
  const { json: after } = await face.send('GET', `/users/${id}`)
  assert.deepEqual([after.id, after['createdAt']], [id, before['createdAt']])
  assert.equal((await face.send('GET', `/users/${sent.id}`)).status, 404)
})

test('MBRD-23 email, firstName, lastName, role and status can be changed, together', async (t) => {
  const face = await openFace(t)
  const id = await accepted(face, 'jane@example.com')
  const body = { email: 'janet@example.com', firstName: 'Janet', lastName: 'Roe', role: 'admin', status: 'suspended' }
  const { json } = await face.send('PATCH', `/users/${id}`, { body })
  assert.deepEqual(json, { id, ...body, updatedAt: json['updatedAt'] })
  const { json: after } = await face.send('GET', `/users/${id}`)
  assert.deepEqual(after, { id, ...body, createdAt: after['createdAt'], updatedAt: json['updatedAt'] })
})

test('an address that is changed is the one under which SCIM finds the person, and the old one is free', async (t) => {
  const face = await openFace(t)
  const id = await invite(face, 'jane@example.com')
  await face.send('PATCH', `/users/${id}`, { body: { email: 'janet@example.com' } })
  const filter = encodeURIComponent('userName eq "janet@example.com"')
  assert.deepEqual(
    (await face.send('GET', `/scim/v2/Users?filter=${filter}`)).json.Resources.map((user) => user.id),
    [id],
  )
  await invite(face, 'jane@example.com')
})

test('MBRD-25 a role takes the place of the one before, and leaves the roles of workspaces alone', async (t) => {
  const face = await openFace(t)
  const { directory } = face.world.home
  const workspace = await directory.createWorkspace(face.world.call(), { name: 'Support' })
  const seat = await directory.createRole(face.world.call(), { name: 'Agent', workspaceId: workspace.id })
  const id = await invite(face, 'jane@example.com', { role: 'admin' })
  await directory.changeMember(face.world.call(), {
    id,
    sessions: 'keep',
    change: (current) => ({ ...current, suspended: false, roleIds: [...current.roleIds, seat.id] }),
  })
  assert.equal((await face.send('POST', '/users', { body: { email: 'x@example.com', role: 'agent' } })).status, 422)
  await face.send('PATCH', `/users/${id}`, { body: { role: 'readonly' } })
  assert.equal(await roleOf(face, id), 'readonly')
  const { roleIds } = await directory.getMember(face.world.call(), { id })
  assert.deepEqual([roleIds.length, roleIds.includes(seat.id)], [2, true])
})

test('the last owner cannot be removed, suspended or demoted', async (t) => {
  const face = await openFace(t)
  const id = await accepted(face, 'boss@example.com')
  await face.send('PATCH', `/users/${id}`, { body: { role: 'owner' } })
  const refused = [
    await face.send('DELETE', `/users/${id}`),
    await face.send('PATCH', `/users/${id}`, { body: { status: 'suspended' } }),
    await face.send('PATCH', `/users/${id}`, { body: { role: 'member' } }),
  ]
  assert.deepEqual(
    refused.map(({ status }) => status),
    [409, 409, 409],
  )
  assert.deepEqual([await statusOf(face, id), await roleOf(face, id)], ['active', 'owner'])
})

test('MBRD-26 a deletion is 204 without a body, at once and for good, on any plan', async (t) => {
  for (const plan of ['free', 'enterprise'] as const) {
    const face = await openFace(t, { organization: { plan } })
    const id = await invite(face, 'jane@example.com')
    const reply = await face.send('DELETE', `/users/${id}`)
    assert.deepEqual([reply.status, reply.text], [204, ''])
    for (const method of ['GET', 'DELETE'] as const) assert.equal((await face.send(method, `/users/${id}`)).status, 404)
    assert.equal((await face.send('PATCH', `/users/${id}`, { body: { status: 'active' } })).status, 404)
    assert.equal((await face.send('GET', '/users')).json['count'], 0)
    assert.notEqual(await invite(face, 'jane@example.com'), id)
  }
})

test('MBRD-P04 a deletion carries neither body nor content type', async (t) => {
  const face = await openFace(t)
  const { headers, text } = await face.send('DELETE', `/users/${await invite(face, 'jane@example.com')}`)
  assert.deepEqual([headers['content-type'], text], [undefined, ''])
})

test('MBRD-Q07 status goes between active and suspended, and invited cannot be set', async (t) => {
  const face = await openFace(t)
  const id = await accepted(face, 'jane@example.com')
  for (const status of ['suspended', 'suspended', 'active', 'active']) {
    assert.equal((await face.send('PATCH', `/users/${id}`, { body: { status } })).json['status'], status)
    assert.equal(await statusOf(face, id), status)
  }
  for (const status of ['invited', 'deleted', '', 'Active']) {
    const reply = await face.send('PATCH', `/users/${id}`, { body: { status, firstName: 'No' } })
    assert.deepEqual([reply.status, reply.json.errors[0]?.parameter], [422, 'status'], status)
  }
  assert.equal((await face.send('GET', `/users/${id}`)).json['firstName'], undefined)
})

test('MBRD-51 an invited user who is suspended and resumed is invited again, and cannot be set active', async (t) => {
  const face = await openFace(t)
  const id = await invite(face, 'new@example.com')
  assert.equal((await face.send('PATCH', `/users/${id}`, { body: { status: 'active' } })).status, 422)
  await face.send('PATCH', `/users/${id}`, { body: { status: 'suspended' } })
  assert.equal(await statusOf(face, id), 'suspended')
  const resumed = await face.send('PATCH', `/users/${id}`, { body: { status: 'active' } })
  assert.deepEqual([resumed.status, resumed.json['status']], [200, 'invited'])
  assert.equal(await statusOf(face, id), 'invited')
})

test('a suspension ends the sessions of the person', async (t) => {
  const face = await openFace(t)
  const { directory } = face.world.home
  const id = await accepted(face, 'jane@example.com')
  await directory.startSession(face.world.call(), { membershipId: id })
  await face.send('PATCH', `/users/${id}`, { body: { status: 'suspended' } })
  const [session] = await directory.listSessions(face.world.call(), { membershipId: id })
  assert.ok(session?.endedAt)
})
