import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Condition } from '../../../src/directory/condition.ts'
import type { Membership } from '../../../src/directory/membership.ts'
import { countThoseThere } from '../../../src/store/migrations/0005-blocks.ts'
import { sqliteDialect } from '../../../src/store/sql-dialect.ts'
import { stateOf, useBench, type CreateDatabase } from './bench.ts'

/** How many people a block has at most (src/store/blocks.ts). */
const fullBlock = 1_000

export function positionConformance(create: CreateDatabase): void {
  const bench = useBench(create)
  const at = new Date('2026-03-01T10:20:30.456Z')
  const boom = new Error('boom')
  const idOf = (number: number) => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`
  const personOf = (organizationId: string, number: number): Membership => ({
    id: idOf(number),
    organizationId,
    personId: idOf(number),
    userName: `person ${number}`,
    externalId: undefined,
    displayName: undefined,
    name: {},
    emails: [],
    roleIds: [],
    attributes: {},
    status: 'active',
    acceptedAt: at,
    createdAt: at,
    updatedAt: at,
    version: 1,
  })

  /** Every position answers what stands there, and the count is theirs. */
  async function check(organizationId: string, numbers: readonly number[], positions: readonly number[]): Promise<void> {
    const ids = numbers.toSorted((a, b) => a - b).map(idOf)
    await bench().opened.store.read(async (reader) => {
      assert.equal(await reader.countMemberships(organizationId), ids.length)
      for (const offset of positions)
        assert.deepEqual(
          (await reader.memberships(organizationId, { offset, limit: 2 })).map(({ id }) => id),
          ids.slice(offset, offset + 2),
          `at ${offset}`,
        )
    })
    const blocks = await bench().database.execute(
      `select (select count(*) from memberships as m where m.organization_id = b.organization_id and m.id >= b.first_id
         and not exists (select 1 from membership_blocks as n where n.organization_id = b.organization_id and n.first_id > b.first_id and n.first_id <= m.id)) as counted,
         b.members as members
       from membership_blocks as b where b.organization_id = '${organizationId}'`,
    )
    const counts = blocks.map((block) => Object.values(block as Readonly<Record<string, unknown>>).map(Number))
    assert.equal(
      counts.reduce((sum, [, members = 0]) => sum + members, 0),
      ids.length,
    )
    for (const [counted, members] of counts) assert.equal(counted, members)
    assert.ok(counts.every(([, members = 0]) => members >= 1 && members <= fullBlock))
  }

  test('a position is found and people are counted, whatever the order in which they came and went', async () => {
    const { opened, organization } = bench()
    const { organizationId } = await organization()
    const present = new Set<number>()
    const add = async (...numbers: readonly number[]) =>
      opened.store.write(organizationId, async (tx) => {
        for (const number of numbers) {
          await tx.putMembership(personOf(organizationId, number))
          present.add(number)
        }
      })
    const remove = async (...numbers: readonly number[]) =>
      opened.store.write(organizationId, async (tx) => {
        for (const number of numbers) {
          await tx.removeMembership(personOf(organizationId, number), at)
          present.delete(number)
        }
      })

    await check(organizationId, [], [0, 1])
    // One block and a part of the next, in order.
    await add(...Array.from({ length: fullBlock + 50 }, (_, index) => 1_000 + 10 * index))
    await check(organizationId, [...present], [0, 1, 998, 999, 1_000, 1_001, 1_048, 1_049, 1_050, 5_000])
    // Between those of a full block, before the first, behind the last; put again, nobody is counted twice.
    await add(1_005, 10_005, 10_985, 10_995, 3, 1, 2, 99_999)
    await opened.store.write(organizationId, (tx) => tx.putMembership({ ...personOf(organizationId, 2), version: 2 }))
    await check(organizationId, [...present], [0, 1, 2, 3, 4, 903, 904, 1_000, 1_002, 1_056, 1_057, 1_058])
    // The first, the last, the one that a block begins with, all before a number; gone already, nobody is counted.
    await remove(1, 99_999, 10_990, 10_995, ...[...present].filter((number) => number < 5_000 && number > 1))
    await remove(1)
    await check(organizationId, [...present], [0, 1, 500, 590, 600, present.size - 1, present.size])
    await remove(...present)
    await check(organizationId, [], [0])
    await add(7)
    await check(organizationId, [7], [0, 1])
  })

  test('a narrowed list answers what stands at a position, also after a change through this process or another', async () => {
    const { directory, otherDirectory, opened, organization } = bench()
    const call = await organization()
    const { organizationId } = call
    const suspended: string[] = []
    for (let number = 0; number < 40; number++) {
      const state = stateOf(`person ${number}`, { suspended: number % 2 === 1 })
      const { member } = await directory.addMember(call, { state, as: 'active' })
      if (number % 2 === 1) suspended.push(member.id)
    }
    const where: Condition = {
      kind: 'compare',
      attribute: { names: ['status'] },
      operator: 'eq',
      value: { type: 'text', value: 'suspended' },
    }
    const checkWalk = async (positions: readonly number[]) => {
      for (const offset of positions) {
        const page = await directory.listMembers(call, { where, offset, limit: 5 })
        assert.deepEqual(
          page.map(({ id }) => id),
          suspended.slice(offset, offset + 5),
        )
        assert.equal(await directory.countMembers(call, { where }), suspended.length)
      }
    }
    // On from page to page, with an overlap, back, and behind the end; then once more, now that every page was seen.
    const everywhere = [0, 5, 9, 14, 3, 12, 15, 19, 20, 30]
    await checkWalk(everywhere)
    await checkWalk(everywhere)
    await directory.resumeMember(call, { id: suspended.shift() ?? '' })
    await checkWalk([9, 10, 5, ...everywhere])
    await otherDirectory.removeMember(call, { id: suspended.shift() ?? '' })
    await checkWalk([9, 10, 5, ...everywhere])
    // Inside a transaction a list is what it is at that moment.
    await opened.store
      .write(organizationId, async (tx) => {
        const first = await tx.membership(organizationId, suspended[0] ?? '')
        assert.ok(first)
        await tx.putMembership({ ...first, status: 'active', version: first.version + 1 })
        assert.equal(await tx.countMemberships(organizationId, where), suspended.length - 1)
        const [now] = await tx.memberships(organizationId, { where, offset: 4, limit: 1 })
        assert.equal(now?.id, suspended[5])
        throw boom
      })
      .catch((error: unknown) => assert.equal(error, boom))
    await checkWalk(everywhere)
  })

  test('people who are put at once, out of order and more than a block holds, are counted like those who come one by one', async () => {
    const { opened, organization } = bench()
    const { organizationId } = await organization()
    const numbers = Array.from({ length: fullBlock + 300 }, (_, index) => 1_000 + ((index * 7_919) % (fullBlock + 300)))
    await opened.store.write(organizationId, (tx) =>
      Promise.all(numbers.map((number) => tx.putMembership(personOf(organizationId, number)))),
    )
    await check(organizationId, numbers, [0, 1, 999, 1_000, 1_298, 1_299])
  })

  test('a work that fails leaves the count as it was', async () => {
    const { opened, organization } = bench()
    const { organizationId } = await organization()
    await assert.rejects(
      opened.store.write(organizationId, async (tx) => {
        await tx.putMembership(personOf(organizationId, 1))
        assert.equal(await tx.countMemberships(organizationId), 1)
        throw boom
      }),
      boom,
    )
    await check(organizationId, [], [0])
  })

  test('people of a database that counted nobody yet are counted by the migration', async () => {
    const { opened, organization, database } = bench()
    const [{ organizationId: small }, { organizationId: large }] = [await organization(), await organization()]
    const numbers = Array.from({ length: fullBlock + 5 }, (_, index) => index + 1)
    await opened.store.write(large, async (tx) => {
      for (const number of numbers) await tx.putMembership(personOf(large, number))
    })
    await opened.store.write(small, (tx) => tx.putMembership(personOf(small, 1)))
    await database.execute('delete from membership_blocks')
    // One text for both databases.
    await database.execute(countThoseThere(sqliteDialect()).compile().sql)
    await check(large, numbers, [0, 999, 1_000, 1_004, 1_005])
    await check(small, [1], [0, 1])
  })
}
