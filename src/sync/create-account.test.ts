import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSyncWorld } from '../../tests/sync.ts'
import type { Capabilities } from './vendor.ts'

/** Of a vendor that knows people by their address alone. */
const byAddress: Partial<Capabilities> = { attributes: ['email', 'givenName', 'familyName'] }

test('a creation whose answer was lost is found by its address where the vendor has no user names', async (t) => {
  const world = await openSyncWorld(t, { capabilities: byAddress })
  await world.connect()
  await world.settle()
  world.vendor.faults.push({ kind: 'closeAfter', operation: 'create', times: 1 })
  world.vendor.before = async (operation) => {
    if (operation !== 'list') return
    for (const account of world.vendor.accounts.values()) world.vendor.put({ ...account, userName: account.email ?? '' })
  }
  await world.join('ada')
  await world.pass(60)
  assert.deepEqual(
    (await world.steps()).map(({ kind, state }) => [kind, state]),
    [['create', 'done']],
  )
  assert.equal(world.vendor.writes.filter(({ operation }) => operation === 'create').length, 1)
})

test('an account that the vendor names as the one that exists is taken over without reading the whole list', async (t) => {
  const world = await openSyncWorld(t)
  const connection = await world.connect()
  await world.settle()
  const create = async () => {
    const account = world.vendor.put({ userName: 'ADA', email: 'ada@example.com' })
    world.vendor.calls.length = 0
    return { outcome: 'exists' as const, account }
  }
  Object.assign(world.vendor.writer, { create })
  const member = await world.join('ada')
  await world.settle()
  const [step] = await world.steps()
  assert.deepEqual([step?.state, world.vendor.calls.includes('list')], ['done', false])
  const link = await world.database.ledger.read((tx) => tx.linkOf(world.organizationId, connection.id, member.id))
  assert.equal(link?.accountId, [...world.vendor.accounts.keys()][0])
})

test('an account that the vendor names and that has another user name is looked for in the list, and not taken over', async (t) => {
  const world = await openSyncWorld(t)
  await world.connect()
  await world.settle()
  const account = world.vendor.put({ userName: 'grace' })
  Object.assign(world.vendor.writer, { create: async () => ({ outcome: 'exists' as const, account }) })
  await world.join('ada')
  await world.settle()
  const [step] = await world.steps()
  assert.deepEqual([step?.kind, step?.state], ['create', 'failed'])
  assert.match(step?.reason ?? '', /lists no such account/)
})
