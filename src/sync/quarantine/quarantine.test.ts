import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { failure, type MemoryVendor } from '../../../tests/memory-vendor.ts'
import { openSyncWorld, type SyncWorld } from '../../../tests/sync.ts'
import { ConfigError } from '../../directory/errors.ts'
import type { Fact } from '../../directory/fact.ts'
import type { Policy } from '../connection.ts'
import type { SyncParts } from '../parts.ts'
import { workOnce } from '../run.ts'

async function openQuarantined(t: TestContext, { policy }: { readonly policy?: Partial<Policy> } = {}) {
  const world = await openSyncWorld(t)
  const { id } = await world.connect(policy ? { policy } : {})
  await world.join('jane')
  await world.settle()
  assert.equal(world.vendor.writes.length, 1)
  const health = async () => (await world.engine.getConnection(world.by('ops'), { id })).connection.health
  return { world, id, health, quarantine: async () => (await health())?.quarantine }
}

const facts = async (world: SyncWorld, prefix: string) =>
  (await world.directory.listFacts(world.by('audit', 'auditor'), { after: 0, limit: 1_000 })).filter(({ action }) =>
    action.startsWith(prefix),
  )
const textOf = (fact: Fact | undefined, name: string): string => {
  const value = fact?.detail[name]
  assert.ok(typeof value === 'string', name)
  return value
}
const requests = ({ calls }: MemoryVendor) => calls.length

/** The vendor refuses whatever is asked, as a wrong credential or a wrong plan is refused. */
function refuse(vendor: MemoryVendor, status: number | undefined): void {
  vendor.before = async () => {
    if (status !== undefined) throw failure(status, 'none')
  }
  Object.assign(vendor.reader, {
    check:
      status === undefined
        ? async () => ({ usable: true, findings: [] })
        : async () => ({ usable: false, findings: [{ level: 'problem', message: 'Ask for the plan.' }] }),
  })
}

test('a vendor that fails ten times in a row is left alone, probed ever more rarely, and taken up again by itself where it stopped', async (t) => {
  const { world, quarantine } = await openQuarantined(t)
  world.vendor.faults = [{ kind: 'status500Before' }]
  await world.time.advance(6 * 60_000)
  await world.join('john')
  await world.pass(10)
  const entered = await quarantine()
  assert.equal(entered?.cause, 'failures')
  assert.match(entered.reason, /^10 reads in a row failed since 2026-.*the last with: the vendor answered 500\. Look at it with/)
  const [told] = await facts(world, 'connection.quarantined')
  assert.equal(told?.detail['reason'], entered.reason)

  const before = requests(world.vendor)
  await world.pass(24 * 60, 5)
  const asked = requests(world.vendor) - before
  assert.ok(asked > 20 && asked < 40, `${asked} requests in a day`)
  assert.equal(world.vendor.writes.length, 1)

  world.vendor.faults = []
  await world.pass(70, 5)
  assert.equal(await quarantine(), undefined)
  assert.deepEqual(
    world.vendor.writes.map(({ subject }) => subject),
    ['jane', 'john'],
  )
  const released = (await facts(world, 'connection.released')).at(-1)
  assert.deepEqual([released?.actor, released?.detail['how']], ['system:sync', 'probes'])
  assert.match(textOf(released, 'reason'), /2 probes in a row/)
})

test('refused credentials stop everything after the first refusal, and every step goes once they are renewed', async (t) => {
  const { world, id, quarantine } = await openQuarantined(t)
  for (let index = 0; index < 20; index++) await world.join(`joiner${index}`)
  const tried = () => world.vendor.calls.filter((operation) => operation === 'create').length
  const before = tried()
  world.vendor.faults = []
  refuse(world.vendor, 401)
  await world.pass(2)
  assert.ok(tried() - before <= 1)
  assert.equal((await quarantine())?.cause, 'credentials')
  assert.match(
    (await quarantine())?.reason ?? '',
    /refuses the credentials: the vendor answered 401\. Ask for the plan\. Renew them: rollcall connection renew desk/,
  )
  refuse(world.vendor, undefined)
  await world.engine.changeConnection(world.by('ops'), { id, credentials: { key: 'another' } })
  await world.pass(6)
  assert.equal(await quarantine(), undefined)
  assert.equal(world.vendor.accounts.size, 21)
})

