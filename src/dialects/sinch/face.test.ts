import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  accept,
  addActive,
  bearer,
  faceOf,
  invite,
  listed,
  memberOf,
  openFace,
  send,
  type Face,
  type SendOptions,
} from '../../../tests/sinch.ts'

const pathOf = (face: Face, access = face.world.access) => new URL(access['sinch']?.['scimBaseUrl'] ?? '').pathname
const scim = (face: Face, method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, options: SendOptions = {}) =>
  send(face.app, method, path.startsWith('/sinch') ? path : `${pathOf(face)}${path}`, {
    ...options,
    headers: { ...bearer(face.world.access['sinch']?.['scimToken'] ?? ''), ...options.headers },
  })

const ada = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  userName: 'ada@example.com',
  emails: [{ value: 'ada@example.com', primary: true }],
  active: true,
}
const deactivate = {
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: [{ op: 'replace', value: { active: false } }],
}

test('SNCH-36 SCIM creates, updates, deactivates and lists users, and members show it', async (t) => {
  const face = await openFace(t)
  const made = await scim(face, 'POST', '/Users', { body: ada })
  assert.equal(made.status, 201, made.text)
  const { id } = made.json
  assert.match(id, /^usr_[0-9a-f]{32}$/)
  assert.equal((await memberOf(face, ada.userName))?.['user_id'], id)
  assert.equal((await memberOf(face, ada.userName))?.['status'], 'ACTIVE')
  const put = await scim(face, 'PUT', `/Users/${id}`, { body: { ...ada, displayName: 'Ada Lovelace' } })
  assert.equal(put.status, 200, put.text)
  assert.equal((await memberOf(face, ada.userName))?.['display_name'], 'Ada Lovelace')
  const list = await scim(face, 'GET', '/Users?filter=userName%20eq%20%22ada%40example.com%22')
  assert.equal(list.json['totalResults'], 1)
  assert.equal((await scim(face, 'PATCH', `/Users/${id}`, { body: deactivate })).status, 200)
  assert.equal((await memberOf(face, ada.userName))?.['status'], 'SUSPENDED')
})

test('SNCH-37 the URL is issued to each customer, and one that was not leads nowhere', async (t) => {
  const face = await openFace(t)
  const other = await face.world.another()
  assert.notEqual(pathOf(face), pathOf(face, other))
  assert.equal((await scim(face, 'GET', '/Users')).status, 200)
  for (const path of [
    pathOf(face, other),
    '/sinch/scim/v2/cus_00000000000070008000000000000000',
    '/sinch/scim/v2/x',
    '/sinch/scim/v2',
    '/sinch/scim',
  ])
    assert.equal((await scim(face, 'GET', `${path}/Users`)).status, 404, path)
})

test('SNCH-38 without Enterprise, or without Okta or Entra ID, no URL is issued', async (t) => {
  for (const organization of [
    { plan: 'pro', sso: 'okta' },
    { plan: 'enterprise', sso: 'none' },
    { plan: 'enterprise', sso: 'onelogin' },
  ] as const) {
    const face = await openFace(t, { organization })
    for (const reply of [await scim(face, 'GET', '/Users'), await scim(face, 'POST', '/Users', { body: ada })]) {
      assert.equal(reply.status, 404)
      assert.doesNotMatch(reply.text, /Enterprise|sign-on/)
      assert.deepEqual(reply.json['schemas'], ['urn:ietf:params:scim:api:messages:2.0:Error'])
    }
    assert.deepEqual(await listed(face), [])
  }
  assert.equal((await scim(await openFace(t, { organization: { sso: 'entra' } }), 'GET', '/Users')).status, 200)
})

test('SNCH-39 nothing that a caller sends turns SCIM on: the printed URL and token are all there is', async (t) => {
  const face = await openFace(t)
  const { scimBaseUrl, scimToken } = face.world.access['sinch'] ?? {}
  assert.ok(scimBaseUrl && scimToken)
  assert.equal((await face.send('GET', `${pathOf(face)}/Users`)).status, 401)
  for (const path of ['/sinch/scim', face.members.replace('members', 'scim')])
    for (const method of ['POST', 'PUT'] as const) assert.equal((await face.send(method, path, { body: {} })).status, 404)
})

test('SNCH-40 groups are not offered, and the discovery does not name them', async (t) => {
  const face = await openFace(t)
  for (const method of ['GET', 'POST'] as const)
    assert.equal((await scim(face, method, '/Groups', { ...(method === 'POST' && { body: {} }) })).status, 404)
  assert.doesNotMatch((await scim(face, 'GET', '/ResourceTypes')).text, /"Group"/)
  assert.equal((await scim(face, 'POST', '/Bulk', { body: {} })).status, 404)
})

test('SNCH-41 deactivated by SCIM a member is SUSPENDED and their sessions end; deleted they are gone', async (t) => {
  const face = await openFace(t)
  const { home, call } = face.world
  const member = await addActive(face, 'ada@example.com')
  await home.directory.startSession(call(), { membershipId: member.id })
  const id = (await memberOf(face, 'ada@example.com'))?.['user_id']
  await scim(face, 'PATCH', `/Users/${id}`, { body: deactivate })
  assert.equal((await memberOf(face, 'ada@example.com'))?.['status'], 'SUSPENDED')
  assert.ok((await home.directory.listSessions(call(), { membershipId: member.id })).every((session) => session.endedAt))
  assert.equal((await scim(face, 'DELETE', `/Users/${id}`)).status, 204)
  assert.deepEqual(await listed(face), [])
})

test('SCIM of one customer does not show the people of another', async (t) => {
  const face = await openFace(t)
  const other = faceOf(face.world, await face.world.another())
  await invite(other, 'secret@example.com')
  await accept(face, 'secret@example.com').catch(() => undefined)
  assert.equal((await scim(face, 'GET', '/Users')).json['totalResults'], 0)
})
