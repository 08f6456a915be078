import assert from 'node:assert/strict'
import { test } from 'node:test'
import { invite, newScimUser, openFace, provision, setActive, type Face } from '../../../tests/messagebird.ts'

const listSchema = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'
const restUser = async (face: Face, id: string) => (await face.send('GET', `/users/${id}`)).json
test('MBRD-30 a list takes startIndex from 1 and count, and answers schemas, totalResults and Resources', async (t) => {
  const face = await openFace(t)
  const ids = []
  for (const name of ['a', 'b', 'c', 'd', 'e']) ids.push(await provision(face, `${name}@example.com`))
  const page = async (query: string) => {
    const { json } = await face.send('GET', `/scim/v2/Users?${query}`)
    assert.deepEqual([json['schemas'], json['totalResults']], [[listSchema], 5])
    return json.Resources.map((user) => user.id)
  }
  assert.deepEqual(await page('startIndex=1&count=20'), ids)
  assert.deepEqual(await page('startIndex=2&count=2'), ids.slice(1, 3))
  assert.deepEqual(await page('startIndex=6&count=2'), [])
})

test('MBRD-Q09 a list says startIndex and itemsPerPage too', async (t) => {
  const face = await openFace(t)
  await provision(face, 'a@example.com')
  const { json } = await face.send('GET', '/scim/v2/Users?startIndex=1&count=5')
  assert.deepEqual([json['startIndex'], json['itemsPerPage']], [1, 1])
})

test('MBRD-Q08 userName eq and externalId eq find somebody; a page has 20, and 100 at most', async (t) => {
  const face = await openFace(t)
  for (let index = 0; index < 101; index++) await provision(face, `p${index}@example.com`)
  const made = await face.send('POST', '/scim/v2/Users', { body: { ...newScimUser('okta@example.com'), externalId: 'okta-1' } })
  const find = async (filter: string) =>
    (await face.send('GET', `/scim/v2/Users?filter=${encodeURIComponent(filter)}`)).json.Resources.map((user) => user.id)
  for (const filter of ['userName eq "okta@example.com"', 'userName eq "OKTA@example.com"', 'externalId eq "okta-1"'])
    assert.deepEqual(await find(filter), [made.json.id], filter)
  assert.deepEqual(await find('userName eq "nobody@example.com"'), [])
  const length = async (query: string) => (await face.send('GET', `/scim/v2/Users${query}`)).json.Resources.length
  assert.deepEqual([await length(''), await length('?count=1000')], [20, 100])
})

test('MBRD-31 a creation answers 201 with the id and active true', async (t) => {
  const face = await openFace(t)
  const { status, json } = await face.send('POST', '/scim/v2/Users', { body: newScimUser('new@example.com') })
  assert.deepEqual([status, json['userName'], json['active']], [201, 'new@example.com', true])
  assert.equal((await restUser(face, json.id))['status'], 'active')
})

test('MBRD-32 schemas and userName are enough to create somebody, whose address userName is', async (t) => {
  const face = await openFace(t)
  const id = await provision(face, 'new@example.com')
  assert.equal((await restUser(face, id))['email'], 'new@example.com')
})

test('MBRD-33 an address that exists is 409, whichever way it came', async (t) => {
  const face = await openFace(t)
  await invite(face, 'jane@example.com')
  await provision(face, 'joe@example.com')
  for (const body of [
    newScimUser('jane@example.com'),
    newScimUser('JOE@example.com'),
    { ...newScimUser('other@example.com'), emails: [{ value: 'jane@example.com', primary: true }] },
  ]) {
    const { status, json } = await face.send('POST', '/scim/v2/Users', { body })
    assert.deepEqual([status, json['scimType']], [409, 'uniqueness'], JSON.stringify(body))
  }
  assert.equal((await face.send('POST', '/users', { body: { email: 'joe@example.com' } })).status, 409)
  assert.equal((await face.send('GET', '/users')).json['count'], 2)
})

test('MBRD-35 a PATCH needs no schemas', async (t) => {
  const face = await openFace(t)
  const id = await provision(face, 'jane@example.com')
  const { status, json } = await face.send('PATCH', `/scim/v2/Users/${id}`, { body: setActive(false) })
  assert.deepEqual([status, json.id, json['active']], [200, id, false])
})

test('MBRD-36 active false suspends: the person is kept and listed, and REST says suspended', async (t) => {
  const face = await openFace(t)
  const id = await provision(face, 'jane@example.com')
  await face.send('PATCH', `/scim/v2/Users/${id}`, { body: setActive(false) })
  const { json } = await face.send('GET', '/scim/v2/Users')
  assert.deepEqual(
    json.Resources.map((user) => [user.id, user['active']]),
    [[id, false]],
  )
  assert.equal((await restUser(face, id))['status'], 'suspended')
  await face.send('PATCH', `/scim/v2/Users/${id}`, { body: setActive(true) })
  assert.equal((await restUser(face, id))['status'], 'active')
})

