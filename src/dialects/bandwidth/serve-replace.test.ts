import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createUser, john, openFace, roleNamed, strong } from '../../../tests/bandwidth.ts'

test('BAND-21 a PUT replaces: the example of the guide drops LastName', async (t) => {
  const face = await openFace(t)
  const UserId = await createUser(face, { ...john, Roles: [{ RoleId: await roleNamed(face, 'Admin') }], Enabled: false })
  const reply = await face.send('PUT', `${face.account}/users/${UserId}`, {
    body: { FirstName: 'Jane', Email: 'jane@example.com' },
  })
  assert.equal(reply.status, 200)
  const expected = { UserId, Username: 'jdoe', FirstName: 'Jane', Email: 'jane@example.com' }
  assert.deepEqual(reply.json, expected)
  assert.deepEqual((await face.send('GET', `${face.account}/users/${UserId}`)).json, expected)
})

test('BAND-21 a PUT keeps what Bandwidth knows nothing of', async (t) => {
  const face = await openFace(t)
  const { directory } = face.world.home
  const call = face.world.call()
  const workspace = await directory.createWorkspace(call, { name: 'Part' })
  const inside = await directory.createRole(call, { name: 'Helper', workspaceId: workspace.id })
  const { member } = await directory.addMember(call, {
    as: 'active',
    state: {
      userName: 'ada',
      externalId: 'hr-7',
      displayName: 'Ada L.',
      name: { givenName: 'Ada', familyName: 'King', middleName: 'B.', honorificPrefix: 'Lady' },
      emails: [
        { value: 'home@example.com', type: 'home' },
        { value: 'ada@example.com', type: 'work', primary: true },
      ],
      roleIds: [inside.id],
      suspended: false,
      attributes: { title: 'Countess' },
    },
  })
  const path = `${face.account}/users/u${member.id.replaceAll('-', '')}`
  assert.equal((await face.send('GET', path)).json['Roles'], undefined)
  assert.equal((await face.send('PUT', path, { body: { FirstName: 'Augusta', Email: 'augusta@example.com' } })).status, 200)
  const after = await directory.getMember(call, { id: member.id })
  assert.deepEqual(
    {
      externalId: after.externalId,
      displayName: after.displayName,
      name: after.name,
      emails: after.emails,
      roleIds: after.roleIds,
      attributes: after.attributes,
    },
    {
      externalId: 'hr-7',
      displayName: 'Ada L.',
      name: { givenName: 'Augusta', middleName: 'B.', honorificPrefix: 'Lady' },
      emails: [
        { value: 'home@example.com', type: 'home' },
        { value: 'augusta@example.com', type: 'work', primary: true },
      ],
      roleIds: [inside.id],
      attributes: { title: 'Countess' },
    },
  )
  await face.send('PUT', path, { body: {} })
  assert.deepEqual((await directory.getMember(call, { id: member.id })).emails, [{ value: 'home@example.com', type: 'home' }])
})

test('BAND-Q08 by the strict setting a PUT without FirstName, LastName or Email is refused', async (t) => {
  const face = await openFace(t, { settings: { bandwidth: { strictPut: true } } })
  const UserId = await createUser(face)
  const { Password: _, ...record } = john
  for (const field of ['FirstName', 'LastName', 'Email'] as const) {
    const { [field]: _omitted, ...rest } = record
    const reply = await face.send('PUT', `${face.account}/users/${UserId}`, { body: rest })
    assert.equal(reply.status, 400)
    assert.match(reply.text, new RegExp(field))
  }
  assert.equal((await face.send('PUT', `${face.account}/users/${UserId}`, { body: record })).status, 200)
})

test('BAND-23 a PUT without Username keeps it, and no PUT changes the UserId', async (t) => {
  const face = await openFace(t)
  const UserId = await createUser(face)
  const { Password: _, Username: _name, ...record } = john
  const path = `${face.account}/users/${UserId}`
  assert.equal((await face.send('PUT', path, { body: record })).json['Username'], 'jdoe')
  assert.equal((await face.send('PUT', path, { body: { ...record, UserId } })).json['UserId'], UserId)
  assert.equal((await face.send('PUT', path, { body: { ...record, UserId: `u${'1'.repeat(32)}` } })).status, 400)
  assert.equal((await face.send('PUT', path, { body: { ...record, AccountId: '1' } })).status, 400)
  assert.equal((await face.send('PUT', `${face.account}/users/jdoe`, { body: record })).status, 404)
})