test('a gate that closes between two writes holds up all that follow, fails none of them for good, and is told', async (t) => {
  const { world, quarantine } = await openQuarantined(t)
  let created = 0
  for (let index = 0; index < 8; index++) await world.join(`joiner${index}`)
  world.vendor.before = async (operation) => {
    if (operation === 'create' && ++created > 3) refuse(world.vendor, 403)
    if (operation === 'create' && created > 3) throw failure(403, 'none')
  }
  await world.settle()
  assert.equal((await quarantine())?.cause, 'planGate')
  assert.equal(created, 4)
  const states = (await world.steps()).filter(({ subject }) => subject.startsWith('joiner')).map(({ state }) => state)
  assert.deepEqual(states.toSorted(), [...Array<string>(3).fill('done'), 'failed', ...Array<string>(4).fill('planned')])
  refuse(world.vendor, undefined)
  await world.pass(20, 5)
  assert.equal(world.vendor.accounts.size, 9)
  assert.ok((await world.steps()).every(({ state }) => state === 'done'))
})

test('a refusal of one account alone is an answer of a vendor that works', async (t) => {
  const { world, health } = await openQuarantined(t)
  world.vendor.faults = [{ kind: 'refused', operation: 'create' }]
  for (let index = 0; index < 15; index++) await world.join(`joiner${index}`)
  await world.pass(10)
  assert.equal((await health())?.quarantine, undefined)
  assert.equal((await health())?.writes.failures, 0)
})

test('in quarantine a plan is approved and waits, and the connection says so wherever somebody asks', async (t) => {
  const { world, id, quarantine } = await openQuarantined(t)
  const jane = await world.directory.findMemberByUserName(world.by('owner'), { userName: 'jane' })
  await world.engine.quarantineConnection(world.by('ops'), { id, reason: 'audit at the vendor' })
  assert.deepEqual([(await quarantine())?.cause, (await quarantine())?.by], ['person', 'ops'])
  await world.join('john')
  await world.leave(jane?.id ?? '')
  await world.pass(30, 5)
  for (const plan of await world.engine.listPlans(world.by('boss'), { state: 'open', limit: 10 }))
    await world.engine.approvePlan(world.by('boss', 'approver'), { id: plan.id, digest: plan.digest, reason: 'left' })
  await world.pass(24 * 60, 240)
  assert.equal(world.vendor.writes.length, 1)
  const plans = await world.engine.listPlans(world.by('boss'), { state: 'open', limit: 10 })
  assert.equal(plans.length, 2)
  const view = await world.engine.getPlan(world.by('boss'), { id: plans[0]?.id ?? '' })
  assert.match(view.steps[0]?.reason ?? '', /waits for the end of a quarantine: connection desk .*: audit at the vendor/)
  await assert.rejects(world.engine.applyPlan(world.by('ops'), { id: plans[0]?.id ?? '' }), {
    refusal: 'conflict',
    message: /in quarantine since .*: audit at the vendor\. To let it write.*rollcall connection release desk --reason TEXT/,
  })
  await assert.rejects(world.engine.releaseConnection(world.by('ops'), { id, reason: ' ' }), { refusal: 'invalid' })
  await assert.rejects(world.engine.releaseConnection(world.by('see', 'auditor'), { id, reason: 'over' }), {
    refusal: 'forbidden',
  })
  await world.engine.releaseConnection(world.by('ops'), { id, reason: 'audit is over' })
  await world.pass(10)
  assert.deepEqual(world.vendor.writes.map(({ operation }) => operation).toSorted(), ['create', 'create', 'remove'])
  const [put, released] = await facts(world, 'connection.').then((all) => all.filter(({ action }) => /quar|rele/.test(action)))
  assert.deepEqual([put?.actor, put?.detail['reason']], ['ops', 'audit at the vendor'])
  assert.deepEqual([released?.detail['how'], released?.detail['reason']], ['person', 'audit is over'])
})

test('a process that had begun to work before sends nothing after another one has put the connection into quarantine', async (t) => {
  const { world, id } = await openQuarantined(t)
  for (let index = 0; index < 5; index++) await world.join(`joiner${index}`)
  const other = world.process('two')
  world.vendor.before = async (operation) => {
    if (operation !== 'create') return
    world.vendor.before = async () => undefined
    const { createEngine } = await import('../create.ts')
    await createEngine(other).quarantineConnection(world.by('ops'), { id, reason: 'stop' })
  }
  await world.settle()
  assert.equal(world.vendor.writes.length, 2, 'what was being sent is sent, and nothing after it')
})

test('what comes back and fails again goes again after few failures, and stays longer', async (t) => {
  const { world, quarantine } = await openQuarantined(t)
  world.vendor.faults = [{ kind: 'status500Before', operation: 'create' }]
  for (let index = 0; index < 12; index++) await world.join(`joiner${index}`)
  await world.pass(30)
  const stays = await facts(world, 'connection.quarantined')
  assert.ok(stays.length >= 2, 'probes only read: writing failed again')
  assert.match(textOf(stays[0], 'reason'), /^10 writes in a row failed/)
  assert.match(textOf(stays[1], 'reason'), /^3 writes in a row failed since .*, soon after it had come back/)
  const waits = stays.map((fact) => new Date(textOf(fact, 'probeAt')).getTime() - fact.at.getTime())
  assert.ok((waits[1] ?? 0) > (waits[0] ?? 0))
  world.vendor.faults = []
  await world.pass(4 * 60, 5)
  assert.equal(await quarantine(), undefined)
  assert.equal(world.vendor.accounts.size, 13)
})

