import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { openWorld, type World } from '../../tests/world.ts'
import type { DirectoryError, Refusal } from './errors.ts'
import { stateOf, type MemberState } from './membership.ts'

const state = (over: Partial<MemberState> = {}): MemberState => ({
  userName: 'ada@example.com',
  externalId: undefined,
  displayName: 'Ada Lovelace',
  name: { givenName: 'Ada', familyName: 'Lovelace' },
  emails: [{ value: 'ada@example.com', primary: true }],
  roleIds: [],
  suspended: false,
  attributes: {},
  ...over,
})

const refused = (refusal: Refusal) => (error: unknown) => {
  assert.equal((error as DirectoryError).refusal, refusal, String(error))
  return true
}

async function add(world: World, over: Partial<MemberState> = {}, as: 'active' | 'invited' = 'active') {
  return world.home.directory.addMember(world.call(), { state: state(over), as })
}

async function roleId(world: World, name: string): Promise<string> {
  const role = (await world.home.directory.listRoles(world.call(), undefined)).find((one) => one.name === name)
  assert.ok(role, name)
  return role.id
}

const actions = async (world: World) =>
  (await world.home.directory.listFacts(world.call(), { limit: 1000 })).map((fact) => fact.action)

async function owner(t: TestContext) {
  const world = await openWorld(t)
  const ownerRole = await roleId(world, 'Owner')
  const { member } = await add(world, { roleIds: [ownerRole] })
  return { world, ownerRole, member }
}

test('userName and e-mail are unique in an organization without regard to case, and free in another', async (t) => {
  const world = await openWorld(t)
  await add(world)
  await assert.rejects(add(world, { userName: 'ADA@example.com', emails: [] }), refused('taken'))
  await assert.rejects(add(world, { userName: 'other', emails: [{ value: 'Ada@Example.com' }] }), refused('taken'))
  const other = await world.another()
  await world.home.directory.addMember(world.call({ organizationId: other['organization']!['id']! }), {
    state: state(),
    as: 'active',
  })
})

test('people are added together, each with a fact of their own, or nobody is', async (t) => {
  const world = await openWorld(t)
  const { directory } = world.home
  const named = (name: string) => state({ userName: name, emails: [{ value: name, primary: true }] })
  const before = await actions(world)
  const twice = [named('a@example.com'), named('b@example.com'), named('A@example.com')]
  await assert.rejects(directory.addMembers(world.call(), { states: twice }), refused('taken'))
  assert.deepEqual([await directory.listMembers(world.call(), { limit: 10 }), await actions(world)], [[], before])
  const members = await directory.addMembers(world.call(), { states: twice.slice(0, 2) })
  assert.deepEqual(
    members.map(({ userName, status, version }) => [userName, status, version]),
    [
      ['a@example.com', 'active', 1],
      ['b@example.com', 'active', 1],
    ],
  )
  assert.deepEqual(await directory.listMembers(world.call(), { limit: 10 }), members)
  assert.deepEqual(await actions(world), [...before, 'member.added', 'member.added'])
  assert.deepEqual(await directory.addMembers(world.call(), { states: [] }), [])
})

test('the same name composed and decomposed is one name', async (t) => {
  const world = await openWorld(t)
  await add(world, { userName: 'Zoë', emails: [] })
  await assert.rejects(add(world, { userName: 'ZOE\u0308', emails: [] }), refused('taken'))
})

test('a refused command leaves no row and no fact behind', async (t) => {
  const world = await openWorld(t)
  await add(world)
  const before = await actions(world)
  await assert.rejects(add(world, { userName: 'Ada@example.com' }), refused('taken'))
  assert.deepEqual(await actions(world), before)
  assert.equal(await world.home.directory.countMembers(world.call(), {}), 1)
})

