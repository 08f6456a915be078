import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { birdOf, inviteUser, jane, openBird, roleId } from '../../../tests/bird.ts'
import { stateOf, statusOf } from '../../directory/membership.ts'

const admin = 'managed:organization_admin'
const member = 'managed:organization_member'

async function opened(t: TestContext, over: object = {}) {
  const face = await openBird(t)
  const id = await inviteUser(face, { ...jane, ...over })
  const path = `${face.users}/${id}`
  const patch = (body?: unknown) => face.send('PATCH', path, { body })
  const ids = {
    admin: await roleId(face, 'Admin'),
    member: await roleId(face, 'Member'),
    readOnly: await roleId(face, 'ReadOnly'),
  }
  return { face, id, path, patch, ids }
}
/** Makes the invited member an active owner, as accepting would. */
async function makeOwner({ face, id }: Awaited<ReturnType<typeof opened>>) {
  const { home, call, organizationId } = face.world
  const current = await home.directory.findMemberByPerson(call(), { personId: id })
  assert.ok(current)
  const acceptedAt = new Date()
  const roleIds = [await roleId(face, 'Owner')]
  await home.database.store.write(organizationId, (tx) =>
    tx.putMembership({ ...current, roleIds, acceptedAt, status: statusOf(false, acceptedAt), version: current.version + 1 }),
  )
}

test('BIRD-53 a removed member is 204 without a body, gone here and still in other organizations', async (t) => {
  const { face, id, path } = await opened(t)
  const { directory } = face.world.home
  const there = birdOf(face.world, await face.world.another())
  await face.send('DELETE', path)
  await face.send('POST', face.users, { body: { userId: id } })
  assert.equal((await there.send('POST', there.users, { body: { userId: id } })).status, 201)
  const { status, text } = await face.send('DELETE', path)
  assert.deepEqual([status, text], [204, ''])
  assert.equal((await face.send('GET', path)).status, 404)
  assert.equal((await there.send('GET', `${there.users}/${id}`)).status, 200)
  assert.equal(await directory.findMemberByEmail(face.world.call(), { email: jane.email }), undefined)
})

test('BIRD-54 removing somebody twice, or nobody, is 404', async (t) => {
  const { face, path } = await opened(t)
  await face.send('DELETE', path)
  assert.equal((await face.send('DELETE', path)).status, 404)
  assert.equal((await face.send('DELETE', `${face.users}/x`)).status, 404)
})

test('BIRD-55 an update answers the membership with a later updatedAt', async (t) => {
  const { face, path, patch } = await opened(t)
  const before = (await face.send('GET', path)).json
  const { status, json } = await patch({ attributes: { roles: [admin] } })
  assert.equal(status, 200)
  assert.ok(json.updatedAt > before.updatedAt)
  assert.equal(json.createdAt, before.createdAt)
})

test('BIRD-37 BIRD-56 an update takes its four members alone', async (t) => {
  const { patch } = await opened(t)
  for (const [name, value] of Object.entries({ status: 'banned', name: 'x', email: 'x@example.com', userId: 'x', other: 1 }))
    assert.deepEqual(Object.keys((await patch({ [name]: value })).json.details), [name])
})

test('BIRD-42 an update takes five distinct roleIds and any distinct roleRefs', async (t) => {
  const { face, patch } = await opened(t)
  for (const name of ['Night', 'Day']) await face.world.home.directory.createRole(face.world.call(), { name })
  const roles = await face.world.home.directory.listRoles(face.world.call(), {})
  const ids = roles.map((role) => role.id)
  const references = roles.map(({ id, name }) => ({ id, type: ['Night', 'Day'].includes(name) ? 'organization' : 'managed' }))
  assert.equal(ids.length, 6)
  assert.deepEqual(Object.keys((await patch({ roleIds: ids })).json.details), ['roleIds'])
  assert.equal((await patch({ roleIds: [ids[0], ids[0]] })).status, 422)
  assert.deepEqual(Object.keys((await patch({ roleRefs: [references[0], references[0]] })).json.details), ['roleRefs'])
  assert.equal((await patch({ roleRefs: references })).json.roleRefs.length, 6)
  assert.equal((await patch({ roleIds: ids.slice(0, 5) })).json.roleIds.length, 5)
})

test('BIRD-43 an update refuses what is no slug', async (t) => {
  const { patch } = await opened(t)
  assert.deepEqual(Object.keys((await patch({ attributes: { roles: ['admin'] } })).json.details), ['attributes.roles'])
})

test('BIRD-58 BIRD-Q17 the last owner can be neither demoted nor removed: a plain 403', async (t) => {
  const all = await opened(t)
  await makeOwner(all)
  for (const { status, json } of [await all.patch({ attributes: { roles: [] } }), await all.face.send('DELETE', all.path)]) {
    assert.equal(status, 403)
    assert.deepEqual(Object.keys(json), ['code', 'message'])
  }
})

