import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addKey, addProject, basic, bearer, openFace, send, tokenOf, type Face } from '../../../tests/sinch.ts'

const make = (face: Face, display_name: string) => face.send('POST', face.keys, { body: { display_name } })

test('SNCH-27 the list has key_id, display_name and created_at, and never a secret', async (t) => {
  const face = await openFace(t)
  const made = await make(face, 'CI Key')
  const { text, json } = await face.send('GET', face.keys)
  assert.deepEqual(Object.keys(json), ['access_keys', 'next_page_token'])
  assert.deepEqual(
    json['access_keys'].map((key: object) => Object.keys(key)),
    [
      ['key_id', 'display_name', 'created_at'],
      ['key_id', 'display_name', 'created_at'],
    ],
  )
  assert.deepEqual(
    json['access_keys'].map((key) => key['key_id']),
    [face.keyId, made.json['key_id']],
  )
  assert.equal(json['access_keys'][1]?.['display_name'], 'CI Key')
  for (const secret of [face.keySecret, made.json['key_secret']]) assert.ok(!text.includes(secret))
})

test('SNCH-28 key_secret comes with the creation and never again', async (t) => {
  const face = await openFace(t)
  const made = await make(face, 'My Service Key')
  assert.deepEqual(Object.keys(made.json), ['key_id', 'key_secret', 'display_name'])
  const { key_id: id, key_secret: secret } = made.json
  assert.equal((await send(face.app, 'GET', face.members, { headers: { authorization: basic(id, secret) } })).status, 200)
  for (const path of [
    face.keys,
    `/sinch/v1/projects/${face.projectId}/accessKeys`,
    `/sinch/v1/projects/${face.projectId}/accessKeys/${id}`,
  ])
    assert.ok(!(await face.send('GET', path)).text.includes(secret))
  const { home, call } = face.world
  assert.ok(!JSON.stringify(await home.directory.listFacts(call(), { limit: 100 })).includes(secret))
})

test('SNCH-30 DELETE is 204, a key that is not there is 404', async (t) => {
  const face = await openFace(t)
  const { key_id: id } = (await make(face, 'Old')).json
  assert.equal((await face.send('DELETE', `${face.keys}/${id}`)).status, 204)
  assert.equal((await face.send('DELETE', `${face.keys}/${id}`)).status, 404)
  assert.equal((await face.send('DELETE', `${face.keys}/unknown`)).status, 404)
  assert.equal((await face.send('GET', face.keys)).json['access_keys'].length, 1)
})

test('SNCH-32 keys take the rights of an ADMIN', async (t) => {
  const face = await openFace(t)
  const { authorization } = await addKey(face, ['read', 'write'])
  const as = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown) =>
    send(face.app, method, path, { body, headers: { authorization } }).then((reply) => reply.status)
  assert.equal(await as('GET', face.keys), 403)
  assert.equal(await as('POST', face.keys, { display_name: 'x' }), 403)
  assert.equal(await as('DELETE', `${face.keys}/${face.keyId}`), 403)
})

test('SNCH-Q11 keys are paged as members are', async (t) => {
  const face = await openFace(t)
  for (let index = 0; index < 4; index++) await make(face, `Key ${index}`)
  const first = (await face.send('GET', `${face.keys}?page_size=3`)).json
  assert.equal(first['access_keys'].length, 3)
  const rest = (await face.send('GET', `${face.keys}?page_size=3&page_token=${first['next_page_token']}`)).json
  assert.equal(rest['access_keys'].length, 2)
  assert.equal(rest['next_page_token'], '')
  assert.equal((await face.send('GET', `${face.keys}?page_size=0`)).status, 400)
})

test('SNCH-P02 a project holds ten keys, also when they are asked for at once, and a deleted one makes room', async (t) => {
  const face = await openFace(t)
  const replies = await Promise.all(Array.from({ length: 12 }, (_, index) => make(face, `Key ${index}`)))
  assert.deepEqual(
    replies.map((reply) => reply.status).toSorted((a, b) => a - b),
    [...Array.from({ length: 9 }, () => 201), 409, 409, 409],
  )
  assert.equal((await face.send('GET', face.keys)).json['access_keys'].length, 10)
  const second = await addProject(face)
  assert.equal((await make(second, 'Elsewhere')).status, 201)
  await face.send('DELETE', `${face.keys}/${replies.find((reply) => reply.status === 201)?.json['key_id']}`)
  assert.equal((await make(face, 'Room')).status, 201)
})

test('SNCH-P02 a key may delete itself, even the last one', async (t) => {
  const face = await openFace(t)
  assert.equal((await face.send('DELETE', `${face.keys}/${face.keyId}`)).status, 204)
  assert.equal((await face.send('GET', face.keys)).status, 401)
})

test('SNCH-P02 a key of the first project acts in every one, another key in its own alone', async (t) => {
  const face = await openFace(t)
  const second = await addProject(face)
  const third = await addProject(face, 'Third project')
  const { key_id: id, key_secret: secret } = (await make(second, 'Of the second')).json
  const token = await tokenOf(face.app, id, secret)
  for (const [project, status] of [
    [second, 200],
    [face, 403],
    [third, 403],
  ] as const) {
    assert.equal((await send(face.app, 'GET', project.members, { headers: bearer(token) })).status, status)
    assert.equal((await send(face.app, 'GET', project.keys, { headers: { authorization: basic(id, secret) } })).status, status)
  }
  assert.equal((await face.send('DELETE', `${face.keys}/${id}`)).status, 404)
  assert.equal((await second.send('DELETE', `${second.keys}/${id}`)).status, 204)
})

test('SNCH-P01 the public API’s keys are the same, in its words', async (t) => {
  const face = await openFace(t)
  const at = `/sinch/v1/projects/${face.projectId}/accessKeys`
  const made = await face.send('POST', at, { body: { displayName: 'My production Access key' } })
  assert.equal(made.status, 200)
  const { accessKey, secret } = made.json
  assert.deepEqual(Object.keys(accessKey), ['accessKeyId', 'displayName', 'projectId', 'createTime', 'updateTime'])
  assert.equal(accessKey.projectId, face.projectId)
  await tokenOf(face.app, accessKey['accessKeyId'] ?? '', secret)
  const list = (await face.send('GET', `${at}?pageSize=1`)).json
  assert.equal(list['accessKeys'][0]?.['accessKeyId'], face.keyId)
  assert.deepEqual((await face.send('GET', `${at}?pageSize=1&pageToken=${list['nextPageToken']}`)).json, {
    accessKeys: [accessKey],
    nextPageToken: '',
  })
  assert.deepEqual((await face.send('GET', `${at}/${accessKey.accessKeyId}`)).json, accessKey)
  assert.deepEqual((await face.send('DELETE', `${at}/${accessKey.accessKeyId}`)).json, {})
  assert.equal((await face.send('GET', `${at}/${accessKey.accessKeyId}`)).status, 404)
  const host = 'account.api.sinch.com'
  assert.equal((await face.send('GET', at.replace('/sinch', ''), { headers: { host } })).status, 200)
})