test('the policy sets the limits, and 0 turns quarantine and silence off', async (t) => {
  const { world, id, quarantine } = await openQuarantined(t, {
    policy: { quarantine: { failures: 2, probeMinutes: 30, successes: 1 }, silenceHours: 1 },
  })
  world.vendor.faults = [{ kind: 'status500Before' }]
  await world.pass(20)
  assert.match((await quarantine())?.reason ?? '', /^2 reads/)
  world.vendor.faults = []
  await world.pass(31)
  assert.equal(await quarantine(), undefined)
  await world.engine.changeConnection(world.by('ops'), { id, policy: { quarantine: { failures: 0 }, silenceHours: 0 } })
  world.vendor.faults = [{ kind: 'status500Before' }]
  await world.pass(24 * 60, 60)
  assert.equal(await quarantine(), undefined)
  assert.deepEqual(await facts(world, 'connection.silent'), [])
  await assert.rejects(world.engine.changeConnection(world.by('ops'), { id, policy: { quarantine: { successes: 0 } } }), {
    refusal: 'invalid',
    field: 'policy.quarantine',
  })
})

test('silence raises one alarm with its reason, which the next complete read ends', async (t) => {
  const { world, health } = await openQuarantined(t)
  world.vendor.faults = [{ kind: 'emptyList' }]
  await world.pass(5 * 60, 30)
  assert.deepEqual(await facts(world, 'connection.silent'), [])
  await world.pass(4 * 60, 30)
  const silent = await facts(world, 'connection.silent')
  assert.equal(silent.length, 1)
  assert.match(textOf(silent[0], 'message'), /Nothing complete was read of desk since 2026-/)
  const open = await world.engine.listFindings(world.by('owner'), { open: true, kind: 'silence', limit: 10 })
  assert.equal(open.length, 1)
  assert.ok((await health())?.silentSince)
  assert.equal((await health())?.quarantine, undefined, 'an incomplete list is no failure of the vendor')
  world.vendor.faults = []
  await world.pass(30, 5)
  assert.deepEqual(await world.engine.listFindings(world.by('owner'), { open: true, kind: 'silence', limit: 10 }), [])
  assert.equal((await facts(world, 'connection.heard')).length, 1)
  assert.equal((await health())?.silentSince, undefined)
})

test('silence is told whatever the reason, also where the connection cannot even be opened', async (t) => {
  const { world } = await openQuarantined(t)
  const parts: SyncParts = {
    ...world.parts,
    connect: () => {
      throw new ConfigError('No sealing key opens this connection.')
    },
  }
  await world.time.advance(7 * 60 * 60_000)
  assert.ok(await workOnce(parts))
  assert.equal((await facts(world, 'connection.silent')).length, 1)
  assert.equal((await world.engine.listFindings(world.by('owner'), { open: true, kind: 'silence', limit: 10 })).length, 1)
})

test('in quarantine nobody is locked out, the offboarding says what waits, and the release does it at once', async (t) => {
  const world = await openSyncWorld(t, { capabilities: { suspend: true } })
  const { id } = await world.connect()
  const member = await world.join('jane')
  await world.settle()
  await world.engine.quarantineConnection(world.by('ops'), { id, reason: 'they move' })
  await world.leave(member.id)
  await world.pass(30, 5)
  const status = () => [...world.vendor.accounts.values()].map((account) => account.status)
  assert.deepEqual(status(), ['active'])
  const [offboarding] = await world.engine.listOffboardings(world.by('ops'), { limit: 1 })
  const visit = async () => (await world.engine.getOffboarding(world.by('ops'), { id: offboarding?.id ?? '' })).visits[0]
  assert.match((await visit())?.lock.reason ?? '', /waits: connection desk is in quarantine since .*: they move/)
  assert.match((await visit())?.reason ?? '', /waits: connection desk is in quarantine/)
  const again = await world.engine.offboard(world.by('ops'), { person: 'jane' })
  assert.match(again.view.visits[0]?.reason ?? '', /in quarantine/)
  assert.deepEqual(status(), ['active'])
  await world.engine.releaseConnection(world.by('ops'), { id, reason: 'they moved' })
  await world.settle()
  assert.deepEqual(status(), ['suspended'])
  assert.doesNotMatch((await visit())?.reason ?? '', /in quarantine/)
})
