import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openSyncWorld, type SyncWorld } from '../../../tests/sync.ts'
import { duties, type Scope } from '../../directory/credential.ts'
import { createEngine } from '../create.ts'
import type { Configuration, ConnectionEntry } from './configuration.ts'

const desk: ConnectionEntry = {
  vendor: 'memory',
  baseUrl: 'https://vendor.test/api',
  credentials: { key: 'secret-of-the-file' },
  writesEnabled: true,
  assign: 'everyone',
  policy: { quorum: 2 },
}
const file = (entry: Partial<ConnectionEntry> = {}, rest: Partial<Configuration> = {}): Configuration => ({
  version: 1,
  connections: { desk: { ...desk, ...entry } },
  ...rest,
})

const apply = (world: SyncWorld, configuration: Configuration) =>
  world.engine.applyConfiguration(world.by('ops'), { file: 'rollcall.yaml', configuration })
const compare = async (world: SyncWorld, configuration: Configuration) =>
  (await world.engine.compareConfiguration(world.by('ops'), { configuration })).map(({ path, kept }) =>
    kept ? `${path} kept` : path,
  )
const standing = async (world: SyncWorld) => {
  const [view] = await world.engine.listConnections(world.by('ops'))
  assert.ok(view)
  return view
}
const drift = async (world: SyncWorld) => (await world.engine.getConfiguration(world.by('ops'))).drift.map(({ path }) => path)
const actions = async (world: SyncWorld) =>
  (await world.directory.listFacts(world.by('ops'), { limit: 1_000 })).map(({ action }) => action)
const credentialsOf = async (world: SyncWorld) => {
  const { id } = await standing(world)
  const stored = await world.database.ledger.read((tx) => tx.connection(world.organizationId, id))
  return world.parts.sealer.open(stored?.sealedSecret ?? '', `connection:${id}`)
}

test('a file is applied once: the connection is made, managed by it, and the same file changes nothing more', async (t) => {
  const world = await openSyncWorld(t)
  assert.deepEqual(await world.engine.getConfiguration(world.by('ops')), { applied: undefined, drift: [] })
  assert.deepEqual(await compare(world, file()), ['connections.desk'])
  const first = await apply(world, file())
  assert.deepEqual([first.created, first.changed, first.kept], [['connections.desk'], [], []])
  const view = await standing(world)
  assert.deepEqual(
    [view.writesEnabled, view.policy.quorum, view.managedBy?.file, view.managedBy?.drift],
    [true, 2, 'rollcall.yaml', []],
  )
  const before = await actions(world)
  const again = await apply(world, file())
  assert.deepEqual([again.created, again.changed, again.kept, again.digest], [[], [], [], first.digest])
  assert.deepEqual(await actions(world), before)
  assert.deepEqual(await compare(world, file()), [])
})

test('applied by several at once, each connection and webhook is made once', async (t) => {
  const world = await openSyncWorld(t)
  const wanted = file({}, { webhooks: { siem: { url: 'https://siem.example.com/' } } })
  const engines = ['one', 'two', 'three'].map((holder) =>
    createEngine({ ...world.process(holder), sleep: async (ms) => sleep(ms) }),
  )
  const reports = await Promise.all(
    engines.map((engine) => engine.applyConfiguration(world.by('ops'), { file: 'rollcall.yaml', configuration: wanted })),
  )
  const created = reports.map((report) => report.created).filter((paths) => paths.length > 0)
  assert.deepEqual(created, [['connections.desk', 'webhooks.siem']])
  assert.equal((await world.directory.listWebhooks(world.by('ops'), undefined)).length, 1)
})

