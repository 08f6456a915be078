import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createUser, faceOf, john, openFace, roleNamed, rolesOf, strong } from '../../../tests/bandwidth.ts'

test('BAND-09 a user is listed and read under PascalCase keys, exactly as the guide shows it', async (t) => {
  const face = await openFace(t)
  const UserId = await createUser(face)
  const { Password: _, ...shown } = john
  assert.match(UserId, /^u[0-9a-f]{32}$/)
  assert.deepEqual((await face.send('GET', `${face.account}/users`)).json, { Users: [{ UserId, ...shown }] })
  assert.deepEqual((await face.send('GET', `${face.account}/users/${UserId}`)).json, { UserId, ...shown })
})

test('BAND-10 the list is one reply, whatever page parameters a caller sends', async (t) => {
  const face = await openFace(t)
  const count = 501
  for (let index = 0; index < count; index++)
    await face.world.home.directory.addMember(face.world.call(), {
      as: 'active',
      state: {
        userName: `p${index}`,
        externalId: undefined,
        displayName: undefined,
        name: {},
        emails: [],
        roleIds: [],
        suspended: false,
        attributes: {},
      },
    })
  const all = (await face.send('GET', `${face.account}/users`)).json['Users'] as { Username: string }[]
  assert.deepEqual(
    all.map((user) => user.Username),
    Array.from({ length: count }, (_, index) => `p${index}`),
  )
  assert.deepEqual((await face.send('GET', `${face.account}/users?page=2&size=10`)).json['Users'], all)
  // It is put together in parts, and others get their turn in between.
  assert.ok((await turnsDuring(face.send('GET', `${face.account}/users`))) > 0)
  assert.equal(await turnsDuring(face.send('GET', `${face.account}/roles`)), 0)
})

test('BAND-11 a user is found by UserId and never by Username', async (t) => {
  const face = await openFace(t)
  await createUser(face)
  for (const id of ['jdoe', `u${'0'.repeat(32)}`, 'u1', '%20', 'u', `r${'0'.repeat(32)}`])
    assert.equal((await face.send('GET', `${face.account}/users/${id}`)).status, 404, id)
})

test('BAND-12 each of the five fields is required to create', async (t) => {
  const face = await openFace(t)
  for (const field of Object.keys(john)) {
    const { [field as keyof typeof john]: _, ...rest } = john
    for (const body of [rest, { ...john, [field]: '' }, { ...john, [field]: null }, { ...john, [field]: 7 }]) {
      const reply = await face.send('POST', `${face.account}/users`, { body })
      assert.equal(reply.status, 400, field)
      assert.match(reply.text, new RegExp(field))
    }
  }
  assert.deepEqual((await face.send('GET', `${face.account}/users`)).json, { Users: [] })
})

test('BAND-12 a field that is not known is refused by its name and creates nobody', async (t) => {
  const face = await openFace(t)
  const reply = await face.send('POST', `${face.account}/users`, { body: { ...john, Nickname: 'J' } })
  assert.equal(reply.status, 400)
  assert.match(reply.text, /Nickname/)
  assert.deepEqual((await face.send('GET', `${face.account}/users`)).json, { Users: [] })
})

test('BAND-13 a Username is unique in its account, without regard to case, and free in another one', async (t) => {
  const face = await openFace(t)
  await createUser(face)
  const again = { ...john, Username: 'JDoe', Email: 'another@example.com' }
  assert.equal((await face.send('POST', `${face.account}/users`, { body: again })).status, 409)
  const other = faceOf(face.world, await face.world.another())
  assert.equal((await other.send('POST', `${other.account}/users`, { body: john })).status, 201)
})

test('BAND-Q05 a Username or an e-mail address that is in use is a conflict, on creation and on replacement', async (t) => {
  const face = await openFace(t)
  await createUser(face)
  const jane = { Username: 'jane', FirstName: 'Jane', LastName: 'Roe', Email: 'jane@example.com' }
  const UserId = await createUser(face, { ...jane, Password: strong })
  assert.equal((await face.send('POST', `${face.account}/users`, { body: { ...john, Username: 'other' } })).status, 409)
  assert.equal((await face.send('PUT', `${face.account}/users/${UserId}`, { body: { ...jane, Username: 'jdoe' } })).status, 409)
  assert.equal(
    (await face.send('PUT', `${face.account}/users/${UserId}`, { body: { ...jane, Email: 'JDoe@Example.com' } })).status,
    409,
  )
  assert.deepEqual((await face.send('GET', `${face.account}/users/${UserId}`)).json, { UserId, ...jane })
})

