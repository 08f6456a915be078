import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLifecycle, vendorNames, type Lifecycle } from './world.ts'

const ada = 'ada@example.com'
const second = 'ada.lovelace@example.com'

const idsOf = (world: Lifecycle, email: string) => world.everywhere(email, (account) => account?.id ?? '')

/** Keeps the account under the one address at every vendor and plans the removal of the other. Answers the plans. */
async function mergeEverywhere(world: Lifecycle) {
  const [kept, surplus] = [await idsOf(world, ada), await idsOf(world, second)]
  const plans = []
  for (const name of vendorNames)
    plans.push(
      await world.engine.mergeAccounts(world.by('ops'), {
        connectionId: world.connections[name],
        keepAccountId: kept[name],
        removeAccountId: surplus[name],
        reason: 'both are hers',
      }),
    )
  return plans
}

/** What holds once somebody has approved: one account at each vendor, the one that was kept, still hers, and nothing left to do. */
async function checkMerged(world: Lifecycle, { id, kept }: { readonly id: string; readonly kept: Record<string, string> }) {
  assert.deepEqual(await idsOf(world, ada), kept)
  assert.deepEqual(new Set(Object.values(await world.everywhere(ada, (account) => account?.status))), new Set(['active']))
  assert.deepEqual(new Set(Object.values(await idsOf(world, second))), new Set(['']))
  for (const name of vendorNames) {
    const connectionId = world.connections[name]
    const { link } = await world.engine.explainLink(world.by('owner'), { connectionId, membershipId: id })
    assert.equal(link.accountId, kept[name], name)
    const { steps } = await world.engine.createPlan(world.by('owner'), { connectionId })
    assert.deepEqual(steps, [], name)
    const removed = world.twins[name].writes().filter(({ operation }) => /delete|remove/i.test(operation))
    assert.equal(removed.length, 1, name)
  }
}

test('one person with two accounts at all five vendors: it is found, one is kept, and the other is removed once somebody else approves', async (t) => {
  const world = await openLifecycle(t)
  const id = await world.join(ada)
  await world.settle()
  await world.accept(ada)
  for (const name of vendorNames) await world.makeByHand(name, second)
  await world.accept(second)
  await world.pass(20, 5)
  const kept = await idsOf(world, ada)
  const found = await idsOf(world, second)
  const findings = await world.engine.listFindings(world.by('owner'), { open: true, limit: 100 })
  for (const name of vendorNames)
    assert.ok(
      findings.some(({ connectionId, subject }) => connectionId === world.connections[name] && subject === found[name]),
      `${name} reports the second account`,
    )

  const plans = await mergeEverywhere(world)
  await world.pass(20, 5)
  assert.deepEqual(await idsOf(world, second), found, 'nothing is removed by itself')
  for (const { plan, steps } of plans) {
    assert.deepEqual(
      steps.map(({ kind }) => kind),
      ['remove'],
    )
    const decision = { id: plan.id, digest: plan.digest, reason: 'mine' }
    await assert.rejects(world.engine.approvePlan(world.by('ops'), decision), { refusal: 'forbidden', message: /Two people/ })
  }
  await world.approve('checked with Ada')
  await checkMerged(world, { id, kept })
})

test('two records of one person in the directory: their accounts are merged once one record has ended, and never while both are active', async (t) => {
  const world = await openLifecycle(t)
  const id = await world.join(ada)
  const other = await world.join(second)
  await world.settle()
  await world.accept(ada)
  await world.accept(second)
  await world.pass(6)
  const kept = await idsOf(world, ada)
  assert.ok(Object.values(await idsOf(world, second)).every((account) => account !== ''))
  await assert.rejects(mergeEverywhere(world), { refusal: 'conflict', message: /active/ })

  await world.deactivate(other)
  await world.settle()
  await mergeEverywhere(world)
  assert.ok(
    Object.values(await idsOf(world, second)).every((account) => account !== ''),
    'nothing is removed by itself',
  )
  await world.approve('one person, ticket 17')
  await checkMerged(world, { id, kept })
})
