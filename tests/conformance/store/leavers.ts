import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Offboarding, StoredLeaverReceipt, Visit } from '../../../src/sync/ledger.ts'
import { useBench, type CreateDatabase } from './bench.ts'

const at = new Date('2026-03-01T10:20:30.456Z')
const minutes = (count: number) => new Date(at.getTime() + count * 60_000)

export function leaverConformance(create: CreateDatabase): void {
  const bench = useBench(create)

  const offboardingOf = (organizationId: string, over: Partial<Offboarding> = {}): Offboarding => ({
    id: bench().newId(),
    organizationId,
    membershipId: 'm1',
    person: { userName: 'jane', email: 'jane@example.com' },
    state: 'open',
    asked: { by: 'c1', at, how: 'request', reason: 'left' },
    openedAt: at,
    updatedAt: at,
    receipt: { id: 'r', number: 1, sha256: 's', issuedAt: at, basis: 'b' },
    ...over,
  })
  const visitOf = (offboarding: Offboarding, connectionId: string, sentAt: Date): Visit => ({
    organizationId: offboarding.organizationId,
    offboardingId: offboarding.id,
    connectionId,
    membershipId: offboarding.membershipId,
    connection: { name: 'desk', vendor: 'v', baseUrl: 'https://v.test' },
    state: 'gone',
    reason: 'removed',
    account: { id: 'a', userName: 'jane', email: 'e', status: 'active', roles: ['Admin'], activeSessions: 2 },
    link: {
      organizationId: offboarding.organizationId,
      connectionId,
      membershipId: 'm1',
      accountId: 'a',
      rule: 'created',
      madeAt: at,
      written: { userName: 'jane', email: 'e', givenName: 'J', familyName: 'D', roleIds: ['r'] },
    },
    look: { snapshotId: 's', at, accounts: 3, digest: 'd' },
    lock: { state: 'done', kind: 'suspend', reason: 'suspended', attempts: 1, sentAt, retryAt: at },
    requests: [{ kind: 'remove', sentAt: at, answeredAt: at, answer: 'refused', status: 429 }],
    reads: [{ at, occasion: 'remove', found: 'gone', others: ['x'] }],
    removal: { planId: 'p', receiptId: 'r', sha256: 'h' },
    residues: ['stays'],
    tasks: ['do'],
    rechecks: [{ after: 'hour', dueAt: minutes(60), doneAt: at }],
    updatedAt: at,
  })

  test('offboardings, visits and leavers’ receipts come back as they were put, and stay with their organization', async () => {
    const { opened, organization, newId } = bench()
    const call = await organization()
    const { organizationId } = call
    const foreign = (await organization()).organizationId
    const [first, second, other] = [
      offboardingOf(organizationId),
      offboardingOf(organizationId, { state: 'waiting' }),
      offboardingOf(organizationId, { membershipId: 'm2' }),
    ]
    const visits = [visitOf(first, 'c1', at), visitOf(first, 'c2', at), visitOf(second, 'c1', at)]
    const receipts = [1, 2].map((number): StoredLeaverReceipt => ({
      id: newId(),
      number,
      sha256: 's',
      issuedAt: at,
      organizationId,
      offboardingId: first.id,
      text: '{"kind":"leaver"}\n',
    }))
    await opened.ledger.write(organizationId, async (tx) => {
      for (const offboarding of [first, second, other]) await tx.putOffboarding(offboarding)
      for (const [index, visit] of visits.entries()) await tx.putVisit(visit, { open: index !== 1 })
      for (const receipt of receipts) await tx.putLeaverReceipt(receipt)
    })
    await opened.ledger.read(async (reader) => {
      const ids = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id)
      assert.deepEqual(await reader.offboarding(organizationId, first.id), first)
      assert.equal(await reader.offboarding(foreign, first.id), undefined)
      assert.equal((await reader.latestOffboarding(organizationId, 'm1'))?.id, second.id)
      assert.equal(await reader.latestOffboarding(foreign, 'm1'), undefined)
      assert.deepEqual(ids(await reader.offboardings(organizationId, { limit: 9 })), ids([other, second, first]))
      assert.deepEqual(ids(await reader.offboardings(organizationId, { before: other.id, limit: 1 })), [second.id])
      assert.deepEqual(ids(await reader.offboardings(organizationId, { state: 'waiting', limit: 9 })), [second.id])
      assert.deepEqual(ids(await reader.offboardings(organizationId, { membershipId: 'm2', limit: 9 })), [other.id])
      assert.deepEqual(await reader.visits(organizationId, first.id), visits.slice(0, 2))
      assert.deepEqual(await reader.openVisits(organizationId, 'c1'), [visits[0], visits[2]])
      assert.deepEqual(await reader.openVisits(organizationId, 'c2'), [])
      assert.deepEqual(await reader.openVisits(foreign, 'c1'), [])
      assert.deepEqual(await reader.visitsOfAccount(organizationId, 'c1', 'a'), [visits[0], visits[2]])
      assert.deepEqual(await reader.visitsOfAccount(organizationId, 'c1', 'b'), [])
      assert.deepEqual(await reader.leaverReceipts(organizationId, first.id), receipts)
      assert.deepEqual(await reader.leaverReceipts(foreign, first.id), [])
      const [receipt] = receipts
      assert.ok(receipt)
      assert.deepEqual(await reader.leaverReceipt(organizationId, receipt.id), receipt)
      assert.equal(await reader.leaverReceipt(foreign, receipt.id), undefined)
      const page = { kind: 'leaver_receipts', after: '', limit: 9 } as const
      assert.deepEqual(await reader.receiptIds(organizationId, page), ids(receipts))
      assert.deepEqual(await reader.receiptIds(organizationId, { ...page, kind: 'receipts' }), [])
      assert.ok(await reader.hasLeaverReceipt(organizationId, { offboardingId: first.id, id: receipt.id }))
      assert.equal(await reader.hasLeaverReceipt(organizationId, { offboardingId: second.id, id: receipt.id }), false)
      assert.ok(await reader.organizationName(organizationId))
    })
    const visit = visits[0]
    assert.ok(visit)
    await opened.ledger.write(organizationId, async (tx) => {
      await tx.putOffboarding({ ...first, state: 'settled' })
      await tx.putVisit({ ...visit, state: 'suspended' }, { open: false })
      assert.equal((await tx.visits(organizationId, first.id))[0]?.state, 'suspended')
      assert.deepEqual(await tx.openVisits(organizationId, 'c1'), visits.slice(2))
      assert.deepEqual(
        (await tx.offboardings(organizationId, { state: 'settled', limit: 9 })).map(({ id }) => id),
        [first.id],
      )
    })
  })

  test('people are counted once who were locked out at a connection since then, but for the one who is asked for', async () => {
    const { opened, organization } = bench()
    const { organizationId } = await organization()
    const people = ['m1', 'm2', 'm2', 'm3'].map((membershipId) => offboardingOf(organizationId, { membershipId }))
    await opened.ledger.write(organizationId, async (tx) => {
      for (const [index, offboarding] of people.entries())
        await tx.putVisit(visitOf(offboarding, index === 3 ? 'elsewhere' : 'c1', minutes(index)), { open: true })
      const locks = (since: Date, except: string) => tx.locksSince(organizationId, 'c1', { since, except })
      assert.deepEqual(
        [
          await locks(minutes(-1), 'm9'),
          await locks(minutes(-1), 'm1'),
          await locks(minutes(0), 'm9'),
          await locks(minutes(2), 'm9'),
        ],
        [2, 1, 1, 0],
      )
    })
  })
}
