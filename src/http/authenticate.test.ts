import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DirectoryError } from '../directory/errors.ts'
import { hashSecret } from '../directory/credential.ts'
import type { Store } from '../directory/store.ts'
import { openToy, type ToyWorld } from '../../tests/toy.ts'
import { createAuthenticator } from './authenticate.ts'

const refusalOf = async (world: ToyWorld, authorization: string | undefined) => {
  const response = await world.app.inject({
    url: '/toy/v1/things',
    headers: authorization === undefined ? {} : { authorization },
  })
  return [response.statusCode, response.json().refusal]
}

test('no credential, an empty one, a wrong one and an unknown one are refused alike', async (t) => {
  const world = await openToy(t)
  const unknown = `rc_toy_${'0'.repeat(48)}`
  for (const header of [
    undefined,
    '',
    'Bearer',
    'Bearer ',
    'Bearer x',
    `Bearer ${unknown}`,
    `Bearer ${world.secret}x`,
    `Bearer ${world.secret.slice(0, -1)}`,
    `Basic ${world.secret}`,
  ])
    assert.deepEqual(await refusalOf(world, header), [401, 'unauthenticated'], String(header))
  assert.deepEqual(await refusalOf(world, `Bearer ${world.secret}`), [200, undefined])
})

test('a revoked and an expired credential prove nothing from that moment on', async (t) => {
  let now = new Date('2026-01-01T00:00:00Z')
  const world = await openToy(t, { clock: () => now })
  const expiring = await world.addCredential({ expiresAt: new Date('2026-01-02T00:00:00Z') })
  const revoked = await world.addCredential({ revokedAt: now })
  assert.deepEqual(await refusalOf(world, `Bearer ${revoked.secret}`), [401, 'unauthenticated'])
  assert.deepEqual(await refusalOf(world, `Bearer ${expiring.secret}`), [200, undefined])
  now = new Date('2026-01-02T00:00:00Z')
  assert.deepEqual(await refusalOf(world, `Bearer ${expiring.secret}`), [401, 'unauthenticated'])
})

test('a credential of another kind is told so only when its secret is right', async (t) => {
  const world = await openToy(t)
  const { secret, credential } = await world.addCredential({ kind: 'other' })
  assert.deepEqual(await refusalOf(world, `Bearer ${secret}`), [401, 'wrongCredential'])
  const { authenticate } = createAuthenticator({ store: world.store, failed: assert.ifError })
  const request = { now: new Date(), requestId: 'r', via: 'test' }
  await assert.rejects(authenticate({ kind: 'toy', identifier: credential.identifier, secret: 'wrong' }, request), {
    refusal: 'unauthenticated',
  })
})

test('a credential whose secret was never set, or is the empty text, matches nothing', async (t) => {
  const world = await openToy(t)
  const { authenticate } = createAuthenticator({ store: world.store, failed: assert.ifError })
  const request = { now: new Date(), requestId: 'r', via: 'test' }
  for (const [secretHash, secret] of [
    ['', ''],
    ['', 'x'],
    ['0'.repeat(64), ''],
    [hashSecret(''), ''],
    ['not hex', 'not hex'],
  ] as const) {
    const { credential } = await world.addCredential({ secretHash })
    await assert.rejects(authenticate({ kind: 'toy', identifier: credential.identifier, secret }, request), {
      refusal: 'unauthenticated',
    })
  }
  await assert.rejects(authenticate({ kind: 'toy', identifier: '', secret: 'x' }, request), { refusal: 'unauthenticated' })
})

test('the call says who asks, for whom, with which rights, when and through what', async (t) => {
  const world = await openToy(t)
  const { credential, secret } = await world.addCredential({ scopes: ['read', 'audit'] })
  const { authenticate, flush } = createAuthenticator({ store: world.store, failed: assert.ifError })
  const now = new Date('2026-05-01T00:00:00Z')
  const call = await authenticate(
    { kind: 'toy', identifier: credential.identifier, secret },
    { now, requestId: 'r-1', via: 'toy.listThings' },
  )
  assert.deepEqual(call, {
    organizationId: world.organizationId,
    actor: credential.id,
    scopes: new Set(['read', 'audit']),
    workspaceId: undefined,
    connectionId: undefined,
    extensionsRevision: undefined,
    now,
    requestId: 'r-1',
    via: 'toy.listThings',
  })
  await flush()
})

test('the last use is stored once a minute', async (t) => {
  let now = new Date('2026-01-01T00:00:00Z')
  const { store, addCredential } = await openToy(t)
  const { credential, secret } = await addCredential({})
  const authenticator = createAuthenticator({ store, failed: assert.ifError })
  const use = async () => {
    await authenticator.authenticate(
      { kind: 'toy', identifier: credential.identifier, secret },
      { now, requestId: 'r', via: 'test' },
    )
    await authenticator.flush()
    const stored = await store.read((reader) => reader.credential(credential.organizationId, credential.id))
    return stored?.lastUsedAt?.toISOString()
  }
  assert.equal(await use(), '2026-01-01T00:00:00.000Z')
  now = new Date('2026-01-01T00:00:59Z')
  assert.equal(await use(), '2026-01-01T00:00:00.000Z')
  now = new Date('2026-01-01T00:01:00Z')
  assert.equal(await use(), '2026-01-01T00:01:00.000Z')
})

test('a server that closes waits for the uses that are still being stored', async (t) => {
  const first = await openToy(t)
  const slow: Store = {
    read: (work) => first.store.read(work),
    write: async (organizationId, work) => {
      for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve))
      return first.store.write(organizationId, work)
    },
  }
  const { app } = await openToy(t, { store: slow })
  assert.equal((await app.inject({ url: '/toy/v1/things', headers: first.headers })).statusCode, 200)
  await app.close()
  const stored = await first.store.read((reader) => reader.credential(first.organizationId, first.credentialId))
  assert.ok(stored?.lastUsedAt)
})

test('noting a use never undoes a revocation that came meanwhile', async (t) => {
  const { store, addCredential } = await openToy(t)
  const { credential, secret } = await addCredential({})
  const authenticator = createAuthenticator({ store, failed: assert.ifError })
  const now = new Date('2026-01-01T00:00:00Z')
  const revoked = store.write(credential.organizationId, (writer) => writer.putCredential({ ...credential, revokedAt: now }))
  await authenticator
    .authenticate({ kind: 'toy', identifier: credential.identifier, secret }, { now, requestId: 'r', via: 'test' })
    .catch(() => undefined)
  await revoked
  await authenticator.flush()
  const stored = await store.read((reader) => reader.credential(credential.organizationId, credential.id))
  assert.deepEqual(stored?.revokedAt, now)
})

test('a use that cannot be stored is reported and fails no request', async (t) => {
  const { store, addCredential } = await openToy(t)
  const { credential, secret } = await addCredential({})
  const failures: unknown[] = []
  const readOnly = { ...store, write: () => Promise.reject(new DirectoryError('unavailable', 'The disk is full.')) }
  const authenticator = createAuthenticator({ store: readOnly, failed: (error) => failures.push(error) })
  const call = await authenticator.authenticate(
    { kind: 'toy', identifier: credential.identifier, secret },
    { now: new Date(), requestId: 'r', via: 'test' },
  )
  assert.equal(call.actor, credential.id)
  await authenticator.flush()
  assert.equal(failures.length, 1)
})