test('what the file does not name stays as it is, also when the file names nothing any more', async (t) => {
  const world = await openSyncWorld(t)
  await apply(world, file())
  const { id } = await standing(world)
  await world.engine.changeConnection(world.by('ann'), { id, policy: { defaultRoles: ['Viewer'], drift: 'revert' } })
  assert.deepEqual((await standing(world)).managedBy?.drift, [])
  await apply(world, file({ policy: { quorum: 3 } }))
  const { policy } = await standing(world)
  assert.deepEqual([policy.quorum, policy.defaultRoles, policy.drift], [3, ['Viewer'], 'revert'])
  const { released, changed } = await apply(world, { version: 1 })
  assert.deepEqual([released, changed], [['connections.desk'], []])
  const view = await standing(world)
  assert.deepEqual([view.policy.quorum, view.managedBy], [3, undefined])
})

test('a change by the API of what the file names stands, is shown as drift and told by a fact, until the file is applied again', async (t) => {
  const world = await openSyncWorld(t)
  await apply(world, file())
  const { id } = await standing(world)
  const changed = await world.engine.changeConnection(world.by('ann'), {
    id,
    baseUrl: 'https://other.test/api',
    policy: { quorum: 1 },
    assignments: [],
  })
  assert.deepEqual(changed.managedBy?.drift, ['baseUrl', 'assign', 'policy.quorum'])
  assert.deepEqual(await drift(world), ['connections.desk.baseUrl', 'connections.desk.assign', 'connections.desk.policy.quorum'])
  const { drift: told } = await world.engine.getConfiguration(world.by('ops'))
  assert.deepEqual(told.at(-1), { path: 'connections.desk.policy.quorum', named: 2, stands: 1, kept: false })
  assert.deepEqual(told[1]?.stands, { groups: [], members: [] })
  const fact = (await world.directory.listFacts(world.by('ops'), { limit: 1_000 })).find(
    ({ action }) => action === 'configuration.drifted',
  )
  assert.deepEqual([fact?.subject, fact?.actor, fact?.detail['settings']], [id, 'ann', ['baseUrl', 'assign', 'policy.quorum']])
  // What had drifted before is no news.
  await world.engine.changeConnection(world.by('ann'), { id, policy: { quorum: 4 } })
  assert.equal((await actions(world)).filter((action) => action === 'configuration.drifted').length, 1)

  const applied = await apply(world, file())
  assert.deepEqual(applied.changed, ['connections.desk.baseUrl', 'connections.desk.assign', 'connections.desk.policy.quorum'])
  assert.deepEqual(await drift(world), [])
  assert.equal((await actions(world)).filter((action) => action === 'configuration.drifted').length, 1)
})

test('the nearest that names a setting wins; maps are laid over each other, and protected accounts add up', async (t) => {
  const world = await openSyncWorld(t)
  await apply(
    world,
    file(
      { policy: { quorum: 3, roleMap: { Admin: 'Root' }, protectedAccounts: ['root'] } },
      {
        defaults: { quorum: 1, planExpiryHours: 5, roleMap: { Admin: 'A', Support: 'S' }, protectedAccounts: ['glass'] },
        vendors: { memory: { planExpiryHours: 6, protectedAccounts: ['bot'] }, other: { planExpiryHours: 7 } },
      },
    ),
  )
  const { policy } = await standing(world)
  assert.deepEqual([policy.quorum, policy.planExpiryHours], [3, 6])
  assert.deepEqual(policy.roleMap, { Admin: 'Root', Support: 'S' })
  assert.deepEqual(policy.protectedAccounts, ['glass', 'bot', 'root'])
})

test('credentials are changed when the file gives new ones; what it gave before never comes back over a rotated key', async (t) => {
  const world = await openSyncWorld(t)
  await apply(world, file())
  const { id } = await standing(world)
  await world.engine.changeConnection(world.by('ann'), { id, credentials: { key: 'rotated' } })
  assert.deepEqual(await drift(world), ['connections.desk.credentials'])
  assert.deepEqual(await compare(world, file()), ['connections.desk.credentials kept'])
  const kept = await apply(world, file())
  assert.deepEqual([kept.changed, kept.kept.map(({ path }) => path)], [[], ['connections.desk.credentials']])
  assert.equal(await credentialsOf(world), '{"key":"rotated"}')
  // The reference points to the rotated one now: nothing differs any more.
  assert.deepEqual((await apply(world, file({ credentials: { key: 'rotated' } }))).kept, [])
  assert.deepEqual(await drift(world), [])
  assert.deepEqual((await apply(world, file({ credentials: { key: 'newer' } }))).changed, ['connections.desk.credentials'])
  assert.equal(await credentialsOf(world), '{"key":"newer"}')
})

