import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSyncWorld } from '../../tests/sync.ts'
import type { AddConnection } from './engine.ts'

const input: AddConnection = {
  name: 'desk',
  vendor: 'memory',
  baseUrl: 'https://vendor.test/api/',
  credentials: { key: 'secret-of-the-vendor' },
  assignments: [{ kind: 'everyone' }],
}

test('a new connection only reads: it plans, says what it waits for, and sends nothing', async (t) => {
  const world = await openSyncWorld(t)
  const connection = await world.connect({ writes: false })
  assert.equal(connection.writesEnabled, false)
  await world.join('jane')
  await world.pass(40, 5)
  assert.deepEqual(world.vendor.writes, [])
  const [plan] = await world.engine.listPlans(world.by('owner'), { limit: 10 })
  const { steps } = await world.engine.getPlan(world.by('owner'), { id: plan?.id ?? '' })
  assert.match(steps[0]?.reason ?? '', /waits for writes to be enabled: rollcall connection enable-writes desk/)
  await assert.rejects(world.engine.applyPlan(world.by('owner'), { id: plan?.id ?? '' }), {
    refusal: 'conflict',
    message: /enable-writes desk/,
  })
  await world.engine.changeConnection(world.by('owner'), { id: connection.id, writesEnabled: true })
  await world.settle()
  assert.equal(world.vendor.writes.length, 1)
})

test('the first plan has whoever added the connection as its author, not everybody who ever changed the directory', async (t) => {
  const world = await openSyncWorld(t)
  await world.join('jane')
  await world.connect({ writes: false })
  await world.settle()
  const [plan] = await world.engine.listPlans(world.by('owner'), { limit: 10 })
  assert.deepEqual(plan?.authors, ['admin'])
})

test('the secret is sealed, bound to its connection, and shown to nobody', async (t) => {
  const world = await openSyncWorld(t)
  const view = await world.engine.addConnection(world.by('owner'), input)
  assert.equal(view.baseUrl, 'https://vendor.test/api')
  const stored = await world.database.ledger.read((tx) => tx.connection(world.organizationId, view.id))
  assert.ok(stored && !JSON.stringify(stored).includes('secret-of-the-vendor'))
  assert.throws(() => world.parts.sealer.open(stored.sealedSecret, 'connection:another'))
  await world.settle()
  const shown = [
    view,
    await world.engine.getConnection(world.by('owner'), { id: view.id }),
    await world.engine.listConnections(world.by('owner')),
    await world.directory.listFacts(world.by('owner'), { limit: 1_000 }),
  ]
  assert.doesNotMatch(JSON.stringify(shown), /secret-of-the-vendor|sealedSecret|v1\./)
})

test('a connection that cannot work is refused when it is added, with what to mend', async (t) => {
  const world = await openSyncWorld(t)
  const group = '00000000-0000-7000-8000-000000000000'
  const cases: readonly (readonly [Partial<AddConnection>, string])[] = [
    [{ name: ' ' }, 'name'],
    [{ baseUrl: 'http://vendor.test' }, 'baseUrl'],
    [{ baseUrl: 'ftp://127.0.0.1' }, 'baseUrl'],
    [{ baseUrl: 'vendor.test' }, 'baseUrl'],
    [{ baseUrl: 'https://user:word@vendor.test' }, 'baseUrl'],
    [{ baseUrl: 'https://vendor.test/?key=1' }, 'baseUrl'],
    [{ baseUrl: 'http://127.0.0.1.vendor.test' }, 'baseUrl'],
    [{ vendor: 'nobody' }, 'credentials'],
    [{ credentials: { wrong: 1 } }, 'credentials'],
    [{ assignments: [{ kind: 'group', groupId: group }] }, 'assignments'],
    [{ assignments: [{ kind: 'member', membershipId: group }] }, 'assignments'],
    [{ policy: { removalLimit: { accounts: -1, percent: 5 } } }, 'policy.removalLimit'],
    [{ policy: { matchBy: ['email', 'email'] } }, 'policy.matchBy'],
  ]
  for (const [over, field] of cases)
    await assert.rejects(
      world.engine.addConnection(world.by('owner'), { ...input, ...over }),
      { refusal: 'invalid', field },
      JSON.stringify(over),
    )
  assert.deepEqual(await world.engine.listConnections(world.by('owner')), [])
  for (const baseUrl of ['http://127.0.0.1:8080', 'http://[::1]:1', 'http://localhost/api'])
    await world.engine.addConnection(world.by('owner'), { ...input, name: baseUrl, baseUrl })
  await assert.rejects(world.engine.addConnection(world.by('owner'), { ...input, name: 'http://localhost/api' }), {
    refusal: 'taken',
  })
})

