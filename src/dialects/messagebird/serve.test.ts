import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accepted, faceOf, invite, openFace, provision, type Face } from '../../../tests/messagebird.ts'

const statusOf = async (face: Face, id: string) => (await face.send('GET', `/users/${id}`)).json['status']
const roleOf = async (face: Face, id: string) => (await face.send('GET', `/users/${id}`)).json['role']

test('MBRD-08 a list answers offset, limit, count and items', async (t) => {
  const face = await openFace(t)
  const id = await invite(face, 'jane@example.com', { firstName: 'Jane', lastName: 'Doe', role: 'member' })
  const { status, json } = await face.send('GET', '/users?limit=20&offset=0')
  assert.equal(status, 200)
  const [item] = json.items
  assert.deepEqual(json, {
    offset: 0,
    limit: 20,
    count: 1,
    totalCount: 1,
    items: [
      {
        id,
        email: 'jane@example.com',
        firstName: 'Jane',
        lastName: 'Doe',
        role: 'member',
        status: 'invited',
        createdAt: item?.['createdAt'],
        updatedAt: item?.['updatedAt'],
      },
    ],
  })
  for (const name of ['createdAt', 'updatedAt']) assert.match(String(item?.[name]), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
})

test('MBRD-09 a page has 20 users unless limit says otherwise, and 100 at most', async (t) => {
  const face = await openFace(t)
  for (let index = 0; index < 101; index++) await provision(face, `p${index}@example.com`)
  const lengths = async (query: string) => {
    const { json } = await face.send('GET', `/users${query}`)
    return [json['limit'], json.items.length]
  }
  assert.deepEqual(await lengths(''), [20, 20])
  assert.deepEqual(await lengths('?limit=100'), [100, 100])
  assert.deepEqual(await lengths('?limit=100&offset=100'), [100, 1])
  assert.deepEqual(await lengths('?limit=1&offset=99'), [1, 1])
  assert.deepEqual(await lengths('?offset=101'), [20, 0])
})

test('MBRD-10 count is how many users there are in all, whatever the page shows', async (t) => {
  const face = await openFace(t)
  for (const name of ['a', 'b', 'c']) await provision(face, `${name}@example.com`)
  for (const query of ['', '?limit=1', '?limit=2&offset=2', '?offset=50'])
    assert.equal((await face.send('GET', `/users${query}`)).json['count'], 3, query)
})

test('MBRD-P02 totalCount stands beside count, for readers of the vendor’s other lists', async (t) => {
  const face = await openFace(t)
  await provision(face, 'a@example.com')
  assert.equal((await face.send('GET', '/users')).json['totalCount'], 1)
})

test('MBRD-12 there is no cursor: whoever is removed meanwhile makes the next page skip somebody', async (t) => {
  const face = await openFace(t)
  const ids = []
  for (const name of ['a', 'b', 'c', 'd']) ids.push(await provision(face, `${name}@example.com`))
  const first = await face.send('GET', '/users?limit=2')
  assert.deepEqual(Object.keys(first.json), ['offset', 'limit', 'count', 'totalCount', 'items'])
  await face.send('DELETE', `/users/${ids[0]}`)
  const second = await face.send('GET', '/users?limit=2&offset=2')
  assert.deepEqual(
    [...first.json.items, ...second.json.items].map((item) => item.id),
    [ids[0], ids[1], ids[3]],
  )
})

test('MBRD-Q06 a limit above 100 is 422, and with the setting it is read as 100', async (t) => {
  const face = await openFace(t)
  const { status, json } = await face.send('GET', '/users?limit=101')
  assert.deepEqual([status, json.errors[0]?.parameter], [422, 'limit'])
  const clamping = await openFace(t, { settings: { messagebird: { limitAboveMaximum: 'clamp' } } })
  assert.equal((await clamping.send('GET', '/users?limit=500')).json['limit'], 100)
})

test('a limit or an offset that is no number of the kind is 422 and named', async (t) => {
  const face = await openFace(t)
  for (const [query, name] of [
    ['limit=0', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=ten', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=', 'limit'],
    ['offset=-1', 'offset'],
    ['offset=x', 'offset'],
    ['offset=99999999999999999999', 'offset'],
  ] as const) {
    const { status, json } = await face.send('GET', `/users?${query}`)
    assert.deepEqual([status, json.errors[0]?.parameter], [422, name], query)
  }
  assert.equal((await face.send('GET', '/users?cursor=x&limit=5')).status, 200)
})

test('MBRD-Q15 users are listed in the order in which they were made', async (t) => {
  const face = await openFace(t)
  const ids = []
  for (const name of ['z', 'm', 'a']) ids.push(await invite(face, `${name}@example.com`))
  await face.send('PATCH', `/users/${ids[0]}`, { body: { firstName: 'Late' } })
  assert.deepEqual(
    (await face.send('GET', '/users')).json.items.map((item) => item.id),
    ids,
  )
})

test('MBRD-14 an id that is not in the calling organization is 404', async (t) => {
  const face = await openFace(t)
  const other = faceOf(face.world, await face.world.another())
  const id = await invite(other, 'jane@example.com')
  for (const method of ['GET', 'PATCH', 'DELETE'] as const) {
    const { status, json } = await face.send(method, `/users/${id}`, method === 'PATCH' ? { body: { role: 'admin' } } : {})
    assert.deepEqual([status, json.errors[0]?.code], [404, 20], method)
  }
  assert.equal((await other.send('GET', `/users/${id}`)).status, 200)
})

test('MBRD-Q12 ids are UUIDs, and any other text in the path is simply not found', async (t) => {
  const face = await openFace(t)
  assert.match(await invite(face, 'jane@example.com'), /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  for (const id of ['abc-123', 'jane@example.com', '%20', 'x'.repeat(100), '00000000-0000-0000-0000-000000000000'])
    assert.equal((await face.send('GET', `/users/${id}`)).status, 404, id)
})

test('MBRD-15 a creation needs an address and nothing else', async (t) => {
  const face = await openFace(t)
  assert.equal((await face.send('POST', '/users', { body: { email: 'jane@example.com' } })).status, 201)
  for (const body of [{}, { role: 'member' }, { email: '' }, { email: null }, { email: 7 }, { email: 'no address' }]) {
    const { status, json } = await face.send('POST', '/users', { body })
    assert.deepEqual([status, json.errors[0]?.code, json.errors[0]?.parameter], [422, 10, 'email'], JSON.stringify(body))
  }
  assert.equal((await face.send('GET', '/users')).json['count'], 1)
})

test('a field that is not known is 422, is named, and creates nobody', async (t) => {
  const face = await openFace(t)
  const { status, json } = await face.send('POST', '/users', { body: { email: 'a@example.com', nickname: 'J' } })
  assert.deepEqual([status, json.errors[0]?.parameter], [422, 'nickname'])
  assert.equal((await face.send('GET', '/users')).json['count'], 0)
})

test('MBRD-16 a creation invites: the answer says invited, and an invitation stands', async (t) => {
  const face = await openFace(t)
  const { json } = await face.send('POST', '/users', { body: { email: 'new@example.com', role: 'member' } })
  assert.deepEqual(json, { id: json.id, email: 'new@example.com', status: 'invited' })
  const invitations = await face.world.home.database.store.read((reader) =>
    reader.invitationsOf(face.world.organizationId, json.id),
  )
  assert.equal(invitations.length, 1)
})

test('MBRD-Q03 a creation answers 201', async (t) => {
  const face = await openFace(t)
  assert.equal((await face.send('POST', '/users', { body: { email: 'new@example.com' } })).status, 201)
})

test('MBRD-17 nobody is active before the invitation is accepted', async (t) => {
  const face = await openFace(t)
  const id = await invite(face, 'new@example.com')
  assert.equal(await statusOf(face, id), 'invited')
  assert.equal(await statusOf(face, await accepted(face, 'other@example.com')), 'active')
})

test('MBRD-Q11 accepting, sending again and expiry have no endpoint', async (t) => {
  const face = await openFace(t)
  const id = await invite(face, 'new@example.com')
  for (const path of [`/users/${id}/accept`, `/users/${id}/resend`, '/invitations'])
    assert.equal((await face.send('POST', path, { body: {} })).status, 404, path)
})

test('MBRD-19 an address is unique in its organization without regard to case, and free in another', async (t) => {
  const face = await openFace(t)
  await invite(face, 'jane@example.com')
  const again = await face.send('POST', '/users', { body: { email: 'Jane@Example.com' } })
  assert.equal(again.json.errors[0]?.parameter, 'email')
  assert.equal((await face.send('GET', '/users')).json['count'], 1)
  const other = faceOf(face.world, await face.world.another())
  await invite(other, 'jane@example.com')
})

test('MBRD-Q04 an address that is in use is 409, on creation and on change', async (t) => {
  const face = await openFace(t)
  await invite(face, 'jane@example.com')
  const id = await invite(face, 'joe@example.com')
  assert.equal((await face.send('POST', '/users', { body: { email: 'jane@example.com' } })).status, 409)
  assert.equal((await face.send('PATCH', `/users/${id}`, { body: { email: 'jane@example.com' } })).status, 409)
  assert.equal((await face.send('GET', `/users/${id}`)).json['email'], 'joe@example.com')
})

test('MBRD-24 a status in a creation is not honoured', async (t) => {
  const face = await openFace(t)
  for (const status of ['active', 'suspended', 7]) {
    const { json } = await face.send('POST', '/users', { body: { email: `${status}@example.com`, status } })
    assert.equal(json['status'], 'invited')
  }
})

test('MBRD-25 a role is one of the organization’s, in any case; another is 422 and changes nothing', async (t) => {
  const face = await openFace(t)
  await face.world.home.directory.createRole(face.world.call(), { name: 'Night Shift' })
  const id = await invite(face, 'jane@example.com', { role: 'Night shift' })
  assert.equal(await roleOf(face, id), 'night shift')
  const refused = [
    await face.send('POST', '/users', { body: { email: 'x@example.com', role: 'wizard' } }),
    await face.send('PATCH', `/users/${id}`, { body: { role: 'wizard', firstName: 'X' } }),
    await face.send('PATCH', `/users/${id}`, { body: { role: '' } }),
  ]
  for (const { status, json } of refused) assert.deepEqual([status, json.errors[0]?.parameter], [422, 'role'])
  const { json } = await face.send('GET', '/users')
  assert.deepEqual(
    json.items.map((item) => [item['role'], item['firstName']]),
    [['night shift', undefined]],
  )
  const other = faceOf(face.world, await face.world.another())
  assert.equal((await other.send('POST', '/users', { body: { email: 'x@example.com', role: 'night shift' } })).status, 422)
})

test('MBRD-Q13 no number of requests at a time is too many: the guide states none', async (t) => {
  const face = await openFace(t)
  const replies = await Promise.all(Array.from({ length: 25 }, () => face.send('GET', '/users')))
  assert.ok(replies.every(({ status }) => status === 200))
})

test('only a setting that is known is taken', async (t) => {
  for (const messagebird of [{ limitAboveMaximum: 'ignore' }, { limit: 5 }, 'x']) {
    const world = await openFace(t, { settings: { messagebird } })
    await assert.rejects(async () => world.world.app.ready(), { name: 'ConfigError', message: /messagebird settings/ })
  }
})
