import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask } from '../../tests/native.ts'
import { openToy } from '../../tests/toy.ts'
import { openWorld, type World } from '../../tests/world.ts'
import type { Explanation } from '../directory/explanation.ts'
import { createAuthenticator, RefusedCredential } from './authenticate.ts'
import { createRecorder, explanationLimits } from './explain.ts'

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

async function refused(world: World, url: string, authorization: string, requestId: string): Promise<number> {
  const reply = await world.app.inject({ url, headers: { authorization, 'x-request-id': requestId } })
  assert.ok(reply.statusCode >= 400, `${reply.statusCode} ${reply.payload}`)
  return reply.statusCode
}
const explained = async (world: World, requestId: string, key?: string) =>
  (await ask(world, 'GET', `/explanations/${requestId}`, key === undefined ? {} : { key })).body

test('MessageBird’s plan gate, which its answer does not name, is explained to the organization', async (t) => {
  const world = await openWorld(t, { organization: { plan: 'pro' } })
  const token = world.access['messagebird']?.['scimToken'] ?? ''
  await refused(world, '/messagebird/scim/v2/Users', `Bearer ${token}`, 'gate-1')
  const { items } = await explained(world, 'gate-1')
  assert.deepEqual([items.length, items[0].dialect, items[0].refusal], [1, 'messagebird', 'planGate'])
  assert.match(items[0].message, /plan|Enterprise/i)
})

test('Twilio’s gate of single sign-on is explained', async (t) => {
  const world = await openWorld(t, { organization: { sso: 'none' } })
  const { orgKeySecret = '', scimBaseUrl = '' } = world.access['twilio'] ?? {}
  await refused(world, `${new URL(scimBaseUrl).pathname}/Users`, `Bearer ${orgKeySecret}`, 'gate-2')
  const { items } = await explained(world, 'gate-2')
  assert.deepEqual([items[0].dialect, items[0].refusal], ['twilio', 'ssoGate'])
})

test('a credential of another kind, a revoked one and an expired one are told to their own organization', async (t) => {
  const world = await openWorld(t)
  const other = await world.another()
  const scim = world.access['scim']?.['token'] ?? ''
  assert.equal(await refused(world, '/messagebird/scim/v2/Users', `Bearer ${scim}`, 'kind'), 401)
  const [kind] = (await explained(world, 'kind')).items
  assert.equal(kind.refusal, 'wrongCredential')
  assert.match(kind.message, /is of the kind scim; this operation takes messagebirdscim/)
  const foreign = await ask(world, 'GET', '/explanations/kind', { key: other['native']?.['key'] ?? '' })
  assert.equal(foreign.status, 404)

  const made = (await ask(world, 'POST', '/credentials', { body: { name: 'second', kind: 'scim' } })).body
  await ask(world, 'POST', `/credentials/${made.credential.id}/revoke`)
  await refused(world, '/scim/v2/Users', `Bearer ${made.key}`, 'revoked')
  assert.match((await explained(world, 'revoked')).items[0].message, /^The credential "second" \([^)]+\) was revoked at /)
})

test('who proves nothing is explained to the operator alone', async (t) => {
  const world = await openWorld(t)
  const key = world.access['native']?.['key'] ?? ''
  const { username = '' } = world.access['bandwidth'] ?? {}
  await refused(world, '/api/v1/members', 'Bearer nonsense', 'none')
  await refused(world, '/api/v1/members', `Bearer ${key.slice(0, -10)}aaaaaaaaaa`, 'wrong')
  await refused(world, '/bandwidth/api/accounts/x/users', basic(username, 'canary17'), 'basic')
  for (const id of ['none', 'wrong', 'basic']) {
    assert.equal((await explained(world, id)).status, 404, id)
    const found = await world.home.database.explanations.find(id)
    assert.deepEqual([found.length, found[0]?.organizationId], [1, undefined], id)
    assert.doesNotMatch(JSON.stringify(found), /canary17|rc_native/)
  }
})

test('a token that was not verified names no organization, whatever it claims', async (t) => {
  const world = await openWorld(t)
  const { authenticate } = createAuthenticator({ store: world.home.database.store, failed: () => assert.fail() })
  const made = await world.home.directory.createCredential(world.call(), { kind: 'toy', name: 'claimed', scopes: ['read'] })
  const present = (kind: string) =>
    authenticate(
      { kind, identifier: made.credential.identifier, secret: 'forged', proof: 'token' },
      { now: new Date(), requestId: 'r', via: 'test' },
      async () => assert.fail(),
    )
  const anonymous = (error: unknown) =>
    error instanceof Error && error.cause instanceof RefusedCredential && error.cause.organizationId === undefined
  await assert.rejects(present('other'), anonymous)
  await world.home.directory.revokeCredential(world.call(), { id: made.credential.id })
  await assert.rejects(present('toy'), anonymous)
})

