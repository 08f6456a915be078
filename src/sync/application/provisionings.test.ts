import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { openSyncWorld, type SyncWorld } from '../../../tests/sync.ts'
import { createEngine } from '../create.ts'
import { raise } from '../raising.ts'
import { workOnce } from '../run.ts'
import type { Provisioning } from './engine.ts'

interface Stage {
  readonly world: SyncWorld
  readonly connectionId: string
  /** Assigns somebody new through the application. */
  readonly assign: (userName: string) => Promise<string>
  /** Waits at one process for what the other one does; `between` happens while it waits. */
  readonly wait: (membershipId: string, between: () => Promise<void>, waitMs?: number) => Promise<Provisioning>
}

async function open(t: TestContext, input: Parameters<SyncWorld['connect']>[0] = {}): Promise<Stage> {
  const world = await openSyncWorld(t)
  const { id: connectionId } = await world.connect({ assignments: [], ...input })
  await world.settle()
  const here = createEngine(world.process('here'))
  return {
    world,
    connectionId,
    assign: async (userName) => {
      const { id } = await world.join(userName)
      await here.assignToApplication(world.by('idp'), { connectionId, membershipId: id })
      return id
    },
    wait: async (membershipId, between, waitMs = 10_000) => {
      const waiting = here.awaitProvisioning(world.by('idp'), {
        connectionId,
        membershipId,
        since: world.time.clock(),
        waitMs,
      })
      const state = { ended: false }
      void waiting.then(
        () => (state.ended = true),
        () => (state.ended = true),
      )
      await between()
      while (!state.ended) await world.time.advance(100)
      return waiting
    },
  }
}

/** Another process on the same database does what is due. */
const workElsewhere = async ({ world }: Stage): Promise<void> => {
  const elsewhere = world.process('elsewhere')
  await raise(elsewhere, world.organizationId)
  while (await workOnce(elsewhere));
}

test('what another process does is seen by the one that waits for it', async (t) => {
  const stage = await open(t)
  const id = await stage.assign('ada')
  assert.deepEqual(await stage.wait(id, () => workElsewhere(stage)), { state: 'done', detail: undefined })
  assert.deepEqual(
    stage.world.vendor.writes.map(({ operation, subject }) => [operation, subject]),
    [['create', 'ada']],
  )
})

test('while nobody works it is pending once the time is over, and no vendor is called', async (t) => {
  const stage = await open(t)
  const id = await stage.assign('ada')
  const calls = stage.world.vendor.calls.length
  const provisioning = await stage.wait(id, async () => undefined)
  assert.deepEqual(provisioning, { state: 'pending', detail: 'is about to be planned' })
  assert.equal(stage.world.vendor.calls.length, calls)
})

test('a limit of the vendor is told with the time of the next attempt, a refusal without', async (t) => {
  for (const [kind, status] of [
    ['status429', 429],
    ['refused', 400],
  ] as const) {
    const stage = await open(t)
    stage.world.vendor.faults = [{ kind, operation: 'create' }]
    const id = await stage.assign('ada')
    const { state, refused } = await stage.wait(id, () => workElsewhere(stage))
    assert.equal(refused?.status, status)
    assert.equal(state, refused.retryAt ? 'pending' : 'failed')
    assert.equal(refused.retryAt !== undefined, kind === 'status429')
  }
})

test('an answer that was lost is no refusal, but pending until the vendor was read', async (t) => {
  const stage = await open(t)
  const id = await stage.assign('ada')
  stage.world.vendor.faults = [
    { kind: 'closeAfter', operation: 'create', times: 1 },
    { kind: 'status500Before', operation: 'list' },
  ]
  const { state, refused } = await stage.wait(id, () => workElsewhere(stage))
  assert.deepEqual([state, refused], ['pending', undefined])
  stage.world.vendor.faults = []
  await stage.world.pass(2)
  const provisionings = await stage.world.engine.provisionings(stage.world.by('idp'), {
    connectionId: stage.connectionId,
    members: [await stage.world.directory.getMember(stage.world.by('idp'), { id })],
  })
  assert.equal(provisionings.get(id)?.state, 'done')
  assert.equal(stage.world.vendor.writes.filter(({ operation }) => operation === 'create').length, 1)
})