test('a change that changes nothing is no fact, and new credentials let what failed be tried again', async (t) => {
  const world = await openSyncWorld(t)
  const connection = await world.connect()
  world.vendor.faults = [{ kind: 'refused', operation: 'create' }]
  await world.join('jane')
  await world.pass(60, 10)
  assert.deepEqual(
    (await world.steps()).map(({ state, attempts }) => [state, attempts]),
    [['failed', 1]],
  )
  const head = await world.directory.chainHead(world.by('owner'), undefined)
  await world.engine.changeConnection(world.by('owner'), { id: connection.id, writesEnabled: true, policy: { drift: 'report' } })
  assert.deepEqual(await world.directory.chainHead(world.by('owner'), undefined), head)
  world.vendor.faults = []
  await world.engine.changeConnection(world.by('owner'), { id: connection.id, credentials: { key: 'new' } })
  await world.settle()
  assert.equal(world.vendor.accounts.size, 1)
})

test('whoever is assigned through a group gets an account, and its removal is planned when they leave the group', async (t) => {
  const world = await openSyncWorld(t)
  const [jane, john] = [await world.join('jane'), await world.join('john')]
  const group = await world.directory.addGroup(world.by('idp'), {
    displayName: 'Callers',
    externalId: undefined,
    roleIds: [],
    attributes: {},
    membershipIds: [jane.id],
  })
  await world.connect({ assignments: [{ kind: 'group', groupId: group.id }], policy: { roleMap: { callers: 'Billing' } } })
  await world.settle()
  assert.deepEqual(
    [...world.vendor.accounts.values()].map(({ userName, roles }) => [userName, roles.map(({ name }) => name)]),
    [['jane', ['Billing']]],
  )
  await world.directory.changeGroup(world.by('idp'), {
    id: group.id,
    changes: [{ kind: 'addMembers', membershipIds: [john.id] }],
  })
  await world.directory.changeGroup(world.by('idp'), {
    id: group.id,
    changes: [{ kind: 'removeMembers', membershipIds: [jane.id] }],
  })
  await world.settle()
  assert.equal(world.vendor.accounts.size, 2)
  const open = (await world.steps()).filter(({ state }) => state === 'planned')
  assert.deepEqual(
    open.map(({ kind, subject, reason }) => `${kind} ${subject} ${reason}`),
    ['remove jane is no longer assigned to the connection'],
  )
})

test('a connection that is removed takes its work with it, and changes nothing at the vendor', async (t) => {
  const world = await openSyncWorld(t)
  const connection = await world.connect()
  await world.join('jane')
  await world.settle()
  await world.engine.removeConnection(world.by('owner'), { id: connection.id })
  await world.pass(40, 10)
  assert.equal(world.vendor.accounts.size, 1)
  await assert.rejects(world.engine.createPlan(world.by('owner'), { connectionId: connection.id }), { refusal: 'notFound' })
})

test('a check tells what the vendor answers, and a vendor that does not answer is a finding and no error', async (t) => {
  const world = await openSyncWorld(t)
  const { id } = await world.connect()
  assert.equal((await world.engine.checkConnection(world.by('owner'), { id })).usable, true)
  world.vendor.reader.check = () => world.vendor.reader.roles().then(() => ({ usable: true, findings: [] }))
  world.vendor.faults = [{ kind: 'closeAfter', operation: 'roles' }]
  const report = await world.engine.checkConnection(world.by('owner'), { id })
  assert.equal(report.usable, false)
  assert.match(report.findings[0]?.message ?? '', /closed the connection/)
  await assert.rejects(world.engine.createPlan(world.by('owner'), { connectionId: id }), {
    refusal: 'unavailable',
    message: /could not be read/,
  })
})
