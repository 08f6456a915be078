import assert from 'node:assert/strict'
import { test } from 'node:test'
import { birdOf, inviteUser, jane, openBird, roleId, type BirdFace } from '../../../tests/bird.ts'

const post = (face: BirdFace, body?: unknown) => face.send('POST', face.users, { body })
const refusedField = async (face: BirdFace, body: unknown): Promise<string> => {
  const { status, json, text } = await post(face, body)
  assert.equal(status, 422, text)
  const [[field, messages] = ['', []]] = Object.entries<string[]>(json.details)
  assert.ok(Array.isArray(messages) && messages.length > 0)
  return field
}
const uuid = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
/** Six roles of the organization. */
async function sixRoles(face: BirdFace): Promise<string[]> {
  for (const name of ['Night', 'Day']) await face.world.home.directory.createRole(face.world.call(), { name })
  return Promise.all(['Owner', 'Admin', 'Member', 'ReadOnly', 'Night', 'Day'].map((name) => roleId(face, name)))
}
const refs = async (face: BirdFace, ids: readonly string[]) => {
  const roles = await face.world.home.directory.listRoles(face.world.call(), {})
  const managed = new Set(['Owner', 'Admin', 'Member', 'ReadOnly'])
  return ids.map((id) => ({
    id,
    type: managed.has(roles.find((role) => role.id === id)?.name ?? '') ? 'managed' : 'organization',
  }))
}

test('BIRD-33 BIRD-Q10 a user of the platform is added with the id, active at once', async (t) => {
  const face = await openBird(t)
  const there = birdOf(face.world, await face.world.another())
  const { home, call } = face.world
  const { member } = await home.directory.addMember(call({ organizationId: there.organizationId }), {
    as: 'active',
    state: {
      userName: 'ada',
      externalId: 'secret-external-id',
      displayName: 'Ada King',
      name: {},
      emails: [{ value: 'ada@example.com', primary: true }, { value: 'private@example.com' }],
      roleIds: [],
      suspended: false,
      attributes: { title: 'Countess' },
    },
  })
  const { status, json } = await post(face, { userId: member.personId, attributes: { roles: ['managed:organization_member'] } })
  assert.equal(status, 201)
  assert.equal(json.user.id, member.personId)
  assert.equal(json.status, 'active')
  assert.deepEqual(json.attributes, { roles: ['managed:organization_member'] })
  const stored = await home.directory.findMemberByPerson(call(), { personId: member.personId })
  assert.deepEqual(
    [stored?.displayName, stored?.emails.map(({ value }) => value), stored?.externalId, stored?.attributes],
    ['Ada King', ['ada@example.com'], undefined, {}],
  )
  assert.equal((await post(face, { userId: member.personId })).status, 409)
})

test('BIRD-33 a former member is added again with the id', async (t) => {
  const face = await openBird(t)
  const id = await inviteUser(face)
  await face.send('DELETE', `${face.users}/${id}`)
  const { status, json } = await post(face, { userId: id.toUpperCase() })
  assert.equal(status, 201)
  assert.deepEqual([json.user.id, json.user.defaultEmail, json.status], [id, jane.email, 'active'])
})

test('BIRD-33 somebody who never accepted elsewhere is not known here', async (t) => {
  const face = await openBird(t)
  const there = birdOf(face.world, await face.world.another())
  const invited = await inviteUser(there)
  assert.equal((await post(face, { userId: invited })).status, 404)
})

test('BIRD-34 an invitation needs name and email', async (t) => {
  const face = await openBird(t)
  assert.equal(await refusedField(face, { name: 'Jane' }), 'email')
  assert.equal(await refusedField(face, { email: 'jane@example.com' }), 'name')
})

test('BIRD-35 a body of both kinds is neither', async (t) => {
  const face = await openBird(t)
  await refusedField(face, { ...jane, userId: uuid(1) })
  await refusedField(face, { name: 'Jane', userId: uuid(1) })
})