test('BAND-24 a PUT needs no password', async (t) => {
  const face = await openFace(t)
  const UserId = await createUser(face)
  const { Password: _, ...record } = john
  const path = `${face.account}/users/${UserId}`
  assert.equal((await face.send('PUT', path, { body: record })).status, 200)
  assert.deepEqual((await face.send('GET', path)).json, { UserId, ...record })
})

test('BAND-25 a PUT can change everything but the ids', async (t) => {
  const face = await openFace(t)
  const UserId = await createUser(face)
  const body = {
    Username: 'jroe',
    FirstName: 'Jane',
    LastName: 'Roe',
    Email: 'jroe@example.com',
    Roles: [{ RoleId: await roleNamed(face, 'Admin') }],
    Enabled: false,
  }
  const reply = await face.send('PUT', `${face.account}/users/${UserId}`, { body: { ...body, Password: `${strong}-new` } })
  assert.equal(reply.status, 200)
  assert.deepEqual(reply.json, { ...body, UserId, Roles: [{ ...body.Roles[0], RoleName: 'Admin' }] })
})

test('BAND-Q06 Enabled false suspends, and a PUT with true or without it resumes', async (t) => {
  const face = await openFace(t)
  const UserId = await createUser(face, { ...john, Enabled: false })
  const { Password: _, ...record } = john
  const path = `${face.account}/users/${UserId}`
  const status = async () =>
    (await face.world.home.directory.findMemberByUserName(face.world.call(), { userName: 'jdoe' }))?.status
  assert.equal(await status(), 'suspended')
  assert.equal((await face.send('GET', path)).json['Enabled'], false)
  await face.send('PUT', path, { body: { ...record, Enabled: true } })
  assert.equal(await status(), 'active')
  await face.send('PUT', path, { body: { ...record, Enabled: false } })
  assert.equal(await status(), 'suspended')
  await face.send('PUT', path, { body: record })
  assert.equal(await status(), 'active')
})

test('BAND-Q06 where Enabled is not honoured, a value that would change something is refused and nothing is resumed', async (t) => {
  const face = await openFace(t, { settings: { bandwidth: { honourEnabled: false } } })
  assert.equal((await face.send('POST', `${face.account}/users`, { body: { ...john, Enabled: false } })).status, 400)
  const UserId = await createUser(face, { ...john, Enabled: true })
  const member = await face.world.home.directory.findMemberByUserName(face.world.call(), { userName: 'jdoe' })
  assert.ok(member)
  const { Password: _, ...record } = john
  const path = `${face.account}/users/${UserId}`
  assert.equal((await face.send('PUT', path, { body: { ...record, Enabled: false } })).status, 400)
  await face.world.home.directory.suspendMember(face.world.call(), { id: member.id, sessions: 'keep' })
  assert.equal((await face.send('PUT', path, { body: { ...record, Enabled: true } })).status, 400)
  assert.equal((await face.send('PUT', path, { body: record })).json['Enabled'], false)
})

test('an invited member stays invited through a PUT that says Enabled', async (t) => {
  const face = await openFace(t)
  const state = {
    userName: 'new',
    externalId: undefined,
    displayName: undefined,
    name: {},
    emails: [],
    roleIds: [],
    suspended: false,
    attributes: {},
  }
  const { member } = await face.world.home.directory.addMember(face.world.call(), { as: 'invited', state })
  const path = `${face.account}/users/u${member.id.replaceAll('-', '')}`
  assert.deepEqual((await face.send('GET', path)).json, { UserId: `u${member.id.replaceAll('-', '')}`, Username: 'new' })
  for (const Enabled of [false, true])
    assert.equal((await face.send('PUT', path, { body: { FirstName: 'N', Enabled } })).status, 200)
  assert.equal((await face.world.home.directory.getMember(face.world.call(), { id: member.id })).status, 'invited')
})

test('the last owner can neither be deleted nor lose the role', async (t) => {
  const face = await openFace(t)
  const owner = await roleNamed(face, 'Owner')
  const UserId = await createUser(face, { ...john, Roles: [{ RoleId: owner }] })
  const { Password: _, ...record } = john
  assert.equal((await face.send('DELETE', `${face.account}/users/${UserId}`)).status, 409)
  assert.equal((await face.send('PUT', `${face.account}/users/${UserId}`, { body: record })).status, 409)
  assert.equal((await face.send('GET', `${face.account}/users/${UserId}`)).status, 200)
})
