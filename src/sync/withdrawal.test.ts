import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { openSyncWorld, type SyncWorld } from '../../tests/sync.ts'
import { verifyReceipt } from './receipt.ts'

/** Somebody who was invited at the vendor, never accepted, and left; their removal is approved. */
async function openWithLeaver(t: TestContext, cancelInvitation: boolean) {
  const world = await openSyncWorld(t, { capabilities: { invite: true, cancelInvitation } })
  await world.connect({ policy: { leavers: { suspendAtOnce: 'approval' } } })
  const member = await world.join('jane')
  await world.join('john')
  await world.settle()
  const jane = [...world.vendor.accounts.values()].find(({ userName }) => userName === 'jane')
  assert.ok(jane)
  world.vendor.put({ ...jane, status: 'invited' })
  await world.leave(member.id)
  await world.pass(10)
  const [plan] = await world.engine.listPlans(world.by('owner'), { state: 'open', limit: 10 })
  assert.ok(plan)
  await world.engine.approvePlan(world.by('boss', 'approver'), { id: plan.id, digest: plan.digest, reason: 'left' })
  world.vendor.writes.length = 0
  return { world, jane }
}

async function removalOf(world: SyncWorld) {
  const step = (await world.steps()).find(({ kind }) => kind === 'remove')
  const receipts = await world.engine.listReceipts(world.by('auditor', 'auditor'), { limit: 10 })
  return { step, receipts: receipts.map(({ text }) => verifyReceipt(text)) }
}
const written = (world: SyncWorld) => world.vendor.writes.map(({ operation }) => operation)

test('a leaver who is only invited goes by withdrawing the invitation, with the same approval and the same proof', async (t) => {
  const { world } = await openWithLeaver(t, true)
  await world.settle()
  assert.deepEqual(written(world), ['cancelInvitation'])
  const { step, receipts } = await removalOf(world)
  assert.equal(step?.state, 'done')
  assert.match(step.reason, /^the invitation was withdrawn; memory answers that there is no account /)
  const [receipt] = receipts
  assert.ok(receipt?.valid)
  assert.equal(receipt.receipt.before?.found, true)
  assert.equal(receipt.receipt.removal.answer, 'accepted')
  assert.equal(receipt.receipt.approvals.length, 1)
})

test('a vendor that cannot withdraw invitations removes whoever is invited', async (t) => {
  const { world } = await openWithLeaver(t, false)
  await world.settle()
  assert.deepEqual(written(world), ['remove'])
  assert.match((await removalOf(world)).step?.reason ?? '', /^removed; /)
})

test('who accepts right before the invitation is withdrawn is removed as it was approved, and nothing is proven before', async (t) => {
  const { world, jane } = await openWithLeaver(t, true)
  let accepted = false
  world.vendor.before = async (operation) => {
    if (operation !== 'cancelInvitation') return
    accepted = true
    world.vendor.put({ ...jane, status: 'active' })
  }
  await world.settle()
  assert.equal(accepted, true)
  const first = await removalOf(world)
  assert.deepEqual([first.step?.state, first.receipts.length, written(world)], ['failed', 0, []])
  await world.pass(10)
  const second = await removalOf(world)
  assert.deepEqual([second.step?.state, second.receipts.length, written(world)], ['done', 1, ['remove']])
})

test('a withdrawal whose answer was lost is settled by reading, and not sent again', async (t) => {
  const { world } = await openWithLeaver(t, true)
  world.vendor.faults.push({ kind: 'closeAfter', operation: 'cancelInvitation', times: 1 })
  await world.pass(10)
  assert.deepEqual(written(world), ['cancelInvitation'])
  const { step, receipts } = await removalOf(world)
  assert.equal(step?.state, 'done')
  assert.ok(receipts[0]?.valid)
  assert.equal(receipts[0].receipt.removal.answer, 'lost')
})