test('an account that may be somebody else’s is a conflict before anything is sent', async (t) => {
  const stage = await open(t)
  stage.world.vendor.put({ userName: 'other', email: 'ada@example.com' })
  await stage.world.time.advance(6 * 60_000)
  const id = await stage.assign('ada')
  const { state, refused, detail } = await stage.wait(id, () => workElsewhere(stage))
  assert.deepEqual([state, refused], ['failed', { status: 409, retryAt: undefined }])
  assert.match(detail ?? '', /rollcall questions list/)
  assert.deepEqual(stage.world.vendor.writes, [])
})

test('who is taken out waits for an approval, and other assignments of theirs stand', async (t) => {
  const stage = await open(t)
  const { world, connectionId } = stage
  const id = await stage.assign('ada')
  await stage.wait(id, () => workElsewhere(stage))
  const by = world.by('idp')
  await world.engine.unassignFromApplication(by, { connectionId, membershipId: id })
  await world.settle()
  const member = await world.directory.getMember(by, { id })
  const provisioning = (await world.engine.provisionings(by, { connectionId, members: [member] })).get(id)
  assert.equal(provisioning?.state, 'waitingForApproval')
  assert.equal(world.vendor.accounts.size, 1)
  await world.engine.assignToApplication(by, { connectionId, membershipId: id })
  await world.settle()
  assert.equal((await world.engine.provisionings(by, { connectionId, members: [member] })).get(id)?.state, 'done')
})

test('an application is made once, whatever many assign through it at the same time', async (t) => {
  const { world, connectionId } = await open(t)
  const members = await Promise.all(['a', 'b', 'c', 'd'].map((name) => world.join(name)))
  await Promise.all(
    members.map(({ id }) => world.engine.assignToApplication(world.by('idp'), { connectionId, membershipId: id })),
  )
  const application = await world.engine.getApplication(world.by('idp'), { connectionId })
  assert.deepEqual(application.groupIds, [application.ownGroupId])
  const groups = await world.directory.listGroups(world.by('idp'), { limit: 10 })
  assert.deepEqual(
    groups.map(({ displayName }) => displayName),
    ['Assigned to desk'],
  )
  await world.settle()
  assert.equal(world.vendor.accounts.size, 4)
})

test('no approval of an addition can come from whoever assigned', async (t) => {
  const stage = await open(t, { policy: { additions: 'approval' } })
  const { world } = stage
  const id = await stage.assign('ada')
  assert.equal((await stage.wait(id, () => workElsewhere(stage))).state, 'waitingForApproval')
  const [plan] = await world.engine.listPlans(world.by('x'), { state: 'open', limit: 1 })
  assert.ok(plan)
  assert.ok(plan.authors.includes('idp'))
  await assert.rejects(world.engine.approvePlan(world.by('idp', 'owner'), { id: plan.id, digest: plan.digest, reason: 'mine' }), {
    refusal: 'forbidden',
  })
})

test('a connection of a name that was used before begins with nobody', async (t) => {
  const { world, connectionId, assign } = await open(t)
  await assign('ada')
  await world.settle()
  await world.engine.removeConnection(world.by('admin'), { id: connectionId })
  const { id } = await world.connect({ assignments: [] })
  await world.settle()
  assert.equal((await world.engine.getApplication(world.by('idp'), { connectionId: id })).ownGroupId, undefined)
  const bob = await world.join('bob')
  await world.engine.assignToApplication(world.by('idp'), { connectionId: id, membershipId: bob.id })
  const wanted = await world.database.ledger.read((tx) => tx.wanted(world.organizationId, id, { limit: 10 }))
  assert.deepEqual(
    wanted.map(({ member }) => member.userName),
    ['bob'],
  )
})
