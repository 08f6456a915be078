import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PolicyChange } from './connection.ts'
import { openSyncWorld, type SyncWorld } from '../../tests/sync.ts'

/** Forty people with accounts, of whom some have left. */
async function leavers(world: SyncWorld, count: number) {
  const connection = await world.connect()
  const people = []
  for (let index = 0; index < 40; index++) people.push(await world.join(`person${String(index).padStart(2, '0')}`))
  await world.settle()
  for (const { id } of people.slice(0, count)) await world.leave(id)
  await world.settle()
  const [plan] = await world.engine.listPlans(world.by('boss'), { state: 'open', limit: 10 })
  assert.ok(plan)
  return { connection, people, plan }
}

test('more removals than the limit need their number, and the wrong number is refused', async (t) => {
  const world = await openSyncWorld(t)
  const { plan } = await leavers(world, 6)
  const decision = { id: plan.id, digest: plan.digest, reason: 'the branch was closed' }
  await assert.rejects(world.engine.approvePlan(world.by('boss'), decision), {
    refusal: 'unsafe',
    message: /removes 6 of 40 accounts.*--removals 6/,
  })
  await assert.rejects(world.engine.approvePlan(world.by('boss'), { ...decision, removals: 5 }), { refusal: 'unsafe' })
  await world.settle()
  assert.equal(world.vendor.accounts.size, 40)
  await world.engine.approvePlan(world.by('boss'), { ...decision, removals: 6 })
  await world.settle()
  assert.equal(world.vendor.accounts.size, 34)
})

test('additions flow while removals wait', async (t) => {
  const world = await openSyncWorld(t)
  const { plan } = await leavers(world, 6)
  await world.join('joiner')
  await world.settle()
  assert.equal(world.vendor.accounts.size, 41)
  assert.equal((await world.engine.getPlan(world.by('boss'), { id: plan.id })).plan.digest, plan.digest)
})

test('a digest with any one digit changed is refused as stale', async (t) => {
  const world = await openSyncWorld(t)
  const { plan } = await leavers(world, 1)
  for (let index = 0; index < plan.digest.length; index++) {
    const other = plan.digest[index] === '0' ? '1' : '0'
    const digest = plan.digest.slice(0, index) + other + plan.digest.slice(index + 1)
    await assert.rejects(world.engine.approvePlan(world.by('boss'), { id: plan.id, digest, reason: 'left' }), {
      refusal: 'stale',
    })
  }
})

test('whoever asks for the same plan becomes one of its authors and cannot approve it', async (t) => {
  const world = await openSyncWorld(t)
  const { connection, plan } = await leavers(world, 1)
  const asked = await world.engine.createPlan(world.by('boss'), { connectionId: connection.id })
  assert.equal(asked.plan.id, plan.id)
  assert.deepEqual(asked.plan.authors, ['idp', 'boss'])
  const decision = { id: plan.id, digest: plan.digest, reason: 'left' }
  await assert.rejects(world.engine.approvePlan(world.by('boss'), decision), { refusal: 'forbidden' })
  await world.engine.approvePlan(world.by('chief'), decision)
  const again = await world.engine.createPlan(world.by('chief'), { connectionId: connection.id })
  assert.deepEqual(again.plan.authors, ['idp', 'boss'], 'looking again does not take an approval back')
})

test('whoever changes the policy that an open plan is judged by cannot approve it, and an approval of theirs counts no more', async (t) => {
  const world = await openSyncWorld(t)
  const { connection, plan } = await leavers(world, 6)
  const decision = { id: plan.id, digest: plan.digest, removals: 6, reason: 'left' }
  const change = (policy: PolicyChange) => world.engine.changeConnection(world.by('boss'), { id: connection.id, policy })
  await change({ quorum: 2 })
  await assert.rejects(world.engine.approvePlan(world.by('boss'), decision), { refusal: 'forbidden' })
  await world.engine.approvePlan(world.by('chief'), decision)
  await world.engine.changeConnection(world.by('chief'), { id: connection.id, policy: { quorum: 1 } })
  await world.settle()
  assert.equal(world.vendor.accounts.size, 40, 'who lowers the quorum after their approval is not the one that it takes')
  await world.engine.approvePlan(world.by('head'), decision)
  await world.settle()
  assert.equal(world.vendor.accounts.size, 34)
})

