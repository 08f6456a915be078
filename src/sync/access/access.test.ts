import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { openSyncWorld, type SyncWorld } from '../../../tests/sync.ts'
import { duties } from '../../directory/credential.ts'
import type { GroupChange } from '../../directory/group.ts'
import type { Membership } from '../../directory/membership.ts'
import type { AccessFilter, AccessRow } from './row.ts'

const all = { limit: 10_000 }
const now = (world: SyncWorld, filter: AccessFilter = {}) =>
  world.engine.listAccess(world.by('reader', 'auditor'), { filter, ...all })
const past = (world: SyncWorld, at: Date, filter: AccessFilter = {}) =>
  world.engine.listAccess(world.by('reader', 'auditor'), { filter, at, ...all })

/** Who has access to what, without where it is known from and without the reads, of which not each is a fact. */
const content = (rows: readonly AccessRow[]) => rows.map(({ source: _source, read: _read, ...row }) => row)

const group = (world: SyncWorld, displayName: string, membershipIds: readonly string[]) =>
  world.directory.addGroup(world.by('idp'), {
    displayName,
    externalId: undefined,
    roleIds: [],
    attributes: {},
    membershipIds,
  })

test('an account says whose it is, with which roles, since when and why', async (t) => {
  const world = await openSyncWorld(t)
  world.vendor.put({ userName: 'ghost', roles: [{ id: 'r1', name: 'Admin' }] })
  const jane = await world.join('jane')
  const team = await group(world, 'Support', [jane.id])
  const connection = await world.connect({
    assignments: [
      { kind: 'group', groupId: team.id },
      { kind: 'member', membershipId: jane.id },
    ],
    policy: { defaultRoles: ['member'] },
  })
  await world.settle()
  const rows = await now(world)
  const [ghost, hers] = [rows.find(({ person }) => !person), rows.find(({ person }) => person)]
  assert.deepEqual(ghost?.why, [{ kind: 'orphan' }])
  assert.deepEqual(ghost.account.roles, [{ id: 'r1', name: 'Admin' }])
  assert.deepEqual(hers?.person, { id: jane.id, userName: 'jane', email: 'jane@example.com', status: 'active' })
  assert.deepEqual(hers.why, [{ kind: 'direct' }, { kind: 'group', groupId: team.id, name: 'Support' }])
  assert.deepEqual(hers.account.roles, [{ id: 'r2', name: 'Member' }])
  assert.equal(hers.linkedBy, 'created')
  assert.deepEqual(hers.since, world.time.clock())
  assert.deepEqual(hers.connection, { id: connection.id, name: 'desk', vendor: 'memory' })
  assert.deepEqual(hers.read, { at: world.time.clock(), complete: true })
  assert.equal(hers.source, 'ledger')
})

test('who is in a group within the assigned one is assigned by that, now and at every time before', async (t) => {
  const world = await openSyncWorld(t)
  const jane = await world.join('jane')
  const [outer, inner] = [await group(world, 'Company', []), await group(world, 'Support', [jane.id])]
  await world.connect({ assignments: [{ kind: 'group', groupId: outer.id }] })
  const change = (changes: readonly GroupChange[]) => world.directory.changeGroup(world.by('idp'), { id: outer.id, changes })
  const why = (rows: readonly AccessRow[]) => rows.map(({ account, why: reasons }) => [account.userName, reasons])
  await world.settle()
  assert.deepEqual(await now(world), [])
  await change([{ kind: 'addGroups', groupIds: [inner.id] }])
  await world.settle()
  const nested = world.time.clock()
  const assigned = [['jane', [{ kind: 'group', groupId: outer.id, name: 'Company' }]]]
  assert.deepEqual(why(await now(world)), assigned)
  await world.time.advance(60_000)
  await change([{ kind: 'removeAny', ids: [inner.id] }])
  assert.notDeepEqual(why(await now(world)), assigned)
  assert.deepEqual(why(await past(world, nested)), assigned)
  assert.deepEqual(content(await past(world, world.time.clock())), content(await now(world)))
})

