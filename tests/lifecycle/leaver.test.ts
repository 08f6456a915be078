import assert from 'node:assert/strict'
import { test } from 'node:test'
import { verifyLeaverReceipt } from '../../src/sync/leaver/receipt.ts'
import { openLifecycle, vendorNames, type Lifecycle, type VendorName } from './world.ts'

const ada = 'ada@example.com'

/** Ada has accepted and is active at all five vendors. */
async function withAda(t: Parameters<typeof openLifecycle>[0]) {
  const world = await openLifecycle(t)
  const id = await world.join(ada)
  await world.settle()
  await world.accept(ada)
  await world.pass(6)
  return { world, id }
}

async function receiptOf(world: Lifecycle) {
  const { offboarding } = await world.newest()
  const stored = await world.engine.getLeaverReceipt(world.by('audit', 'auditor'), { offboardingId: offboarding.id })
  const verdict = verifyLeaverReceipt(stored.text, world.engine.receiptKey)
  assert.ok(verdict.valid)
  return { ...stored, receipt: verdict.receipt }
}

const statesOf = async (world: Lifecycle) => {
  const { visits } = await world.newest()
  return Object.fromEntries(vendorNames.map((name) => [name, `${visits[name].state} ${visits[name].lock.state}`]))
}

test('a leaver: one push locks them out at each vendor that can, the rest waits for one approval, and all five are proven gone', async (t) => {
  const { world, id } = await withAda(t)
  const began = performance.now()
  await world.deactivate(id)
  await world.settle()
  t.diagnostic(`from the push until all that can be locked is locked, five vendors: ${Math.round(performance.now() - began)} ms`)
  assert.deepEqual(await statesOf(world), {
    bird: 'waiting unable',
    messagebird: 'waiting done',
    twilio: 'waiting done',
    bandwidth: 'waiting unable',
    sinch: 'waiting done',
  })
  assert.deepEqual(await world.everywhere(ada, (account) => account?.status), {
    bird: 'active',
    messagebird: 'suspended',
    twilio: 'suspended',
    bandwidth: 'active',
    sinch: 'suspended',
  })
  assert.equal((await world.newest()).offboarding.state, 'waiting')

  // At each vendor the lock comes before the plan of the removal.
  const facts = await world.facts()
  const pushed = facts.findLast(({ action }) => action === 'member.suspended')?.sequence ?? Infinity
  for (const name of ['messagebird', 'twilio', 'sinch'] as const) {
    const of = (action: string) =>
      facts.find(
        (fact) => fact.action === action && fact.sequence > pushed && fact.detail['connectionId'] === world.connections[name],
      )?.sequence ?? Infinity
    assert.ok(pushed < of('offboarding.locked') && of('offboarding.locked') < of('plan.created'), name)
  }

  await world.approve('ticket 4711')
  assert.deepEqual(new Set(Object.values(await world.everywhere(ada, (account) => account))), new Set([undefined]))
  const { receipt, number } = await receiptOf(world)
  assert.equal(number, 1)
  const told = new Map(receipt.connections.map((connection) => [connection.name, connection]))
  for (const name of vendorNames) {
    const connection = told.get(name)
    assert.ok(connection, name)
    assert.equal(connection.outcome, 'gone', name)
    assert.deepEqual([connection.approvals[0]?.actor, connection.approvals[0]?.reason], ['boss', 'ticket 4711'], name)
    assert.equal(connection.reads.at(-1)?.found, 'gone', name)
    assert.deepEqual(connection.requests.at(-1)?.answer, 'accepted', name)
    const cited = await world.engine.getReceipt(world.by('audit', 'auditor'), { id: connection.removal?.receiptId ?? '' })
    assert.equal(cited.connectionId, connection.id)
  }
  assert.match(told.get('sinch')?.residues.join() ?? '', /the Sinch identity survives/)
  assert.match(told.get('sinch')?.tasks.join() ?? '', /keys at sinch/)

  await world.pass(62, 31)
  await world.pass(25 * 60, 500)
  const { offboarding, visits } = await world.newest()
  assert.equal(offboarding.state, 'settled')
  for (const name of vendorNames)
    assert.deepEqual(
      visits[name].reads.slice(-2).map(({ occasion, found }) => [occasion, found]),
      [
        ['hour', 'gone'],
        ['day', 'gone'],
      ],
      name,
    )
  const last = await receiptOf(world)
  assert.ok(last.number >= 3)
  const { receipts } = await world.engine.getOffboarding(world.by('owner'), { id: offboarding.id })
  assert.equal(last.receipt.former?.sha256, receipts.at(-2)?.sha256)
})

