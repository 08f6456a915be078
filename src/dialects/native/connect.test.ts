import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openWorld, type World } from '../../../tests/world.ts'
import { createClient, everyItem, refusalOf, RemoteError, type Client } from './connect.ts'

let count = 0
const clientAt = (url: string, key: string, over: { readonly fetch?: typeof fetch } = {}): Client =>
  createClient({
    url,
    key,
    fetch,
    sleep: async () => {},
    random: () => 0,
    newKey: () => `key-${++count}`,
    timeoutMs: 10_000,
    ...over,
  })

async function open(world: World): Promise<{ readonly url: string; readonly key: string }> {
  return { url: await world.app.listen({ host: '127.0.0.1', port: 0 }), key: world.access['native']?.['key'] ?? '' }
}

test('the client speaks to the server over HTTP with dates, pages and empty answers', async (t) => {
  const world = await openWorld(t)
  const { url, key } = await open(world)
  const client = clientAt(url, key)
  assert.equal((await client.readOrganization()).id, world.organizationId)
  for (let number = 0; number < 5; number++) await client.createMember({ body: { as: 'active', userName: `m${number}` } })
  const names = []
  for await (const member of everyItem((cursor) => client.listMembers({ query: { cursor, limit: 2 } })))
    names.push(member.userName)
  assert.deepEqual(names, ['m0', 'm1', 'm2', 'm3', 'm4'])
  const [first] = (await client.listMembers({ query: { userName: 'M0' } })).items
  assert.ok(first?.createdAt instanceof Date)
  assert.equal(await client.deleteMember({ memberId: first.id }), undefined)
  const expiresAt = new Date(Date.now() + 60_000)
  const { credential } = await client.createCredential({ body: { name: 'x', duty: 'auditor', expiresAt } })
  assert.deepEqual(credential.expiresAt, expiresAt)
})

test('a refusal comes back as the refusal that the server threw, with its field', async (t) => {
  const world = await openWorld(t)
  const { url, key } = await open(world)
  const client = clientAt(`${url}/api/v1/`, key)
  await client.createMember({ body: { as: 'active', userName: 'ada' } })
  await assert.rejects(client.createMember({ body: { as: 'active', userName: 'ADA' } }), {
    name: 'DirectoryError',
    refusal: 'taken',
    field: 'userName',
  })
  await assert.rejects(client.readMember({ memberId: 'x' }), { refusal: 'notFound' })
  await assert.rejects(clientAt(url, 'rc_native_no').readOrganization(), { refusal: 'unauthenticated' })
  assert.equal(refusalOf(await client.readMember({ memberId: 'x' }).catch((error: unknown) => error)), 'notFound')
})

test('what is no answer of ours is a RemoteError, and says nothing of the key', async () => {
  const elsewhere = clientAt('http://hub.test', 'rc_native_secret', {
    fetch: async () => new Response('<h1>Bad gateway</h1>', { status: 404, headers: { 'content-type': 'text/html' } }),
  })
  await assert.rejects(
    elsewhere.readOrganization(),
    (error: Error) => error instanceof RemoteError && !String(error.stack).includes('rc_native_secret'),
  )
  const nowhere = clientAt('http://hub.test', 'rc_native_secret', {
    fetch: async () => Promise.reject(new TypeError('fetch failed')),
  })
  await assert.rejects(nowhere.readOrganization(), (error: Error) => error instanceof RemoteError && error.status === 0)
})

test('each write carries an Idempotency-Key of its own, a read none', async (t) => {
  const world = await openWorld(t)
  const { url, key } = await open(world)
  const keys: (string | null)[] = []
  const client = clientAt(url, key, {
    fetch: async (request, init) => {
      keys.push(new Headers(init?.headers).get('idempotency-key'))
      return fetch(request, init)
    },
  })
  await client.createGroup({ body: { displayName: 'a' } })
  await client.createGroup({ body: { displayName: 'b' } })
  await client.listGroups({})
  assert.ok(keys[0] && keys[1] && keys[0] !== keys[1])
  assert.equal(keys[2], null)
})