test('access is narrowed by person, connection, vendor and role, now and at a past time', async (t) => {
  const world = await openSyncWorld(t)
  const connection = await world.connect({ policy: { defaultRoles: ['member'] } })
  const jane = await world.join('jane')
  await world.join('john')
  world.vendor.put({ userName: 'ghost', roles: [{ id: 'r1', name: 'Admin' }] })
  await world.settle()
  for (const ask of [now, (given: SyncWorld, filter: AccessFilter) => past(given, given.time.clock(), filter)]) {
    const names = async (filter: AccessFilter) =>
      (await ask(world, filter)).map(({ account }) => account.userName ?? '').toSorted()
    assert.deepEqual(await names({}), ['ghost', 'jane', 'john'])
    assert.deepEqual(await names({ person: 'JANE@example.com' }), ['jane'])
    assert.deepEqual(await names({ person: jane.id }), ['jane'])
    assert.deepEqual(await names({ person: 'nobody' }), [])
    assert.deepEqual(await names({ role: 'admin' }), ['ghost'])
    assert.deepEqual(await names({ role: 'r2' }), ['jane', 'john'])
    assert.deepEqual(await names({ connectionId: connection.id, vendor: 'memory' }), ['ghost', 'jane', 'john'])
    assert.deepEqual(await names({ vendor: 'other' }), [])
  }
})

test('pages of one row each, walked on, are the whole list', async (t) => {
  const world = await openSyncWorld(t)
  await world.connect()
  for (const name of ['jane', 'john', 'jill']) await world.join(name)
  await world.settle()
  for (const at of [undefined, world.time.clock()]) {
    const whole = await world.engine.listAccess(world.by('reader', 'auditor'), { filter: {}, at, ...all })
    const walked: AccessRow[] = []
    for (;;) {
      const last = walked.at(-1)
      const after = last && {
        connectionId: last.connection.id,
        accountId: last.account.id,
        membershipId: last.person?.id ?? '',
      }
      const page = await world.engine.listAccess(world.by('reader', 'auditor'), { filter: {}, at, after, limit: 1 })
      if (page.length === 0) break
      walked.push(...page)
    }
    assert.equal(whole.length, 3)
    assert.deepEqual(walked, whole)
  }
})

test('somebody who was removed is named in the past and has nothing now', async (t) => {
  const world = await openSyncWorld(t)
  await world.connect()
  const jane = await world.join('jane')
  await world.settle()
  const before = world.time.clock()
  await world.time.advance(1_000)
  await world.directory.removeMember(world.by('idp'), { id: jane.id })
  await world.settle()
  assert.deepEqual(
    (await now(world)).map(({ why, person }) => [person?.status, why]),
    [['removed', [{ kind: 'removed' }]]],
  )
  await approveAll(world)
  assert.deepEqual(await now(world), [])
  const [row] = await past(world, before)
  assert.equal(row?.person?.email, 'jane@example.com')
  assert.equal(row.source, 'facts')
  assert.deepEqual(await past(world, new Date(before.getTime() - 1_000 * 60 * 60)), [])
})

test('a list of more accounts than one fact holds is known from the facts whole', async (t) => {
  const world = await openSyncWorld(t)
  for (let number = 0; number < 250; number++) world.vendor.put({ userName: `user${number}` })
  await world.connect({ writes: false })
  await world.settle()
  assert.deepEqual(content(await past(world, world.time.clock())), content(await now(world)))
  assert.equal((await now(world)).length, 250)
})

test('who makes, changes and deletes accounts at the vendor by hand shows at the time of the read that found it', async (t) => {
  const world = await openSyncWorld(t)
  const { id } = await world.connect({ writes: false })
  const [ghost] = [world.vendor.put({ userName: 'ghost' }), world.vendor.put({ userName: 'spirit' })]
  const read = async () => {
    await world.time.advance(60_000)
    await world.engine.importAccounts(world.by('admin'), { id })
    return world.time.clock()
  }
  const first = await read()
  world.vendor.put({ ...ghost, status: 'suspended', roles: [{ id: 'r1', name: 'Admin' }] })
  world.vendor.put({ userName: 'shade' })
  const second = await read()
  world.vendor.accounts.delete(ghost.id)
  const third = await read()
  const told = async (at: Date) =>
    (await past(world, at)).map(({ account }) => [account.userName, account.status, account.roles?.length])
  assert.deepEqual(await told(first), [
    ['ghost', 'active', 0],
    ['spirit', 'active', 0],
  ])
  assert.deepEqual(await told(second), [
    ['ghost', 'suspended', 1],
    ['spirit', 'active', 0],
    ['shade', 'active', 0],
  ])
  assert.deepEqual(await told(third), [
    ['spirit', 'active', 0],
    ['shade', 'active', 0],
  ])
})