test('a further leaver is a plan of their own, and leaves the approved one as it is', async (t) => {
  const world = await openSyncWorld(t)
  const { people, plan } = await leavers(world, 1)
  const [, second] = people
  assert.ok(second)
  await world.directory.suspendMember(world.by('boss'), { id: second.id, sessions: 'end' })
  await world.settle()
  const open = await world.engine.listPlans(world.by('boss'), { state: 'open', limit: 10 })
  assert.deepEqual(
    open.map(({ authors }) => authors),
    [['boss'], ['idp']],
  )
  await world.engine.approvePlan(world.by('boss'), { id: plan.id, digest: plan.digest, reason: 'left' })
  await assert.rejects(
    world.engine.approvePlan(world.by('boss'), { id: open[0]?.id ?? '', digest: open[0]?.digest ?? '', reason: 'left' }),
    { refusal: 'forbidden' },
  )
  await world.settle()
  assert.equal(world.vendor.accounts.size, 39)
})

test('a new plan by a person takes the place of the open ones, which are stale from then on', async (t) => {
  const world = await openSyncWorld(t)
  const { connection, people, plan } = await leavers(world, 1)
  await world.leave(people[1]?.id ?? '')
  await world.settle()
  const { plan: whole, steps } = await world.engine.createPlan(world.by('ops'), { connectionId: connection.id })
  assert.equal(steps.length, 2)
  assert.deepEqual(whole.authors.toSorted(), ['idp', 'ops'])
  await assert.rejects(world.engine.approvePlan(world.by('boss'), { id: plan.id, digest: plan.digest, reason: 'left' }), {
    refusal: 'stale',
    message: new RegExp(whole.id),
  })
  await assert.rejects(world.engine.applyPlan(world.by('ops'), { id: plan.id }), { refusal: 'stale' })
  await world.engine.approvePlan(world.by('boss'), { id: whole.id, digest: whole.digest, reason: 'left' })
  const applied = await world.engine.applyPlan(world.by('ops'), { id: whole.id })
  assert.deepEqual(
    applied.steps.map(({ state }) => state),
    ['done', 'done'],
  )
})

test('somebody who comes back before the approval keeps the account', async (t) => {
  const world = await openSyncWorld(t)
  const { people, plan } = await leavers(world, 1)
  await world.directory.resumeMember(world.by('idp'), { id: people[0]?.id ?? '' })
  await world.settle()
  const view = await world.engine.getPlan(world.by('boss'), { id: plan.id })
  assert.deepEqual(
    view.steps.map(({ state }) => state),
    ['superseded'],
  )
  assert.match(view.steps[0]?.reason ?? '', /no longer needed/)
  await assert.rejects(world.engine.approvePlan(world.by('boss'), { id: plan.id, digest: plan.digest, reason: 'left' }), {
    refusal: 'stale',
  })
})

test('an account that changed at the vendor since the plan is not removed, and the reason says what changed', async (t) => {
  const world = await openSyncWorld(t)
  const { plan } = await leavers(world, 1)
  const changedAt = new Date('2026-11-21T07:59:00Z')
  world.vendor.put({ id: 'a1', userName: 'person00', email: 'boss@example.com', changedAt, changedBy: 'console' })
  await world.engine.approvePlan(world.by('boss'), { id: plan.id, digest: plan.digest, reason: 'left' })
  await assert.rejects(world.engine.applyPlan(world.by('ops'), { id: plan.id }), {
    refusal: 'stale',
    message:
      /^Nothing was done: 1 of 1 steps were changed.*person00: email person00@example.com → boss@example.com, at 2026-11-21T07:59:00.000Z, by console. Plan anew: rollcall plan --connection desk$/,
  })
  assert.equal(world.vendor.accounts.size, 40)
  const { steps } = await world.engine.getPlan(world.by('ops'), { id: plan.id })
  assert.deepEqual(steps[0]?.stale, {
    changes: [{ attribute: 'email', from: 'person00@example.com', to: 'boss@example.com' }],
    changedAt,
    changedBy: 'console',
  })
  assert.match(
    steps[0]?.reason ?? '',
    /changed at the vendor since the plan was made, at 2026-11-21T07:59:00.000Z by console: email person00@example.com → boss@example.com/,
  )
  await world.pass(20)
  const [next] = await world.engine.listPlans(world.by('boss'), { state: 'open', limit: 10 })
  assert.ok(next)
  assert.notEqual(next.id, plan.id)
  assert.deepEqual(next.authors, ['idp'], 'planned anew, it is still the doing of whoever made them leave')
  await world.engine.approvePlan(world.by('boss'), { id: next.id, digest: next.digest, reason: 'left, yes' })
  await world.settle()
  assert.equal(world.vendor.accounts.size, 39)
})

