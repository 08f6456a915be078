import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { openSyncWorld } from '../../tests/sync.ts'
import type { Policy } from './connection.ts'

const held = { deletion: { onLeave: 'suspend', holdDays: 7 } } as const satisfies Partial<Policy>

async function openHeld(t: TestContext, { suspend = true, policy = held }: { suspend?: boolean; policy?: Partial<Policy> } = {}) {
  const world = await openSyncWorld(t, { capabilities: { suspend } })
  const connection = await world.connect({ policy: { leavers: { suspendAtOnce: 'approval' }, ...policy } })
  const member = await world.join('jane')
  await world.settle()
  await world.leave(member.id)
  await world.settle()
  const decide = async (kind: 'suspend' | 'remove') => {
    const [plan] = await world.engine.listPlans(world.by('boss'), { state: 'open', limit: 10 })
    assert.ok(plan)
    const { steps } = await world.engine.getPlan(world.by('boss'), { id: plan.id })
    assert.deepEqual(
      steps.map((step) => step.kind),
      [kind],
    )
    await world.engine.approvePlan(world.by('boss'), { id: plan.id, digest: plan.digest, reason: 'left' })
    await world.settle()
    return steps[0]?.reason ?? ''
  }
  return { world, connection, member, decide }
}

const statuses = (world: Awaited<ReturnType<typeof openSyncWorld>>) =>
  [...world.vendor.accounts.values()].map(({ status }) => status)
const open = (world: Awaited<ReturnType<typeof openSyncWorld>>) =>
  world.engine.listPlans(world.by('boss'), { state: 'open', limit: 10 })
const day = 24 * 60

test('who leaves is suspended, held for as long as the policy says, and only then is a removal planned, for another decision', async (t) => {
  const { world, decide } = await openHeld(t)
  await decide('suspend')
  assert.deepEqual(statuses(world), ['suspended'])
  await world.pass(7 * day - 12 * 60, 12 * 60)
  assert.deepEqual(await open(world), [])
  await world.pass(13 * 60, 60)
  const [later] = await open(world)
  assert.deepEqual(later?.authors, ['idp'], 'the removal is the doing of whoever made them leave, however much later')
  const reason = await decide('remove')
  assert.match(reason, /is suspended in the directory; suspended since 2026-11-21/)
  assert.deepEqual(statuses(world), [])
})

test('who returns while they are held is resumed, and held for the full time should they leave again', async (t) => {
  const { world, member, decide } = await openHeld(t)
  await decide('suspend')
  await world.pass(6 * day, 12 * 60)
  await world.directory.resumeMember(world.by('idp'), { id: member.id })
  await world.settle()
  assert.deepEqual(statuses(world), ['active'])
  await world.leave(member.id)
  await world.settle()
  await decide('suspend')
  await world.pass(2 * day, 12 * 60)
  assert.deepEqual(await open(world), [])
})

test('an account that somebody at the vendor suspended is held from when it was seen so', async (t) => {
  const { world, decide } = await openHeld(t)
  world.vendor.put({ id: 'a1', userName: 'jane', status: 'suspended' })
  await world.pass(30)
  assert.deepEqual(await open(world), [])
  await world.pass(7 * day + 60, 12 * 60)
  await decide('remove')
  assert.deepEqual(statuses(world), [])
})

test('offboarding does not go before the hold either, and a vendor that cannot suspend removes at once', async (t) => {
  const { world, member } = await openHeld(t)
  const { plans } = await world.engine.offboard(world.by('ops'), { person: member.userName })
  assert.deepEqual(
    plans.flatMap(({ steps }) => steps.map(({ kind }) => kind)),
    ['suspend'],
  )
  const other = await openHeld(t, { suspend: false })
  await other.decide('remove')
  assert.deepEqual(statuses(other.world), [])
})

test('a removal that was approved is not sent once the policy holds accounts', async (t) => {
  const { world, connection, member } = await openHeld(t, { policy: {} })
  const [plan] = await open(world)
  await world.engine.approvePlan(world.by('boss'), { id: plan?.id ?? '', digest: plan?.digest ?? '', reason: 'left' })
  await world.engine.changeConnection(world.by('ops'), { id: connection.id, policy: held })
  await world.settle()
  assert.deepEqual(statuses(world), ['active'])
  const [next] = await open(world)
  const view = await world.engine.getPlan(world.by('boss'), { id: next?.id ?? '' })
  assert.deepEqual(
    view.steps.map(({ kind, membershipId }) => [kind, membershipId]),
    [['suspend', member.id]],
  )
})

test('the old word for it is taken for the new one', async (t) => {
  const { world, connection, decide } = await openHeld(t, { policy: { onLeave: 'suspend' } })
  assert.deepEqual([connection.policy.deletion, connection.policy.onLeave], [{ onLeave: 'suspend' }, undefined])
  await decide('suspend')
  await world.pass(30 * day, 5 * day)
  assert.deepEqual(await open(world), [])
})