test('MBRD-36 somebody who came another way, with a user name that is no address, is suspended too, and keeps the name', async (t) => {
  const face = await openFace(t)
  const { member } = await face.world.home.directory.addMember(face.world.call(), {
    as: 'active',
    state: {
      userName: 'jane',
      externalId: undefined,
      displayName: undefined,
      name: {},
      emails: [],
      roleIds: [],
      suspended: false,
      attributes: {},
    },
  })
  const path = `/scim/v2/Users/${member.id}`
  const { status, json } = await face.send('PATCH', path, { body: setActive(false) })
  assert.deepEqual([status, json['userName'], json['active']], [200, 'jane', false])
  const renamed = { Operations: [{ op: 'replace', path: 'userName', value: 'jane2' }] }
  assert.equal((await face.send('PATCH', path, { body: renamed })).status, 400)
})

test('MBRD-37 a deletion is for good: neither list shows the person, and the address is free', async (t) => {
  const face = await openFace(t)
  const id = await provision(face, 'jane@example.com')
  assert.equal((await face.send('DELETE', `/scim/v2/Users/${id}`)).status, 204)
  assert.deepEqual((await face.send('GET', '/users')).json.items, [])
  assert.equal((await face.send('GET', '/scim/v2/Users')).json['totalResults'], 0)
  for (const path of [`/users/${id}`, `/scim/v2/Users/${id}`]) assert.equal((await face.send('GET', path)).status, 404)
  assert.notEqual(await provision(face, 'jane@example.com'), id)
})

test('MBRD-38 both APIs show the same people under the same ids', async (t) => {
  const face = await openFace(t)
  const ids = [await provision(face, 'scim@example.com'), await invite(face, 'rest@example.com', { role: 'admin' })]
  assert.deepEqual(
    (await face.send('GET', '/users')).json.items.map((item) => item.id),
    ids,
  )
  assert.deepEqual(
    (await face.send('GET', '/scim/v2/Users')).json.Resources.map((user) => user.id),
    ids,
  )
  await face.send('PATCH', `/users/${ids[0]}`, { body: { firstName: 'Sam' } })
  const { json } = await face.send('GET', `/scim/v2/Users/${ids[0]}`)
  assert.deepEqual(json['name'], { givenName: 'Sam' })
})

test('MBRD-41 SCIM speaks application/scim+json, understands application/json, and nothing else', async (t) => {
  const face = await openFace(t)
  const post = (type: string, userName: string) =>
    face.send('POST', '/scim/v2/Users', { body: newScimUser(userName), headers: { 'content-type': type } })
  const made = await post('application/scim+json; charset=utf-8', 'a@example.com')
  assert.deepEqual([made.status, made.headers['content-type']], [201, 'application/scim+json'])
  assert.equal((await post('application/json', 'b@example.com')).status, 201)
  assert.equal((await post('text/plain', 'c@example.com')).status, 415)
  assert.equal((await face.send('GET', '/scim/v2/Users/x')).headers['content-type'], 'application/scim+json')
})

test('MBRD-46 a request of Okta’s shape and one of Entra’s are answered alike: no provider is told apart', async (t) => {
  const face = await openFace(t)
  const id = await provision(face, 'jane@example.com')
  const okta = { Operations: [{ op: 'replace', value: { active: false } }] }
  const entra = { Operations: [{ op: 'Replace', path: 'active', value: 'True' }] }
  const shown = []
  for (const body of [okta, entra]) shown.push((await face.send('PATCH', `/scim/v2/Users/${id}`, { body })).json['active'])
  assert.deepEqual(shown, [false, true])
})

test('MBRD-47 an extension that is not known breaks nothing and is not promised back', async (t) => {
  const face = await openFace(t)
  const urn = 'urn:example:params:scim:schemas:extension:custom:2.0:User'
  const body = { ...newScimUser('jane@example.com'), [urn]: { badge: 7 }, favouriteColour: 'red' }
  const made = await face.send('POST', '/scim/v2/Users', { body: { ...body, schemas: [...body.schemas, urn] } })
  assert.equal(made.status, 201)
  assert.ok(!made.text.includes('badge') && !made.text.includes('favouriteColour'))
  const changed = await face.send('PATCH', `/scim/v2/Users/${made.json.id}`, {
    body: { Operations: [{ op: 'replace', path: 'displayName', value: 'Jane' }] },
  })
  assert.deepEqual([changed.status, changed.json['displayName']], [200, 'Jane'])
})

test('MBRD-51 a SCIM suspension of an invited user ends as invited, not as active', async (t) => {
  const face = await openFace(t)
  const id = await invite(face, 'new@example.com')
  await face.send('PATCH', `/scim/v2/Users/${id}`, { body: setActive(false) })
  assert.equal((await restUser(face, id))['status'], 'suspended')
  await face.send('PATCH', `/scim/v2/Users/${id}`, { body: setActive(true) })
  assert.equal((await restUser(face, id))['status'], 'invited')
})