test('BIRD-36 an empty, an absent and a broken body are 422', async (t) => {
  const face = await openBird(t)
  for (const body of [{}, undefined, '{"name":', '[]', 'null']) await refusedField(face, body)
})

test('BIRD-37 BIRD-60 a key that the body does not know is 422 and named', async (t) => {
  const face = await openBird(t)
  assert.equal(await refusedField(face, { ...jane, nickname: 'x' }), 'nickname')
  assert.equal(await refusedField(face, { userId: uuid(1), nickname: 'x' }), 'nickname')
  assert.equal(await refusedField(face, { ...jane, roleTreatment: 'remove' }), 'roleTreatment')
})

test('BIRD-38 a name has 1 to 256 characters', async (t) => {
  const face = await openBird(t)
  assert.equal(await refusedField(face, { ...jane, name: '' }), 'name')
  assert.equal(await refusedField(face, { ...jane, name: 'x'.repeat(257) }), 'name')
  await inviteUser(face, { name: 'x', email: 'a@example.com' })
  await inviteUser(face, { name: 'x'.repeat(256), email: 'b@example.com' })
})

test('BIRD-39 an address that is none is 422', async (t) => {
  const face = await openBird(t)
  for (const email of ['jane', 'jane@', '@example.com', 'a b@example.com', '', 7])
    assert.equal(await refusedField(face, { ...jane, email }), 'email')
})

test('BIRD-40 AddUser takes five distinct roleIds and any number of roleRefs', async (t) => {
  const face = await openBird(t)
  const userId = await inviteUser(face)
  await face.send('DELETE', `${face.users}/${userId}`)
  const ids = await sixRoles(face)
  assert.equal(await refusedField(face, { userId, roleIds: ids }), 'roleIds')
  assert.equal(await refusedField(face, { userId, roleIds: [ids[0], ids[0]] }), 'roleIds')
  const { status, json } = await post(face, { userId, roleRefs: await refs(face, ids) })
  assert.equal(status, 201)
  assert.equal(json.roleRefs.length, 6)
})

test('BIRD-41 InviteUser takes five roleRefs and any roleIds, named twice or not', async (t) => {
  const face = await openBird(t)
  const ids = await sixRoles(face)
  assert.equal(await refusedField(face, { ...jane, roleRefs: await refs(face, ids) }), 'roleRefs')
  const { status, json } = await post(face, { ...jane, roleIds: [...ids, ids[0]] })
  assert.equal(status, 201)
  assert.deepEqual(json.roleIds.toSorted(), ids.toSorted())
})

test('BIRD-32 a reference has id, type and workspaces, and nothing else', async (t) => {
  const face = await openBird(t)
  const admin = await roleId(face, 'Admin')
  for (const reference of [
    { id: admin },
    { type: 'managed' },
    { id: admin, type: 'other' },
    { id: 'x', type: 'managed' },
    { id: admin, type: 'managed', more: 1 },
  ])
    assert.match(await refusedField(face, { ...jane, roleRefs: [reference] }), /^roleRefs/)
  assert.equal(await refusedField(face, { ...jane, roleRefs: [{ id: uuid(1), type: 'managed' }] }), 'roleRefs')
  assert.equal(await refusedField(face, { ...jane, roleRefs: [{ id: admin, type: 'organization' }] }), 'roleRefs')
  const { json } = await post(face, { ...jane, roleRefs: [{ id: admin, type: 'managed', workspaces: null }] })
  assert.deepEqual(json.roleRefs, [{ id: admin, type: 'managed' }])
})

test('BIRD-32 a reference with workspaces holds the role of that name there, and in no other place', async (t) => {
  const face = await openBird(t)
  const { directory } = face.world.home
  const workspace = await directory.createWorkspace(face.world.call(), { name: 'Support' })
  const admin = await roleId(face, 'Admin')
  const reference = { id: admin, type: 'managed', workspaces: [workspace.id] }
  assert.equal(await refusedField(face, { ...jane, roleRefs: [reference] }), 'roleRefs')
  const there = await directory.createRole(face.world.call(), { name: 'Admin', workspaceId: workspace.id })
  assert.equal(await refusedField(face, { ...jane, roleRefs: [{ ...reference, workspaces: [] }] }), 'roleRefs')
  const { json } = await post(face, { ...jane, roleRefs: [reference] })
  assert.deepEqual(json.roleRefs, [reference])
  assert.equal(json.attributes, null)
  const stored = await directory.findMemberByEmail(face.world.call(), { email: jane.email })
  assert.deepEqual(stored?.roleIds, [there.id])
})

