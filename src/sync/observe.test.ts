import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSyncWorld, type SyncWorld } from '../../tests/sync.ts'
import { observeKeys } from './observe.ts'
import type { VendorKey } from './vendor.ts'

const day = 24 * 60

const open = async (world: SyncWorld) =>
  (await world.engine.listFindings(world.by('owner'), { state: 'open', limit: 100 })).map(
    ({ kind, subject, message }) => `${kind} ${subject}: ${message}`,
  )

test('an invitation that nobody accepts is told once it is old, since it was first read where the vendor says no date', async (t) => {
  const world = await openSyncWorld(t)
  const connection = await world.connect({ writes: false })
  for (const name of ['jane', 'john', 'joan']) await world.join(name)
  world.vendor.put({ id: 'a1', userName: 'jane', status: 'invited' })
  world.vendor.put({ id: 'a2', userName: 'john', status: 'invited', invitedSince: new Date('2026-11-01T00:00:00Z') })
  world.vendor.put({ id: 'a3', userName: 'joan' })
  await world.settle()
  const john = 'staleInvitation a2: john was invited 2026-11-01 or before and has not accepted'
  assert.deepEqual(await open(world), [john])
  await world.pass(15 * day, 12 * 60)
  assert.deepEqual((await open(world)).toSorted(), [
    'staleInvitation a1: jane was invited 2026-11-21 or before and has not accepted',
    john,
  ])
  world.vendor.put({ id: 'a2', userName: 'john', status: 'active' })
  await world.engine.changeConnection(world.by('o'), { id: connection.id, policy: { findings: { staleInvitationDays: 60 } } })
  await world.pass(20, 5)
  assert.deepEqual(await open(world), [])
})

test('keys older than the policy wants are told, and nothing is known while the vendor does not list them', async (t) => {
  const keys: VendorKey[] = [
    { id: 'k1', name: 'old', createdAt: new Date('2026-01-01T00:00:00Z') },
    { id: 'k2', name: 'new', createdAt: new Date('2026-11-01T00:00:00Z') },
    { id: 'k3', name: 'ageless', createdAt: undefined },
  ]
  let listing: () => Promise<readonly VendorKey[]> = async () => keys
  const world = await openSyncWorld(t)
  Object.assign(world.vendor, { keys: { list: () => listing() } })
  const connection = await world.connect()
  await world.settle()
  assert.deepEqual(await open(world), [], 'no policy, no finding')
  const change = (days: number) =>
    world.engine.changeConnection(world.by('o'), { id: connection.id, policy: { findings: { keyMaxAgeDays: days } } })
  await assert.rejects(change(0), { field: 'policy.findings.keyMaxAgeDays' })
  await change(90)
  await world.settle()
  const told = ['keyTooOld k1: key old was made 2026-01-01; the policy wants none older than 90 days']
  assert.deepEqual(await open(world), told)
  listing = async () => {
    throw Object.assign(new Error('down'), { name: 'RemoteError', status: 500, retryable: true, effect: 'none' })
  }
  await world.pass(20, 5)
  assert.deepEqual(await open(world), told)
  listing = async () => keys.slice(1)
  await world.pass(20, 5)
  assert.deepEqual(await open(world), [])
})

test('a key is too old on the day that the policy names', () => {
  const key = { id: 'k', name: 'k', createdAt: new Date('2026-01-01T00:00:00Z') }
  const count = (now: string) => observeKeys([key], { maxAgeDays: 90, now: new Date(now) }).length
  assert.deepEqual([count('2026-03-31T23:59:59Z'), count('2026-04-01T00:00:00Z')], [0, 1])
})