test('BAND-14 a weak password is 400 on creation and on replacement, and the message keeps the rule to itself', async (t) => {
  const face = await openFace(t)
  const UserId = await createUser(face)
  for (const Password of ['Short-1', 'alllowercase-1', 'ALLUPPERCASE-1', 'NoDigitsHere-', 'NoSymbolsHere1', 'Secret123!']) {
    const made = await face.send('POST', `${face.account}/users`, {
      body: { ...john, Username: 'x', Email: 'x@example.com', Password },
    })
    const put = await face.send('PUT', `${face.account}/users/${UserId}`, { body: { ...john, Password } })
    for (const reply of [made, put]) {
      assert.equal(reply.status, 400, Password)
      assert.doesNotMatch(reply.text, /12|length|characters|upper|lower|digit|number|symbol/i)
      assert.ok(!reply.text.includes(Password))
    }
  }
})

test('BAND-Q07 the least length of a password is a setting', async (t) => {
  const face = await openFace(t, { settings: { bandwidth: { passwordMinimum: 10 } } })
  await createUser(face, { ...john, Password: 'Secret123!' })
})

test('BAND-17 a creation answers UserId, Username, FirstName and LastName', async (t) => {
  const face = await openFace(t)
  const { json } = await face.send('POST', `${face.account}/users`, {
    body: { ...john, Roles: [{ RoleId: await roleNamed(face, 'Admin') }] },
  })
  assert.deepEqual(json, { UserId: json['UserId'], Username: 'jdoe', FirstName: 'John', LastName: 'Doe' })
})

test('BAND-Q02 a creation is 201 with the Location of the user', async (t) => {
  const face = await openFace(t)
  const reply = await face.send('POST', `${face.account}/users`, { body: john })
  assert.equal(reply.status, 201)
  const location = new URL(String(reply.headers['location']))
  assert.equal(location.pathname, `${face.account}/users/${String(reply.json['UserId'])}`)
  assert.equal((await face.send('GET', location.pathname)).status, 200)
})

test('BAND-19 who is created without Enabled is active', async (t) => {
  const face = await openFace(t)
  await createUser(face)
  const member = await face.world.home.directory.findMemberByUserName(face.world.call(), { userName: 'jdoe' })
  assert.equal(member?.status, 'active')
})

test('BAND-20 roles are given on creation or later', async (t) => {
  const face = await openFace(t)
  const [admin, readOnly] = [await roleNamed(face, 'Admin'), await roleNamed(face, 'ReadOnly')]
  const UserId = await createUser(face, { ...john, Roles: [{ RoleId: admin }] })
  const read = async () => (await face.send('GET', `${face.account}/users/${UserId}`)).json['Roles']
  assert.deepEqual(await read(), [{ RoleId: admin, RoleName: 'Admin' }])
  const { Password: _, ...record } = john
  await face.send('PUT', `${face.account}/users/${UserId}`, { body: { ...record, Roles: [{ RoleId: readOnly }] } })
  assert.deepEqual(await read(), [{ RoleId: readOnly, RoleName: 'ReadOnly' }])
})

test('BAND-26 a deletion answers 200 and an empty object', async (t) => {
  const face = await openFace(t)
  const UserId = await createUser(face)
  const reply = await face.send('DELETE', `${face.account}/users/${UserId}`)
  assert.equal(reply.status, 200)
  assert.equal(reply.text, '{}')
})

test('BAND-Q09 in XML a deletion answers 200 and no body', async (t) => {
  const face = await openFace(t)
  const UserId = await createUser(face)
  const reply = await face.send('DELETE', `${face.account}/users/${UserId}`, { headers: { accept: '' } })
  assert.deepEqual([reply.status, reply.text], [200, ''])
})