test('a past time needs the scope audit, and a time to come is refused', async (t) => {
  const world = await openSyncWorld(t)
  const at = world.time.clock()
  const reader = { ...world.by('reader'), scopes: new Set(['read'] as const) }
  assert.deepEqual(await world.engine.listAccess(reader, { filter: {}, ...all }), [])
  await assert.rejects(world.engine.listAccess(reader, { filter: {}, at, ...all }), { refusal: 'forbidden' })
  await assert.rejects(world.engine.sealAccess(reader, { filter: {} }), { refusal: 'forbidden' })
  await assert.rejects(past(world, new Date(at.getTime() + 1)), { refusal: 'invalid', field: 'at' })
})

test('whatever happens, the facts tell of every time what access answered then', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(...happenings), fc.nat(4)), { minLength: 5, maxLength: 22 }),
      async (history) => {
        const world = await openSyncWorld(t)
        await world.connect({ policy: { defaultRoles: ['member'], matchBy: ['userName', 'email'] } })
        const seen: { readonly at: Date; readonly rows: readonly AccessRow[] }[] = []
        for (const [happen, choice] of history) {
          await happen(world, choice)
          seen.push({ at: world.time.clock(), rows: await now(world) })
          await world.time.advance(1_000)
        }
        for (const { at, rows } of seen) assert.deepEqual(content(await past(world, at)), content(rows))
      },
    ),
    { numRuns: 8 },
  )
})

const people = ['ada', 'bob', 'cid', 'dee', 'eve']
const memberNamed = (world: SyncWorld, choice: number): Promise<Membership | undefined> =>
  world.directory.findMemberByUserName(world.by('idp'), { userName: people[choice]! })
const groupNamed = (world: SyncWorld) => world.directory.findGroupByDisplayName(world.by('idp'), { displayName: 'Team' })
const accountAt = (world: SyncWorld, choice: number) =>
  [...world.vendor.accounts.values()].at(choice % Math.max(world.vendor.accounts.size, 1))

async function approveAll(world: SyncWorld): Promise<void> {
  for (const { id, digest, removals } of await world.engine.listPlans(world.by('owner'), { state: 'open', limit: 100 })) {
    await settled(world.engine.approvePlan(world.by('boss', 'approver'), { id, digest, removals, reason: 'agreed' }))
    await settled(world.engine.applyPlan(world.by('ops'), { id }))
  }
}

/** What is refused has not happened. */
const settled = async (work: Promise<unknown>): Promise<void> => {
  const [{ status, ...rest }] = await Promise.allSettled([work])
  if (status === 'rejected' && !('reason' in rest && rest.reason instanceof Error && rest.reason.name === 'DirectoryError'))
    throw 'reason' in rest ? rest.reason : new Error('rejected')
}

type Happening = (world: SyncWorld, choice: number) => Promise<unknown>

