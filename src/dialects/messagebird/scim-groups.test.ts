import assert from 'node:assert/strict'
import { test } from 'node:test'
import { invite, openFace, provision, type Face } from '../../../tests/messagebird.ts'

const restUser = async (face: Face, id: string) => (await face.send('GET', `/users/${id}`)).json
test('MBRD-39 groups are listed, made, changed and removed', async (t) => {
  const face = await openFace(t)
  const member = await provision(face, 'jane@example.com')
  const made = await face.send('POST', '/scim/v2/Groups', { body: { displayName: 'Guides', members: [{ value: member }] } })
  assert.equal(made.status, 201)
  const path = `/scim/v2/Groups/${made.json.id}`
  const change = { Operations: [{ op: 'remove', path: `members[value eq "${member}"]` }] }
  assert.ok([200, 204].includes((await face.send('PATCH', path, { body: change })).status))
  const { json } = await face.send('GET', '/scim/v2/Groups')
  assert.deepEqual(
    json.Resources.map((group) => [group['displayName'], group['members']]),
    [['Guides', undefined]],
  )
  assert.equal((await face.send('DELETE', path)).status, 204)
  assert.equal((await face.send('GET', '/scim/v2/Groups')).json['totalResults'], 0)
})

test('MBRD-Q10 a group that is named for a role grants it; another name, or no membership, takes it away', async (t) => {
  const face = await openFace(t)
  const [direct, grouped] = [await invite(face, 'a@example.com', { role: 'member' }), await provision(face, 'b@example.com')]
  const roles = async () => [(await restUser(face, direct))['role'], (await restUser(face, grouped))['role']]
  const made = await face.send('POST', '/scim/v2/Groups', {
    body: { displayName: 'Admin', members: [{ value: direct }, { value: grouped }] },
  })
  assert.deepEqual(await roles(), ['member', 'admin'])
  const rename = (value: string) =>
    face.send('PATCH', `/scim/v2/Groups/${made.json.id}`, {
      body: { Operations: [{ op: 'replace', path: 'displayName', value }] },
    })
  await rename('Guides')
  assert.deepEqual(await roles(), ['member', undefined])
  await rename('readonly')
  assert.deepEqual(await roles(), ['member', 'readonly'])
  await face.send('DELETE', `/scim/v2/Groups/${made.json.id}`)
  assert.deepEqual(await roles(), ['member', undefined])
})

test('MBRD-Q10 a role that somebody mapped to a group stays with it, whatever its name becomes', async (t) => {
  const face = await openFace(t)
  const { directory } = face.world.home
  const owner = (await directory.listRoles(face.world.call(), undefined)).find((role) => role.name === 'Owner')!
  const { json } = await face.send('POST', '/scim/v2/Groups', { body: { displayName: 'Guides' } })
  await directory.changeGroup(face.world.call(), { id: json.id, changes: [{ kind: 'set', change: { roleIds: [owner.id] } }] })
  await face.send('PATCH', `/scim/v2/Groups/${json.id}`, {
    body: { Operations: [{ op: 'replace', path: 'displayName', value: 'Admin' }] },
  })
  const group = await directory.getGroup(face.world.call(), { id: json.id })
  assert.deepEqual([group.roleIds.length, group.roleIds.includes(owner.id)], [2, true])
})