test('an account that is gone already when it should be removed counts as done, with proof', async (t) => {
  const world = await openSyncWorld(t)
  const { plan } = await leavers(world, 1)
  world.vendor.accounts.delete('a1')
  await world.engine.approvePlan(world.by('boss'), { id: plan.id, digest: plan.digest, reason: 'left' })
  const { steps } = await world.engine.applyPlan(world.by('ops'), { id: plan.id })
  assert.match(steps[0]?.reason ?? '', /gone already/)
  const [receipt] = await world.engine.listReceipts(world.by('boss'), { limit: 10 })
  assert.match(receipt?.text ?? '', /"answer": "goneBefore"/)
})

test('steps that were changed in the database after the plan was made are not carried out', async (t) => {
  const world = await openSyncWorld(t)
  const { plan } = await leavers(world, 1)
  await world.engine.approvePlan(world.by('boss'), { id: plan.id, digest: plan.digest, reason: 'left' })
  await world.database.ledger.write(world.organizationId, async (tx) => {
    const [step] = await tx.steps(world.organizationId, plan.id)
    assert.ok(step)
    await tx.putStep({ ...step, accountId: 'a2', subject: 'person01' })
  })
  await world.settle()
  assert.equal(world.vendor.accounts.size, 40)
})

test('what is left of a plan that was changed in the database is not carried out either, and says why', async (t) => {
  const world = await openSyncWorld(t)
  const { plan } = await leavers(world, 2)
  await world.engine.approvePlan(world.by('boss'), { id: plan.id, digest: plan.digest, reason: 'left' })
  await world.database.ledger.write(world.organizationId, async (tx) => {
    const [step] = await tx.steps(world.organizationId, plan.id)
    assert.ok(step)
    await tx.putStep({ ...step, accountId: 'a9', subject: 'person09' })
  })
  await world.settle()
  assert.equal(world.vendor.accounts.size, 40)
  const [, second] = (await world.engine.getPlan(world.by('boss'), { id: plan.id })).steps
  assert.match(second?.reason ?? '', /changed in the database/)
})

test('a policy may let additions wait for an approval too', async (t) => {
  const world = await openSyncWorld(t)
  await world.connect({ policy: { additions: 'approval' } })
  await world.join('jane')
  await world.settle()
  assert.equal(world.vendor.accounts.size, 0)
  const [plan] = await world.engine.listPlans(world.by('boss'), { state: 'open', limit: 10 })
  assert.ok(plan)
  await assert.rejects(world.engine.applyPlan(world.by('ops'), { id: plan.id }), { refusal: 'needsApproval' })
  await world.engine.approvePlan(world.by('boss'), { id: plan.id, digest: plan.digest, reason: 'hired' })
  await world.settle()
  assert.equal(world.vendor.accounts.size, 1)
})

