import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSyncWorld, type SyncWorld } from '../../tests/sync.ts'
import { raise } from './raising.ts'
import { createRunner, workOnce } from './run.ts'

/** A process that prolongs no lease: it is dead, or stands still. */
async function workWithoutLease(world: SyncWorld): Promise<void> {
  const parts = world.process('dying')
  await raise(parts, world.organizationId)
  await workOnce({ ...parts, sleep: () => new Promise(() => undefined) })
}

/** The vendor call at which a process dies: it is carried out or not, and the process never hears of it. */
function dieAt(world: SyncWorld, operation: 'create' | 'update' | 'remove') {
  let die: () => void = () => undefined
  const reached = new Promise<void>((resolve) => {
    die = resolve
  })
  const original = world.vendor.writer[operation]
  const dead = new Promise<never>(() => undefined)
  return {
    reached,
    before: () => {
      world.vendor.before = async (name) => {
        if (name !== operation) return
        world.vendor.before = async () => undefined
        die()
        await dead
      }
    },
    after: () => {
      Object.assign(world.vendor.writer, {
        [operation]: async (...input: never[]) => {
          Object.assign(world.vendor.writer, { [operation]: original })
          await Reflect.apply(original, undefined, input)
          die()
          return dead
        },
      })
    },
  }
}

for (const operation of ['create', 'update', 'remove'] as const)
  for (const moment of ['before', 'after'] as const)
    test(`a process that dies ${moment} the vendor carried a ${operation} out loses nothing and doubles nothing`, async (t) => {
      const world = await openSyncWorld(t)
      const connection = await world.connect()
      const jane = await world.join('jane')
      const john = await world.join('john')
      await world.settle()
      const death = dieAt(world, operation)
      death[moment]()
      if (operation === 'create') await world.join('joiner')
      else if (operation === 'update')
        await world.directory.changeMember(world.by('idp'), {
          id: jane.id,
          change: ({ status: _, ...current }) => ({
            ...current,
            suspended: false,
            name: { givenName: 'New', familyName: 'Name' },
          }),
          sessions: 'keep',
        })
      else {
        await world.leave(john.id)
        await world.settle()
        const [plan] = await world.engine.listPlans(world.by('boss'), { state: 'open', limit: 1 })
        await world.engine.approvePlan(world.by('boss'), { id: plan?.id ?? '', digest: plan?.digest ?? '', reason: 'left' })
      }
      // Not awaited: this process never gets on.
      void workWithoutLease(world)
      await death.reached
      assert.deepEqual((await world.steps()).filter(({ state }) => state === 'sending').length, 1)
      await world.time.advance(60_000)
      const other = world.process('two')
      while (await workOnce(other));
      await world.time.advance(60_000)
      while (await workOnce(other));
      const names = [...world.vendor.accounts.values()].map(({ userName, givenName }) => `${givenName} ${userName}`).toSorted()
      const expected = {
        create: ['Given jane', 'Given john', 'Given joiner'],
        update: ['Given john', 'New jane'],
        remove: ['Given jane'],
      }
      assert.deepEqual(names, expected[operation])
      assert.equal(world.vendor.writes.length, 3, 'the vendor carried each write out once')
      for (const step of await world.steps()) assert.equal(step.state, 'done', step.reason)
      assert.equal(
        (await world.engine.listReceipts(world.by('audit', 'auditor'), { limit: 10 })).length,
        operation === 'remove' ? 1 : 0,
      )
      assert.deepEqual((await world.engine.createPlan(world.by('owner'), { connectionId: connection.id })).steps, [])
    })

test('a worker whose lease ran out changes nothing any more, whatever its vendor answers', async (t) => {
  const world = await openSyncWorld(t)
  await world.connect()
  await world.join('jane')
  await world.settle()
  let release: () => void = () => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  let reach: () => void = () => undefined
  const reached = new Promise<void>((resolve) => {
    reach = resolve
  })
  world.vendor.before = async (operation) => {
    if (operation !== 'create') return
    world.vendor.before = async () => undefined
    reach()
    await held
  }
  await world.join('joiner')
  const late = workWithoutLease(world)
  await reached
  await world.time.advance(6_000)
  const other = world.process('two')
  while (await workOnce(other));
  const between = (await world.steps()).find(({ subject }) => subject === 'joiner')
  assert.equal(between?.state, 'failed')
  assert.match(between.reason, /did not happen/)
  release()
  await late
  assert.deepEqual(
    (await world.steps()).filter(({ subject }) => subject === 'joiner'),
    [between],
  )
  await world.pass(2)
  const after = (await world.steps()).find(({ subject }) => subject === 'joiner')
  assert.equal(after?.state, 'done')
  assert.match(after.reason, /taken over/)
  assert.equal(world.vendor.writes.length, 2)
})