test('writes that somebody switched off stay off, whatever the file says', async (t) => {
  const world = await openSyncWorld(t)
  await apply(world, file())
  const { id } = await standing(world)
  await world.engine.changeConnection(world.by('ann'), { id, writesEnabled: false })
  const { kept, changed } = await apply(world, file({ policy: { quorum: 3 } }))
  assert.deepEqual(
    [changed, kept.map(({ path }) => path)],
    [['connections.desk.policy.quorum'], ['connections.desk.writesEnabled']],
  )
  assert.match(kept[0]?.note ?? '', /connection enable-writes desk/)
  assert.equal((await standing(world)).writesEnabled, false)
  // A file that says so switches them off, and one that newly says so on again.
  assert.deepEqual((await apply(world, file({ writesEnabled: false }))).kept, [])
  assert.deepEqual((await apply(world, file())).changed, ['connections.desk.writesEnabled'])
  assert.equal((await standing(world)).writesEnabled, true)
})

test('who is assigned stays as it is while a group that the file names is not there, and follows once it is', async (t) => {
  const world = await openSyncWorld(t)
  const ada = await world.join('ada')
  await apply(world, file({ assign: { members: ['ada'] } }))
  const { id } = await standing(world)
  const assigned = async () => (await world.engine.getConnection(world.by('ops'), { id })).assignments
  const wanted = file({ assign: { groups: ['Support'], members: ['bob'] } })
  const { kept } = await apply(world, wanted)
  assert.match(kept[0]?.note ?? '', /no group "Support", and no member "bob"/)
  assert.deepEqual(await assigned(), [{ kind: 'member', membershipId: ada.id }])
  assert.deepEqual((await standing(world)).managedBy?.drift, ['assign'])
  const bob = await world.join('bob')
  const group = await world.directory.addGroup(world.by('idp'), {
    displayName: 'support',
    externalId: undefined,
    roleIds: [],
    attributes: {},
    membershipIds: [],
  })
  assert.deepEqual((await apply(world, wanted)).changed, ['connections.desk.assign'])
  assert.deepEqual(await assigned(), [
    { kind: 'group', groupId: group.id },
    { kind: 'member', membershipId: bob.id },
  ])
})

test('whom a file waited for is assigned when they come, by whoever applied it, and not where the assignments were changed since', async (t) => {
  const world = await openSyncWorld(t)
  const ada = await world.join('ada')
  await apply(world, file({ assign: { members: ['ada'] }, policy: { quorum: 1 } }))
  await world.settle()
  assert.deepEqual(
    [...world.vendor.accounts.values()].map(({ userName }) => userName),
    ['ada'],
  )
  const { id } = await standing(world)
  const assigned = async () => (await world.engine.getConnection(world.by('ops'), { id })).assignments
  const pushed = (displayName: string, membershipIds: readonly string[] = []) =>
    world.directory.addGroup(world.by('idp'), { displayName, externalId: undefined, roleIds: [], attributes: {}, membershipIds })
  await apply(world, file({ assign: { groups: ['Support', 'Sales'] }, policy: { quorum: 1 } }))
  const bob = await world.join('bob')
  const support = await pushed('support', [bob.id])
  await world.settle()
  assert.deepEqual(await assigned(), [{ kind: 'member', membershipId: ada.id }], 'Sales is not here yet')
  const sales = await pushed('Sales')
  await world.settle()
  assert.deepEqual(
    await assigned(),
    [support, sales].map((group) => ({ kind: 'group', groupId: group.id })),
  )
  assert.deepEqual([await drift(world), (await world.engine.getConfiguration(world.by('ops'))).applied?.kept], [[], []])
  assert.deepEqual([...world.vendor.accounts.values()].map(({ userName }) => userName).toSorted(), ['ada', 'bob'])
  const [plan] = await world.engine.listPlans(world.by('ops'), { state: 'open', limit: 10 })
  assert.deepEqual(
    [plan?.removals, plan?.authors.includes('ops')],
    [1, true],
    'who loses the assignment waits for an approval by others',
  )

  await apply(world, file({ assign: { groups: ['Billing'] }, policy: { quorum: 1 } }))
  await world.engine.changeConnection(world.by('ann'), { id, assignments: [{ kind: 'everyone' }] })
  await pushed('Billing')
  await world.settle()
  assert.deepEqual(await assigned(), [{ kind: 'everyone' }])
  assert.deepEqual(await drift(world), ['connections.desk.assign'])
})