test('BAND-27 a deleted user is gone for good, and the name is free again', async (t) => {
  const face = await openFace(t)
  const UserId = await createUser(face)
  const path = `${face.account}/users/${UserId}`
  await face.send('DELETE', path)
  for (const method of ['GET', 'DELETE'] as const) assert.equal((await face.send(method, path)).status, 404)
  const { Password: _, ...record } = john
  assert.equal((await face.send('PUT', path, { body: record })).status, 404)
  assert.deepEqual((await face.send('GET', `${face.account}/users`)).json, { Users: [] })
  assert.notEqual(await createUser(face), UserId)
})

test('BAND-31 roles have RoleId and RoleName and differ by account; roles of workspaces are not among them', async (t) => {
  const face = await openFace(t)
  const { directory } = face.world.home
  const workspace = await directory.createWorkspace(face.world.call(), { name: 'Part' })
  await directory.createRole(face.world.call(), { name: 'Inside', workspaceId: workspace.id })
  await directory.createRole(face.world.call(), { name: 'Auditor' })
  const other = faceOf(face.world, await face.world.another())
  const [mine, theirs] = [await rolesOf(face), await rolesOf(other)]
  assert.deepEqual(
    mine.map((role) => role.RoleName),
    ['Owner', 'Admin', 'Member', 'ReadOnly', 'Auditor'],
  )
  assert.deepEqual(
    theirs.map((role) => role.RoleName),
    ['Owner', 'Admin', 'Member', 'ReadOnly'],
  )
  assert.ok(mine.every((role) => /^r[0-9a-f]{32}$/.test(role.RoleId)))
  assert.ok(mine.every((role) => theirs.every((one) => one.RoleId !== role.RoleId)))
})

test('BAND-33 an unknown RoleId is 400, another account’s and a workspace’s too', async (t) => {
  const face = await openFace(t)
  const { directory } = face.world.home
  const UserId = await createUser(face)
  const workspace = await directory.createWorkspace(face.world.call(), { name: 'Part' })
  const inside = await directory.createRole(face.world.call(), { name: 'Inside', workspaceId: workspace.id })
  const foreign = await roleNamed(faceOf(face.world, await face.world.another()), 'Admin')
  for (const RoleId of ['r1', 'Admin', '', `r${'0'.repeat(32)}`, foreign, `r${inside.id.replaceAll('-', '')}`]) {
    const body = { ...john, Username: 'x', Email: 'x@example.com', Roles: [{ RoleId }] }
    assert.equal((await face.send('POST', `${face.account}/users`, { body })).status, 400, RoleId)
    assert.equal(
      (await face.send('PUT', `${face.account}/users/${UserId}`, { body: { ...john, RoleIds: [RoleId] } })).status,
      400,
      RoleId,
    )
  }
})

test('BAND-Q10 roles are sent as Roles with RoleId or as RoleIds, not both', async (t) => {
  const face = await openFace(t)
  const admin = await roleNamed(face, 'Admin')
  const UserId = await createUser(face, { ...john, RoleIds: [admin] })
  assert.deepEqual((await face.send('GET', `${face.account}/users/${UserId}`)).json['Roles'], [
    { RoleId: admin, RoleName: 'Admin' },
  ])
  const body = { ...john, RoleIds: [admin], Roles: [{ RoleId: admin }] }
  assert.equal((await face.send('PUT', `${face.account}/users/${UserId}`, { body })).status, 400)
})

test('BAND-P02 the older list without an account shows the credential’s own account', async (t) => {
  const face = await openFace(t)
  const other = faceOf(face.world, await face.world.another())
  const UserId = await createUser(face)
  await createUser(other, { ...john, Username: 'theirs' })
  const users = (await face.send('GET', '/bandwidth/api/users')).json['Users'] as { UserId: string; EmailAddress: string }[]
  assert.deepEqual(
    users.map((user) => [user.UserId, user.EmailAddress]),
    [[UserId, john.Email]],
  )
})

/** How often others had a turn before an answer came. */
async function turnsDuring(answer: Promise<unknown>): Promise<number> {
  let turns = 0
  const count = () => {
    turns++
    next = setImmediate(count)
  }
  let next = setImmediate(count)
  await answer
  clearImmediate(next)
  return turns
}
