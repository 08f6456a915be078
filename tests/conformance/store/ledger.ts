import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Approval, Finding, LedgerWriter, Link, Plan, Snapshot, Step, StoredReceipt } from '../../../src/sync/ledger.ts'
import type { Account } from '../../../src/sync/vendor.ts'
import { useBench, type CreateDatabase } from './bench.ts'
import { connectionOf } from './connections.ts'

const at = new Date('2026-03-01T10:20:30.456Z')

export const accountOf = (id: string, over: Partial<Account> = {}): Account => ({
  id,
  userName: `user ${id}`,
  email: undefined,
  givenName: 'G',
  familyName: undefined,
  status: 'active',
  roles: [{ id: 'r', name: 'Role' }],
  raw: { nested: ['\0', '\ud800', { $date: 'no date' }] },
  ...over,
})

/** Without members that are undefined: they mean the same as absent ones. */
const plain = <T>(value: T): T =>
  value instanceof Date || typeof value !== 'object' || value === null
    ? value
    : Array.isArray(value)
      ? (value.map(plain) as T)
      : dropUndefined(value)
const dropUndefined = <T extends object>(value: T): T =>
  Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => (member === undefined ? [] : [[name, plain(member)]])),
  ) as T

export function ledgerConformance(create: CreateDatabase): void {
  const bench = useBench(create)

  test('what a whole read put aside takes the place of the accounts before, however many there are', async () => {
    const { opened, organization } = bench()
    const call = await organization()
    const { organizationId } = call
    const [connection, other] = [connectionOf(bench(), call), connectionOf(bench(), call)]
    const many = Array.from({ length: 2_500 }, (_, index) => accountOf(`id${String(index).padStart(5, '0')}`))
    const list = (connectionId: string, after?: string, limit = 5_000) =>
      opened.ledger.read((reader) => reader.accounts(organizationId, connectionId, { after, limit }))
    const aside = () => opened.ledger.read((reader) => reader.aside(organizationId, connection.id, { limit: 5_000 }))
    await opened.ledger.write(organizationId, async (tx) => {
      await tx.putConnection(connection)
      await tx.putConnection(other)
      await tx.putAside(organizationId, other.id, [accountOf('kept')])
      assert.equal(await tx.keepAside(organizationId, other.id), 'all')
      await tx.putAside(organizationId, connection.id, many)
    })
    assert.deepEqual(await list(connection.id), [])
    assert.deepEqual(plain(await aside()), plain(many))
    const keepSome = () => opened.ledger.write(organizationId, (tx) => tx.keepAside(organizationId, connection.id))
    assert.equal(await keepSome(), 'more')
    assert.ok((await list(connection.id)).length < many.length)
    while ((await keepSome()) === 'more');
    assert.equal(await keepSome(), 'all')
    assert.deepEqual(plain(await list(connection.id)), plain(many))
    assert.deepEqual(await aside(), [])
    await opened.ledger.read(async (reader) => {
      assert.equal(await reader.countAccounts(organizationId, connection.id), 2_500)
      assert.deepEqual(await reader.accountIds(organizationId, connection.id, { after: 'id00001', limit: 2 }), [
        'id00002',
        'id00003',
      ])
      assert.deepEqual(plain(await reader.account(organizationId, connection.id, 'id00007')), plain(many[7]))
      assert.equal(await reader.account(organizationId, other.id, 'id00007'), undefined)
    })
    assert.deepEqual(
      (await list(connection.id, 'id00001', 2)).map(({ id }) => id),
      ['id00002', 'id00003'],
    )

    const [first, seventh] = [many[0]!, many[7]!]
    const changed = { ...first, userName: 'changed' }
    await opened.ledger.write(organizationId, async (tx) => {
      await tx.putAside(organizationId, connection.id, [changed, accountOf('new'), accountOf('new', { userName: 'twice' })])
      await tx.putAside(organizationId, connection.id, [seventh])
    })
    // Only what is not stored so is put aside.
    assert.deepEqual(plain(await aside()), plain([changed, accountOf('new', { userName: 'twice' })]))
    await opened.ledger.write(organizationId, async (tx) => {
      await tx.keepAside(organizationId, connection.id)
      await tx.keepListed(organizationId, connection.id, new Set(['id00000', 'new', 'id00007']))
      await tx.putAccount(organizationId, connection.id, accountOf('put'))
      await tx.removeAccount(organizationId, connection.id, 'id00007')
    })
    assert.deepEqual(
      (await list(connection.id)).map(({ id, userName }) => [id, userName]),
      [
        ['id00000', 'changed'],
        ['new', 'twice'],
        ['put', 'user put'],
      ],
    )
    assert.deepEqual(
      (await list(other.id)).map(({ id }) => id),
      ['kept'],
    )
    await opened.ledger.write(organizationId, (tx) => tx.keepListed(organizationId, connection.id, new Set()))
    assert.deepEqual(await list(connection.id), [])
  })

  test('what is put aside is forgotten with the next read, when it is shown as it is stored, and where the account is put or removed', async () => {
    const { opened, organization } = bench()
    const call = await organization()
    const { organizationId } = call
    const { id: connectionId } = connectionOf(bench(), call)
    const aside = () =>
      opened.ledger.read(async (reader) =>
        (await reader.aside(organizationId, connectionId, { limit: 100 })).map(({ id, userName }) => `${id} ${userName}`),
      )
    const write = (work: (tx: LedgerWriter) => Promise<void>) => opened.ledger.write(organizationId, work)
    const shown = (...ids: readonly string[]) => ids.map((id) => accountOf(id, { userName: 'shown' }))
    await write((tx) => tx.putAccount(organizationId, connectionId, accountOf('a')))
    await write((tx) => tx.putAside(organizationId, connectionId, shown('a', 'b', 'c', 'd', 'e')))
    assert.deepEqual(await aside(), ['a shown', 'b shown', 'c shown', 'd shown', 'e shown'])
    assert.equal(
      (await opened.ledger.read((reader) => reader.asideAccount(organizationId, connectionId, 'b')))?.userName,
      'shown',
    )
    await write((tx) => tx.putAside(organizationId, connectionId, [accountOf('a'), accountOf('b', { userName: 'again' })]))
    await write((tx) => tx.removeAside(organizationId, connectionId, 'c'))
    await write((tx) => tx.putAccount(organizationId, connectionId, accountOf('d')))
    assert.deepEqual(await aside(), ['b again', 'e shown'])
    await write((tx) => tx.removeAccount(organizationId, connectionId, 'b'))
    assert.deepEqual(await aside(), ['e shown'])
    await write((tx) => tx.clearAside(organizationId, connectionId))
    assert.deepEqual(await aside(), [])
  })

  test('snapshots, links, plans, steps, approvals, findings and receipts come back as they were put', async () => {
    const { opened, organization, newId } = bench()
    const call = await organization()
    const { organizationId } = call
    const connection = connectionOf(bench(), call)
    const connectionId = connection.id
    const certificate = {
      complete: true,
      reasons: [],
      pages: 1,
      accounts: 2,
      declaredTotal: 2,
      repeatedIds: 0,
      provenGone: 0,
      digest: 'd',
    }
    const snapshots: Snapshot[] = [1, 2].map(() => ({
      id: newId(),
      organizationId,
      connectionId,
      startedAt: at,
      finishedAt: at,
      certificate,
    }))
    const written = { userName: 'u', email: undefined, givenName: undefined, familyName: undefined, roleIds: ['r'] }
    const links: Link[] = ['m1', 'm2'].map((membershipId) => ({
      organizationId,
      connectionId,
      membershipId,
      accountId: `a${membershipId}`,
      rule: 'created',
      madeAt: at,
      written,
    }))
    const plans = (['open', 'superseded', 'open'] as const).map((state): Plan => ({
      id: newId(),
      organizationId,
      connectionId,
      snapshotId: 's',
      digest: 'd',
      authors: ['a'],
      reason: 'r',
      accounts: 1,
      removals: 1,
      state,
      supersededBy: undefined,
      createdAt: at,
    }))
    const [first, closed, last] = plans
    assert.ok(first && closed && last)
    const stepOf = (plan: Plan, position: number): Step => ({
      id: newId(),
      organizationId,
      connectionId,
      planId: plan.id,
      position,
      kind: 'remove',
      membershipId: 'm1',
      accountId: 'a',
      subject: 's',
      desired: undefined,
      observed: written,
      changes: [{ attribute: 'email', from: 'a', to: undefined }],
      state: 'planned',
      reason: 'r',
      attempts: 0,
      retryAt: at,
      updatedAt: at,
    })
    const steps = [stepOf(first, 2), stepOf(first, 1), stepOf(closed, 1), stepOf(last, 1)]
    const approval: Approval = {
      id: newId(),
      organizationId,
      planId: first.id,
      digest: 'd',
      actor: 'a',
      at,
      removals: 3,
      reason: 'r',
    }
    const findings = [undefined, at].map((closedAt): Finding => ({
      id: newId(),
      organizationId,
      connectionId,
      kind: 'orphan',
      subject: 'a',
      message: 'm',
      openedAt: at,
      closedAt,
    }))
    const receipts = ['x', 'y'].map((subject): StoredReceipt => ({
      id: newId(),
      organizationId,
      connectionId,
      stepId: 's',
      subject,
      issuedAt: at,
      text: '{"a":1}\n',
    }))
    await opened.ledger.write(organizationId, async (tx) => {
      await tx.putConnection(connection)
      for (const value of snapshots) await tx.putSnapshot(value)
      for (const value of links) await tx.putLink(value)
      for (const value of plans) await tx.putPlan(value)
      for (const value of steps) await tx.putStep(value)
      await tx.putApproval(approval)
      for (const value of findings) await tx.putFinding(value)
      for (const value of receipts) await tx.putReceipt(value)
      await tx.setPlannedUpTo(organizationId, connectionId, 7)
    })
    await opened.ledger.read(async (reader) => {
      const ids = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id)
      assert.deepEqual(plain(await reader.latestSnapshot(organizationId, connectionId)), snapshots[1])
      assert.deepEqual(plain(await reader.links(organizationId, connectionId, { after: 'm1', limit: 5 })), plain([links[1]]))
      assert.deepEqual(plain(await reader.linkOf(organizationId, connectionId, 'm1')), plain(links[0]))
      assert.deepEqual(plain(await reader.plan(organizationId, first.id)), plain(first))
      assert.deepEqual(ids(await reader.plans(organizationId, { limit: 5 })), ids([last, closed, first]))
      assert.deepEqual(ids(await reader.plans(organizationId, { connectionId, state: 'open', limit: 1 })), [last.id])
      assert.deepEqual(ids(await reader.plans(organizationId, { state: 'open', before: last.id, limit: 5 })), [first.id])
      assert.deepEqual(await reader.plans(organizationId, { connectionId: 'other', limit: 5 }), [])
      assert.deepEqual(plain(await reader.steps(organizationId, first.id)), plain([steps[1], steps[0]]))
      assert.deepEqual(plain(await reader.step(organizationId, steps[2]?.id ?? '')), plain(steps[2]))
      assert.deepEqual(
        ids(await reader.openSteps(organizationId, connectionId)),
        ids([steps[1], steps[0], steps[3]].filter((step) => step !== undefined)),
      )
      assert.deepEqual(await reader.approvals(organizationId, first.id), [approval])
      assert.deepEqual(ids(await reader.findings(organizationId, { limit: 5 })), ids(findings).toReversed())
      assert.deepEqual(
        plain(await reader.findings(organizationId, { connectionId, open: true, limit: 5 })),
        plain(findings.slice(0, 1)),
      )
      assert.deepEqual(await reader.receipts(organizationId, { subject: 'y', limit: 5 }), receipts.slice(1))
      assert.deepEqual(await reader.receipts(organizationId, { before: receipts[1]?.id, limit: 5 }), receipts.slice(0, 1))
      assert.deepEqual(await reader.receipt(organizationId, receipts[0]?.id ?? ''), receipts[0])
      assert.equal(await reader.plannedUpTo(organizationId, connectionId), 7)
      assert.equal(await reader.plannedUpTo(organizationId, 'other'), 0)
    })
    await opened.ledger.write(organizationId, async (tx) => {
      await tx.putPlan({ ...first, state: 'closed' })
      assert.deepEqual(await tx.openSteps(organizationId, connectionId), plain([steps[3]]))
      await tx.removeLink(organizationId, connectionId, 'm1')
      await tx.removeConnection(organizationId, connectionId)
    })
    await opened.ledger.read(async (reader) => {
      assert.equal(await reader.connection(organizationId, connectionId), undefined)
      assert.equal(await reader.latestSnapshot(organizationId, connectionId), undefined)
      assert.deepEqual(await reader.links(organizationId, connectionId, { limit: 5 }), [])
      assert.deepEqual(await reader.findings(organizationId, { limit: 5 }), [])
      assert.equal((await reader.plans(organizationId, { limit: 5 })).length, 3)
      assert.equal((await reader.receipts(organizationId, { limit: 5 })).length, 2)
    })
  })
}
