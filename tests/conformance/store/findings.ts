import assert from 'node:assert/strict'
import { test } from 'node:test'
import { command } from '../../../src/directory/call.ts'
import type { FindingDecision } from '../../../src/sync/finding.ts'
import type { Finding, LedgerWriter, Link } from '../../../src/sync/ledger.ts'
import type { Marking } from '../../../src/sync/link.ts'
import type { Question } from '../../../src/sync/question.ts'
import { addMember, stateOf, useBench, type CreateDatabase } from './bench.ts'
import { connectionOf } from './connections.ts'

const at = new Date('2026-03-01T10:20:30.456Z')
const later = new Date('2026-04-01T00:00:00.000Z')
const written = { userName: 'u', email: undefined, givenName: undefined, familyName: undefined, roleIds: ['r'] }

export function findingConformance(create: CreateDatabase): void {
  const bench = useBench(create)

  test('findings are listed and counted by kind, connection, person and by the state at a moment', async () => {
    const { opened, organization, newId } = bench()
    const call = await organization()
    const { organizationId } = call
    const [one, two] = [connectionOf(bench(), call), connectionOf(bench(), call)]
    const ignored: FindingDecision = { kind: 'ignore', until: later, by: 'a', at, reason: 'r' }
    const make = (over: Partial<Finding>): Finding => ({
      id: newId(),
      organizationId,
      connectionId: one.id,
      kind: 'orphan',
      subject: 's',
      message: 'm',
      openedAt: at,
      closedAt: undefined,
      version: 1,
      ...over,
    })
    const found = [
      make({}),
      make({ kind: 'drift', membershipId: 'm1', differences: [{ attribute: 'email', ours: ['a'], theirs: [] }] }),
      make({ decision: ignored, version: 2 }),
      make({ closedAt: at, decision: ignored, connectionId: two.id }),
      make({ kind: 'drift', membershipId: 'm2', connectionId: two.id }),
    ]
    await opened.ledger.write(organizationId, async (tx) => {
      for (const connection of [one, two]) await tx.putConnection(connection)
      for (const finding of found) await tx.putFinding(finding)
    })
    await opened.ledger.read(async (reader) => {
      const ask = async (filter: Omit<Parameters<typeof reader.findings>[1], 'limit'>) => ({
        list: (await reader.findings(organizationId, { ...filter, limit: 10 })).map(({ id }) =>
          found.findIndex((finding) => finding.id === id),
        ),
        counts: (await reader.countFindings(organizationId, filter)).map(({ kind, count }) => `${kind} ${count}`),
      })
      const open = { state: 'open', now: at } as const
      assert.deepEqual(await ask({ standing: open }), { list: [4, 1, 0], counts: ['drift 2', 'orphan 1'] })
      assert.deepEqual(await ask({ standing: { ...open, state: 'ignored' } }), { list: [2], counts: ['orphan 1'] })
      assert.deepEqual(await ask({ standing: { ...open, state: 'closed' } }), { list: [3], counts: ['orphan 1'] })
      assert.deepEqual((await ask({ standing: { ...open, now: later } })).list, [4, 2, 1, 0], 'the moment alone decides')
      assert.deepEqual((await ask({ kind: 'drift', connectionId: two.id, standing: open })).list, [4])
      assert.deepEqual((await ask({ membershipId: 'm1' })).list, [1])
      assert.deepEqual((await ask({ open: true })).list, [4, 2, 1, 0])
      assert.deepEqual((await ask({})).counts, ['drift 2', 'orphan 3'])
      assert.deepEqual((await ask({ standing: open, before: found[4]?.id })).list, [1, 0])
      const drift = await reader.finding(organizationId, found[1]?.id ?? '')
      assert.deepEqual(drift?.differences, found[1]?.differences)
      assert.deepEqual((await reader.finding(organizationId, found[2]?.id ?? ''))?.decision, ignored)
      assert.equal(await reader.finding('another', found[1]?.id ?? ''), undefined)
    })
  })

  test('whoever was removed is known by their link; markings, questions and the facts of links come back', async () => {
    const { opened, organization, newId, directory } = bench()
    const call = await organization()
    const { organizationId } = call
    const connection = connectionOf(bench(), call)
    const connectionId = connection.id
    const stays = await addMember(bench(), call, 'stays')
    const leaves = (await directory.addMember(call, { state: stateOf('leaves', { externalId: '00u1' }), as: 'active' })).member
    const unlinked = await addMember(bench(), call, 'unlinked')
    const links = [stays, leaves].map(({ id }): Link => ({
      organizationId,
      connectionId,
      membershipId: id,
      accountId: `a-${id}`,
      rule: 'userName',
      confidence: 'certain',
      compared: [{ attribute: 'userName', member: 'a', account: 'A', agrees: true }],
      madeBy: 'x',
      kept: [{ attribute: 'roles', ours: [], theirs: ['r'] }],
      madeAt: at,
      written,
    }))
    const marked = { organizationId, connectionId, subject: 's', by: 'x', at, reason: 'r' }
    const markings: readonly Marking[] = [
      { ...marked, accountId: 'a1', kind: 'outside' },
      { ...marked, accountId: 'a2', kind: 'surplus', membershipId: stays.id, keptAccountId: 'a9' },
    ]
    const question: Question = {
      id: newId(),
      organizationId,
      connectionId,
      membershipId: stays.id,
      subject: 'stays',
      reason: 'r',
      candidates: [],
      ruledOut: ['a3'],
      unlinked: [],
      state: 'open',
      answer: undefined,
      askedAt: at,
      version: 1,
    }
    await opened.ledger.write(organizationId, async (tx) => {
      await tx.putConnection(connection)
      for (const link of links) await tx.putLink(link)
      for (const marking of markings) await tx.putMarking(marking)
      await tx.putQuestion(question)
      await tx.putAccount(organizationId, connectionId, {
        id: 'a1',
        userName: 'u',
        email: undefined,
        givenName: undefined,
        familyName: undefined,
        status: 'active',
        roles: [],
        raw: {},
      })
    })
    const tell = command(opened.ledger, 'operate', async (_tx: LedgerWriter) => [
      undefined,
      { action: 'link.made', subject: 'a7', detail: { connectionId } },
      { action: 'account.marked', subject: 'a7' },
      { action: 'link.removed', subject: 'a7' },
    ])
    await tell(call, undefined)
    for (const { id } of [leaves, unlinked]) await directory.removeMember(call, { id })
    await opened.ledger.read(async (reader) => {
      assert.deepEqual(await reader.departed(organizationId, connectionId), [
        { membershipId: leaves.id, personId: leaves.personId, userName: 'leaves', externalId: '00u1' },
      ])
      assert.deepEqual(await reader.departed(organizationId, 'other'), [])
      const link = await reader.linkOfAccount(organizationId, connectionId, `a-${stays.id}`)
      assert.deepEqual([link?.membershipId, link?.compared, link?.kept], [stays.id, links[0]?.compared, links[0]?.kept])
      assert.equal(await reader.linkOfAccount(organizationId, connectionId, 'a1'), undefined)
      assert.equal((await reader.account(organizationId, connectionId, 'a1'))?.userName, 'u')
      assert.equal(await reader.account(organizationId, connectionId, 'a2'), undefined)
      assert.deepEqual(await reader.markings(organizationId, connectionId, { limit: 5 }), markings)
      assert.deepEqual(await reader.markings(organizationId, connectionId, { after: 'a1', limit: 5 }), markings.slice(1))
      assert.deepEqual(await reader.marking(organizationId, connectionId, 'a1'), markings[0])
      assert.equal((await reader.question(organizationId, question.id))?.subject, 'stays')
      const ids = async (filter: Omit<Parameters<typeof reader.questions>[1], 'limit'>) =>
        (await reader.questions(organizationId, { ...filter, limit: 5 })).map(({ id }) => id)
      assert.deepEqual(await ids({ connectionId, membershipId: stays.id, state: 'open' }), [question.id])
      assert.deepEqual(await ids({ state: 'answered' }), [])
      assert.deepEqual(await reader.linkFacts(organizationId, 'a1'), [])
      const history = await reader.linkFacts(organizationId, 'a7')
      assert.deepEqual(
        history.map(({ action, detail }) => [action, detail]),
        [
          ['link.made', { connectionId }],
          ['link.removed', {}],
        ],
      )
    })
    await assert.rejects(
      opened.ledger.write(organizationId, (tx) => tx.putQuestion({ ...question, id: newId() })),
      { refusal: 'taken', field: 'membershipId' },
    )
    await opened.ledger.write(organizationId, async (tx) => {
      await tx.removeMarking(organizationId, connectionId, 'a1')
      await tx.putQuestion({ ...question, state: 'answered', version: 2 })
    })
    await opened.ledger.read(async (reader) => {
      assert.deepEqual(await reader.markings(organizationId, connectionId, { limit: 5 }), markings.slice(1))
      assert.deepEqual(
        (await reader.questions(organizationId, { state: 'answered', limit: 5 })).map(({ version }) => version),
        [2],
      )
    })
    await opened.ledger.write(organizationId, (tx) => tx.removeConnection(organizationId, connectionId))
    await opened.ledger.read(async (reader) => {
      assert.deepEqual(await reader.markings(organizationId, connectionId, { limit: 5 }), [])
      assert.deepEqual(await reader.questions(organizationId, { limit: 5 }), [])
    })
  })
}
