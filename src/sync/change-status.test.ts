import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { openSyncWorld, type SyncWorld } from '../../tests/sync.ts'
import type { Policy } from './connection.ts'

async function openLeaving(t: TestContext, policy: Partial<Policy>, suspend = true) {
  const world = await openSyncWorld(t, { capabilities: { suspend } })
  await world.connect({ policy })
  const member = await world.join('jane')
  await world.join('john')
  await world.settle()
  return { world, member }
}

async function approveAll(world: SyncWorld): Promise<void> {
  for (const { id, digest } of await world.engine.listPlans(world.by('owner'), { state: 'open', limit: 10 })) {
    await world.engine.approvePlan(world.by('boss', 'approver'), { id, digest, reason: 'yes' })
    await world.engine.applyPlan(world.by('ops'), { id })
  }
  await world.settle()
}

const kinds = async (world: SyncWorld) => (await world.steps()).map(({ kind, state }) => `${kind} ${state}`)
const statusOf = (world: SyncWorld, userName: string) =>
  [...world.vendor.accounts.values()].find((account) => account.userName === userName)?.status

test('who leaves is suspended where the policy says so, after an approval, and resumed when back', async (t) => {
  const { world, member } = await openLeaving(t, { onLeave: 'suspend', leavers: { suspendAtOnce: 'approval' } })
  await world.leave(member.id)
  await world.pass(10)
  assert.equal(statusOf(world, 'jane'), 'active')
  await approveAll(world)
  assert.equal(statusOf(world, 'jane'), 'suspended')
  await world.pass(10)
  assert.deepEqual(await kinds(world), ['create done', 'create done', 'suspend done'])
  await world.directory.resumeMember(world.by('idp'), { id: member.id })
  await world.pass(10)
  assert.equal(statusOf(world, 'jane'), 'active')
  assert.deepEqual((await kinds(world)).at(-1), 'resume done')
  assert.deepEqual(
    (await world.engine.listFindings(world.by('owner'), { limit: 10 })).map(({ kind }) => kind),
    [],
  )
})

test('who leaves is removed where the policy does not say so, or the vendor cannot suspend', async (t) => {
  for (const [policy, suspend] of [
    [{}, true],
    [{ onLeave: 'suspend' }, false],
  ] as const) {
    const { world, member } = await openLeaving(t, policy, suspend)
    await world.leave(member.id)
    await world.pass(10)
    await approveAll(world)
    assert.equal(statusOf(world, 'jane'), undefined)
  }
})

test('offboarding removes, whatever leavers are let keep', async (t) => {
  const { world } = await openLeaving(t, { onLeave: 'suspend', leavers: { suspendAtOnce: 'approval' } })
  await world.engine.offboard(world.by('owner'), { person: 'jane@example.com' })
  await world.pass(10)
  assert.deepEqual((await kinds(world)).slice(2), ['remove planned'])
  await approveAll(world)
  assert.equal(statusOf(world, 'jane'), undefined)
})

test('a suspension whose answer is lost is found out by reading, and not sent twice', async (t) => {
  for (const kind of ['status500After', 'closeAfter'] as const) {
    const { world, member } = await openLeaving(t, { onLeave: 'suspend', leavers: { suspendAtOnce: 'approval' } })
    await world.leave(member.id)
    await world.pass(10)
    world.vendor.faults = [{ kind, operation: 'suspend', times: 1 }]
    await approveAll(world)
    await world.pass(30)
    assert.equal(world.vendor.writes.filter(({ operation }) => operation === 'suspend').length, 1)
    assert.equal((await kinds(world)).at(-1), 'suspend done')
  }
})

test('somebody whom the vendor’s own people suspended is reported and not resumed', async (t) => {
  const { world } = await openLeaving(t, { onLeave: 'suspend', leavers: { suspendAtOnce: 'approval' } })
  const jane = [...world.vendor.accounts.values()].find(({ userName }) => userName === 'jane')
  assert.ok(jane)
  world.vendor.put({ ...jane, status: 'suspended' })
  await world.pass(120, 10)
  assert.equal(statusOf(world, 'jane'), 'suspended')
  const findings = await world.engine.listFindings(world.by('owner'), { limit: 10 })
  assert.deepEqual(
    findings.map(({ kind }) => kind),
    ['drift'],
  )
})