test('BIRD-59 BIRD-Q14 attributes cannot be null; null roleRefs and roleIds clear, a null roleTreatment does nothing', async (t) => {
  const { patch, ids } = await opened(t)
  assert.deepEqual(Object.keys((await patch({ attributes: null })).json.details), ['attributes'])
  const held = { roleRefs: [{ id: ids.admin, type: 'managed' }], roleIds: [ids.member] }
  const before = (await patch(held)).json
  assert.deepEqual([before.roleRefs, before.roleIds], [held.roleRefs, held.roleIds])
  const same = (await patch({ roleTreatment: null })).json
  assert.deepEqual(same, before)
  assert.deepEqual((await patch({ roleRefs: null })).json.roleRefs, null)
  assert.deepEqual((await patch({ roleIds: null })).json.roleIds, null)
})

test('BIRD-60 BIRD-Q12 any roleTreatment clears the legacy roles that the body does not name', async (t) => {
  const { patch, ids } = await opened(t, { attributes: { roles: [member] } })
  await patch({ roleRefs: [{ id: ids.admin, type: 'managed' }], roleIds: [ids.readOnly] })
  const { json } = await patch({ roleTreatment: 'whatever', roleIds: [ids.admin] })
  assert.deepEqual([json.roleRefs, json.roleIds, json.attributes], [null, [ids.admin], { roles: [member] }])
  assert.deepEqual((await patch({ roleTreatment: 'whatever' })).json.roleIds, null)
  assert.equal((await patch({ roleTreatment: 7 })).status, 422)
})

test('BIRD-61 an empty update is 200 and changes nothing', async (t) => {
  const { face, path, patch } = await opened(t, { attributes: { roles: [admin], a: 1 } })
  const before = (await face.send('GET', path)).json
  const facts = await face.world.home.directory.listFacts(face.world.call(), { limit: 100 })
  const { status, json } = await patch({})
  assert.equal(status, 200)
  assert.deepEqual({ ...json, teamRoles: [] }, before)
  assert.equal((await face.world.home.directory.listFacts(face.world.call(), { limit: 100 })).length, facts.length)
  assert.equal((await patch()).status, 422)
})

test('BIRD-62 what an update leaves out stays', async (t) => {
  const { patch, ids } = await opened(t, { attributes: { roles: [member], team: 'x' } })
  const roleRefs = [{ id: ids.admin, type: 'managed' }]
  assert.deepEqual((await patch({ roleRefs })).json.attributes, { team: 'x', roles: [member] })
  const { json } = await patch({ attributes: { other: 1 } })
  assert.deepEqual([json.attributes, json.roleRefs], [{ team: 'x', other: 1, roles: [member] }, roleRefs])
  assert.deepEqual((await patch({ roleIds: [ids.readOnly] })).json.roleRefs, roleRefs)
})

test('BIRD-Q13 attributes.roles is replaced, other attributes are laid over', async (t) => {
  const { patch } = await opened(t, { attributes: { roles: [member], a: 1, b: 1 } })
  assert.deepEqual((await patch({ attributes: { roles: [admin], b: null } })).json.attributes, { a: 1, b: null, roles: [admin] })
  assert.deepEqual((await patch({ attributes: { roles: [] } })).json.attributes, { a: 1, b: null })
})

test('a role held in two ways is held until it is taken from both', async (t) => {
  const { face, id, patch, ids } = await opened(t, { attributes: { roles: [admin] } })
  await patch({ roleIds: [ids.admin] })
  const held = async () => (await face.world.home.directory.findMemberByPerson(face.world.call(), { personId: id }))?.roleIds
  const { json } = await patch({ attributes: { roles: [] } })
  assert.deepEqual([json.roleIds, await held()], [[ids.admin], [ids.admin]])
  await patch({ roleIds: null })
  assert.deepEqual(await held(), [])
})

test('a role that another API takes away is gone here, however Bird had given it', async (t) => {
  const { face, id, path, patch, ids } = await opened(t)
  await patch({ roleRefs: [{ id: ids.admin, type: 'managed' }], attributes: { roles: [member] } })
  const { directory } = face.world.home
  const current = await directory.findMemberByPerson(face.world.call(), { personId: id })
  await directory.changeMember(face.world.call(), {
    id: current?.id ?? '',
    sessions: 'keep',
    change: (found) => ({ ...stateOf(found), roleIds: [ids.readOnly] }),
  })
  const { json } = await face.send('GET', path)
  assert.deepEqual([json.roleRefs, json.attributes], [null, { roles: ['managed:organization_read_only'] }])
})
