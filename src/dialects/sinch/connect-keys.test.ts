import assert from 'node:assert/strict'
import { test } from 'node:test'
import { json, scripted, type Seen } from '../../../tests/bandwidth-vendor.ts'
import { addKey, connect, connectToFace, credentialsOf, listAll } from '../../../tests/sinch.ts'
import type { Vendor, VendorKeys } from '../../sync/vendor.ts'

const isToken = ({ url }: Seen) => url.endsWith('/oauth2/token')
const keysOf = (vendor: Vendor): VendorKeys => {
  assert.ok(vendor.keys)
  return vendor.keys
}

/** Keeps what it is given, in the order of events. */
function secretStore() {
  const kept: { readonly id: string; readonly secret: string }[] = []
  return { kept, store: async ({ id }: { readonly id: string }, secret: string) => void kept.push({ id, secret }) }
}

test('SNCH-29 the secret is stored before anything else happens, and answered to nobody', async (t) => {
  const { vendor, exchanges } = await connectToFace(t)
  const { kept, store } = secretStore()
  let seen = 0
  const made = await keysOf(vendor).create('Rotated', async (key, secret) => {
    seen = exchanges.length
    await store(key, secret)
  })
  assert.equal(exchanges.length, seen)
  assert.equal(kept[0]?.id, made.id)
  assert.ok(!JSON.stringify([made, exchanges]).includes(kept[0]?.secret ?? ''))
})

test('SNCH-29 a secret that could not be stored leaves no key behind', async (t) => {
  const { vendor } = await connectToFace(t)
  const keys = keysOf(vendor)
  await assert.rejects(
    keys.create('Lost', () => Promise.reject(new Error('the store is full'))),
    { message: 'the store is full' },
  )
  assert.deepEqual(
    (await keys.list()).map((key) => key.name),
    ['Sinch access key'],
  )
})

test('SNCH-31 a key is replaced in order: create, store, use, verify, delete, and its absence is read', async (t) => {
  const { face, vendor, exchanges } = await connectToFace(t)
  const keys = keysOf(vendor)
  const { kept, store } = secretStore()
  await assert.rejects(keys.remove(face.keyId, { id: 'not there yet' }), { refusal: 'unsafe' })
  const made = await keys.create('Next', store)
  await assert.rejects(keys.remove(face.keyId, made), { refusal: 'unsafe' })
  await keys.use(kept[0]!)
  await keys.remove(face.keyId, made)
  assert.equal(exchanges.at(-2)?.operation, 'deleteKey')
  assert.equal(exchanges.at(-1)?.operation, 'listKeys')
  assert.deepEqual(
    (await keys.list()).map((key) => key.id),
    [made.id],
  )
  assert.deepEqual(await listAll(vendor), [])
})

test('SNCH-31 deleting a key whose replacement is not there, or is itself, is blocked', async (t) => {
  const { face, vendor, exchanges } = await connectToFace(t)
  const keys = keysOf(vendor)
  const other = await addKey(face, ['read', 'write', 'administer'])
  for (const replacement of [{ id: 'unknown' }, { id: other.id }])
    await assert.rejects(keys.remove(other.id, replacement), { refusal: 'unsafe' })
  assert.ok(exchanges.every((exchange) => exchange.method !== 'DELETE'))
  await keys.remove(other.id, { id: face.keyId })
  await keys.remove(other.id, 'unused')
})

test('SNCH-33 the key in use is never deleted, and one that does not work is not taken into use', async (t) => {
  const { face, vendor } = await connectToFace(t)
  const keys = keysOf(vendor)
  await assert.rejects(keys.remove(face.keyId, 'unused'), { refusal: 'unsafe' })
  await assert.rejects(keys.use({ id: face.keyId, secret: 'wrong' }), { name: 'RemoteError', status: 401 })
  assert.deepEqual(
    (await keys.list()).map((key) => key.id),
    [face.keyId],
  )
})

test('SNCH-31 SNCH-P02 a connection knows which key it calls with, how many there may be, and its credentials with another one', async (t) => {
  const { face, origin, vendor } = await connectToFace(t)
  const keys = keysOf(vendor)
  assert.deepEqual([keys.most, keys.inUse()], [10, face.keyId])
  const { kept, store } = secretStore()
  await keys.create('Next', store)
  const [next] = kept
  assert.ok(next)
  const credentials = keys.credentialsWith(next)
  assert.deepEqual(credentials, { ...Object(credentialsOf(face, origin)), keyId: next.id, keySecret: next.secret })
  const switched = keysOf(connect(`${origin}/sinch`, credentials).vendor)
  assert.equal(switched.inUse(), next.id)
  assert.equal((await switched.list()).length, 2)
  await keys.use(next)
  assert.equal(keys.inUse(), next.id)
})

test('SNCH-32 without the rights of an ADMIN keys are refused', async (t) => {
  const { face, origin } = await connectToFace(t)
  const { id, secret } = await addKey(face, ['read', 'write'])
  const { vendor } = connect(`${origin}/sinch`, credentialsOf(face, origin, { keyId: id, keySecret: secret }))
  await assert.rejects(keysOf(vendor).list(), { name: 'RemoteError', status: 403 })
  await assert.rejects(
    keysOf(vendor).create('x', async () => undefined),
    { status: 403, effect: 'none' },
  )
})

test('SNCH-27 a key that Sinch lists after its deletion was accepted is reported', async (t) => {
  const listing = json({ access_keys: [{ key_id: 'old', display_name: 'Old', created_at: '2024-01-01T00:00:00Z' }] })
  const { url } = await scripted(t, (one) =>
    isToken(one)
      ? json({ access_token: 't', token_type: 'bearer', expires_in: 3600 })
      : one.method === 'DELETE'
        ? { status: 204 }
        : listing,
  )
  const keys = keysOf(connect(url).vendor)
  assert.deepEqual(await keys.list(), [{ id: 'old', name: 'Old', createdAt: new Date('2024-01-01T00:00:00Z') }])
  await assert.rejects(keys.remove('old', 'unused'), { refusal: 'unsafe', message: /lists the key still/ })
})

test('SNCH-P01 the public API is another profile: its paths, its words, its token by Basic', async (t) => {
  const { face, origin } = await connectToFace(t)
  const { vendor, exchanges } = connect(`${origin}/sinch`, credentialsOf(face, origin, { api: 'public' }))
  const keys = keysOf(vendor)
  const { kept, store } = secretStore()
  const made = await keys.create('Public', store)
  assert.ok(made.createdAt)
  assert.equal((await keys.list()).length, 2)
  await keys.use(kept[0]!)
  await keys.remove(face.keyId, made)
  assert.deepEqual(
    new Set(exchanges.map((exchange) => exchange.operation)),
    new Set(['issueToken', 'createProjectKey', 'listProjectKeys', 'deleteProjectKey']),
  )
  assert.ok(
    exchanges
      .filter((exchange) => exchange.operation === 'issueToken')
      .every(({ sent }) => sent === 'grant_type=client_credentials'),
  )
})
