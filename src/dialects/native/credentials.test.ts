import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask } from '../../../tests/native.ts'
import { openWorld } from '../../../tests/world.ts'
import { syncParts } from '../../app.ts'
import { createEngine } from '../../sync/create.ts'

test('a key for a duty carries its scopes and no more, and is shown once', async (t) => {
  const world = await openWorld(t)
  const made = await ask(world, 'POST', '/credentials', { body: { name: 'audit', duty: 'auditor' } })
  assert.equal(made.status, 201)
  const { key, credential } = made.body
  assert.match(key, /^rc_native_/)
  assert.equal((await ask(world, 'GET', '/members', { key })).status, 200)
  const refused = await ask(world, 'POST', '/groups', { key, body: { displayName: 'x' } })
  assert.deepEqual([refused.status, refused.body.type], [403, '/docs#problem-forbidden'])
  assert.doesNotMatch(JSON.stringify((await ask(world, 'GET', '/credentials')).body), new RegExp(key.slice(20)))

  assert.ok((await ask(world, 'POST', `/credentials/${credential.id}/revoke`)).body.revokedAt)
  const revoked = await ask(world, 'GET', '/members', { key })
  assert.deepEqual([revoked.status, revoked.body.type], [401, '/docs#problem-unauthenticated'])
  assert.match(String(revoked.headers['www-authenticate']), /^Bearer/)
})

test('a second token of another kind has the scopes that its API starts with, and opens only that API', async (t) => {
  const world = await openWorld(t)
  const { key } = (await ask(world, 'POST', '/credentials', { body: { name: 'second', kind: 'scim' } })).body
  assert.match(key, /^rc_scim_/)
  assert.deepEqual([(await ask(world, 'GET', '/members', { key })).status], [401])
  const reply = await world.app.inject({ url: '/scim/v2/Users', headers: { authorization: `Bearer ${key}` } })
  assert.equal(reply.statusCode, 200)
})

test('a key needs a duty, another kind has none, and an unknown kind or a past expiry is refused with its field', async (t) => {
  const world = await openWorld(t)
  const refusedField = async (body: object) => {
    const { status, body: problem } = await ask(world, 'POST', '/credentials', { body })
    assert.equal(status, 422)
    return problem.field
  }
  assert.equal(await refusedField({ name: 'x' }), 'duty')
  assert.equal(await refusedField({ name: 'x', kind: 'scim', duty: 'owner' }), 'duty')
  assert.equal(await refusedField({ name: 'x', kind: 'made-up' }), 'kind')
  assert.equal(await refusedField({ name: 'x', duty: 'owner', expiresAt: '2001-01-01T00:00:00Z' }), 'expiresAt')
  assert.equal(await refusedField({ name: ' ', duty: 'owner' }), 'name')
})

test('no key, half a key, an empty bearer, another scheme and another kind of credential are refused alike in form', async (t) => {
  const world = await openWorld(t)
  const key = world.access['native']?.['key'] ?? ''
  const scim = world.access['scim']?.['token'] ?? ''
  for (const authorization of [
    '',
    'Bearer',
    'Bearer ',
    `Bearer ${key.slice(0, -1)}`,
    `Basic ${key}`,
    `Bearer ${key} x`,
    `Bearer ${key.slice(0, -1)}!`,
    `Bearer ${scim}`,
  ]) {
    const reply = await ask(world, 'GET', '/members', { headers: { authorization } })
    assert.equal(reply.status, 401, authorization.slice(0, 12))
    assert.equal(reply.type, 'application/problem+json')
  }
})

test('the facts of an organization are walked, end at the head, and verify', async (t) => {
  const world = await openWorld(t, { engine: (home) => createEngine(syncParts(home, { log: undefined })) })
  await ask(world, 'POST', '/groups', { body: { displayName: 'Voice' } })
  const facts = []
  for (let query = '?limit=1'; ;) {
    const { items, nextCursor } = (await ask(world, 'GET', `/facts${query}`)).body
    facts.push(...items)
    if (!nextCursor) break
    query = `?limit=1&cursor=${nextCursor}`
  }
  const head = (await ask(world, 'GET', '/facts/head')).body
  assert.equal(facts.at(-1).action, 'group.created')
  assert.deepEqual({ sequence: facts.at(-1).sequence, hash: facts.at(-1).hash }, head)
  const verdict = (await ask(world, 'POST', '/facts/verify')).body
  assert.deepEqual([verdict.intact, verdict.head], [true, head])
})
