import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSyncWorld, type SyncWorld } from '../../tests/sync.ts'

const open = async (world: SyncWorld) =>
  (await world.engine.listFindings(world.by('owner'), { open: true, limit: 100 }))
    .map(({ kind, subject }) => `${kind} ${subject}`)
    .toSorted()

test('an import matches people, tells orphans and duplicates, and changes nothing at the vendor', async (t) => {
  const world = await openSyncWorld(t)
  await world.join('jane')
  await world.join('john')
  world.vendor.put({ userName: 'JANE' })
  world.vendor.put({ userName: 'ghost' })
  world.vendor.put({ userName: 'jdoe', email: 'john@example.com' })
  const connection = await world.connect({ writes: false })
  const report = await world.engine.importAccounts(world.by('owner'), { id: connection.id })
  assert.equal(report.matched, 1)
  assert.equal(report.snapshot.certificate.complete, true)
  assert.deepEqual(report.findings.map(({ kind, subject }) => `${kind} ${subject}`).toSorted(), ['duplicate a3', 'orphan a2'])
  assert.deepEqual(world.vendor.writes, [])
})

test('nobody is made beside an account with the same e-mail; linked by hand, the person has that account', async (t) => {
  const world = await openSyncWorld(t)
  const john = await world.join('john')
  world.vendor.put({ userName: 'jdoe', email: 'john@example.com', givenName: 'Given', familyName: 'Family' })
  const connection = await world.connect({ policy: { changes: 'approval' } })
  await world.settle()
  assert.equal(world.vendor.accounts.size, 1)
  const [step] = await world.steps()
  assert.equal(step?.state, 'failed')
  assert.match(step.reason, /Somebody has to say which is theirs: rollcall questions list/)
  const applied = await world.engine.applyPlan(world.by('owner'), { id: step.planId })
  assert.equal(applied.steps[0]?.state, 'failed', 'asking for it does not make it right')
  assert.equal(world.vendor.accounts.size, 1)
  await world.engine.linkAccount(world.by('owner'), { connectionId: connection.id, membershipId: john.id, accountId: 'a1' })
  await world.settle()
  assert.deepEqual(await open(world), [])
  const left = (await world.steps()).filter(({ state }) => state !== 'superseded')
  assert.deepEqual(
    left.map(({ kind, changes }) => [kind, changes.map(({ attribute }) => attribute)]),
    [['update', ['userName']]],
  )
})

test('an account that is linked to an active member cannot be linked to another', async (t) => {
  const world = await openSyncWorld(t)
  await world.join('jane')
  const john = await world.join('john')
  const connection = await world.connect()
  await world.settle()
  const link = { connectionId: connection.id, membershipId: john.id, accountId: 'a1' }
  await assert.rejects(world.engine.linkAccount(world.by('owner'), link), { refusal: 'taken' })
  await assert.rejects(world.engine.linkAccount(world.by('owner'), { ...link, accountId: 'a99' }), { refusal: 'notFound' })
  await assert.rejects(world.engine.linkAccount(world.by('owner'), { ...link, membershipId: 'nobody' }), { refusal: 'notFound' })
})

test('drift is reported and closed when it is gone; a plan that a person asks for puts it back when it is applied', async (t) => {
  const world = await openSyncWorld(t)
  const connection = await world.connect()
  await world.join('jane')
  await world.settle()
  world.vendor.put({ id: 'a1', userName: 'jane', givenName: 'Mallory' })
  await world.pass(20, 5)
  assert.deepEqual(await open(world), ['drift a1'])
  assert.equal(world.vendor.writes.length, 1)
  const { plan } = await world.engine.createPlan(world.by('ops'), { connectionId: connection.id })
  await world.pass(20, 5)
  assert.equal(world.vendor.accounts.get('a1')?.givenName, 'Mallory', 'looking at it does not change it')
  const applied = await world.engine.applyPlan(world.by('ops'), { id: plan.id })
  assert.deepEqual(
    applied.steps.map(({ kind, state }) => `${kind} ${state}`),
    ['update done'],
  )
  assert.equal(world.vendor.accounts.get('a1')?.givenName, 'Given')
  await world.pass(20, 5)
  assert.deepEqual(await open(world), [])
})

test('with the policy to revert, drift is put back by itself and a vanished account made again', async (t) => {
  const world = await openSyncWorld(t)
  await world.connect({ policy: { drift: 'revert' } })
  await world.join('jane')
  await world.join('john')
  await world.settle()
  world.vendor.put({ id: 'a1', userName: 'jane', givenName: 'Mallory' })
  world.vendor.accounts.delete('a2')
  await world.pass(20, 5)
  assert.deepEqual(
    [...world.vendor.accounts.values()].map(({ userName, givenName }) => `${givenName} ${userName}`),
    ['Given jane', 'Given john'],
  )
})

test('an account that vanished is told as missing and not made again unless asked', async (t) => {
  const world = await openSyncWorld(t)
  const connection = await world.connect()
  const jane = await world.join('jane')
  await world.settle()
  world.vendor.accounts.clear()
  await world.pass(20, 5)
  assert.deepEqual(await open(world), [`missing ${jane.id}`])
  assert.equal(world.vendor.accounts.size, 0)
  const { plan } = await world.engine.createPlan(world.by('ops'), { connectionId: connection.id })
  await world.engine.applyPlan(world.by('ops'), { id: plan.id })
  assert.equal(world.vendor.accounts.size, 1)
})

test('a vendor that keeps another spelling than it was sent is told as drift, and not written to again and again', async (t) => {
  const world = await openSyncWorld(t, { normalize: (email) => `x-${email}` })
  await world.connect()
  await world.join('jane')
  await world.pass(60, 5)
  assert.equal(world.vendor.writes.length, 1)
  assert.deepEqual(await open(world), ['drift a1'])
})

test('a protected account stays, and is told as residual', async (t) => {
  const world = await openSyncWorld(t)
  await world.connect({ policy: { protectedAccounts: ['jane'] } })
  const jane = await world.join('jane')
  await world.settle()
  await world.leave(jane.id)
  await world.pass(20, 5)
  assert.deepEqual(await open(world), ['residual a1'])
  assert.deepEqual(
    (await world.steps()).map(({ kind }) => kind),
    ['create'],
  )
})

test('a complete read after a bad one closes the finding, and neither is told again and again', async (t) => {
  const world = await openSyncWorld(t)
  const connection = await world.connect()
  for (const name of ['jane', 'john', 'judy']) await world.join(name)
  await world.settle()
  world.vendor.faults = [{ kind: 'halfList' }]
  await world.pass(30)
  assert.deepEqual(await open(world), [`badRead ${connection.id}`])
  world.vendor.faults = []
  await world.pass(2)
  assert.deepEqual(await open(world), [])
  const facts = await world.directory.listFacts(world.by('owner'), { limit: 1_000 })
  assert.equal(facts.filter(({ action }) => action === 'snapshot.taken').length, 2)
  assert.equal(facts.filter(({ action }) => action.startsWith('finding.')).length, 2)
})
