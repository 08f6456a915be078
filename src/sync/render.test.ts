import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSyncWorld } from '../../tests/sync.ts'
import { planAsText } from './render.ts'

test('a plan reads line by line, with what it removes and the command that approves it', async (t) => {
  const world = await openSyncWorld(t)
  const connection = await world.connect()
  const people = []
  for (const name of ['ann', 'bob', 'cid']) people.push(await world.join(name))
  await world.settle()
  for (const { id } of people.slice(0, 2)) await world.leave(id)
  await world.settle()
  const [plan] = await world.engine.listPlans(world.by('boss'), { state: 'open', limit: 1 })
  assert.ok(plan)
  const text = planAsText(await world.engine.getPlan(world.by('boss'), { id: plan.id }), connection)
  assert.deepEqual(text.split('\n'), [
    `Plan ${plan.id} for desk (memory): open`,
    '  raised by member.suspended',
    '  - remove ann: planned, is suspended in the directory; waits for an approval by somebody who did not ask for it',
    '  - remove bob: planned, is suspended in the directory; waits for an approval by somebody who did not ask for it',
    '  removes 2 of 3 accounts (66.7 %)',
    'Next: somebody other than idp approves:',
    `  rollcall approve ${plan.id} --digest ${plan.digest} --removals 2 --reason TEXT`,
  ])
})

test('a failed step shows why, how often and when again', async (t) => {
  const world = await openSyncWorld(t)
  const connection = await world.connect()
  world.vendor.faults = [{ kind: 'status429', operation: 'create' }]
  await world.join('ann')
  await world.settle()
  const [plan] = await world.engine.listPlans(world.by('boss'), { state: 'open', limit: 1 })
  const text = planAsText(await world.engine.getPlan(world.by('boss'), { id: plan?.id ?? '' }), connection)
  assert.match(
    text,
    /\+ create ann \(email ann@example.com, givenName Given, familyName Family\): failed, the vendor answered 429; tried again at 2026-11-21T08:00:05.000Z/,
  )
  assert.match(text, /Next: rollcall apply/)
})