test('explanations are for audit, of refusals alone, and an unknown id is not found', async (t) => {
  const world = await openWorld(t)
  await ask(world, 'GET', '/members', { headers: { 'x-request-id': 'fine' } })
  await ask(world, 'GET', '/nowhere', { headers: { 'x-request-id': 'lost' } })
  for (const id of ['fine', 'lost', 'unknown', '%00', 'x'.repeat(200)])
    assert.equal((await ask(world, 'GET', `/explanations/${id}`)).status, 404, id)
  const [lost] = await world.home.database.explanations.find('lost')
  assert.deepEqual([lost?.refusal, lost?.operation, lost?.dialect], ['notFound', undefined, 'native'])
  await ask(world, 'POST', '/groups', { body: { displayName: 1 }, headers: { 'x-request-id': 'shape' } })
  const [shape] = (await explained(world, 'shape')).items
  assert.deepEqual([shape.refusal, shape.field, shape.operation], ['invalid', 'displayName', 'createGroup'])
  const { secret } = await world.home.directory.createCredential(world.call(), {
    kind: 'native',
    name: 'reader',
    scopes: ['read'],
  })
  assert.equal((await ask(world, 'GET', '/explanations/shape', { key: secret })).status, 403)
})

test('nothing that a request carries gets into an explanation, but the name of a member', async (t) => {
  const kept: Explanation[] = []
  const explanations = {
    add: async (list: readonly Explanation[]) => void kept.push(...list),
    find: async () => [],
    prune: async () => undefined,
  }
  const { app, headers, secret } = await openToy(t, { explanations })
  const json = { ...headers, 'content-type': 'application/json' }
  await app.inject({ method: 'POST', url: '/toy/v1/things?canary17', headers: json, payload: '{"password":"canary17"' })
  await app.inject({ method: 'POST', url: '/toy/v1/things', headers: json, payload: '{"name":{"canary17":1}}' })
  await app.inject({ method: 'POST', url: '/toy/v1/things', headers: json, payload: `{"${secret}\\u0000":1,"name":"a"}` })
  await app.inject({ url: '/toy/v1/things/bug', headers })
  await app.inject({ url: '/toy/v1/canary17', headers })
  await app.close()
  const all = JSON.stringify(kept)
  assert.equal(kept.length, 5)
  assert.doesNotMatch(all, /canary17|rc_toy|\\u0000/)
  assert.equal(kept.find(({ refusal }) => refusal === 'internal')?.message.includes('secret cause'), false)
})

test('many refusals are stored in batches and pruned; those that cannot be stored are counted', async () => {
  const sizes: number[] = []
  const pruned: object[] = []
  const lost: number[] = []
  let broken = false
  let id = 0
  const at = new Date('2026-03-01T00:00:00Z')
  const recorder = createRecorder({
    explanations: {
      add: async (list) => {
        if (broken) throw new Error('no')
        sizes.push(list.length)
      },
      find: async () => [],
      prune: async (limits) => void pruned.push(limits),
    },
    newId: () => String(id++),
    clock: () => at,
    lost: (count) => void lost.push(count),
  })
  const note = () =>
    recorder.note({
      requestId: 'r',
      at,
      dialect: 'toy',
      operation: undefined,
      organizationId: undefined,
      refusal: 'notFound',
      field: undefined,
      code: undefined,
      message: 'm',
    })
  for (let count = 0; count < 450; count++) note()
  await recorder.flush()
  assert.deepEqual(
    [sizes, pruned],
    [[200, 200, 50], [{ before: new Date(at.getTime() - explanationLimits.lifetimeMs), keep: 100_000 }]],
  )
  await recorder.flush()
  note()
  await recorder.flush()
  assert.deepEqual(sizes, [200, 200, 50, 1])
  broken = true
  note()
  await recorder.flush()
  assert.deepEqual(lost, [1])
  for (let count = 0; count < 10_001; count++) note()
  assert.deepEqual(lost, [1, 1])
  broken = false
  await recorder.flush()
  assert.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    10_451,
  )
  assert.equal(pruned.length, 6)
})
