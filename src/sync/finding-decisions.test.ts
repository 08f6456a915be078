import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryRoles } from '../../tests/memory-vendor.ts'
import { openSyncWorld, type SyncWorld } from '../../tests/sync.ts'
import { versionOf } from './finding.ts'

const day = 24 * 60

const list = (world: SyncWorld, state: 'open' | 'ignored' | 'closed' = 'open') =>
  world.engine.listFindings(world.by('owner'), { state, limit: 100 })

const only = async (world: SyncWorld, state: 'open' | 'ignored' | 'closed' = 'open') => {
  const [finding, ...others] = await list(world, state)
  assert.ok(finding && others.length === 0, JSON.stringify(await list(world)))
  return { ...finding, version: versionOf(finding) }
}

const roles = (...ids: readonly string[]) => memoryRoles.filter(({ id }) => ids.includes(id))

async function withJane(t: Parameters<typeof openSyncWorld>[0], policy: Parameters<SyncWorld['connect']>[0] = {}) {
  const world = await openSyncWorld(t)
  const connection = await world.connect(policy)
  const jane = await world.join('jane')
  await world.settle()
  return { world, connection, jane }
}

test('a drift that is adopted is as wanted, until the directory wants something else, and never comes back by itself', async (t) => {
  const { world, jane } = await withJane(t)
  world.vendor.put({ id: 'a1', userName: 'jane', givenName: 'Janet' })
  await world.pass(20, 5)
  const { id, version, differences, membershipId } = await only(world)
  assert.deepEqual(differences, [{ attribute: 'givenName', ours: ['Given'], theirs: ['Janet'] }])
  assert.equal(membershipId, jane.id)
  const decided = await world.engine.adoptFinding(world.by('ops'), { id, version, reason: 'she married' })
  assert.deepEqual([decided.decision?.kind, decided.decision?.by, decided.closedAt !== undefined], ['adopt', 'ops', true])
  await world.pass(40, 5)
  assert.deepEqual(await list(world), [])
  assert.equal(world.vendor.writes.length, 1)
  const change = (givenName: string) =>
    world.directory.changeMember(world.by('idp'), {
      id: jane.id,
      change: ({ name, ...rest }) => ({ ...rest, name: { ...name, givenName }, suspended: false }),
      sessions: 'keep',
    })
  await change('Johanna')
  await world.settle()
  assert.equal(world.vendor.accounts.get('a1')?.givenName, 'Johanna')
  await change('Given')
  await world.pass(20, 5)
  assert.equal(world.vendor.accounts.get('a1')?.givenName, 'Given', 'what was accepted once does not return')
})

test('a drift that is reverted is planned, and applied as every plan is', async (t) => {
  const { world } = await withJane(t)
  await world.join('john')
  await world.settle()
  world.vendor.put({ id: 'a1', userName: 'jane', givenName: 'Mallory' })
  world.vendor.put({ id: 'a2', userName: 'john', givenName: 'Mallory' })
  await world.pass(20, 5)
  const finding = (await list(world)).find(({ subject }) => subject === 'a1')
  assert.ok(finding)
  const view = await world.engine.revertFinding(world.by('ops'), {
    id: finding.id,
    version: versionOf(finding),
    reason: 'not her name',
  })
  assert.deepEqual(
    view.steps.map(({ kind, accountId, changes }) => [kind, accountId, changes.map(({ to }) => to)]),
    [['update', 'a1', ['Given']]],
  )
  const repeated = await world.engine.revertFinding(world.by('ops'), {
    id: finding.id,
    version: versionOf(finding),
    reason: 'sent twice',
  })
  assert.equal(repeated.plan.id, view.plan.id)
  await world.pass(20, 5)
  assert.equal(world.vendor.accounts.get('a1')?.givenName, 'Mallory', 'deciding is not applying')
  const current = await world.engine.getFinding(world.by('o'), { id: finding.id })
  assert.deepEqual(current.decision?.kind === 'revert' && current.decision.planId, view.plan.id)
  await world.engine.applyPlan(world.by('ops'), { id: view.plan.id })
  await world.pass(20, 5)
  assert.equal(world.vendor.accounts.get('a1')?.givenName, 'Given')
  assert.deepEqual(
    (await list(world)).map(({ subject }) => subject),
    ['a2'],
  )
})

test('a missing account is reverted by a plan that makes it again', async (t) => {
  const { world } = await withJane(t)
  world.vendor.accounts.clear()
  await world.pass(20, 5)
  const view = await world.engine.revertFinding(world.by('ops'), { ...(await only(world)), reason: 'she needs it' })
  await world.engine.applyPlan(world.by('ops'), { id: view.plan.id })
  assert.equal(world.vendor.accounts.size, 1)
  await world.pass(20, 5)
  assert.deepEqual(await list(world), [])
})

