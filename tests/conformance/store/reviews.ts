import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode, encode } from '../../../src/store/plain.ts'
import type { ItemFilter } from '../../../src/sync/reviews/ledger.ts'
import type { Exclusion, Review, ReviewItem } from '../../../src/sync/reviews/review.ts'
import { addMember, useBench, type CreateDatabase } from './bench.ts'
import { connectionOf } from './connections.ts'
import { accountOf } from './ledger.ts'

/** Without the members that are undefined. */
const asStored = <T>(value: T): T => decode<T>(encode(value))

const at = new Date('2026-03-01T10:20:30.456Z')

export function reviewConformance(create: CreateDatabase): void {
  const bench = useBench(create)

  const reviewOf = (organizationId: string, over: Partial<Review> = {}): Review => ({
    id: bench().newId(),
    organizationId,
    name: 'Quarter 4',
    scope: { connectionIds: ['c1'], roles: ['Admin'] },
    reviewers: [{ credentialId: 'k1', membershipId: 'm1', connectionIds: ['c1'] }],
    dueAt: at,
    undecided: 'leave',
    state: 'closed',
    preparation: 'p',
    createdBy: 'k2',
    createdAt: at,
    reads: [{ connectionId: 'c1', name: 'desk', vendor: 'v', snapshotId: 's', at, complete: false, problem: 'it was down' }],
    closed: { by: 'k2', at },
    results: [{ connectionId: 'c1', name: 'desk', revoked: 1, planId: 'p', problem: 'some' }],
    ...over,
  })
  const itemOf = (
    { organizationId, id: reviewId }: Review,
    connectionId: string,
    { person, ...over }: Partial<Omit<ReviewItem, 'person'>> & { readonly person?: string } = {},
  ): ReviewItem =>
    asStored({
      id: bench().newId(),
      organizationId,
      reviewId,
      connection: { id: connectionId, name: 'desk', vendor: 'v' },
      account: { id: 'a', userName: 'jane', email: 'e', status: 'active', roles: [{ id: 'r', name: 'Admin' }] },
      person: person === undefined ? undefined : { id: person, userName: 'jane', email: 'e', status: 'active' },
      why: [{ kind: 'group', groupId: 'g', name: 'Team' }],
      linkedBy: 'created',
      since: at,
      privileged: [],
      activity: { openSessions: 1, changedAt: at },
      read: { snapshotId: 's', at, complete: true },
      decision: undefined,
      outcome: { kind: 'planned', message: 'm', planId: 'p' },
      ...over,
    })

  test('reviews come back as they were put, newest first, by id and by name, each with its organization', async () => {
    const { opened, organization } = bench()
    const { organizationId } = await organization()
    const foreign = (await organization()).organizationId
    const [first, second] = [reviewOf(organizationId), reviewOf(organizationId, { name: 'Quarter 1', state: 'open' })]
    await opened.ledger.write(organizationId, async (tx) => {
      await tx.putReview({ ...first, state: 'open' })
      await tx.putReview(second)
      await tx.putReview(first)
    })
    await opened.ledger.write(foreign, (tx) => tx.putReview(reviewOf(foreign)))
    await opened.ledger.read(async (tx) => {
      assert.deepEqual(await tx.review(organizationId, first.id), first)
      assert.equal(await tx.review(foreign, first.id), undefined)
      assert.deepEqual(await tx.reviewByName(organizationId, 'Quarter 1'), second)
      assert.equal(await tx.reviewByName(organizationId, 'quarter 1'), undefined)
      assert.deepEqual(await tx.reviews(organizationId, { limit: 10 }), [second, first])
      assert.deepEqual(await tx.reviews(organizationId, { before: second.id, limit: 1 }), [first])
    })
    await assert.rejects(
      opened.ledger.write(organizationId, (tx) => tx.putReview(reviewOf(organizationId))),
      { refusal: 'taken' },
    )
  })

  test('a review’s items are walked, narrowed, counted, decided and taken away', async () => {
    const { opened, organization } = bench()
    const { organizationId } = await organization()
    const [review, other] = [reviewOf(organizationId), reviewOf(organizationId, { name: 'other' })]
    const items = [
      itemOf(review, 'c1', { person: 'm1', privileged: ['Admin'] }),
      itemOf(review, 'c1', { person: 'm2' }),
      itemOf(review, 'c1', { privileged: ['Admin'] }),
      itemOf(review, 'c2', { person: 'm1' }),
      itemOf(review, 'c2', { person: 'm3' }),
    ] as const
    const [first, second, third, fourth, fifth] = items
    const decision = { kind: 'revoke', by: 'k', at, reason: 'left', overdue: true } as const
    await opened.ledger.write(organizationId, async (tx) => {
      await tx.putReviewItems([])
      await tx.putReviewItems(items)
      await tx.putReviewItems([itemOf(other, 'c1', { person: 'm1' })])
      await tx.putReviewItems([{ ...second, decision }])
    })
    const kept = items.map((item) => (item === second ? { ...second, decision } : item))
    const asked = (filter: ItemFilter, page: { readonly after?: string; readonly limit?: number } = {}) =>
      opened.ledger.read((tx) => tx.reviewItems(organizationId, review.id, { limit: 10, ...page, ...filter }))
    const ids = async (filter: ItemFilter) => (await asked(filter)).map(({ id }) => items.findIndex((item) => item.id === id))
    assert.deepEqual(await asked({}), kept)
    assert.deepEqual(await asked({}, { after: second.id, limit: 2 }), [third, fourth])
    assert.deepEqual(await ids({ state: 'undecided' }), [0, 2, 3, 4])
    assert.deepEqual(await ids({ state: 'revoke' }), [1])
    assert.deepEqual(await ids({ connectionId: 'c2' }), [3, 4])
    assert.deepEqual(await ids({ membershipId: 'm1', state: 'undecided' }), [0, 3])
    assert.deepEqual(await ids({ kind: 'privileged' }), [0, 2])
    assert.deepEqual(await ids({ kind: 'orphan' }), [2])
    assert.deepEqual(await ids({ kind: 'plain' }), [1, 3, 4])
    assert.deepEqual(await ids({ for: { connectionIds: undefined, except: 'm1' } }), [1, 2, 4])
    assert.deepEqual(await ids({ for: { connectionIds: ['c2', 'c3'], except: 'm1' } }), [4])
    assert.deepEqual(await ids({ for: { connectionIds: ['c1'], except: undefined }, state: 'undecided' }), [0, 2])
    await opened.ledger.read(async (tx) => {
      assert.deepEqual(await tx.reviewItemsOf(organizationId, review.id, [fifth.id, first.id, other.id]), [first, fifth])
      const count = (filter: Omit<ItemFilter, 'state'>) => tx.countReviewItems(organizationId, review.id, filter)
      assert.deepEqual(await count({}), { undecided: 4, keep: 0, revoke: 1 })
      assert.deepEqual(await count({ connectionId: 'c1', for: { connectionIds: undefined, except: 'm1' } }), {
        undecided: 1,
        keep: 0,
        revoke: 1,
      })
    })
    await opened.ledger.write(organizationId, (tx) => tx.removeReviewItems(organizationId, review.id))
    assert.deepEqual(await asked({}), [])
    const left = await opened.ledger.read((tx) => tx.countReviewItems(organizationId, other.id, {}))
    assert.deepEqual(left, { undecided: 1, keep: 0, revoke: 0 })
  })

  test('who was removed and is added anew is excluded as before, by external id or by user name, and nobody else is', async () => {
    const { opened, directory, organization } = bench()
    const call = await organization()
    const { organizationId } = call
    const connection = connectionOf(bench(), call)
    const before = [
      await addMember(bench(), call, 'Ada', { externalId: 'e1' }),
      await addMember(bench(), call, 'bob', { externalId: 'e2' }),
      await addMember(bench(), call, 'cid'),
    ]
    await opened.ledger.write(organizationId, async (tx) => {
      await tx.putConnection(connection)
      await tx.setAssignments(organizationId, connection.id, [{ kind: 'everyone' }])
      for (const { id } of before)
        await tx.putExclusion({
          organizationId,
          connectionId: connection.id,
          membershipId: id,
          subject: 's',
          review: { id: 'r', name: 'Quarter 4', itemId: 'i' },
          by: 'k',
          at,
          reason: 'left',
        })
    })
    const wanted = () =>
      opened.ledger.read(async (tx) =>
        (await tx.wanted(organizationId, connection.id, { limit: 10 })).map(({ member }) => member.userName),
      )
    const formerOf = async (id: string) =>
      (await opened.ledger.read((tx) => tx.exclusion(organizationId, connection.id, id)))?.membershipId
    // While they are members, the names alone deny nobody else anything.
    const alike = await addMember(bench(), call, 'dee', { externalId: 'E1' })
    assert.deepEqual([await wanted(), await formerOf(alike.id)], [['dee'], undefined])
    for (const { id } of [...before, alike]) await directory.removeMember(call, { id })
    const [ada, bob, cid] = [
      await addMember(bench(), call, 'ada.king', { externalId: 'e1' }),
      await addMember(bench(), call, 'BOB', { externalId: 'another bob' }),
      await addMember(bench(), call, 'CID', { externalId: 'e3' }),
    ]
    assert.deepEqual(await wanted(), ['BOB'])
    assert.deepEqual(
      [await formerOf(ada.id), await formerOf(bob.id), await formerOf(cid.id)],
      [before[0]?.id, undefined, before[2]?.id],
    )
  })

  test('who is excluded is not wanted, whatever assigns them, until the exclusion is lifted; and it goes with the connection', async () => {
    const { opened, organization } = bench()
    const call = await organization()
    const { organizationId } = call
    const [ada, bob] = [await addMember(bench(), call, 'ada'), await addMember(bench(), call, 'bob')]
    const [connection, other] = [connectionOf(bench(), call), connectionOf(bench(), call)]
    const exclusionOf = (connectionId: string, membershipId: string): Exclusion => ({
      organizationId,
      connectionId,
      membershipId,
      subject: 'ada',
      review: { id: 'r', name: 'Quarter 4', itemId: 'i' },
      by: 'k',
      at,
      reason: 'left',
      changed: 'its roles changed',
    })
    const exclusions = [
      exclusionOf(connection.id, ada.id),
      exclusionOf(other.id, bob.id),
      exclusionOf(other.id, ada.id),
    ].toSorted((a, b) => (`${a.connectionId} ${a.membershipId}` < `${b.connectionId} ${b.membershipId}` ? -1 : 1))
    await opened.ledger.write(organizationId, async (tx) => {
      for (const { id } of [connection, other]) {
        await tx.putConnection(id === connection.id ? connection : other)
        await tx.setAssignments(organizationId, id, [{ kind: 'everyone' }, { kind: 'member', membershipId: ada.id }])
        await tx.putAccount(organizationId, id, accountOf('1'))
        await tx.putLink({
          organizationId,
          connectionId: id,
          membershipId: bob.id,
          accountId: '1',
          rule: 'manual',
          madeAt: at,
          written: { userName: 'u', email: undefined, givenName: undefined, familyName: undefined, roleIds: [] },
        })
      }
      for (const exclusion of exclusions) await tx.putExclusion(exclusion)
    })
    const wanted = (id: string) =>
      opened.ledger.read(async (tx) => (await tx.wanted(organizationId, id, { limit: 10 })).map(({ member }) => member.userName))
    assert.deepEqual([await wanted(connection.id), await wanted(other.id)], [['bob'], []])
    await opened.ledger.read(async (tx) => {
      assert.deepEqual(await tx.exclusion(organizationId, other.id, bob.id), exclusionOf(other.id, bob.id))
      assert.equal(await tx.exclusion(organizationId, connection.id, bob.id), undefined)
      assert.deepEqual(await tx.exclusions(organizationId, { limit: 10 }), exclusions)
      assert.deepEqual(await tx.exclusions(organizationId, { limit: 1, after: exclusions[0]! }), exclusions.slice(1, 2))
      assert.deepEqual(await tx.exclusions(organizationId, { limit: 10, connectionId: other.id, membershipId: bob.id }), [
        exclusionOf(other.id, bob.id),
      ])
      const held = async (id: string) =>
        (await tx.heldAccounts(organizationId, id, { limit: 10 })).map(({ excluded }) => excluded)
      assert.deepEqual([await held(connection.id), await held(other.id)], [[false], [true]])
      assert.equal((await tx.accountHeldBy(organizationId, other.id, bob.id))?.excluded, true)
    })
    await opened.ledger.write(organizationId, (tx) => tx.removeExclusion(organizationId, other.id, ada.id))
    assert.deepEqual(await wanted(other.id), ['ada'])
    await opened.ledger.write(organizationId, (tx) => tx.removeConnection(organizationId, other.id))
    const left = await opened.ledger.read((tx) => tx.exclusions(organizationId, { limit: 10 }))
    assert.deepEqual(left, [exclusionOf(connection.id, ada.id)])
  })
}
