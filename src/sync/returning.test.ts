import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSyncWorld, type SyncWorld } from '../../tests/sync.ts'

const steps = async (world: SyncWorld) => (await world.steps()).map(({ kind, state }) => `${kind} ${state}`)

const questions = (world: SyncWorld) => world.engine.listQuestions(world.by('owner'), { state: 'open', limit: 10 })

/** Adds a member with an external id, as an identity provider does. */
const hire = (world: SyncWorld, userName: string, externalId: string | undefined) => world.join(userName, { externalId })

test('the same person, removed and added again, gets back the link to the account that still stands, and its removal ends', async (t) => {
  const world = await openSyncWorld(t)
  const connection = await world.connect()
  const before = await world.join('jane')
  await world.settle()
  await world.directory.removeMember(world.by('idp'), { id: before.id })
  await world.pass(20, 5)
  assert.deepEqual(await steps(world), ['create done', 'remove planned'])
  const again = await world.directory.addPerson(world.by('idp'), {
    personId: before.personId,
    change: (known) => ({ ...known, userName: 'jane.doe', emails: [{ value: 'jane@example.com' }] }),
  })
  await world.settle()
  assert.deepEqual(await steps(world), ['create done', 'remove superseded', 'update done'])
  assert.deepEqual(
    [...world.vendor.accounts.values()].map(({ id, userName }) => `${id} ${userName}`),
    ['a1 jane.doe'],
  )
  const { link, history } = await world.engine.explainLink(world.by('owner'), {
    connectionId: connection.id,
    membershipId: again.id,
  })
  assert.deepEqual([link.accountId, link.rule, link.confidence], ['a1', 'returning', 'certain'])
  assert.deepEqual(
    link.compared?.map(({ attribute, agrees }) => `${attribute} ${agrees}`),
    ['personId true', 'userName false'],
  )
  assert.deepEqual(
    history.map(({ action, detail }) => [action, detail['membershipId']]),
    [
      ['link.made', before.id],
      ['link.removed', before.id],
      ['link.made', again.id],
    ],
  )
})

test('who comes back with the same external id under another name is the same; with another one under the same name, a question', async (t) => {
  const world = await openSyncWorld(t)
  await world.connect()
  for (const [name, id] of [
    ['jane', '00u1'],
    ['john', '00u2'],
  ] as const) {
    const { id: memberId } = await hire(world, name, id)
    await world.settle()
    await world.directory.removeMember(world.by('idp'), { id: memberId })
  }
  await hire(world, 'jane.roe', '00u1')
  await hire(world, 'john', '00u9')
  await world.pass(20, 5)
  assert.deepEqual(
    [...world.vendor.accounts.values()].map(({ id, userName }) => `${id} ${userName}`),
    ['a1 jane.roe', 'a2 john'],
  )
  const [asked, ...others] = await questions(world)
  assert.deepEqual([others.length, asked?.subject], [0, 'john'])
  assert.match(asked?.reason ?? '', /account a2 has this user name and is linked to somebody else/)
})

test('somebody new under the user name of one who left is that one only where the policy links by user name', async (t) => {
  const world = await openSyncWorld(t)
  const connection = await world.connect({ policy: { matchBy: ['externalId'] } })
  const before = await world.join('jane')
  await world.settle()
  await world.directory.removeMember(world.by('idp'), { id: before.id })
  await world.join('jane')
  await world.settle()
  assert.equal((await questions(world)).length, 1)
  assert.equal(world.vendor.writes.length, 1)
  await world.engine.changeConnection(world.by('admin'), { id: connection.id, policy: { matchBy: ['userName'] } })
  await world.settle()
  assert.equal((await questions(world)).length, 0)
  assert.deepEqual(await steps(world), ['create done', 'create superseded', 'remove superseded'])
})

test('whoever was suspended and comes back keeps the link and is resumed', async (t) => {
  const world = await openSyncWorld(t, { capabilities: { suspend: true } })
  await world.connect({ policy: { onLeave: 'suspend', leavers: { suspendAtOnce: 'approval' } } })
  const before = await world.join('jane')
  await world.settle()
  await world.directory.removeMember(world.by('idp'), { id: before.id })
  await world.pass(20, 5)
  const plan = (await world.engine.listPlans(world.by('boss'), { state: 'open', limit: 10 })).find(
    ({ removals }) => removals === 1,
  )
  assert.ok(plan)
  await world.engine.approvePlan(world.by('boss'), { id: plan.id, digest: plan.digest, reason: 'left' })
  await world.settle()
  assert.equal(world.vendor.accounts.get('a1')?.status, 'suspended')
  await world.join('jane')
  await world.settle()
  assert.equal(world.vendor.accounts.get('a1')?.status, 'active')
  assert.equal(world.vendor.accounts.size, 1)
})