test('a role that nobody granted is an extra right, also where the directory grants none; it is taken back by a plan', async (t) => {
  const { world } = await withJane(t)
  const account = world.vendor.accounts.get('a1')
  assert.ok(account)
  world.vendor.put({ ...account, roles: roles('r1') })
  await world.pass(20, 5)
  const finding = await only(world)
  assert.deepEqual([finding.kind, finding.message], ['extraRight', 'jane has Admin at memory, which nobody granted'])
  const view = await world.engine.revertFinding(world.by('ops'), { ...finding, reason: 'no admin' })
  assert.deepEqual(
    view.steps.map(({ kind, changes }) => [kind, changes[0]?.from, changes[0]?.to]),
    [['setRoles', 'Admin', '']],
  )
  await world.pass(20, 5)
  assert.equal(world.vendor.accounts.get('a1')?.roles.length, 1, 'planned is not applied')
  const { id, digest } = view.plan
  const decision = { id, digest, reason: 'nobody needs to be', accept: ['lastOwner'] } as const
  await world.engine.approvePlan(world.by('boss'), decision)
  await world.engine.applyPlan(world.by('ops'), { id: view.plan.id })
  await world.pass(20, 5)
  assert.deepEqual([world.vendor.accounts.get('a1')?.roles, await list(world)], [[], []])
})

test('an extra right beside granted roles is told once, is not drift, and adopted it stays', async (t) => {
  const { world } = await withJane(t, { policy: { defaultRoles: ['Member'] } })
  const account = world.vendor.accounts.get('a1')
  assert.ok(account)
  assert.deepEqual(
    account.roles.map(({ name }) => name),
    ['Member'],
  )
  world.vendor.put({ ...account, roles: roles('r1', 'r2') })
  await world.pass(20, 5)
  const finding = await only(world)
  assert.deepEqual(
    [finding.kind, finding.differences],
    ['extraRight', [{ attribute: 'roles', ours: ['r2'], theirs: ['r1', 'r2'] }]],
  )
  await world.engine.adoptFinding(world.by('ops'), { ...finding, reason: 'on call' })
  await world.pass(20, 5)
  assert.deepEqual([await list(world), world.vendor.accounts.get('a1')?.roles.length], [[], 2])
  world.vendor.put({ ...account, roles: roles('r1') })
  await world.pass(20, 5)
  assert.equal((await only(world)).kind, 'drift', 'a granted role that went is drift')
})

test('an orphan is adopted by a member, or known as nobody’s and never an orphan again', async (t) => {
  const { world, connection } = await withJane(t)
  const john = await world.join('john', { emails: [] })
  world.vendor.put({ id: 'a8', userName: 'robot' })
  world.vendor.put({ id: 'a9', userName: 'jonny' })
  await world.pass(20, 5)
  const byName = async (subject: string) => {
    const finding = (await list(world)).find((one) => one.subject === subject)
    assert.ok(finding)
    return { id: finding.id, version: versionOf(finding), reason: 'known' }
  }
  await assert.rejects(world.engine.adoptFinding(world.by('ops'), await byName('a8')), { refusal: 'invalid', field: 'as' })
  await world.engine.adoptFinding(world.by('ops'), { ...(await byName('a8')), as: 'outside' })
  await world.directory.removeMember(world.by('idp'), { id: john.id })
  const jo = await world.join('jo', { emails: [] })
  await world.settle()
  await assert.rejects(world.engine.adoptFinding(world.by('ops'), { ...(await byName('a9')), as: { membershipId: john.id } }), {
    refusal: 'notFound',
  })
  await world.engine.adoptFinding(world.by('ops'), { ...(await byName('a9')), as: { membershipId: jo.id } })
  await world.pass(40, 5)
  assert.deepEqual(
    (await list(world)).filter(({ kind }) => kind === 'orphan'),
    [],
  )
  assert.deepEqual(
    (await world.engine.listMarkings(world.by('o'), { connectionId: connection.id, limit: 9 })).map(({ accountId, kind, by }) => [
      accountId,
      kind,
      by,
    ]),
    [['a8', 'outside', 'ops']],
  )
  const links = await world.engine.listLinks(world.by('o'), { connectionId: connection.id, limit: 9 })
  assert.equal(links.find(({ membershipId }) => membershipId === jo.id)?.accountId, 'a9')
})

