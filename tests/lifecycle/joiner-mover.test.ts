import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLifecycle, vendorNames, vendors } from './world.ts'

const ada = 'ada@example.com'
const names = (roles: readonly { readonly name: string }[] | undefined) => roles?.map(({ name }) => name)
const expectedRoles = (which: 'desk' | 'lead') => Object.fromEntries(vendorNames.map((name) => [name, [vendors[name][which]]]))

test('a joiner stands at all five vendors with the roles of their group, once, and nothing is left to plan', async (t) => {
  const world = await openLifecycle(t)
  await world.join(ada)
  await world.settle()
  assert.deepEqual(await world.everywhere(ada, (account) => names(account?.roles)), expectedRoles('desk'))
  await world.accept(ada)
  assert.deepEqual(await world.everywhere(ada, (account) => account?.status), {
    bird: 'active',
    messagebird: 'active',
    twilio: 'active',
    bandwidth: 'active',
    sinch: 'active',
  })
  for (const name of vendorNames) {
    const { steps } = await world.engine.createPlan(world.by('owner'), { connectionId: world.connections[name] })
    assert.deepEqual(steps, [], name)
    const made = world.twins[name].writes().filter(({ operation }) => /create|invite|add/i.test(operation))
    assert.equal(made.length, 1, name)
  }
})

test('a mover’s roles change at all five vendors, and whoever is no longer assigned is removed after an approval, without being offboarded', async (t) => {
  const world = await openLifecycle(t)
  const id = await world.join(ada)
  await world.settle()
  await world.accept(ada)
  await world.pass(6)
  await world.group('Leads', { add: id })
  await world.group('Desk', { remove: id })
  await world.settle()
  assert.deepEqual(await world.everywhere(ada, (account) => names(account?.roles)), expectedRoles('lead'))
  await world.group('Staff', { remove: id })
  await world.pass(20)
  assert.deepEqual(new Set(Object.values(await world.everywhere(ada, (account) => account?.status))), new Set(['active']))
  await world.approve('moved to another team')
  assert.deepEqual(new Set(Object.values(await world.everywhere(ada, (account) => account))), new Set([undefined]))
  assert.deepEqual(await world.engine.listOffboardings(world.by('owner'), { limit: 1 }), [])
})

test('whoever is renamed is renamed at each vendor that keeps the name, and stays one account', async (t) => {
  const world = await openLifecycle(t)
  const id = await world.join(ada)
  await world.settle()
  await world.accept(ada)
  const before = await world.everywhere(ada, (account) => account?.id)
  await world.scim('PATCH', `/Users/${id}`, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'replace', path: 'name.familyName', value: 'Byron' }],
  })
  await world.pass(6)
  assert.deepEqual(await world.everywhere(ada, (account) => account?.id), before)
  const kept = await world.everywhere(ada, (account) => account?.familyName)
  assert.deepEqual([kept.messagebird, kept.bandwidth], ['Byron', 'Byron'])
  for (const name of vendorNames) {
    const { steps } = await world.engine.createPlan(world.by('owner'), { connectionId: world.connections[name] })
    assert.deepEqual(steps, [], name)
  }
})
