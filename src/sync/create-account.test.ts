import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSyncWorld, type SyncWorld } from '../../tests/sync.ts'
import type { Capabilities, Created } from './vendor.ts'

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

test('what became of a creation is told: when an invitation ends where the vendor says so, what is still under way, and what only a person can do', async (t) => {
  const expiresAt = new Date('2026-11-28T08:00:00Z')
  const outcomeOf = async (created: Created | ((world: SyncWorld) => Created)) => {
    const world = await openSyncWorld(t)
    await world.connect()
    await world.settle()
    Object.assign(world.vendor.writer, { create: async () => (typeof created === 'function' ? created(world) : created) })
    await world.join('ada')
    await world.settle()
    const [step] = await world.steps()
    return [step?.state, step?.reason]
  }
  const put = ({ vendor }: SyncWorld) => vendor.put({ userName: 'ada', email: 'ada@example.com', status: 'invited' })
  assert.deepEqual(await outcomeOf((world) => ({ outcome: 'invited', account: put(world), expiresAt })), [
    'done',
    'invited; the invitation holds until 2026-11-28T08:00:00.000Z',
  ])
  assert.deepEqual(await outcomeOf((world) => ({ outcome: 'invited', account: put(world), expiresAt: undefined })), [
    'done',
    'invited',
  ])
  const unseen = await outcomeOf({ outcome: 'invited', account: undefined, expiresAt })
  assert.equal(unseen[0], 'failed')
  assert.match(unseen[1] ?? '', /shows the account once they accept.*holds until 2026-11-28/)
  assert.deepEqual(await outcomeOf({ outcome: 'inProgress' }), ['unknown', 'memory is still making the account'])
  assert.deepEqual(await outcomeOf({ outcome: 'needsPerson', task: 'Make ada by hand.' }), ['unsupported', 'Make ada by hand.'])
})

test('what the vendor is still making is waited for a day without being asked for again, and taken over when it is listed', async (t) => {
  for (const isListed of [true, false]) {
    const world = await openSyncWorld(t)
    const connection = await world.connect()
    await world.settle()
    let asked = 0
    Object.assign(world.vendor.writer, {
      create: async () => {
        asked++
        return { outcome: 'inProgress' as const }
      },
    })
    const member = await world.join('ada')
    await world.pass(23 * 60, 30)
    assert.deepEqual([(await world.steps())[0]?.state, asked], ['unknown', 1])
    if (isListed) world.vendor.put({ userName: 'ada', email: 'ada@example.com' })
    await world.pass(3 * 60, 30)
    const [step] = await world.steps()
    assert.deepEqual([step?.state, asked], [isListed ? 'done' : 'failed', 1])
    const link = await world.database.ledger.read((tx) => tx.linkOf(world.organizationId, connection.id, member.id))
    assert.equal(link !== undefined, isListed)
    if (!isListed) assert.match(step?.reason ?? '', /accepted the creation at 2026-11-21T.* lists no account yet/)
  }
})
