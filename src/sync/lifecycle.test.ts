import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSyncWorld } from '../../tests/sync.ts'
import { verifyReceipt } from './receipt.ts'

test('a joiner gets an account with roles and the next plan is empty', async (t) => {
  const world = await openSyncWorld(t)
  const connection = await world.connect({ policy: { defaultRoles: ['member'] } })
  await world.settle()
  const member = await world.join('jane')
  await world.settle()
  const [account] = [...world.vendor.accounts.values()]
  assert.equal(account?.userName, 'jane')
  assert.deepEqual(account.roles, [{ id: 'r2', name: 'Member' }])
  const link = await world.database.ledger.read((tx) => tx.linkOf(world.organizationId, connection.id, member.id))
  assert.equal(link?.accountId, account.id)
  const { steps, plan } = await world.engine.createPlan(world.by('owner'), { connectionId: connection.id })
  assert.deepEqual(steps, [])
  assert.equal(plan.state, 'closed')
  assert.equal(world.vendor.writes.length, 1)
})

test('a leaver is removed only after somebody else approves, and the receipt proves it', async (t) => {
  const world = await openSyncWorld(t)
  const connection = await world.connect()
  const member = await world.join('jane')
  await world.join('john')
  await world.settle()
  await world.leave(member.id)
  await world.pass(60)
  assert.equal(world.vendor.accounts.size, 2)
  const [open] = await world.engine.listPlans(world.by('owner'), { state: 'open', limit: 10 })
  assert.ok(open)
  assert.deepEqual(open.authors, ['idp'])
  const view = await world.engine.getPlan(world.by('owner'), { id: open.id })
  assert.deepEqual(
    view.steps.map(({ kind, subject, state }) => ({ kind, subject, state })),
    [{ kind: 'remove', subject: 'jane', state: 'planned' }],
  )
  assert.match(view.steps[0]?.reason ?? '', /is suspended in the directory; waits for an approval/)
  await assert.rejects(world.engine.applyPlan(world.by('ops'), { id: open.id }), { refusal: 'needsApproval' })
  const decision = { id: open.id, digest: open.digest, reason: 'left on Friday' }
  await assert.rejects(world.engine.approvePlan(world.by('idp'), decision), { refusal: 'forbidden', message: /Two people/ })
  await world.engine.approvePlan(world.by('boss', 'approver'), decision)
  const applied = await world.engine.applyPlan(world.by('ops'), { id: open.id })
  assert.deepEqual(
    applied.steps.map(({ state }) => state),
    ['done'],
  )
  assert.deepEqual(
    [...world.vendor.accounts.values()].map(({ userName }) => userName),
    ['john'],
  )
  const [stored] = await world.engine.listReceipts(world.by('audit', 'auditor'), { limit: 10 })
  assert.ok(stored)
  const verdict = verifyReceipt(stored.text, world.engine.receiptKey)
  assert.ok(verdict.valid)
  assert.equal(verdict.receipt.person.email, 'jane@example.com')
  assert.equal(verdict.receipt.approvals[0]?.actor, 'boss')
  assert.equal(verdict.receipt.connection.id, connection.id)
  assert.equal((await world.engine.getPlan(world.by('owner'), { id: open.id })).plan.state, 'closed')
})