test('ignored until a date, a finding is open again from then on, or as soon as something else is found', async (t) => {
  const { world } = await withJane(t)
  world.vendor.put({ id: 'a1', userName: 'jane', givenName: 'Mallory' })
  await world.pass(20, 5)
  const until = new Date(world.time.clock().getTime() + 3 * day * 60_000)
  const ignore = async () => world.engine.ignoreFinding(world.by('ops'), { ...(await only(world)), until, reason: 'asked her' })
  await ignore()
  assert.deepEqual([(await list(world)).length, (await list(world, 'ignored')).length], [0, 1])
  await world.pass(day, 120)
  assert.equal((await list(world, 'ignored')).length, 1)
  world.vendor.put({ id: 'a1', userName: 'jane', givenName: 'Eve' })
  await world.pass(20, 5)
  const changed = await only(world)
  assert.deepEqual([changed.decision, changed.version], [undefined, 3])
  await ignore()
  await world.time.advance(3 * day * 60_000)
  assert.equal((await list(world)).length, 1, 'by the date alone, before anything is read')
  await world.pass(20, 5)
  assert.equal((await only(world)).decision, undefined)
  const facts = await world.directory.listFacts(world.by('o'), { limit: 1_000 })
  assert.deepEqual(
    facts.flatMap(({ action, actor }) => (action.startsWith('finding.') ? [`${action} ${actor}`] : [])),
    [
      'finding.opened system:sync',
      'finding.ignored ops',
      'finding.reopened system:sync',
      'finding.ignored ops',
      'finding.reopened system:sync',
    ],
  )
})

test('a decision on what has changed since is refused, and so is one that makes no sense', async (t) => {
  const { world, connection } = await withJane(t)
  world.vendor.put({ id: 'a1', userName: 'jane', givenName: 'Mallory' })
  world.vendor.put({ id: 'a9', userName: 'ghost' })
  await world.pass(20, 5)
  const found = await list(world)
  const drift = found.find(({ kind }) => kind === 'drift')
  const orphan = found.find(({ kind }) => kind === 'orphan')
  assert.ok(drift && orphan)
  const on = (finding: typeof drift) => ({ id: finding.id, version: versionOf(finding), reason: 'r' })
  const ops = world.by('ops')
  const tomorrow = new Date(world.time.clock().getTime() + day * 60_000)
  await assert.rejects(world.engine.revertFinding(ops, on(orphan)), { refusal: 'conflict', message: /Adopt the account/ })
  await assert.rejects(world.engine.adoptFinding(ops, { ...on(drift), as: 'outside' }), { field: 'as' })
  await assert.rejects(world.engine.adoptFinding(ops, { ...on(drift), reason: '' }), { field: 'reason' })
  for (const until of [world.time.clock(), new Date(world.time.clock().getTime() + 400 * day * 60_000), new Date(NaN)])
    await assert.rejects(world.engine.ignoreFinding(ops, { ...on(drift), until }), { field: 'until' })
  await assert.rejects(world.engine.ignoreFinding(world.by('eve', 'auditor'), { ...on(drift), until: tomorrow }), {
    refusal: 'forbidden',
  })
  await assert.rejects(world.engine.getFinding(ops, { id: connection.id }), { refusal: 'notFound' })
  world.vendor.put({ id: 'a1', userName: 'jane', givenName: 'Eve' })
  await world.pass(20, 5)
  for (const decide of [
    () => world.engine.adoptFinding(ops, on(drift)),
    () => world.engine.revertFinding(ops, on(drift)),
    () => world.engine.ignoreFinding(ops, { ...on(drift), until: tomorrow }),
  ])
    await assert.rejects(decide(), { refusal: 'stale', field: 'version' })
  world.vendor.put({ id: 'a1', userName: 'jane', givenName: 'Given' })
  await world.pass(20, 5)
  await assert.rejects(world.engine.ignoreFinding(ops, { ...on(drift), version: 3, until: tomorrow }), {
    refusal: 'stale',
    message: /closed/,
  })
})

test('one list over all connections, by kind, connection and person, with counts', async (t) => {
  const { world, connection, jane } = await withJane(t)
  world.vendor.put({ id: 'a1', userName: 'jane', givenName: 'Mallory' })
  for (const id of ['a7', 'a8', 'a9']) world.vendor.put({ id, userName: `ghost-${id}` })
  await world.pass(20, 5)
  const ask = async (filter: Parameters<SyncWorld['engine']['countFindings']>[1]) => [
    (await world.engine.listFindings(world.by('o'), { ...filter, limit: 100 })).length,
    await world.engine.countFindings(world.by('o'), filter),
  ]
  const orphans = { kind: 'orphan', count: 3 }
  const drifts = { kind: 'drift', count: 1 }
  assert.deepEqual(await ask({ state: 'open' }), [4, [drifts, orphans]])
  assert.deepEqual(await ask({ kind: 'orphan' }), [3, [orphans]])
  assert.deepEqual(await ask({ membershipId: jane.id }), [1, [drifts]])
  assert.deepEqual(await ask({ connectionId: connection.id, state: 'closed' }), [0, []])
  assert.deepEqual(await ask({ connectionId: 'other' }), [0, []])
})