test('a vendor that is down for a day holds up its own part alone, and catches up by itself', async (t) => {
  const { world, id } = await withAda(t)
  world.twins.sinch.faults.set([{ kind: 'status500Before' }])
  await world.deactivate(id)
  await world.pass(24 * 60, 360)
  assert.equal((await world.newest()).offboarding.state, 'open')
  const locked = await statesOf(world)
  assert.deepEqual([locked['messagebird'], locked['twilio']], ['waiting done', 'waiting done'])
  world.twins.sinch.faults.set([])
  await world.pass(62, 31)
  assert.equal((await statesOf(world))['sinch'], 'waiting done')
  assert.equal((await world.newest()).offboarding.state, 'waiting')
})

test('whoever never accepted loses the invitation at once, and only what cannot be undone waits', async (t) => {
  const world = await openLifecycle(t)
  const id = await world.join(ada)
  await world.pass(6)
  const invited = await world.everywhere(ada, (account) => account?.status)
  const pending: readonly VendorName[] = vendorNames.filter((name) => invited[name] === 'invited')
  assert.deepEqual(pending, ['bird', 'messagebird', 'sinch'])
  await world.deactivate(id)
  await world.settle()
  const { visits } = await world.newest()
  for (const name of pending) {
    assert.deepEqual([visits[name].state, visits[name].lock.kind], ['gone', 'cancelInvitation'], name)
    assert.equal(await world.at(name, ada), undefined, name)
  }
  assert.deepEqual([visits.twilio.state, visits.bandwidth.state], ['waiting', 'waiting'])
})

test('a rehire before the removal gets everything back, and nothing of the offboarding is left', async (t) => {
  const { world, id } = await withAda(t)
  const before = await world.everywhere(ada, (account) => account?.id)
  await world.deactivate(id)
  await world.settle()
  await world.reactivate(id)
  await world.pass(10)
  assert.deepEqual(await world.everywhere(ada, (account) => account?.id), before)
  assert.deepEqual(new Set(Object.values(await world.everywhere(ada, (account) => account?.status))), new Set(['active']))
  assert.equal((await world.newest()).offboarding.state, 'withdrawn')
  assert.deepEqual(await world.engine.listPlans(world.by('owner'), { state: 'open', limit: 10 }), [])
})

test('a rehire after the removal is a joiner again, and the old account’s re-checks do not take the new one for it', async (t) => {
  const { world, id } = await withAda(t)
  await world.deactivate(id)
  await world.settle()
  await world.approve('left')
  await world.scim('DELETE', `/Users/${id}`)
  await world.settle()
  await world.join(ada)
  await world.settle()
  await world.accept(ada)
  await world.pass(26 * 60, 390)
  assert.deepEqual(new Set(Object.values(await world.everywhere(ada, (account) => account?.status))), new Set(['active']))
  const findings = await world.engine.listFindings(world.by('owner'), { limit: 100 })
  assert.deepEqual(
    findings.filter(({ kind }) => kind === 'returned'),
    [],
  )
})

test('who was deleted and comes back before the removal keeps their accounts, and is offboarded no more', async (t) => {
  const { world, id } = await withAda(t)
  const before = await world.everywhere(ada, (account) => account?.id)
  await world.scim('DELETE', `/Users/${id}`)
  await world.settle()
  assert.equal(await world.at('sinch', ada).then((account) => account?.status), 'suspended')
  await world.join(ada)
  await world.pass(20, 5)
  assert.deepEqual(await world.everywhere(ada, (account) => account?.id), before)
  assert.deepEqual(new Set(Object.values(await world.everywhere(ada, (account) => account?.status))), new Set(['active']))
  assert.equal((await world.newest()).offboarding.state, 'withdrawn')
  assert.deepEqual(await world.engine.listPlans(world.by('owner'), { state: 'open', limit: 10 }), [])
})
