import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Call } from '../../../src/directory/call.ts'
import { DirectoryError } from '../../../src/directory/errors.ts'
import { defaultPolicy, type Assignment, type Connection } from '../../../src/sync/connection.ts'
import { addMember, useBench, type Bench, type CreateDatabase } from './bench.ts'

const at = new Date('2026-03-01T10:20:30.456Z')

export const connectionOf = ({ newId }: Bench, call: Call, over: Partial<Connection> = {}): Connection => ({
  id: newId(),
  organizationId: call.organizationId,
  name: `Connection ${newId()}`,
  vendor: 'bandwidth',
  baseUrl: 'https://vendor.example',
  sealedSecret: 'v1.a.b.c',
  writesEnabled: false,
  policy: defaultPolicy,
  createdAt: at,
  updatedAt: at,
  ...over,
})

export function connectionConformance(create: CreateDatabase): void {
  const bench = useBench(create)

  test('connections and assignments come back as they were put', async () => {
    const { opened, organization } = bench()
    const call = await organization()
    const { organizationId } = call
    const connection = connectionOf(bench(), call, { name: 'Main' })
    const assignments = [{ kind: 'everyone' }, { kind: 'group', groupId: 'g' }, { kind: 'member', membershipId: 'm' }] as const
    await opened.ledger.write(organizationId, async (tx) => {
      await tx.putConnection(connection)
      await tx.putConnection({ ...connection, writesEnabled: true })
      await tx.setAssignments(organizationId, connection.id, [{ kind: 'everyone' }, { kind: 'group', groupId: 'gone' }])
      await tx.setAssignments(organizationId, connection.id, assignments)
    })
    await opened.ledger.read(async (reader) => {
      const enabled = { ...connection, writesEnabled: true }
      assert.deepEqual(await reader.connection(organizationId, connection.id), enabled)
      assert.deepEqual(await reader.connectionByName(organizationId, 'Main'), enabled)
      assert.deepEqual(await reader.connections(organizationId), [enabled])
      assert.deepEqual(await reader.assignments(organizationId, connection.id), assignments)
      assert.equal(await reader.connection('elsewhere', connection.id), undefined)
    })
    await assert.rejects(
      opened.ledger.write(organizationId, (tx) => tx.putConnection(connectionOf(bench(), call, { name: 'Main' }))),
      (error) => error instanceof DirectoryError && error.refusal === 'taken' && error.field === 'name',
    )
  })

  test('wanted are the active members that an assignment names, with the names of their roles and groups', async () => {
    const { opened, directory, organization } = bench()
    const call = await organization()
    const { organizationId } = call
    const roles = await directory.listRoles(call, undefined)
    const idOf = (name: string) => roles.find((role) => role.name === name)?.id ?? ''
    const ada = await addMember(bench(), call, 'ada', { roleIds: [idOf('Admin')] })
    const bob = await addMember(bench(), call, 'bob')
    const cyd = await addMember(bench(), call, 'cyd', { suspended: true })
    await directory.addMember(call, { state: { ...ada, userName: 'dan', suspended: false }, as: 'invited' })
    const group = await directory.addGroup(call, {
      displayName: 'Team',
      externalId: undefined,
      roleIds: [idOf('Admin'), idOf('Member')],
      attributes: {},
      membershipIds: [ada.id, cyd.id],
    })
    const connection = connectionOf(bench(), call)
    const wanted = async (after?: string) =>
      (await opened.ledger.read((reader) => reader.wanted(organizationId, connection.id, { after, limit: 10 }))).map((one) => [
        one.member.userName,
        one.roleNames.toSorted(),
        one.groupNames,
      ])
    const assign = (...assignments: readonly Assignment[]) =>
      opened.ledger.write(organizationId, (tx) => tx.setAssignments(organizationId, connection.id, assignments))
    const inTeam = ['ada', ['Admin', 'Member'], ['Team']]
    await opened.ledger.write(organizationId, (tx) => tx.putConnection(connection))
    assert.deepEqual(await wanted(), [])
    await assign({ kind: 'group', groupId: group.id })
    assert.deepEqual(await wanted(), [inTeam])
    await assign(
      { kind: 'group', groupId: group.id },
      { kind: 'member', membershipId: bob.id },
      { kind: 'member', membershipId: ada.id },
    )
    assert.deepEqual(await wanted(), [inTeam, ['bob', [], []]])
    assert.deepEqual(await wanted(ada.id), [['bob', [], []]])
    await assign({ kind: 'everyone' })
    assert.deepEqual(await wanted(), [inTeam, ['bob', [], []]])
  })
}