test('a file that cannot be applied whole changes nothing, and says where it is wrong', async (t) => {
  const world = await openSyncWorld(t)
  const second = (entry: Partial<ConnectionEntry>): Configuration => ({
    version: 1,
    connections: { desk, two: { ...desk, ...entry } },
  })
  const { credentials: _, ...withoutCredentials } = desk
  const { baseUrl: _url, ...withoutUrl } = desk
  const cases: readonly (readonly [Configuration, string])[] = [
    [second({ vendor: 'nobody' }), 'connections.two.credentials'],
    [second({ credentials: { wrong: 'x' } }), 'connections.two.credentials'],
    [{ version: 1, connections: { desk, two: withoutCredentials } }, 'connections.two.credentials'],
    [{ version: 1, connections: { desk, two: withoutUrl } }, 'connections.two.baseUrl'],
    [second({ baseUrl: 'http://vendor.test' }), 'connections.two.baseUrl'],
    [second({ policy: { matchBy: ['email', 'email'] } }), 'connections.two.policy.matchBy'],
    [{ version: 1, connections: { desk, ' two': desk } }, 'connections. two'],
    [file({}, { organization: 'Another' }), 'organization'],
    [file({}, { webhooks: { siem: { url: 'https://10.0.0.1/' } } }), 'webhooks.siem.url'],
    [file({}, { webhooks: { siem: { url: 'nowhere' } } }), 'webhooks.siem.url'],
  ]
  for (const [configuration, field] of cases)
    await assert.rejects(apply(world, configuration), { name: 'DirectoryError', field }, field)
  assert.deepEqual(await world.engine.listConnections(world.by('ops')), [])
  assert.ok(!(await actions(world)).includes('configuration.applied'))
  await apply(world, file())
  await assert.rejects(apply(world, file({ vendor: 'bird' })), { field: 'connections.desk.vendor', message: /another name/ })
})

test('webhooks are made, follow the file, and stay off where somebody disabled them', async (t) => {
  const world = await openSyncWorld(t)
  const siem = { url: 'https://siem.example.com/hooks', actions: ['plan.*'], enabled: true }
  const first = await apply(world, { version: 1, webhooks: { siem } })
  assert.deepEqual(first.created, ['webhooks.siem'])
  const list = async () => (await world.directory.listWebhooks(world.by('ops'), undefined)).map(({ webhook }) => webhook)
  const [made] = await list()
  assert.ok(made)
  assert.deepEqual((await apply(world, { version: 1, webhooks: { siem } })).changed, [])
  await world.directory.changeWebhook(world.by('ann'), { id: made.id, actions: null, enabled: false })
  assert.deepEqual(await drift(world), ['webhooks.siem.actions', 'webhooks.siem.enabled'])
  const { changed, kept } = await apply(world, {
    version: 1,
    webhooks: { siem: { ...siem, url: 'https://siem.example.com/other' } },
  })
  assert.deepEqual(
    [changed, kept.map(({ path }) => path)],
    [['webhooks.siem.url', 'webhooks.siem.actions'], ['webhooks.siem.enabled']],
  )
  const [after, ...rest] = await list()
  assert.deepEqual(
    [after?.id, after?.url, after?.actions, after?.enabled, rest.length],
    [made.id, 'https://siem.example.com/other', ['plan.*'], false, 0],
  )
  // A webhook that stands already is taken for the one that the file names.
  await world.directory.addWebhook(world.by('ann'), { url: 'https://ops.example.com/' })
  const { created } = await apply(world, { version: 1, webhooks: { ops: { url: 'https://ops.example.com' } } })
  assert.deepEqual([created, (await list()).length], [[], 2])
})

