import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Call } from '../../../src/directory/call.ts'
import type { Condition } from '../../../src/directory/condition.ts'
import { ownGroupKey } from '../../../src/directory/application.ts'
import { DirectoryError } from '../../../src/directory/errors.ts'
import type { Group, GroupChange } from '../../../src/directory/group.ts'
import { addMember, useBench, type CreateDatabase } from './bench.ts'
import { connectionOf } from './connections.ts'

const refusal = (name: string) => (error: unknown) => error instanceof DirectoryError && error.refusal === name
const inList = (list: string, name: string, value: string): Condition => ({
  kind: 'compare',
  attribute: { names: [list, name], listAt: 0 },
  operator: 'eq',
  value: { type: 'text', value },
})
const not = (of: Condition): Condition => ({ kind: 'not', of })

export function nestedGroupConformance(create: CreateDatabase): void {
  const bench = useBench(create)

  /** Groups by the names, each in the one before it: Company holds Engineering, that holds Compilers. */
  const nest = async (call: Call, names = ['Company', 'Engineering', 'Compilers']): Promise<readonly Group[]> => {
    const groups: Group[] = []
    for (const displayName of names) {
      const group = await add(call, displayName)
      const outer = groups.at(-1)
      if (outer) await change(call, outer, { kind: 'addGroups', groupIds: [group.id] })
      groups.push(group)
    }
    return groups
  }
  const add = (call: Call, displayName: string, over: Partial<Group> = {}) =>
    bench().directory.addGroup(call, {
      displayName,
      externalId: over.externalId,
      roleIds: over.roleIds ?? [],
      attributes: {},
      membershipIds: [],
    })
  const change = (call: Call, { id }: Pick<Group, 'id'>, ...changes: readonly GroupChange[]) =>
    bench().directory.changeGroup(call, { id, changes })
  const groupsOf = async ({ organizationId }: Call, id: string) =>
    (await bench().opened.store.read((reader) => reader.groupsOf(organizationId, [id])))
      .get(id)
      ?.map(({ displayName, membership }) => `${displayName} ${membership}`)
  /** Ids of the groups whose row says that they are in another one. */
  const marked = async ({ organizationId }: Call) =>
    JSON.stringify(
      await bench().database.execute(
        `select display_name from groups where organization_id = '${organizationId}' and nested = 1 order by display_name`,
      ),
    )

  test('somebody is in the groups that theirs are in, directly where they are in both ways, also when asked for alone', async () => {
    const { opened, organization } = bench()
    const call = await organization()
    const ada = await addMember(bench(), call, 'ada')
    const [company, engineering, compilers] = await nest(call)
    assert.ok(company && engineering && compilers)
    await change(call, compilers, { kind: 'addMembers', membershipIds: [ada.id] })
    const everywhere = ['Company indirect', 'Engineering indirect', 'Compilers direct']
    assert.deepEqual(await groupsOf(call, ada.id), everywhere)
    for (const key of [{ id: ada.id }, { userName: 'ADA' }]) {
      const found = await opened.store.read((reader) => reader.membershipInGroups(call.organizationId, key))
      assert.deepEqual(found?.groups, [
        { id: company.id, displayName: 'Company', membership: 'indirect' },
        { id: engineering.id, displayName: 'Engineering', membership: 'indirect' },
        { id: compilers.id, displayName: 'Compilers', membership: 'direct' },
      ])
    }
    await change(call, company, { kind: 'addMembers', membershipIds: [ada.id] })
    assert.deepEqual(await groupsOf(call, ada.id), ['Company direct', 'Engineering indirect', 'Compilers direct'])
    await change(call, engineering, { kind: 'removeGroups', groupIds: [compilers.id] })
    assert.deepEqual(await groupsOf(call, ada.id), ['Company direct', 'Compilers direct'])
  })

  test('a group tells whom it holds itself, all of one moment, and what they are called', async () => {
    const { opened, directory, organization } = bench()
    const call = await organization()
    const [ada, bob] = [await addMember(bench(), call, 'ada'), await addMember(bench(), call, 'bob')]
    const [company, engineering, compilers] = await nest(call)
    assert.ok(company && engineering && compilers)
    await change(call, company, { kind: 'addAny', ids: [bob.id, compilers.id, ada.id, bob.id] })
    const found = await directory.getGroupWithMembers(call, { id: company.id })
    assert.deepEqual(found.membershipIds.toSorted(), [ada.id, bob.id])
    assert.deepEqual(found.groupIds.toSorted(), [engineering.id, compilers.id])
    assert.deepEqual(found.group, await directory.getGroup(call, { id: company.id }))
    assert.equal(found.group.version, 3)
    const empty = await directory.getGroupWithMembers(call, { id: compilers.id })
    assert.deepEqual([empty.membershipIds, empty.groupIds], [[], []])
    assert.equal(await opened.store.read((reader) => reader.groupWithMembers('elsewhere', company.id)), undefined)
    assert.deepEqual(
      await directory.listMemberNames(call, { ids: [engineering.id, 'nobody', ada.id] }),
      new Map([
        [ada.id, 'ada'],
        [engineering.id, 'Engineering'],
      ]),
    )
    assert.deepEqual(
      (await directory.listGroupsInGroup(call, { id: company.id })).map(({ displayName }) => displayName),
      ['Engineering', 'Compilers'],
    )
  })

  test('what goes in comes out, by whatever kind it is named, and in vain it changes nothing', async () => {
    const { opened, directory, organization } = bench()
    const call = await organization()
    const ada = await addMember(bench(), call, 'ada')
    const [company, engineering] = await nest(call, ['Company', 'Engineering'])
    assert.ok(company && engineering)
    const first = await change(call, company, { kind: 'addMembers', membershipIds: [ada.id] })
    const again = await change(
      call,
      company,
      { kind: 'addAny', ids: [ada.id, engineering.id] },
      { kind: 'removeGroups', groupIds: [ada.id] },
      { kind: 'removeMembers', membershipIds: [engineering.id] },
      { kind: 'removeAny', ids: ['nobody'] },
    )
    assert.equal(again.version, first.version)
    assert.equal((await change(call, company, { kind: 'removeAny', ids: [engineering.id, ada.id] })).version, first.version + 1)
    await change(call, company, { kind: 'addAny', ids: [engineering.id, ada.id] })
    await change(call, company, { kind: 'removeAllMembers' }, { kind: 'removeAllGroups' })
    const { membershipIds, groupIds } = await directory.getGroupWithMembers(call, { id: company.id })
    assert.deepEqual([membershipIds, groupIds], [[], []])
    const facts = await opened.store.read((reader) =>
      reader.facts(call.organizationId, {
        actions: ['group.membersAdded', 'group.membersRemoved'],
        about: engineering.id,
        limit: 10,
      }),
    )
    assert.deepEqual(
      facts.map(({ action, detail }) => [action, detail]),
      ['Added', 'Removed', 'Added', 'Removed'].map((what) => [`group.members${what}`, { groupIds: [engineering.id] }]),
    )
  })

  test('what is no member is refused: unknown ids, a group among people, a person among groups, another organization’s', async () => {
    const { directory, organization } = bench()
    const [call, elsewhere] = [await organization(), await organization()]
    const ada = await addMember(bench(), call, 'ada')
    const [company, engineering] = await nest(call, ['Company', 'Engineering'])
    assert.ok(company && engineering)
    const foreign = await add(elsewhere, 'Company')
    const changes: readonly GroupChange[] = [
      { kind: 'addGroups', groupIds: [ada.id] },
      { kind: 'addMembers', membershipIds: [engineering.id] },
      { kind: 'addAny', ids: [ada.id, 'nobody'] },
      { kind: 'addAny', ids: [foreign.id] },
      { kind: 'addGroups', groupIds: [foreign.id] },
    ]
    for (const one of changes) await assert.rejects(change(call, company, one), refusal('invalid'), JSON.stringify(one))
    assert.equal((await directory.getGroup(call, { id: company.id })).version, 2)
  })

  test('no group comes to be in itself, however deep, nor in the group that an application keeps its people in', async () => {
    const { opened, organization } = bench()
    const call = await organization()
    const names = Array.from({ length: 60 }, (_, index) => `g${index}`)
    const groups = await nest(call, names)
    const [first, last] = [groups[0], groups.at(-1)]
    assert.ok(first && last)
    for (const kind of ['addGroups', 'addAny'] as const) {
      const adding = (id: string): GroupChange => (kind === 'addAny' ? { kind, ids: [id] } : { kind, groupIds: [id] })
      await assert.rejects(change(call, last, adding(first.id)), refusal('conflict'))
      await assert.rejects(change(call, first, adding(first.id)), refusal('conflict'))
    }
    const within = (id: string, ids: readonly string[]) =>
      opened.store.read((reader) => reader.isGroupWithin(call.organizationId, id, ids))
    assert.equal(await within(last.id, [first.id]), true)
    assert.equal(await within(first.id, [last.id, 'nobody']), false)
    assert.equal(await within(first.id, [first.id]), true)
    const own = await add(call, 'Assigned to desk', { externalId: ownGroupKey('desk') })
    await assert.rejects(change(call, own, { kind: 'addGroups', groupIds: [first.id] }), refusal('conflict'))
  })

  test('of two that close a circle at the same time, through two processes, one is refused', async () => {
    const { directory, otherDirectory, organization } = bench()
    const call = await organization()
    for (const round of ['1', '2', '3', '4']) {
      const [one, two] = [await add(call, `a${round}`), await add(call, `b${round}`)]
      const settled = await Promise.allSettled([
        directory.changeGroup(call, { id: one.id, changes: [{ kind: 'addGroups', groupIds: [two.id] }] }),
        otherDirectory.changeGroup(call, { id: two.id, changes: [{ kind: 'addAny', ids: [one.id] }] }),
      ])
      const refused = settled.filter((outcome) => outcome.status === 'rejected')
      assert.equal(refused.length, 1)
      assert.ok(refusal('conflict')(refused[0]?.reason), String(refused[0]?.reason))
    }
  })

  test('a group that is removed leaves the groups that it was in, and those in it know that they are in none', async () => {
    const { directory, organization } = bench()
    const call = await organization()
    const ada = await addMember(bench(), call, 'ada')
    const [company, engineering, compilers] = await nest(call)
    assert.ok(company && engineering && compilers)
    await change(call, compilers, { kind: 'addMembers', membershipIds: [ada.id] })
    assert.equal(await marked(call), '[{"display_name":"Compilers"},{"display_name":"Engineering"}]')
    const { version } = await directory.getGroup(call, { id: company.id })
    await directory.removeGroup(call, { id: engineering.id })
    const left = await directory.getGroupWithMembers(call, { id: company.id })
    assert.deepEqual([left.groupIds, left.group.version], [[], version + 1])
    assert.equal(await marked(call), '[]')
    assert.deepEqual(await groupsOf(call, ada.id), ['Compilers direct'])
    await change(call, company, { kind: 'addGroups', groupIds: [compilers.id] })
    await change(call, compilers, { kind: 'set', change: { displayName: 'Kernels' } })
    assert.equal(await marked(call), '[{"display_name":"Kernels"}]')
    await change(call, company, { kind: 'removeAllMembers' }, { kind: 'removeAllGroups' })
    assert.equal(await marked(call), '[]')
  })

  test('people are found by the groups that they are in through others, groups by the groups that they hold', async () => {
    const { directory, organization } = bench()
    const call = await organization()
    const [ada, bob] = [await addMember(bench(), call, 'ada'), await addMember(bench(), call, 'bob')]
    await addMember(bench(), call, 'cyd')
    const [company, engineering, compilers] = await nest(call)
    assert.ok(company && engineering && compilers)
    await change(call, compilers, { kind: 'addMembers', membershipIds: [ada.id] })
    await change(call, company, { kind: 'addMembers', membershipIds: [bob.id] })
    const people = async (where: Condition) => {
      const found = (await directory.listMembers(call, { where, limit: 10 })).map(({ userName }) => userName)
      assert.equal(await directory.countMembers(call, { where }), found.length)
      return found.join(' ')
    }
    assert.equal(await people(inList('groups', 'value', company.id)), 'ada bob')
    assert.equal(await people(inList('groups', 'value', engineering.id)), 'ada')
    assert.equal(await people(inList('groups', 'display', 'Engineering')), 'ada')
    assert.equal(await people(not(inList('groups', 'value', engineering.id))), 'bob cyd')
    assert.equal(await people({ kind: 'present', attribute: { names: ['groups'] } }), 'ada bob')
    const both: Condition = {
      kind: 'and',
      of: [inList('groups', 'value', company.id), not(inList('groups', 'value', compilers.id))],
    }
    assert.equal(await people(both), 'bob')
    const groups = async (where: Condition) =>
      (await directory.listGroups(call, { where, limit: 10 })).map(({ displayName }) => displayName).join(' ')
    assert.equal(await groups(inList('members', 'value', compilers.id)), 'Engineering')
    assert.equal(await groups(inList('members', 'value', ada.id)), 'Compilers')
    assert.equal(await groups(inList('members', 'type', 'Group')), 'Company Engineering')
    assert.equal(await groups(inList('members', 'type', 'User')), 'Company Compilers')
    assert.equal(await groups(not({ kind: 'present', attribute: { names: ['members'] } })), '')
  })

  test('a connection that is for a group wants those in the groups in it, with the roles and names of all of these', async () => {
    const { opened, directory, organization } = bench()
    const call = await organization()
    const { organizationId } = call
    const [ada, bob] = [await addMember(bench(), call, 'ada'), await addMember(bench(), call, 'bob')]
    const admin = (await directory.listRoles(call, undefined)).find(({ name }) => name === 'Admin')
    assert.ok(admin)
    const [company, engineering, compilers] = await nest(call)
    assert.ok(company && engineering && compilers)
    await change(call, company, { kind: 'set', change: { roleIds: [admin.id] } })
    await change(call, compilers, { kind: 'addMembers', membershipIds: [ada.id] })
    await change(call, company, { kind: 'addMembers', membershipIds: [bob.id] })
    const connection = connectionOf(bench(), call)
    await opened.ledger.write(organizationId, (tx) => tx.putConnection(connection))
    const wanted = async (group: Group) => {
      await opened.ledger.write(organizationId, (tx) =>
        tx.setAssignments(organizationId, connection.id, [{ kind: 'group', groupId: group.id }]),
      )
      return (
        await opened.ledger.read((reader) => reader.wanted(organizationId, connection.id, { after: undefined, limit: 10 }))
      ).map(({ member, roleNames, groupNames }) => [member.userName, roleNames, groupNames])
    }
    const adaWanted = ['ada', ['Admin'], ['Company', 'Engineering', 'Compilers']]
    assert.deepEqual(await wanted(company), [adaWanted, ['bob', ['Admin'], ['Company']]])
    assert.deepEqual(await wanted(engineering), [adaWanted])
  })
}
