import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Link } from '../../../src/sync/ledger.ts'
import { addMember, useBench, type CreateDatabase } from './bench.ts'
import { connectionOf } from './connections.ts'
import { accountOf } from './ledger.ts'

export function accessConformance(create: CreateDatabase): void {
  const bench = useBench(create)

  test('held accounts come with their people, whoever they are, and are walked by account and member', async () => {
    const { opened, directory, organization, newId } = bench()
    const call = await organization()
    const { organizationId } = call
    const [ada, bob] = [
      await addMember(bench(), call, 'ada', { emails: [{ value: 'ada@example.com' }] }),
      await addMember(bench(), call, 'bob', { suspended: true }),
    ]
    const group = await directory.addGroup(call, {
      displayName: 'Team',
      externalId: undefined,
      roleIds: [],
      attributes: {},
      membershipIds: [ada.id],
    })
    const gone = await addMember(bench(), call, 'gone')
    await directory.removeMember(call, { id: gone.id })
    const stranger = newId()
    const connection = connectionOf(bench(), call)
    const other = connectionOf(bench(), call)
    const link = (membershipId: string, accountId: string): Link => ({
      organizationId,
      connectionId: connection.id,
      membershipId,
      accountId,
      rule: 'manual',
      madeAt: call.now,
      written: { userName: 'u', email: undefined, givenName: undefined, familyName: undefined, roleIds: [] },
    })
    await opened.ledger.write(organizationId, async (tx) => {
      for (const one of [connection, other]) {
        await tx.putConnection(one)
        for (const id of ['1', '2', '3', '4', '5']) await tx.putAccount(organizationId, one.id, accountOf(id))
      }
      for (const one of [link(ada.id, '1'), link(bob.id, '1'), link(gone.id, '3'), link(stranger, '4'), link(newId(), '9')])
        await tx.putLink(one)
    })
    const held = (after?: { readonly accountId: string; readonly membershipId: string }, limit = 10) =>
      opened.ledger.read((tx) => tx.heldAccounts(organizationId, connection.id, { after, limit }))
    const all = await held()
    assert.deepEqual(
      all.map(({ account, person, link: found }) => [account.id, person, found?.accountId]),
      [
        ['1', { id: ada.id, userName: 'ada', email: 'ada@example.com', status: 'active' }, '1'],
        ['1', { id: bob.id, userName: 'bob', email: undefined, status: 'suspended' }, '1'],
        ['2', undefined, undefined],
        ['3', { id: gone.id, userName: 'gone', email: undefined, status: 'removed' }, '3'],
        ['4', { id: stranger, userName: undefined, email: undefined, status: 'unknown' }, '4'],
        ['5', undefined, undefined],
      ],
    )
    assert.deepEqual(
      all.map(({ groups }) => [...groups]),
      [[[group.id, 'Team']], [], [], [], [], []],
    )
    for (const [index, { account, person }] of all.entries())
      assert.deepEqual(await held({ accountId: account.id, membershipId: person?.id ?? '' }, 2), all.slice(index + 1, index + 3))
    const heldBy = (id: string) => opened.ledger.read((tx) => tx.accountHeldBy(organizationId, connection.id, id))
    assert.deepEqual(await heldBy(bob.id), all[1])
    assert.equal(await heldBy(newId()), undefined)
  })

  test('what is put aside is told before it is kept, with what stands there; and whom a list lacks, when they are taken away', async () => {
    const { opened, organization } = bench()
    const call = await organization()
    const { organizationId } = call
    const connection = connectionOf(bench(), call)
    const told = await opened.ledger.write(organizationId, async (tx) => {
      await tx.putConnection(connection)
      for (const id of ['1', '2', '3']) await tx.putAccount(organizationId, connection.id, accountOf(id))
      const shown = [accountOf('4'), accountOf('2', { userName: 'other' }), accountOf('1')]
      await tx.putAside(organizationId, connection.id, shown)
      const next = await tx.nextAside(organizationId, connection.id)
      await tx.keepAside(organizationId, connection.id)
      return {
        next,
        left: await tx.nextAside(organizationId, connection.id),
        gone: await tx.keepListed(organizationId, connection.id, new Set(['1', '2', '4'])),
      }
    })
    assert.deepEqual(
      told.next.map(({ account, before }) => [account.id, account.userName, before?.userName]),
      [
        ['2', 'other', 'user 2'],
        ['4', 'user 4', undefined],
      ],
    )
    assert.deepEqual([told.left, told.gone], [[], ['3']])
  })
}
