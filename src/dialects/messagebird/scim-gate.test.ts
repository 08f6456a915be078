import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faceOf, invite, kinds, newScimUser, openFace, provision, setActive, type Face } from '../../../tests/messagebird.ts'

const errorSchema = 'urn:ietf:params:scim:api:messages:2.0:Error'
const restUser = async (face: Face, id: string) => (await face.send('GET', `/users/${id}`)).json
const detailOf = ({ json }: { readonly json: Readonly<Record<string, unknown>> }) => json['detail']

/** Every operation of MBRD-39 on something that is there. */
async function everyOperation(face: Face): Promise<readonly (readonly ['GET' | 'POST' | 'PATCH' | 'DELETE', string, object?])[]> {
  return [
    ['GET', '/scim/v2/Users'],
    ['GET', '/scim/v2/Groups'],
    ['POST', '/scim/v2/Users', newScimUser('x@example.com')],
    ['GET', `/scim/v2/Users/${await invite(face, 'jane@example.com')}`],
    ['PATCH', '/scim/v2/Users/abc-123', setActive(false)],
    ['DELETE', '/scim/v2/Users/abc-123'],
    ['POST', '/scim/v2/Groups', { displayName: 'X' }],
    ['PATCH', '/scim/v2/Groups/abc-123', { Operations: [{ op: 'replace', path: 'displayName', value: 'Y' }] }],
    ['DELETE', '/scim/v2/Groups/abc-123'],
  ]
}

test('MBRD-28 below Enterprise every SCIM path is 403, reads included, and nothing happens', async (t) => {
  for (const plan of ['free', 'starter', 'pro'] as const) {
    const face = await openFace(t, { organization: { plan } })
    for (const [method, path, body] of await everyOperation(face)) {
      const { status, json } = await face.send(method, path, { body })
      assert.deepEqual([status, json['schemas'], json['status']], [403, [errorSchema], '403'], `${plan} ${method} ${path}`)
    }
    assert.equal((await face.send('GET', '/users')).json['count'], 1)
  }
})

test('MBRD-28 the plan decides at each request, and REST goes on without it', async (t) => {
  const face = await openFace(t)
  const { directory } = face.world.home
  const id = await provision(face, 'jane@example.com')
  await directory.changeOrganization(face.world.call(), { plan: 'pro' })
  assert.equal((await face.send('GET', '/scim/v2/Users')).status, 403)
  assert.equal((await restUser(face, id)).id, id)
  await directory.changeOrganization(face.world.call(), { plan: 'enterprise' })
  assert.equal((await face.send('GET', '/scim/v2/Users')).status, 200)
})

test('MBRD-40 what the vendor does not offer is 405 where the path has other methods, else 404, with a SCIM error', async (t) => {
  const face = await openFace(t)
  const id = await provision(face, 'jane@example.com')
  const group = await face.send('POST', '/scim/v2/Groups', { body: { displayName: 'Guides' } })
  const replies = [
    await face.send('PUT', `/scim/v2/Users/${id}`, { body: newScimUser('jane@example.com') }),
    await face.send('GET', `/scim/v2/Groups/${group.json.id}`),
    await face.send('PUT', `/scim/v2/Groups/${group.json.id}`, { body: { displayName: 'X' } }),
    await face.send('GET', '/scim/v2/ServiceProviderConfig'),
    await face.send('GET', '/scim/v2/Schemas'),
    await face.send('GET', '/scim/v2/ResourceTypes'),
    await face.send('POST', '/scim/v2/Users/.search', { body: {} }),
  ]
  assert.deepEqual(
    replies.map(({ status }) => status),
    [405, 405, 405, 404, 404, 404, 405],
  )
  for (const { status, json } of replies) assert.deepEqual([json['schemas'], json['status']], [[errorSchema], String(status)])
  assert.equal(replies[0]?.headers['allow'], 'GET, HEAD, PATCH, DELETE')
})

test('MBRD-06 scim:read reads and nothing else, scim:write writes and does not read', async (t) => {
  const face = await openFace(t)
  const id = await provision(face, 'jane@example.com')
  const reader = `Bearer ${await face.credential(kinds.scimTokenKind, ['read'])}`
  const writer = `Bearer ${await face.credential(kinds.scimTokenKind, ['write'])}`
  for (const [method, path, body] of [
    ['POST', '/scim/v2/Users', newScimUser('x@example.com')],
    ['PATCH', `/scim/v2/Users/${id}`, setActive(false)],
    ['POST', '/scim/v2/Groups', { displayName: 'X' }],
    ['PATCH', '/scim/v2/Groups/abc', { Operations: [{ op: 'replace', path: 'displayName', value: 'Y' }] }],
    ['DELETE', '/scim/v2/Groups/abc'],
    ['DELETE', `/scim/v2/Users/${id}`],
  ] as const)
    assert.equal((await face.send(method, path, { body, as: reader })).status, 403, `${method} ${path}`)
  for (const path of ['/scim/v2/Users', `/scim/v2/Users/${id}`, '/scim/v2/Groups']) {
    assert.equal((await face.send('GET', path, { as: reader })).status, 200, path)
    assert.equal((await face.send('GET', path, { as: writer })).status, 403, path)
  }
  const suspended = await face.send('PATCH', `/scim/v2/Users/${id}`, { as: writer, body: setActive(false) })
  assert.deepEqual([suspended.status, suspended.json['active']], [200, false])
  assert.equal((await face.send('POST', '/scim/v2/Groups', { as: writer, body: { displayName: 'Admin' } })).status, 201)
  assert.equal((await face.send('DELETE', `/scim/v2/Users/${id}`, { as: writer })).status, 204)
})

test('MBRD-Q02 a REST key on SCIM is 401, a scope and a plan are 403, and the words are the same', async (t) => {
  const face = await openFace(t)
  const low = faceOf(face.world, await face.world.another({ plan: 'pro' }))
  const reader = `Bearer ${await face.credential(kinds.scimTokenKind, ['read'])}`
  const replies = [
    await face.send('GET', '/scim/v2/Users', { as: `Bearer ${face.accessKey}` }),
    await face.send('GET', '/scim/v2/Users', { as: `AccessKey ${face.accessKey}` }),
    await face.send('GET', '/scim/v2/Users', { as: '' }),
    await face.send('POST', '/scim/v2/Users', { as: reader, body: newScimUser('x@example.com') }),
    await low.send('GET', '/scim/v2/Users'),
  ]
  assert.deepEqual(
    replies.map(({ status }) => status),
    [401, 401, 401, 403, 403],
  )
  assert.deepEqual(new Set(replies.map(detailOf)), new Set(['Request not allowed.']))
})

test('nobody of another organization is seen or changed by a SCIM token', async (t) => {
  const face = await openFace(t)
  const other = faceOf(face.world, await face.world.another())
  const id = await provision(other, 'jane@example.com')
  for (const [method, body] of [['GET'], ['PATCH', setActive(false)], ['DELETE']] as const)
    assert.equal((await face.send(method, `/scim/v2/Users/${id}`, { body })).status, 404)
  assert.equal((await face.send('GET', '/scim/v2/Users')).json['totalResults'], 0)
  assert.equal((await restUser(other, id))['status'], 'active')
})
