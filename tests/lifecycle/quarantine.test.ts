import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLifecycle, vendorNames, type Lifecycle, type VendorName } from './world.ts'

const ada = 'ada@example.com'
const hour = 60
const takesAway = /delete|remove|suspend|deactivate/i

const healthOf = async ({ engine, by, connections }: Lifecycle, name: VendorName) =>
  (await engine.getConnection(by('ops'), { id: connections[name] })).connection.health

/** Nothing is left to do anywhere. */
async function isSettled({ engine, by, connections }: Lifecycle): Promise<void> {
  for (const name of vendorNames) {
    const { steps } = await engine.createPlan(by('owner'), { connectionId: connections[name] })
    assert.deepEqual(steps, [], name)
  }
}

/** How often each kind of write was accepted for somebody, at one vendor. */
function writesFor({ twins }: Lifecycle, name: VendorName, subject: string): Readonly<Record<string, number>> {
  const own = twins[name].writes().filter((write) => write.subject === subject)
  return Object.fromEntries([...Map.groupBy(own, ({ operation }) => operation)].map(([kind, list]) => [kind, list.length]))
}
const timesMade = (world: Lifecycle, name: VendorName, subject: string): number =>
  Object.entries(writesFor(world, name, subject)).reduce(
    (sum, [operation, times]) => (/create|invite|add/i.test(operation) ? sum + times : sum),
    0,
  )

/** Which vendors close together, night by night. */
const nights: readonly (readonly VendorName[])[] = [['bird', 'twilio'], ['messagebird', 'sinch'], ['bandwidth']]

test('plan gates that close overnight: nobody is removed, the other vendors go on, each connection says why, and comes back', async (t) => {
  const world = await openLifecycle(t)
  await world.join(ada)
  await world.settle()
  await world.accept(ada)
  for (const closed of nights) {
    const joiner = `joins.${closed[0]}@example.com`
    for (const name of closed) world.twins[name].faults.set([{ kind: 'planGate' }])
    await world.time.advance(6 * 60_000)
    await world.join(joiner)
    await world.settle()
    for (const name of vendorNames) assert.equal(timesMade(world, name, joiner), closed.includes(name) ? 0 : 1, name)
    for (const name of closed) {
      const { quarantine } = (await healthOf(world, name)) ?? {}
      assert.equal(quarantine?.cause, 'planGate', name)
      assert.match(quarantine.reason, /does not allow this plan or these credentials.* answered 403/, name)
    }
    await world.pass(8 * hour, 4 * hour)
    for (const name of closed) assert.ok((await healthOf(world, name))?.quarantine, name)

    for (const name of closed) world.twins[name].faults.set([])
    await world.pass(2 * hour, 40)
    for (const name of closed) assert.equal((await healthOf(world, name))?.quarantine, undefined, name)
    for (const name of vendorNames) assert.equal(timesMade(world, name, joiner), 1, name)
  }
  const told = (await world.facts()).map(({ action, detail }) =>
    JSON.stringify([action, detail['name'], detail['how'] ?? detail['cause']]),
  )
  for (const name of vendorNames) {
    assert.equal(told.filter((fact) => fact === JSON.stringify(['connection.quarantined', name, 'planGate'])).length, 1, name)
    assert.equal(told.filter((fact) => fact === JSON.stringify(['connection.released', name, 'probes'])).length, 1, name)
    const taken = world.twins[name].writes().filter(({ operation }) => takesAway.test(operation))
    assert.deepEqual(taken, [], name)
  }
  await isSettled(world)
})

test('a plan that is really taken down closes SCIM by the vendor’s own gate, also one that hides, and opens it with the plan', async (t) => {
  const gated = {
    twilio: /answered 403.*SCIM needs an Enterprise plan with the SSO add-on: ask Twilio/,
    sinch: /answered 404.*on the Enterprise plan/,
  }
  const names = ['twilio', 'sinch'] as const
  const world = await openLifecycle(t, { byScim: [...names, 'messagebird'] })
  await world.join(ada)
  await world.settle()
  for (const name of [...names, 'messagebird'] as const) await world.sell(name, 'pro')
  await world.time.advance(6 * 60_000)
  await world.join('bob@example.com')
  await world.settle()
  for (const name of names) {
    const { quarantine } = (await healthOf(world, name)) ?? {}
    assert.equal(quarantine?.cause, 'planGate', name)
    assert.match(quarantine.reason, gated[name])
  }
  for (const name of ['bird', 'messagebird'] as const)
    assert.equal(timesMade(world, name, 'bob@example.com'), 1, `${name}: MessageBird is called by REST while its SCIM is closed`)
  await world.pass(8 * hour, 4 * hour)
  for (const name of names) {
    assert.equal(timesMade(world, name, 'bob@example.com'), 0, name)
    await world.sell(name, 'enterprise')
  }
  await world.pass(2 * hour, 40)
  for (const name of names) {
    assert.equal((await healthOf(world, name))?.quarantine, undefined, name)
    assert.equal(timesMade(world, name, 'bob@example.com'), 1, name)
  }
})

test('two vendors down for a day: joiners and leavers wait there alone, and afterwards everything settles, each once', async (t) => {
  const down: readonly VendorName[] = ['sinch', 'bandwidth']
  const world = await openLifecycle(t)
  const id = await world.join(ada)
  await world.join('bob@example.com')
  await world.settle()
  for (const name of [ada, 'bob@example.com']) await world.accept(name)
  await world.pass(6, 6)
  for (const name of down) world.twins[name].faults.set([{ kind: 'status500Before' }])
  await world.time.advance(6 * 60_000)
  await world.join('carol@example.com')
  await world.deactivate(id)
  await world.pass(20, 2)
  const { visits } = await world.newest()
  for (const name of vendorNames) {
    const isDown = down.includes(name)
    assert.equal(timesMade(world, name, 'carol@example.com'), isDown ? 0 : 1, name)
    const { quarantine } = (await healthOf(world, name)) ?? {}
    assert.equal(quarantine !== undefined, isDown, name)
    if (isDown) {
      assert.match(quarantine?.reason ?? '', /in a row failed since .*answered 500/, name)
      assert.match(visits[name].reason, new RegExp(`waits: connection ${name} is in quarantine`))
    } else assert.equal(visits[name].state, 'waiting', `${name}: the removal waits for its approval`)
  }
  await world.pass(24 * hour, 6 * hour)
  const silent = (await world.facts()).filter(({ action }) => action === 'connection.silent')
  assert.deepEqual(new Set(silent.map(({ detail }) => detail['name'])), new Set(down))
  assert.equal(silent.length, down.length)

  for (const name of down) world.twins[name].faults.set([])
  await world.pass(2 * hour, 40)
  for (const name of down) assert.equal((await healthOf(world, name))?.quarantine, undefined, name)
  await world.approve('left')
  await world.pass(hour, 30)
  for (const name of vendorNames) {
    assert.equal(await world.at(name, ada), undefined, name)
    assert.equal(timesMade(world, name, 'carol@example.com'), 1, name)
    for (const subject of [ada, 'bob@example.com', 'carol@example.com'])
      for (const [operation, times] of Object.entries(writesFor(world, name, subject)))
        if (/create|invite|add|delete|remove/i.test(operation)) assert.equal(times, 1, `${name}: ${operation} ${subject}`)
  }
  assert.equal((await world.facts()).filter(({ action }) => action === 'connection.heard').length, down.length)
  await isSettled(world)
})