test('the last owner cannot be removed, suspended or demoted; the last but one can', async (t) => {
  const { world, ownerRole, member } = await owner(t)
  const { directory } = world.home
  const demote = { id: member.id, change: () => ({ ...stateOf(member), roleIds: [] }), sessions: 'keep' } as const
  await assert.rejects(directory.removeMember(world.call(), { id: member.id }), refused('lastOwner'))
  await assert.rejects(directory.suspendMember(world.call(), { id: member.id, sessions: 'end' }), refused('lastOwner'))
  await assert.rejects(directory.changeMember(world.call(), demote), refused('lastOwner'))
  const { member: second } = await add(world, { userName: 'bob', emails: [], roleIds: [ownerRole] })
  await directory.changeMember(world.call(), demote)
  await assert.rejects(directory.removeMember(world.call(), { id: second.id }), refused('lastOwner'))
})

test('a suspended or invited owner does not count as one', async (t) => {
  const { world, ownerRole, member } = await owner(t)
  await add(world, { userName: 'invited', emails: [], roleIds: [ownerRole] }, 'invited')
  await assert.rejects(world.home.directory.removeMember(world.call(), { id: member.id }), refused('lastOwner'))
})

test('suspending and resuming somebody who never accepted leaves them invited; accepting makes them active, once', async (t) => {
  const world = await openWorld(t)
  const { directory } = world.home
  const { member, invitationToken } = await add(world, {}, 'invited')
  assert.equal(member.status, 'invited')
  assert.equal((await directory.suspendMember(world.call(), { id: member.id, sessions: 'end' })).status, 'suspended')
  assert.equal((await directory.resumeMember(world.call(), { id: member.id })).status, 'invited')
  const token = invitationToken ?? ''
  assert.equal((await directory.acceptInvitation(world.call(), { token })).status, 'active')
  await assert.rejects(directory.acceptInvitation(world.call(), { token }), refused('conflict'))
  await assert.rejects(directory.acceptInvitation(world.call(), { token: `${token}x` }), refused('notFound'))
})

test('an invitation that has expired, or whose member is gone, cannot be accepted', async (t) => {
  const world = await openWorld(t)
  const { directory } = world.home
  const late = await add(world, {}, 'invited')
  const inEightDays = new Date(Date.now() + 8 * 24 * 60 * 60 * 1000)
  await assert.rejects(
    directory.acceptInvitation(world.call({ now: inEightDays }), { token: late.invitationToken ?? '' }),
    refused('conflict'),
  )
  await directory.removeMember(world.call(), { id: late.member.id })
  await assert.rejects(directory.acceptInvitation(world.call(), { token: late.invitationToken ?? '' }), refused('conflict'))
  assert.ok((await actions(world)).includes('invitation.cancelled'))
})

test('suspending ends sessions where it is asked to, removing always does', async (t) => {
  const world = await openWorld(t)
  const { directory } = world.home
  const { member } = await add(world)
  const open = async () =>
    (await directory.listSessions(world.call(), { membershipId: member.id })).filter((one) => !one.endedAt).length
  await directory.startSession(world.call(), { membershipId: member.id })
  await directory.suspendMember(world.call(), { id: member.id, sessions: 'keep' })
  assert.equal(await open(), 1)
  await assert.rejects(directory.startSession(world.call(), { membershipId: member.id }), refused('conflict'))
  await directory.resumeMember(world.call(), { id: member.id })
  await directory.suspendMember(world.call(), { id: member.id, sessions: 'end' })
  assert.equal(await open(), 0)
})

test('removing a member frees their names and keeps their id from ever coming back', async (t) => {
  const world = await openWorld(t)
  const { directory } = world.home
  const { member } = await add(world)
  await directory.removeMember(world.call(), { id: member.id })
  await assert.rejects(directory.getMember(world.call(), { id: member.id }), refused('notFound'))
  await assert.rejects(directory.removeMember(world.call(), { id: member.id }), refused('notFound'))
  const { member: again } = await add(world)
  assert.notEqual(again.id, member.id)
})

test('a change that changes nothing keeps the version and reports no fact', async (t) => {
  const world = await openWorld(t)
  const { directory } = world.home
  const { member } = await add(world)
  const before = await actions(world)
  const same = await directory.changeMember(world.call(), { id: member.id, change: stateOf, sessions: 'keep' })
  assert.equal(same.version, 1)
  assert.equal((await directory.resumeMember(world.call(), { id: member.id })).version, 1)
  assert.deepEqual(await actions(world), before)
})