test('what a file gives is in no fact, no view and no record but sealed', async (t) => {
  const world = await openSyncWorld(t)
  await apply(world, file())
  const shown = [
    await world.engine.listConnections(world.by('ops')),
    await world.engine.getConfiguration(world.by('ops')),
    await compare(world, file({ credentials: { key: 'secret-too' } })),
    await world.directory.listFacts(world.by('ops'), { limit: 1_000 }),
    await world.database.ledger.read((tx) => tx.configuration(world.organizationId)),
  ]
  assert.doesNotMatch(JSON.stringify(shown), /secret-of-the-file|secret-too/)
})

test('applying and comparing need the scope operate, reading the scope read', async (t) => {
  const world = await openSyncWorld(t)
  await apply(world, file())
  const auditor = world.by('eve', 'auditor')
  await assert.rejects(world.engine.applyConfiguration(auditor, { file: 'x', configuration: file() }), { refusal: 'forbidden' })
  await assert.rejects(world.engine.compareConfiguration(auditor, { configuration: file() }), { refusal: 'forbidden' })
  assert.equal((await world.engine.getConfiguration(auditor)).applied?.file, 'rollcall.yaml')
})

test('approvers are keys by their names too: what a plan is judged by is their ids, and a name that is none says what to do', async (t) => {
  const world = await openSyncWorld(t)
  const key = async (name: string, scopes: readonly Scope[] = duties.approver) =>
    (await world.directory.createCredential(world.by('setup'), { kind: 'native', name, scopes: [...scopes] })).credential.id
  const [boss, chief, , former] = [
    await key('Boss'),
    await key('chief@example.com'),
    await key('twin'),
    await key('chief@example.com'),
  ]
  await key('twin')
  await key('reader', duties.auditor)
  await world.directory.revokeCredential(world.by('setup'), { id: former })
  await world.join('jane', { emails: [{ value: 'jane@example.com' }] })
  const named = (...approvers: readonly string[]) => file({ policy: { quorum: 2, approvers } })
  await apply(world, named('boss', 'CHIEF@example.com', 'owner', boss))
  assert.deepEqual((await standing(world)).policy.approvers, [boss, chief, 'owner'])
  assert.deepEqual([await compare(world, named('boss', 'chief@example.com', 'owner')), await drift(world)], [[], []])
  for (const [name, message] of [
    ['nobody', /no key called "nobody"\. Make it: rollcall credential create --role approver --name "nobody"/],
    ['jane@example.com', /jane is a member, and people approve with a key of their own/],
    ['twin', /2 keys are called "twin": name the one that is meant by its id, one of [-0-9a-f]{36}, [-0-9a-f]{36}\./],
    ['reader', /lacks the scope approve/],
  ] as const)
    await assert.rejects(apply(world, named('owner', name)), {
      refusal: 'invalid',
      field: 'connections.desk.policy.approvers',
      message,
    })
  await assert.rejects(apply(world, named('boss', 'BOSS')), { refusal: 'invalid', message: /approvers names 1/ })
  await assert.rejects(apply(world, { ...file({ policy: {} }), defaults: { approvers: ['nobody'] } }), {
    field: 'defaults.approvers',
  })
  assert.deepEqual((await standing(world)).policy.approvers, [boss, chief, 'owner'])
})
