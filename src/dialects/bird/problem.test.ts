import assert from 'node:assert/strict'
import { test } from 'node:test'
import { birdOf, inviteUser, jane, openBird } from '../../../tests/bird.ts'
import { problems, toProblemReply } from './problem.ts'
import { parseBirdSettings } from './settings.ts'
import { operations } from './wire.ts'

const problem = { message: 'No.', field: undefined, code: undefined, retryAfterSeconds: 7, requestId: 'r' }

test('BIRD-02 BIRD-Q01 only an AccessKey header of Bird’s own proves anything; all else is 401', async (t) => {
  const face = await openBird(t)
  const { accessKey, world } = face
  const others = [world.access['scim']?.['token'], world.access['native']?.['token'], world.access['messagebird']?.['accessKey']]
  const refused = [
    '',
    `Bearer ${accessKey}`,
    `Basic ${Buffer.from(`${accessKey}:`).toString('base64')}`,
    accessKey,
    'AccessKey',
    'AccessKey x',
    `AccessKey ${accessKey}x`,
    ...others.map((token) => `AccessKey ${token}`),
  ]
  for (const authorization of refused) {
    const { status, json } = await face.send('GET', face.users, { headers: { authorization } })
    assert.equal(status, 401, authorization)
    assert.equal(json.code, 'Unauthorized')
  }
  assert.equal((await face.send('GET', face.users, { headers: { authorization: `accesskey ${accessKey}` } })).status, 200)
})

test('BIRD-Q02 a key without the scope is 403, plain', async (t) => {
  const face = await openBird(t)
  const id = await inviteUser(face)
  const { secret } = await face.world.home.directory.createCredential(face.world.call(), {
    kind: 'birdkey',
    name: 'Reader',
    scopes: ['read'],
  })
  const headers = { authorization: `AccessKey ${secret}` }
  assert.equal((await face.send('GET', face.users, { headers })).status, 200)
  for (const reply of [
    await face.send('DELETE', `${face.users}/${id}`, { headers }),
    await face.send('PATCH', `${face.users}/${id}`, { headers, body: { attributes: { a: 1 } } }),
    await face.send('POST', face.users, { headers, body: { ...jane, email: 'x@example.com' } }),
  ]) {
    assert.equal(reply.status, 403)
    assert.deepEqual(Object.keys(reply.json), ['code', 'message'])
  }
})

test('BIRD-52 every refusal has code and message as texts, and details only where a field is to blame', () => {
  for (const [refusal, [status]] of Object.entries(problems)) {
    const reply = toProblemReply({ ...problem, refusal: refusal as keyof typeof problems })
    const body = JSON.parse(reply.text)
    assert.deepEqual([reply.status, typeof body.code, typeof body.message], [status, 'string', 'string'])
    assert.equal('details' in body, status === 422)
  }
})

test('BIRD-Q08 too many requests is 429, without a Retry-After', async (t) => {
  const face = await openBird(t, { limits: { bird: { requests: 1, perSeconds: 60 } } })
  await face.send('GET', face.users)
  const { status, json, headers } = await face.send('GET', face.users)
  assert.equal(status, 429)
  assert.deepEqual(Object.keys(json), ['code', 'message'])
  assert.deepEqual(
    Object.keys(headers).filter((name) => /retry|limit/i.test(name)),
    [],
  )
})

test('BIRD-Q16 BIRD-Q18 there are five operations, no others, and no idempotency', async (t) => {
  const face = await openBird(t)
  assert.equal(operations.length, 5)
  for (const path of ['roles', 'teams', 'workspaces', 'access-keys', 'scim/v2/Users'])
    assert.equal((await face.world.app.inject({ url: `/bird/organizations/${face.organizationId}/${path}` })).statusCode, 404)
  const headers = { 'idempotency-key': 'k' }
  assert.equal((await face.send('POST', face.users, { body: jane, headers })).status, 201)
  assert.equal((await face.send('POST', face.users, { body: jane, headers })).status, 409)
  assert.equal((await face.send('GET', face.users)).headers['etag'], undefined)
})

test('a bug of ours is told without its message', () => {
  assert.ok(!toProblemReply({ ...problem, refusal: 'internal', message: 'secret' }).text.includes('secret'))
})

test('one organization’s key reaches nobody of another', async (t) => {
  const face = await openBird(t)
  const other = birdOf(face.world, await face.world.another())
  const id = await inviteUser(other)
  for (const path of [`${other.users}/${id}`, `${face.users}/${id}`]) {
    for (const method of ['GET', 'DELETE'] as const) assert.equal((await face.send(method, path)).status, 404)
    assert.equal((await face.send('PATCH', path, { body: {} })).status, 404)
  }
})

test('settings that are not known are refused, and the defaults show telephone numbers', () => {
  assert.deepEqual(parseBirdSettings(undefined), { phoneNumbers: 'shown' })
  assert.throws(() => parseBirdSettings({ phoneNumbers: 'maybe' }), { name: 'ConfigError' })
  assert.throws(() => parseBirdSettings({ other: 1 }), { name: 'ConfigError' })
})
