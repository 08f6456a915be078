import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { openSyncWorld, type SyncWorld } from '../../tests/sync.ts'
import type { Policy } from './connection.ts'
import type { RiskKind } from './ledger.ts'

/** Somebody who left, with the removal that waits for a decision; john stays. */
async function openDecision(t: TestContext, policy: Partial<Policy> = {}, roles: Readonly<Record<string, string>> = {}) {
  const world = await openSyncWorld(t)
  const connection = await world.connect({ policy })
  const people = [await world.join('jane'), await world.join('john')]
  await world.settle()
  for (const account of world.vendor.accounts.values()) {
    const role = roles[account.userName]
    if (role !== undefined) world.vendor.put({ ...account, roles: [{ id: role, name: role === 'r1' ? 'Admin' : 'Billing' }] })
  }
  await world.leave(people[0]?.id ?? '')
  await world.pass(16)
  return { world, connection, people, plan: await openPlan(world) }
}

async function openPlan(world: SyncWorld) {
  const [plan] = await world.engine.listPlans(world.by('boss'), { state: 'open', limit: 10 })
  assert.ok(plan)
  return plan
}

const approve = (
  world: SyncWorld,
  actor: string,
  { id, digest, accept }: { readonly id: string; readonly digest: string; readonly accept?: readonly RiskKind[] },
) => world.engine.approvePlan(world.by(actor), { id, digest, reason: 'left', accept })
const left = (world: SyncWorld) => [...world.vendor.accounts.values()].map(({ userName }) => userName)
const hours = 60

test('with a quorum of two, one person’s approval is not enough, however often it is given', async (t) => {
  const { world, connection, plan } = await openDecision(t, { quorum: 2 })
  await approve(world, 'boss', plan)
  await world.settle()
  assert.deepEqual(left(world), ['jane', 'john'])
  await assert.rejects(approve(world, 'boss', plan), { refusal: 'conflict', message: /already\. 1 more of 2 people/ })
  await assert.rejects(world.engine.applyPlan(world.by('ops'), { id: plan.id }), {
    refusal: 'needsApproval',
    message: /^2 people/,
  })
  await assert.rejects(approve(world, 'idp', plan), { refusal: 'forbidden' })
  const { standing, steps } = await world.engine.getPlan(world.by('boss'), { id: plan.id })
  assert.deepEqual([standing?.decision, standing?.approvedBy], ['waits', ['boss']])
  assert.match(steps[0]?.reason ?? '', /waits for approvals by 2 people who did not ask for it/)
  await world.engine.changeConnection(world.by('ops'), { id: connection.id, writesEnabled: false })
  await approve(world, 'chief', plan)
  for (const actor of ['boss', 'chief'])
    await assert.rejects(approve(world, actor, plan), { refusal: 'conflict', message: /already\. It needs no further approval/ })
  await world.engine.changeConnection(world.by('ops'), { id: connection.id, writesEnabled: true })
  await world.settle()
  assert.deepEqual(left(world), ['john'])
})

test('only who the policy names may approve, by credential or by duty, and a change of the policy takes their approval back', async (t) => {
  const { world, connection, plan } = await openDecision(t, { approvers: ['chief'] })
  await assert.rejects(approve(world, 'boss', plan), { refusal: 'forbidden', message: /names who approves: chief/ })
  await world.engine.changeConnection(world.by('ops'), { id: connection.id, writesEnabled: false })
  await world.engine.approvePlan(world.by('chief', 'approver'), { id: plan.id, digest: plan.digest, reason: 'left' })
  await world.engine.changeConnection(world.by('ops'), {
    id: connection.id,
    policy: { approvers: ['owner'] },
    writesEnabled: true,
  })
  await world.settle()
  assert.deepEqual(left(world), ['jane', 'john'])
  await approve(world, 'boss', plan)
  await world.settle()
  assert.deepEqual(left(world), ['john'])
})

test('a plan that nobody decided on in time is refused, says what to do, and comes again with its authors', async (t) => {
  const { world, plan } = await openDecision(t, { planExpiryHours: 24 })
  await world.time.advance(24 * hours * 60_000)
  await assert.rejects(approve(world, 'boss', plan), {
    refusal: 'stale',
    message:
      /^The plan expired at 2026-11-22T08:\d\d:00.000Z, 24 hours after it was made\. Plan anew.*rollcall plan --connection desk$/,
  })
  await assert.rejects(world.engine.applyPlan(world.by('ops'), { id: plan.id }), { refusal: 'stale', message: /expired/ })
  await world.settle()
  const next = await openPlan(world)
  assert.notEqual(next.id, plan.id)
  assert.deepEqual([next.digest, next.authors], [plan.digest, ['idp']])
  await assert.rejects(approve(world, 'boss', plan), { refusal: 'stale', message: new RegExp(next.id) })
  await approve(world, 'boss', next)
  await world.settle()
  assert.deepEqual(left(world), ['john'])
})

test('an approval that lay too long sends nothing', async (t) => {
  const { world, connection, plan } = await openDecision(t)
  await world.engine.changeConnection(world.by('ops'), { id: connection.id, writesEnabled: false })
  await approve(world, 'boss', plan)
  await world.pass(8 * 24 * hours, 24 * hours)
  await world.engine.changeConnection(world.by('ops'), { id: connection.id, writesEnabled: true })
  await world.settle()
  assert.deepEqual(left(world), ['jane', 'john'])
  await approve(world, 'boss', await openPlan(world))
  await world.settle()
  assert.deepEqual(left(world), ['john'])
})