test('BIRD-43 a role is a slug of the organization’s roles', async (t) => {
  const face = await openBird(t)
  await face.world.home.directory.createRole(face.world.call(), { name: 'Night shift' })
  for (const slug of ['admin', 'Managed:admin', 'managed:', 'managed:a b', 'managed:nobody'])
    assert.equal(await refusedField(face, { ...jane, attributes: { roles: [slug] } }), 'attributes.roles')
  const roles = ['managed:organization_admin', 'organization:night_shift']
  assert.deepEqual((await post(face, { ...jane, attributes: { roles } })).json.attributes, { roles })
})

test('BIRD-44 attributes keep what stands beside the roles', async (t) => {
  const face = await openBird(t)
  const attributes = { team: 'x', nested: { list: [1, null, true] }, roles: ['managed:organization_member'] }
  const id = await inviteUser(face, { ...jane, attributes })
  assert.deepEqual((await face.send('GET', `${face.users}/${id}`)).json.attributes, attributes)
  assert.equal(
    await refusedField(face, { name: 'x', email: 'x@example.com', attributes: { long: 'x'.repeat(10_001) } }),
    'attributes',
  )
})

test('BIRD-22 BIRD-47 somebody new is invited, and a pending user', async (t) => {
  const face = await openBird(t)
  const id = await inviteUser(face)
  const { json } = await face.send('GET', `${face.users}/${id}`)
  assert.deepEqual([json.status, json.user.status], ['invited', 'pending'])
})

test('BIRD-48 a domain that the organization does not allow is 403 with details', async (t) => {
  const face = await openBird(t, { organization: { emailDomains: ['example.com'] } })
  const { status, json } = await post(face, { ...jane, email: 'jane@elsewhere.test' })
  assert.equal(status, 403)
  assert.deepEqual(Object.keys(json.details), ['email'])
  assert.equal((await post(face, jane)).status, 201)
  const there = birdOf(face.world, await face.world.another())
  const outside = await inviteUser(there, { name: 'O', email: 'o@elsewhere.test' })
  const { home, call } = face.world
  const theirs = call({ organizationId: there.organizationId })
  const member = await home.directory.findMemberByPerson(theirs, { personId: outside })
  assert.ok(member)
  await home.database.store.write(there.organizationId, (tx) =>
    tx.putMembership({ ...member, acceptedAt: new Date(), status: 'active', version: 2 }),
  )
  assert.equal((await post(face, { userId: outside })).status, 403)
})

test('BIRD-49 BIRD-Q15 a member, invited or not, is 409 without details', async (t) => {
  const face = await openBird(t)
  const id = await inviteUser(face)
  for (const body of [jane, { name: 'Other', email: 'JANE@example.com' }, { userId: id }]) {
    const { status, json } = await post(face, body)
    assert.equal(status, 409)
    assert.deepEqual(Object.keys(json), ['code', 'message'])
  }
})

test('BIRD-50 BIRD-Q09 an unknown organization and an unknown user are 404', async (t) => {
  const face = await openBird(t)
  assert.equal((await face.send('POST', `/bird/organizations/${uuid(1)}/users`, { body: jane })).status, 404)
  assert.equal((await post(face, { userId: uuid(1) })).status, 404)
})

test('BIRD-51 BIRD-52 a refused body says code, message, and for each field a list of texts', async (t) => {
  const { json } = await post(await openBird(t), { name: 'x' })
  assert.deepEqual(Object.keys(json), ['code', 'message', 'details'])
  assert.equal(typeof json.code, 'string')
  assert.deepEqual(json.details, { email: [json.message] })
})