test('a worker whose lease ran out while it looked at an account does not remove it any more', async (t) => {
  const world = await openSyncWorld(t)
  await world.connect()
  const jane = await world.join('jane')
  await world.settle()
  await world.leave(jane.id)
  await world.settle()
  const [plan] = await world.engine.listPlans(world.by('boss'), { state: 'open', limit: 1 })
  await world.engine.approvePlan(world.by('boss'), { id: plan?.id ?? '', digest: plan?.digest ?? '', reason: 'left' })
  world.vendor.before = async (operation) => {
    if (operation !== 'read') return
    world.vendor.before = async () => undefined
    await world.time.advance(6_000)
    await world.directory.resumeMember(world.by('idp'), { id: jane.id })
    const other = world.process('two')
    while (await workOnce(other));
  }
  await workWithoutLease(world)
  await world.pass(2)
  assert.equal(world.vendor.accounts.size, 1)
  assert.deepEqual(
    (await world.steps()).map(({ kind, state }) => `${kind} ${state}`),
    ['create done', 'remove superseded'],
  )
})

test('a lease is prolonged while the vendor is slow', async (t) => {
  const world = await openSyncWorld(t)
  await world.connect()
  world.vendor.before = async (operation) => {
    if (operation !== 'create') return
    for (let second = 0; second < 20; second++) {
      await world.time.advance(1_000)
      await new Promise((resolve) => setImmediate(resolve))
      assert.equal(await workOnce(world.process('two')), false)
    }
  }
  await world.join('jane')
  await world.settle()
  assert.equal(world.vendor.writes.length, 1)
})

test('two processes that work on everything at once do each step once', async (t) => {
  const world = await openSyncWorld(t)
  await world.connect()
  for (let index = 0; index < 30; index++) await world.join(`person${index}`)
  const other = world.process('two')
  const work = async (parts: typeof other) => {
    while (await workOnce(parts));
  }
  await Promise.all([world.settle(), work(other), work(world.process('three'))])
  await world.settle()
  assert.equal(world.vendor.writes.length, 30)
  assert.equal(world.vendor.accounts.size, 30)
})

test('more steps than a turn carries out are done by further turns', async (t) => {
  const world = await openSyncWorld(t)
  await world.connect()
  for (let index = 0; index < 250; index++) await world.join(`person${index}`)
  await world.settle()
  assert.equal(world.vendor.accounts.size, 250)
  assert.equal(world.vendor.calls.filter((name) => name === 'list').length, 1, 'a fresh read serves for additions')
})

test('the runner works when woken and gives back what it holds when stopped', async (t) => {
  const world = await openSyncWorld(t)
  await world.connect()
  const runner = createRunner(world.parts)
  world.database.onFacts((id) => runner.wake(id))
  const created = new Promise<void>((resolve) => {
    world.vendor.before = async (operation) => {
      if (operation === 'create') resolve()
    }
  })
  runner.start()
  await world.join('jane')
  await created
  await runner.stop()
  assert.equal(world.vendor.accounts.size, 1)
  assert.deepEqual(
    (await world.steps()).map(({ state }) => state),
    ['done'],
  )
})

test('applying works through the queue beside a runner that holds the connection', async (t) => {
  const world = await openSyncWorld(t)
  await world.connect({ policy: { additions: 'approval' } })
  for (let index = 0; index < 5; index++) await world.join(`person${index}`)
  await world.settle()
  const [plan] = await world.engine.listPlans(world.by('boss'), { state: 'open', limit: 1 })
  assert.ok(plan)
  await world.engine.approvePlan(world.by('boss'), { id: plan.id, digest: plan.digest, reason: 'hired' })
  let applying: Promise<unknown> = Promise.resolve()
  world.vendor.before = async (operation) => {
    if (operation !== 'create') return
    world.vendor.before = async () => undefined
    applying = world.engine.applyPlan(world.by('ops'), { id: plan.id })
    await new Promise((resolve) => setImmediate(resolve))
  }
  await world.settle()
  await world.time.advance(250)
  await applying
  assert.equal(world.vendor.writes.length, 5)
})

test('who waits for a connection gets it when the work under way ends, and does not make more of it due', async (t) => {
  const world = await openSyncWorld(t)
  const connection = await world.connect({ writes: false })
  await world.settle()
  const own = { organizationId: world.organizationId, kind: 'reconcile', subject: connection.id } as const
  const runner = { holder: 'runner', leaseMs: 60_000, now: world.time.clock() }
  const inHand = await world.database.queue.take({ ...runner, work: own })
  assert.ok(inHand)
  const reports: unknown[] = []
  const waiting = world.engine
    .importAccounts(world.by('ops', 'operator'), { id: connection.id })
    .then((answer) => reports.push(answer))
  for (let poll = 0; poll < 3; poll++) await world.time.advance(250)
  await world.database.queue.finish(inHand, undefined)
  assert.equal(await world.database.queue.claim({ ...runner, now: world.time.clock(), only: own }), undefined)
  while (reports.length === 0) await world.time.advance(250)
  await waiting
})