test('the last administrator goes only when the approval names it', async (t) => {
  const { world, plan } = await openDecision(t, {}, { jane: 'r1' })
  await assert.rejects(approve(world, 'boss', plan), {
    refusal: 'unsafe',
    message: 'jane is the last active one with the role Admin at memory. If that is meant, approve it with --accept lastOwner.',
  })
  await approve(world, 'boss', { ...plan, accept: ['lastOwner'] })
  await world.settle()
  assert.deepEqual(left(world), ['john'])
})

test('an approval given while there was another administrator does not let the last one go', async (t) => {
  const { world, connection, plan } = await openDecision(t, {}, { jane: 'r1', john: 'r1' })
  await world.engine.changeConnection(world.by('ops'), { id: connection.id, writesEnabled: false })
  await approve(world, 'boss', plan)
  const john = [...world.vendor.accounts.values()].find(({ userName }) => userName === 'john')
  assert.ok(john)
  world.vendor.put({ ...john, roles: [] })
  await world.pass(16)
  await world.engine.changeConnection(world.by('ops'), { id: connection.id, writesEnabled: true })
  await world.settle()
  assert.deepEqual(left(world), ['jane', 'john'])
  await approve(world, 'boss', { ...plan, accept: ['lastOwner'] })
  await world.settle()
  assert.deepEqual(left(world), ['john'])
})

test('a change that takes the last administrator’s role waits for a person, although changes are automatic', async (t) => {
  const { world, people } = await openDecision(t, { drift: 'revert', defaultRoles: ['Member'] }, { john: 'r1' })
  await world.directory.resumeMember(world.by('idp'), { id: people[0]?.id ?? '' })
  await world.pass(16)
  assert.deepEqual(
    [...world.vendor.accounts.values()].map(({ roles }) => roles.map(({ name }) => name).join()),
    ['Member', 'Admin'],
  )
  const plan = await openPlan(world)
  await approve(world, 'boss', { ...plan, accept: ['lastOwner'] })
  await world.settle()
  assert.deepEqual(
    [...world.vendor.accounts.values()].map(({ roles }) => roles.map(({ name }) => name).join()),
    ['Member', 'Member'],
  )
})

test('apply takes the digest that it is given, or nothing', async (t) => {
  const { world, plan } = await openDecision(t)
  await approve(world, 'boss', plan)
  const digest = plan.digest.replace(/^./, (first) => (first === '0' ? '1' : '0'))
  await assert.rejects(world.engine.applyPlan(world.by('ops'), { id: plan.id, digest }), { refusal: 'stale' })
  await world.engine.applyPlan(world.by('ops'), { id: plan.id, digest: plan.digest })
  assert.deepEqual(left(world), ['john'])
})

test('a schedule reads and plans the whole difference every so often, and carries nothing out that the policy does not', async (t) => {
  const world = await openSyncWorld(t)
  const connection = await world.connect({ policy: { schedule: { everyHours: 6 } } })
  await world.join('jane')
  await world.settle()
  const [made] = world.vendor.accounts.values()
  assert.ok(made)
  world.vendor.put({ ...made, email: 'else@x.test' })
  await world.pass(6 * hours - 15, 15)
  assert.deepEqual(await world.engine.listPlans(world.by('boss'), { state: 'open', limit: 10 }), [])
  await world.pass(30, 5)
  const plan = await openPlan(world)
  assert.deepEqual([plan.origin, plan.reason], ['schedule', 'by schedule, every 6 hours'])
  await world.pass(12 * hours, 30)
  assert.equal((await openPlan(world)).id, plan.id, 'what stands in an open plan is not planned again')
  assert.equal([...world.vendor.accounts.values()][0]?.email, 'else@x.test')
  await world.engine.applyPlan(world.by('ops'), { id: plan.id })
  assert.equal([...world.vendor.accounts.values()][0]?.email, 'jane@example.com')
  const { plannedAt } = (await world.engine.getConnection(world.by('boss'), { id: connection.id })).connection
  assert.ok(plannedAt)
  const { policy } = await world.engine.changeConnection(world.by('ops'), { id: connection.id, policy: { schedule: null } })
  assert.equal(policy.schedule, undefined)
})

test('a policy that nobody could fulfil, or that says nothing sensible, is refused', async (t) => {
  const world = await openSyncWorld(t)
  const connection = await world.connect()
  for (const [policy, field] of [
    [{ quorum: 0 }, 'quorum'],
    [{ quorum: 3, approvers: ['a', 'b'] }, 'quorum'],
    [{ planExpiryHours: 0 }, 'planExpiryHours'],
    [{ schedule: { everyHours: 0.5 } }, 'schedule'],
    [{ deletion: { onLeave: 'suspend', holdDays: -1 } }, 'deletion'],
    [{ shrinkLimit: { accounts: 5, percent: 101 } }, 'shrinkLimit'],
    [{ attributeOwners: { shoeSize: 'vendor' } as object }, 'attributeOwners'],
  ] as const)
    await assert.rejects(world.engine.changeConnection(world.by('ops'), { id: connection.id, policy }), {
      refusal: 'invalid',
      field: `policy.${field}`,
    })
})
