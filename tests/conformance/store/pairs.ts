import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Link } from '../../../src/sync/ledger.ts'
import type { Found } from '../../../src/sync/pair.ts'
import { addMember, useBench, type CreateDatabase } from './bench.ts'
import { connectionOf } from './connections.ts'
import { accountOf } from './ledger.ts'

export function pairConformance(create: CreateDatabase): void {
  const bench = useBench(create)

  test('directory, links and accounts come side by side in parts, each row on one side only where it has no counterpart', async () => {
    const { opened, organization } = bench()
    const call = await organization()
    const { organizationId } = call
    const { id: connectionId, ...rest } = connectionOf(bench(), call)
    const other = connectionOf(bench(), call)
    const names = ['ada', 'bob', 'cyd', 'dan'] as const
    const members = []
    for (const name of names)
      members.push(
        await addMember(bench(), call, name, { suspended: name === 'dan', emails: [{ value: `${name}@Example.com` }] }),
      )
    const [ada, bob, , dan] = members.map(({ id }) => id) as [string, string, string, string]
    const linkOf = (membershipId: string, accountId: string): Link => ({
      organizationId,
      connectionId,
      membershipId,
      accountId,
      rule: 'created',
      madeAt: new Date('2026-03-01T10:20:30.456Z'),
      written: { userName: 'a', email: undefined, givenName: undefined, familyName: undefined, roleIds: [] },
    })
    await opened.ledger.write(organizationId, async (tx) => {
      await tx.putConnection({ id: connectionId, ...rest })
      await tx.putConnection(other)
      for (const id of [connectionId, other.id]) await tx.setAssignments(organizationId, id, [{ kind: 'everyone' }])
      for (const id of ['a1', 'a3', 'a4', 'a5']) await tx.putAccount(organizationId, connectionId, accountOf(id))
      await tx.putLink(linkOf(ada, 'a1'))
      await tx.putLink(linkOf(bob, 'gone'))
      await tx.putLink(linkOf(dan, 'a4'))
      await tx.putLink(linkOf('removed', 'a5'))
      await tx.putAccount(organizationId, other.id, accountOf('elsewhere'))
      await tx.putLink({ ...linkOf(ada, 'elsewhere'), connectionId: other.id })
      await tx.putAside(organizationId, connectionId, [accountOf('a1', { userName: 'seen anew' }), accountOf('a9')])
    })
    const all = async <T>(part: (from: { readonly after: string | undefined; readonly limit: number }) => Promise<Found<T>>) => {
      const items: T[] = []
      for (let after: string | undefined; ;) {
        const found = await part({ after, limit: 2 })
        items.push(...found.items)
        if (found.next === undefined) return items
        after = found.next
      }
    }
    await opened.ledger.read(async (reader) => {
      const pairs = (read: 'complete' | 'incomplete') =>
        all((part) => reader.pairs(organizationId, connectionId, { ...part, read }))
      const shown = (list: Awaited<ReturnType<typeof pairs>>) =>
        list.map(({ wanted, link, account }) => [wanted.member.userName, link?.accountId, account?.userName])
      assert.deepEqual(shown(await pairs('complete')), [
        ['ada', 'a1', 'user a1'],
        ['bob', 'gone', undefined],
        ['cyd', undefined, undefined],
      ])
      assert.deepEqual(shown(await pairs('incomplete')).at(0), ['ada', 'a1', 'seen anew'])
      const named = await reader.pairsNamed(organizationId, connectionId, {
        names: ['ada', 'cyd@example.com', 'dan', 'nobody'],
        read: 'complete',
      })
      assert.deepEqual(
        new Map(named.map(({ wanted, account }) => [wanted.member.userName, account?.id])),
        new Map<string, string | undefined>([
          ['ada', 'a1'],
          ['cyd', undefined],
        ]),
      )
      const left = await all((part) => reader.leftLinks(organizationId, connectionId, { ...part, read: 'complete' }))
      assert.deepEqual(
        left.map(({ link, account }) => [link.membershipId, link.madeAt.getFullYear(), account?.id]),
        [
          [dan, 2026, 'a4'],
          ['removed', 2026, 'a5'],
        ],
      )
      const loose = (of: 'stored' | 'aside') => all((part) => reader.looseAccounts(organizationId, connectionId, { ...part, of }))
      assert.deepEqual(
        (await loose('stored')).map(({ id }) => id),
        ['a3'],
      )
      assert.deepEqual(
        (await loose('aside')).map(({ id }) => id),
        ['a9'],
      )
    })
  })

  test('the steps of a new plan are added together, however many', async () => {
    const { opened, organization, newId } = bench()
    const call = await organization()
    const { organizationId } = call
    const [connectionId, planId] = [newId(), newId()]
    const steps = Array.from({ length: 2_100 }, (_, position) => ({
      id: newId(),
      organizationId,
      connectionId,
      planId,
      position,
      kind: 'remove' as const,
      membershipId: undefined,
      accountId: `a${position}`,
      subject: 'Ada “A” \\ \u{1f600}',
      desired: undefined,
      observed: undefined,
      changes: [],
      state: 'planned' as const,
      reason: 'left',
      attempts: 0,
      retryAt: new Date('2026-03-01T10:20:30.456Z'),
      updatedAt: new Date('2026-03-01T10:20:30.456Z'),
    }))
    await opened.ledger.write(organizationId, (tx) => tx.addSteps(steps.toReversed()))
    const stored = await opened.ledger.read((tx) => tx.steps(organizationId, planId))
    assert.deepEqual(
      stored.map(({ id, position, subject, retryAt }) => ({ id, position, subject, retryAt })),
      steps.map(({ id, position, subject, retryAt }) => ({ id, position, subject, retryAt })),
    )
  })
}
