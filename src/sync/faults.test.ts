import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Fault, FaultKind } from '../../tests/memory-vendor.ts'
import { openSyncWorld, type SyncWorld } from '../../tests/sync.ts'

const kinds: readonly FaultKind[] = [
  'status429',
  'status500Before',
  'status500After',
  'closeAfter',
  'slow',
  'emptyList',
  'halfList',
  'changingList',
]

/** Twelve people with accounts, then at once: three join, one is renamed, one leaves and is approved; all while the vendor misbehaves. */
async function story(world: SyncWorld, faults: Fault[]) {
  const connection = await world.connect({ policy: { defaultRoles: ['Member'] } })
  const people = []
  for (let index = 0; index < 12; index++) people.push(await world.join(`person${index}`))
  await world.settle()
  assert.equal(world.vendor.accounts.size, 12)
  await world.time.advance(10 * 60_000)
  const [leaver, renamed] = people
  assert.ok(leaver && renamed)
  world.vendor.faults = faults
  for (let index = 0; index < 3; index++) await world.join(`joiner${index}`)
  await world.directory.changeMember(world.by('idp'), {
    id: renamed.id,
    change: ({ status, ...current }) => ({
      ...current,
      suspended: status === 'suspended',
      name: { givenName: 'New', familyName: 'Name' },
    }),
    sessions: 'keep',
  })
  await world.leave(leaver.id)
  await world.pass(3)
  for (const plan of await world.engine.listPlans(world.by('boss'), { state: 'open', limit: 10 }))
    if (plan.removals > 0)
      await world.engine.approvePlan(world.by('boss', 'approver'), { id: plan.id, digest: plan.digest, reason: 'left' })
  await world.pass(3)
  return { connection, leaver }
}

const counts = (world: SyncWorld, operation: string) => world.vendor.writes.filter((write) => write.operation === operation)

/** With every operation, or with each write by itself. */
const cases = (kind: FaultKind, times: number): readonly { readonly where: string; readonly faults: Fault[] }[] => [
  { where: 'everywhere', faults: [{ kind, times }] },
  ...(kind.endsWith('List')
    ? []
    : [
        {
          where: 'in writes',
          faults: (['create', 'update', 'remove'] as const).map((operation) => ({ kind, operation, times })),
        },
      ]),
]

for (const kind of kinds) {
  for (const { where, faults, times } of [2].flatMap((count) =>
    cases(kind, count).map((found) => ({ ...found, times: count })),
  )) {
    test(`${kind} ${where} ${times} times: nobody is removed wrongly, nobody made twice, and every step ends`, async (t) => {
      const world = await openSyncWorld(t)
      const { connection, leaver } = await story(world, faults)
      world.vendor.faults = []
      await world.pass(40, 5)
      for (const plan of await world.engine.listPlans(world.by('boss'), { state: 'open', limit: 10 }))
        if (plan.removals > 0)
          await world.engine.approvePlan(world.by('boss', 'approver'), { id: plan.id, digest: plan.digest, reason: 'left' })
      await world.pass(90, 15)
      const names = [...world.vendor.accounts.values()].map(({ userName }) => userName)
      assert.equal(new Set(names).size, names.length)
      assert.deepEqual(
        names.toSorted(),
        [...Array.from({ length: 11 }, (_, index) => `person${index + 1}`), 'joiner0', 'joiner1', 'joiner2'].toSorted(),
      )
      assert.equal(counts(world, 'create').length, 15)
      assert.deepEqual(counts(world, 'remove').length, 1)
      assert.equal([...world.vendor.accounts.values()].find(({ userName }) => userName === 'person1')?.givenName, 'New')
      for (const step of await world.steps()) {
        assert.ok(
          step.state === 'done' || step.state === 'superseded',
          `${step.kind} ${step.subject}: ${step.state}, ${step.reason}`,
        )
        assert.ok(step.reason.length > 3)
      }
      const { steps } = await world.engine.createPlan(world.by('owner'), { connectionId: connection.id })
      assert.deepEqual(steps, [])
      assert.equal((await world.engine.listReceipts(world.by('audit', 'auditor'), { limit: 10 })).length, 1)
      assert.equal((await world.directory.getMember(world.by('owner'), { id: leaver.id })).status, 'suspended')
      const open = await world.engine.listFindings(world.by('owner'), { open: true, limit: 100 })
      assert.deepEqual(open, [])
      assert.equal((await world.directory.verifyFacts(world.by('audit', 'auditor'), undefined)).intact, true)
    })
  }

  for (const { where, faults } of cases(kind, 1_000_000))
    test(`${kind} ${where} without end: nobody is removed wrongly, nobody made twice, and the plan says why`, async (t) => {
      const world = await openSyncWorld(t)
      const { connection } = await story(world, faults)
      await world.pass(30, 5)
      assert.ok(counts(world, 'create').length <= 15)
      assert.ok(counts(world, 'remove').every(({ subject }) => subject === 'a1'))
      assert.equal(new Set([...world.vendor.accounts.values()].map(({ userName }) => userName)).size, world.vendor.accounts.size)
      for (const step of await world.steps()) {
        assert.notEqual(step.state, 'sending')
        assert.ok(step.reason.length > 3)
      }
      if (kind !== 'status429' && kind !== 'status500Before' && kind !== 'status500After' && kind !== 'closeAfter') {
        const view = await world.engine.createPlan(world.by('owner'), { connectionId: connection.id })
        if (kind !== 'slow') assert.match(view.plan.reason, /held back until the vendor can be read completely/)
      }
    })
}

test('a creation whose answer was lost stays unknown while the list cannot be trusted, and is never sent again meanwhile', async (t) => {
  const world = await openSyncWorld(t)
  await world.connect()
  for (let index = 0; index < 6; index++) await world.join(`person${index}`)
  await world.settle()
  await world.time.advance(10 * 60_000)
  world.vendor.faults = [{ kind: 'closeAfter', operation: 'create', times: 1 }]
  world.vendor.before = async (operation) => {
    if (operation === 'create') world.vendor.faults.push({ kind: 'emptyList' })
  }
  await world.join('joiner')
  await world.pass(10)
  const lost = (await world.steps()).find(({ subject }) => subject === 'joiner')
  assert.equal(lost?.state, 'unknown')
  assert.match(
    lost.reason,
    /the answer was lost, and what came of it shows only in a complete read: the list lacks 6 of 6 known accounts/,
  )
  assert.deepEqual(
    (await world.engine.listFindings(world.by('owner'), { open: true, limit: 10 })).map(({ kind }) => kind),
    ['badRead'],
  )
  world.vendor.faults = []
  await world.pass(65, 5)
  assert.equal((await world.steps()).find(({ subject }) => subject === 'joiner')?.state, 'done')
  assert.equal(counts(world, 'create').length, 7)
})