test('offboarding suspends the person and plans their removals, and the caller cannot approve them', async (t) => {
  const world = await openSyncWorld(t)
  await world.connect()
  const member = await world.join('jane')
  await world.settle()
  await world.directory.startSession(world.by('idp'), { membershipId: member.id })
  const { membershipId, plans } = await world.engine.offboard(world.by('ops', 'operator'), { person: 'JANE@example.com' })
  assert.equal(membershipId, member.id)
  assert.deepEqual(
    plans.map(({ steps }) => steps.map(({ kind, subject }) => `${kind} ${subject}`)),
    [['remove jane']],
  )
  const [plan] = plans.map((view) => view.plan)
  assert.ok(plan)
  assert.ok((await world.directory.listSessions(world.by('boss'), { membershipId })).every(({ endedAt }) => endedAt))
  await world.settle()
  await assert.rejects(world.engine.approvePlan(world.by('ops'), { id: plan.id, digest: plan.digest, reason: 'left' }), {
    refusal: 'forbidden',
  })
  await world.engine.approvePlan(world.by('boss'), { id: plan.id, digest: plan.digest, reason: 'left' })
  await world.settle()
  assert.equal(world.vendor.accounts.size, 0)
  await assert.rejects(world.engine.offboard(world.by('ops'), { person: 'nobody' }), { refusal: 'notFound' })
})

test('offboarding somebody whose account was never linked finds it by the rules of the policy', async (t) => {
  const world = await openSyncWorld(t)
  const member = await world.join('jane')
  await world.connect({ writes: false, assignments: [] })
  world.vendor.put({ userName: 'Jane' })
  const { plans } = await world.engine.offboard(world.by('ops'), { person: member.userName })
  assert.deepEqual(
    plans[0]?.steps.map(({ kind, subject }) => `${kind} ${subject}`),
    ['remove Jane'],
  )
})

test('while the vendor cannot be read completely, offboarding suspends, plans no removal and says why; the removal is planned once it can', async (t) => {
  const world = await openSyncWorld(t)
  await world.connect()
  for (const name of ['jane', 'john', 'judy']) await world.join(name)
  await world.settle()
  world.vendor.faults = [{ kind: 'emptyList' }]
  const { plans } = await world.engine.offboard(world.by('ops'), { person: 'jane' })
  assert.deepEqual(plans[0]?.steps, [])
  assert.match(plans[0]?.plan.reason ?? '', /1 removals are held back until the vendor can be read completely/)
  world.vendor.faults = []
  await world.pass(2)
  const [plan] = await world.engine.listPlans(world.by('boss'), { state: 'open', limit: 10 })
  assert.equal(plan?.removals, 1)
  assert.deepEqual(plan.authors, ['ops'])
})

test('each method needs its scope', async (t) => {
  const world = await openSyncWorld(t)
  const { connection, plan } = await leavers(world, 1)
  const { engine } = world
  const none = { ...world.by('nobody'), scopes: new Set<never>() }
  const connectionId = connection.id
  const decision = { id: plan.id, digest: plan.digest, reason: 'left' }
  const attempts: readonly (() => Promise<unknown>)[] = [
    () =>
      engine.addConnection(none, {
        name: 'x',
        vendor: 'memory',
        baseUrl: 'https://x.test',
        credentials: { key: 'k' },
        assignments: [],
      }),
    () => engine.changeConnection(none, { id: connectionId, writesEnabled: false }),
    () => engine.removeConnection(none, { id: connectionId }),
    () => engine.listConnections(none),
    () => engine.getConnection(none, { id: connectionId }),
    () => engine.checkConnection(none, { id: connectionId }),
    () => engine.importAccounts(none, { id: connectionId }),
    () => engine.linkAccount(none, { connectionId, membershipId: 'm', accountId: 'a' }),
    () => engine.createPlan(none, { connectionId }),
    () => engine.getPlan(none, { id: plan.id }),
    () => engine.listPlans(none, { limit: 1 }),
    () => engine.approvePlan(none, decision),
    () => engine.applyPlan(none, { id: plan.id }),
    () => engine.offboard(none, { person: 'person01' }),
    () => engine.listFindings(none, { limit: 1 }),
    () => engine.listReceipts(none, { limit: 1 }),
    () => engine.getReceipt(none, { id: 'r' }),
  ]
  for (const attempt of attempts) await assert.rejects(attempt, { refusal: 'forbidden' }, String(attempt))
  await assert.rejects(engine.approvePlan(world.by('ops', 'operator'), decision), { refusal: 'forbidden' })
  await assert.rejects(engine.createPlan(world.by('boss', 'approver'), { connectionId }), { refusal: 'forbidden' })
})