test('a change to a version that is no longer there is refused as stale', async (t) => {
  const world = await openWorld(t)
  const { directory } = world.home
  const { member } = await add(world)
  const change = {
    id: member.id,
    ifVersion: 1,
    change: () => ({ ...state(), displayName: 'Countess' }),
    sessions: 'keep',
  } as const
  assert.equal((await directory.changeMember(world.call(), change)).version, 2)
  await assert.rejects(directory.changeMember(world.call(), change), refused('stale'))
})

test('an e-mail outside the allowed domains is refused', async (t) => {
  const world = await openWorld(t, { organization: { emailDomains: ['Example.com'] } })
  await add(world)
  await assert.rejects(add(world, { userName: 'eve', emails: [{ value: 'eve@evil.test' }] }), refused('invalid'))
})

test('twenty additions to one group at once are all kept', async (t) => {
  const world = await openWorld(t)
  const { directory } = world.home
  const group = await directory.addGroup(world.call(), {
    displayName: 'Everyone',
    externalId: undefined,
    roleIds: [],
    attributes: {},
    membershipIds: [],
  })
  const members = await Promise.all(
    Array.from({ length: 20 }, (_, index) => add(world, { userName: `person${index}`, emails: [] })),
  )
  await Promise.all(
    members.map(({ member }) =>
      directory.changeGroup(world.call(), { id: group.id, changes: [{ kind: 'addMembers', membershipIds: [member.id] }] }),
    ),
  )
  assert.equal((await directory.listGroupMembers(world.call(), { id: group.id, limit: 100 })).length, 20)
})

test('a group change whose last part is refused leaves nothing of the first', async (t) => {
  const world = await openWorld(t)
  const { directory } = world.home
  const { member } = await add(world)
  const group = await directory.addGroup(world.call(), {
    displayName: 'A',
    externalId: undefined,
    roleIds: [],
    attributes: {},
    membershipIds: [member.id],
  })
  const changes = [{ kind: 'removeAllMembers' }, { kind: 'addMembers', membershipIds: ['nobody'] }] as const
  await assert.rejects(directory.changeGroup(world.call(), { id: group.id, changes }), refused('invalid'))
  assert.equal((await directory.listGroupMembers(world.call(), { id: group.id, limit: 10 })).length, 1)
})

test('nobody hands out a scope that they lack, and nobody acts without the scope', async (t) => {
  const world = await openWorld(t)
  const { directory } = world.home
  const administer = world.call({ scopes: new Set(['read', 'administer']) })
  await assert.rejects(
    directory.createCredential(administer, { kind: 'native', name: 'x', scopes: ['approve'] }),
    refused('forbidden'),
  )
  await assert.rejects(directory.addMember(administer, { state: state(), as: 'active' }), refused('forbidden'))
  await assert.rejects(directory.listMembers(world.call({ scopes: new Set(['audit']) }), { limit: 1 }), refused('forbidden'))
})

test('a repeated idempotency key answers the first outcome, dates and secrets included; with another request it is refused', async (t) => {
  const world = await openWorld(t)
  const { directory } = world.home
  const once = world.call({ idempotency: { key: 'k1', fingerprint: 'a' } })
  const input = { kind: 'native', name: 'second', scopes: ['read'] } as const
  const created = async () => (await actions(world)).filter((action) => action === 'credential.created').length
  const before = await created()
  const answers = await Promise.all(Array.from({ length: 20 }, () => directory.createCredential(once, input)))
  for (const answer of answers) {
    assert.deepEqual(JSON.parse(JSON.stringify(answer)), JSON.parse(JSON.stringify(answers[0])))
    assert.ok(answer.credential.createdAt instanceof Date)
  }
  assert.equal(await created(), before + 1)
  await assert.rejects(
    directory.createCredential({ ...once, idempotency: { key: 'k1', fingerprint: 'b' } }, input),
    refused('keyReused'),
  )
})

test('the chain of an organization that was worked on is intact', async (t) => {
  const { world, member } = await owner(t)
  await world.home.directory.startSession(world.call(), { membershipId: member.id })
  await add(world, { userName: 'bob', emails: [] }, 'invited')
  const verdict = await world.home.directory.verifyFacts(world.call(), undefined)
  assert.equal(verdict.intact, true)
})