const happenings: readonly Happening[] = [
  async (world, choice) => (await memberNamed(world, choice)) ?? world.join(people[choice]!),
  async (world, choice) => (await memberNamed(world, choice)) ?? world.join(people[choice]!),
  async (world) => world.settle(),
  async (world) => world.settle(),
  async (world) => world.settle().then(() => approveAll(world)),
  async (world, choice) => {
    const member = await memberNamed(world, choice)
    if (member) await world.leave(member.id)
  },
  async (world, choice) => {
    const member = await memberNamed(world, choice)
    if (member) await world.directory.resumeMember(world.by('idp'), { id: member.id })
  },
  async (world, choice) => {
    const member = await memberNamed(world, choice)
    if (member) await world.directory.removeMember(world.by('idp'), { id: member.id })
  },
  async (world, choice) => {
    const members = (await Promise.all(people.map((_, index) => memberNamed(world, index)))).flatMap((item) => item?.id ?? [])
    const team = await groupNamed(world)
    const id = team?.id ?? (await group(world, 'Team', members.slice(choice))).id
    const changes = [
      { kind: 'removeAllMembers' as const },
      { kind: 'addMembers' as const, membershipIds: members.slice(0, choice) },
    ]
    await world.directory.changeGroup(world.by('idp'), { id, changes })
  },
  // A group in the group, with somebody else in it; or out of it, or gone.
  async (world, choice) => {
    const inner = await world.directory.findGroupByDisplayName(world.by('idp'), { displayName: 'Inner' })
    const member = await memberNamed(world, choice)
    const { id } = inner ?? (await group(world, 'Inner', []))
    if (choice === 4) {
      await world.directory.removeGroup(world.by('idp'), { id })
      return
    }
    if (member) await world.directory.changeGroup(world.by('idp'), { id, changes: [{ kind: 'addAny', ids: [member.id] }] })
    const team = await groupNamed(world)
    const kind = choice % 3 === 0 ? 'removeGroups' : 'addGroups'
    if (team) await world.directory.changeGroup(world.by('idp'), { id: team.id, changes: [{ kind, groupIds: [id] }] })
  },
  async (world, choice) => {
    const [connection] = await world.engine.listConnections(world.by('owner'))
    const team = await groupNamed(world)
    const member = await memberNamed(world, choice)
    await world.engine.changeConnection(world.by('admin'), {
      id: connection!.id,
      assignments: [
        ...(choice % 2 === 0 ? [{ kind: 'everyone' as const }] : []),
        ...(team ? [{ kind: 'group' as const, groupId: team.id }] : []),
        ...(member ? [{ kind: 'member' as const, membershipId: member.id }] : []),
      ],
    })
  },
  // Somebody at the vendor makes, changes or deletes an account by hand.
  async (world, choice) => {
    if (![...world.vendor.accounts.values()].some(({ userName }) => userName === people[choice]))
      world.vendor.put({ userName: people[choice]!, email: `${people[choice]}@example.com` })
  },
  async (world, choice) => {
    const account = accountAt(world, choice)
    if (account)
      world.vendor.accounts.set(account.id, { ...account, status: 'suspended', roles: [{ id: 'r3', name: 'Billing' }] })
  },
  async (world, choice) => {
    const account = accountAt(world, choice)
    if (account) world.vendor.accounts.delete(account.id)
    const [connection] = await world.engine.listConnections(world.by('owner'))
    if (choice % 2 === 0) await settled(world.engine.importAccounts(world.by('admin'), { id: connection!.id }))
  },
  async (world) => {
    const [connection] = await world.engine.listConnections(world.by('owner'))
    await settled(world.engine.importAccounts(world.by('admin'), { id: connection!.id }))
  },
  async (world, choice) => {
    const [connection] = await world.engine.listConnections(world.by('owner'))
    const [member, account] = [await memberNamed(world, choice), accountAt(world, 0)]
    if (member && account)
      await settled(
        world.engine.linkAccount(world.by('admin'), {
          connectionId: connection!.id,
          membershipId: member.id,
          accountId: account.id,
        }),
      )
  },
  async (world, choice) => {
    const [connection] = await world.engine.listConnections(world.by('owner'))
    const member = await memberNamed(world, choice)
    if (member)
      await settled(
        world.engine.unlinkAccount(world.by('admin'), {
          connectionId: connection!.id,
          membershipId: member.id,
          reason: 'not theirs',
        }),
      )
  },
  async (world, choice) => {
    const [connection] = await world.engine.listConnections(world.by('owner'))
    const [keep, surplus] = [accountAt(world, 0), accountAt(world, choice + 1)]
    if (keep && surplus)
      await settled(
        world.engine.mergeAccounts(world.by('admin'), {
          connectionId: connection!.id,
          keepAccountId: keep.id,
          removeAccountId: surplus.id,
          reason: 'twice',
        }),
      )
  },
  // A review denies somebody the connection, or that is lifted.
  async (world, choice) => {
    const [denied] = await world.engine.listExclusions(world.by('admin'), { limit: 1 })
    if (denied && choice % 2 === 0) return world.engine.liftExclusion(world.by('admin'), { ...denied, reason: 'needed again' })
    const { credential } = await world.directory.createCredential(world.by('admin'), {
      kind: 'native',
      name: 'reviewer',
      scopes: [...duties.approver],
    })
    const reviewer = world.by(credential.id, 'approver')
    const dueAt = new Date(world.time.clock().getTime() + 86_400_000)
    const reviewers = [{ credentialId: credential.id, membershipId: undefined }]
    return settled(
      (async () => {
        const { review } = await world.engine.createReview(world.by('admin'), {
          name: credential.id,
          scope: {},
          reviewers,
          dueAt,
        })
        const items = await world.engine.listReviewItems(reviewer, { reviewId: review.id, limit: 100 })
        const reason = 'reviewed'
        const decide = (decision: 'keep' | 'revoke', chosen: Parameters<typeof world.engine.decideReview>[1]['items']) =>
          world.engine.decideReview(reviewer, { reviewId: review.id, items: chosen, decision, reason })
        await decide(
          'revoke',
          items.slice(choice, choice + 1).map(({ id }) => id),
        )
        await decide('keep', {})
        await world.engine.closeReview(world.by('admin'), { id: review.id })
      })(),
    )
  },
  async (world, choice) => {
    world.vendor.faults = [
      { kind: (['status500Before', 'closeAfter', 'halfList', 'slow', 'emptyList'] as const)[choice]!, times: 1 },
    ]
  },
  async (world) => world.pass(12, 6),
]
