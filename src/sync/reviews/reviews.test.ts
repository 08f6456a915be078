import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { openSyncWorld, type SyncWorld } from '../../../tests/sync.ts'
import { duties } from '../../directory/credential.ts'
import { canonicalJson } from '../../directory/json.ts'
import type { Policy } from '../connection.ts'
import { verifySignedLines } from '../signed-lines.ts'
import type { CreateReview, ItemView } from './engine.ts'

const day = 86_400_000

/** A connection with some people on it, and two reviewers: Rita, who has an account there, and somebody from outside. */
async function openReviewWorld(t: TestContext, names: readonly string[] = ['jane', 'john', 'rita'], policy?: Partial<Policy>) {
  const world = await openSyncWorld(t)
  const connection = await world.connect({ policy: { defaultRoles: ['member'], ...policy } })
  const members = new Map<string, string>()
  for (const name of names) members.set(name, (await world.join(name)).id)
  await world.settle()
  const [rita, outsider, boss] = [await key(world, 'rita'), await key(world, 'outsider'), await key(world, 'boss')]
  const input: CreateReview = {
    name: 'Quarter 4',
    scope: {},
    reviewers: [
      { credentialId: rita, membershipId: members.get('rita') },
      { credentialId: outsider, membershipId: undefined },
    ],
    dueAt: new Date(world.time.clock().getTime() + 14 * day),
  }
  const as = {
    admin: () => world.by('admin', 'operator'),
    rita: () => world.by(rita, 'approver'),
    outsider: () => world.by(outsider, 'approver'),
    boss: () => world.by(boss, 'approver'),
  }
  const items = async (id: string): Promise<ReadonlyMap<string, ItemView>> => {
    const list = await world.engine.listReviewItems(as.admin(), { reviewId: id, limit: 1_000 })
    return new Map(list.map((item) => [item.account.userName, item]))
  }
  const decide = async (
    who: keyof typeof as,
    id: string,
    { of, ...decision }: { readonly of: string; readonly decision: 'keep' | 'revoke'; readonly reason?: string },
  ) => world.engine.decideReview(as[who](), { reviewId: id, items: [(await items(id)).get(of)?.id ?? ''], ...decision })
  return { world, connection, members, input, as, items, decide, ids: { rita, outsider, boss } }
}

async function key(world: SyncWorld, name: string): Promise<string> {
  const scopes = [...duties.approver]
  const { credential } = await world.directory.createCredential(world.by('setup'), { kind: 'native', name, scopes })
  return credential.id
}

const accountsOf = ({ vendor }: SyncWorld) => [...vendor.accounts.values()].map(({ userName }) => userName).toSorted()

test('what is revoked is planned, approved by somebody else, gone, and not given back until it is lifted', async (t) => {
  const { world, connection, members, input, as, items, decide, ids } = await openReviewWorld(t)
  const { review, counts, standing } = await world.engine.createReview(as.admin(), input)
  assert.deepEqual([standing, counts], ['open', { undecided: 3, keep: 0, revoke: 0 }])
  await decide('rita', review.id, { of: 'jane', decision: 'revoke', reason: 'left the team' })
  await decide('rita', review.id, { of: 'john', decision: 'keep' })
  await assert.rejects(world.engine.closeReview(as.admin(), { id: review.id }), { refusal: 'conflict' })
  await decide('outsider', review.id, { of: 'rita', decision: 'keep' })
  const closed = await world.engine.closeReview(as.admin(), { id: review.id })
  assert.equal(closed.standing, 'closed')
  const [result] = closed.review.results
  assert.deepEqual([result?.revoked, result?.problem], [1, undefined])
  const { plan, steps } = await world.engine.getPlan(as.admin(), { id: result?.planId ?? '' })
  assert.deepEqual(plan.authors.toSorted(), ['admin', ids.rita].toSorted())
  assert.deepEqual(
    steps.map(({ kind, subject }) => [kind, subject]),
    [['remove', 'jane']],
  )
  assert.match(steps[0]?.reason ?? '', /is denied access by the review "Quarter 4": left the team/)
  assert.equal((await items(review.id)).get('jane')?.outcome?.kind, 'planned')

  const decision = { id: plan.id, digest: plan.digest, reason: 'agreed' }
  await assert.rejects(world.engine.approvePlan(as.rita(), decision), { refusal: 'forbidden' })
  await world.engine.approvePlan(as.boss(), decision)
  await world.settle()
  assert.deepEqual(accountsOf(world), ['john', 'rita'])
  assert.equal((await items(review.id)).get('jane')?.found, 'gone')
  await world.pass(60, 20)
  await world.engine.createPlan(as.admin(), { connectionId: connection.id })
  await world.settle()
  assert.deepEqual(accountsOf(world), ['john', 'rita'])

  const jane = members.get('jane') ?? ''
  const [exclusion] = await world.engine.listExclusions(as.admin(), { limit: 10 })
  assert.deepEqual([exclusion?.membershipId, exclusion?.by, exclusion?.reason], [jane, ids.rita, 'left the team'])
  const lifting = { connectionId: connection.id, membershipId: jane, reason: 'came back' }
  await assert.rejects(world.engine.liftExclusion(as.rita(), lifting), { refusal: 'forbidden' })
  await world.engine.liftExclusion(as.admin(), lifting)
  await assert.rejects(world.engine.liftExclusion(as.admin(), lifting), { refusal: 'notFound' })
  await world.settle()
  assert.deepEqual(accountsOf(world), ['jane', 'john', 'rita'])
})

test('an item shows whose the account is, why, since when, with which rights, and on which read it rests', async (t) => {
  const { world, input, as, items } = await openReviewWorld(t, ['jane', 'john'], { ownerRoles: ['Admin'] })
  world.vendor.put({ userName: 'ghost', roles: [{ id: 'r1', name: 'Admin' }], activeSessions: 2 })
  const [, outsider] = input.reviewers
  const { review } = await world.engine.createReview(as.admin(), { ...input, reviewers: outsider ? [outsider] : [] })
  const found = await items(review.id)
  assert.deepEqual([...found.keys()].toSorted(), ['ghost', 'jane', 'john'])
  const [ghost, jane] = [found.get('ghost'), found.get('jane')]
  assert.deepEqual(
    [ghost?.person, ghost?.why, ghost?.privileged, ghost?.activity.openSessions],
    [undefined, [{ kind: 'orphan' }], ['Admin'], 2],
  )
  assert.deepEqual(
    [jane?.person?.userName, jane?.why, jane?.privileged, jane?.since, jane?.linkedBy],
    ['jane', [{ kind: 'everyone' }], [], world.time.clock(), 'created'],
  )
  const [read] = review.reads
  assert.deepEqual(jane?.read, { snapshotId: read?.snapshotId, at: read?.at, complete: true })
  const list = async (filter: object) =>
    (await world.engine.listReviewItems(as.outsider(), { reviewId: review.id, limit: 10, ...filter })).map(
      ({ account }) => account.userName,
    )
  assert.deepEqual(await list({ kind: 'privileged' }), ['ghost'])
  assert.deepEqual(await list({ kind: 'orphan' }), ['ghost'])
  assert.deepEqual((await list({ kind: 'plain' })).toSorted(), ['jane', 'john'])
  assert.deepEqual(await list({ membershipId: jane?.person?.id }), ['jane'])
})

test('a scope narrows a review to connections, people and roles', async (t) => {
  const { world, connection, members, input, as, items } = await openReviewWorld(t)
  world.vendor.put({ userName: 'ghost', roles: [{ id: 'r1', name: 'Admin' }] })
  const names = async (name: string, scope: CreateReview['scope']) => {
    const { review } = await world.engine.createReview(as.admin(), { ...input, name, scope })
    return [...(await items(review.id)).keys()].toSorted()
  }
  assert.deepEqual(await names('one', { connectionIds: [connection.id] }), ['ghost', 'jane', 'john', 'rita'])
  assert.deepEqual(await names('two', { membershipIds: [members.get('john') ?? ''] }), ['john'])
  assert.deepEqual(await names('three', { roles: ['admin'] }), ['ghost'])
  assert.deepEqual(await names('four', { roles: ['r2'], membershipIds: [members.get('jane') ?? ''] }), ['jane'])
})

test('nobody decides on their own access, beyond what they are named for, or without being named', async (t) => {
  const { world, connection, input, as, items, decide } = await openReviewWorld(t)
  const { review } = await world.engine.createReview(as.admin(), input)
  await assert.rejects(decide('rita', review.id, { of: 'rita', decision: 'keep' }), {
    refusal: 'forbidden',
    message: /own access/,
  })
  await assert.rejects(decide('boss', review.id, { of: 'jane', decision: 'keep' }), { refusal: 'forbidden' })
  await assert.rejects(decide('admin', review.id, { of: 'jane', decision: 'keep' }), { refusal: 'forbidden' })
  // All or none: the own item among others stops them all.
  const ids = [...(await items(review.id)).values()].map(({ id }) => id)
  await assert.rejects(world.engine.decideReview(as.rita(), { reviewId: review.id, items: ids, decision: 'keep' }), {
    refusal: 'forbidden',
  })
  assert.equal((await world.engine.getReview(as.admin(), { id: review.id })).counts.keep, 0)
  // By a filter, only what may be decided is meant.
  const { decided } = await world.engine.decideReview(as.rita(), { reviewId: review.id, items: {}, decision: 'keep' })
  assert.equal(decided, 2)
  assert.equal((await items(review.id)).get('rita')?.decision, undefined)
  const other = await world.engine.addConnection(world.by('admin'), {
    name: 'other',
    vendor: 'memory',
    baseUrl: 'https://other.test/api',
    credentials: { key: 'k' },
    assignments: [],
  })
  const [rita, outsider] = input.reviewers
  const both = rita && outsider ? [{ ...rita, connectionIds: [other.id] }, outsider] : []
  const second = await world.engine.createReview(as.admin(), { ...input, name: 'second', reviewers: both })
  const here = await world.engine.listReviewItems(as.admin(), {
    reviewId: second.review.id,
    connectionId: connection.id,
    limit: 10,
  })
  await assert.rejects(
    world.engine.decideReview(as.rita(), { reviewId: second.review.id, items: [here[0]?.id ?? ''], decision: 'keep' }),
    { refusal: 'forbidden', message: /not named to review desk/ },
  )
})

test('a review that could not be held is refused', async (t) => {
  const { world, connection, input, as, ids } = await openReviewWorld(t)
  const [rita, outsider] = input.reviewers
  assert.ok(rita && outsider)
  const refused = (over: Partial<CreateReview>, message: RegExp, field: string) =>
    assert.rejects(world.engine.createReview(as.admin(), { ...input, ...over }), { refusal: 'invalid', message, field })
  await refused({ reviewers: [] }, /at least one/, 'reviewers')
  await refused({ reviewers: [rita] }, /nobody reviews their own/, 'reviewers')
  await refused({ reviewers: [outsider, outsider] }, /twice/, 'reviewers')
  await refused({ reviewers: [{ ...outsider, credentialId: connection.id }] }, /no valid credential/, 'reviewers')
  await refused({ reviewers: [{ ...outsider, connectionIds: [ids.rita] }] }, /Nobody is named to review desk/, 'reviewers')
  await refused({ dueAt: world.time.clock() }, /until when/, 'dueAt')
  await refused({ scope: { connectionIds: [ids.rita] } }, /no connection/, 'scope')
  await refused({ scope: { membershipIds: [ids.rita] } }, /no member/, 'scope')
  const { credential } = await world.directory.createCredential(world.by('setup'), {
    kind: 'native',
    name: 'auditor',
    scopes: [...duties.auditor],
  })
  await refused({ reviewers: [{ credentialId: credential.id, membershipId: undefined }] }, /lacks the scope/, 'reviewers')
  await assert.rejects(world.engine.createReview(as.rita(), input), { refusal: 'forbidden' })
  assert.deepEqual(await world.engine.listReviews(as.admin(), { limit: 10 }), [])
})

test('created again with the same content, a review is the one there is; with other content its name is taken', async (t) => {
  const { world, input, as } = await openReviewWorld(t)
  const { review } = await world.engine.createReview(as.admin(), input)
  assert.equal((await world.engine.createReview(as.admin(), input)).review.id, review.id)
  await assert.rejects(world.engine.createReview(as.admin(), { ...input, undecided: 'revoke' }), { refusal: 'taken' })
  await assert.rejects(world.engine.createReview(world.by('ops', 'operator'), input), { refusal: 'taken' })
  // A process that ended while it froze left this behind: the same request goes on from there.
  await world.database.ledger.write(world.organizationId, (tx) => tx.putReview({ ...review, state: 'preparing' }))
  await assert.rejects(world.engine.closeReview(as.admin(), { id: review.id }), { refusal: 'conflict' })
  await assert.rejects(world.engine.decideReview(as.outsider(), { reviewId: review.id, items: {}, decision: 'keep' }), {
    refusal: 'conflict',
  })
  const again = await world.engine.createReview(as.admin(), input)
  assert.deepEqual([again.review.id, again.standing, again.counts.undecided], [review.id, 'open', 3])
})

test('what is privileged or of nobody is kept for a reason, and a later decision replaces an earlier one until the end', async (t) => {
  const { world, input, as, items, decide, ids } = await openReviewWorld(t)
  world.vendor.put({ userName: 'ghost' })
  const { review } = await world.engine.createReview(as.admin(), input)
  await assert.rejects(decide('rita', review.id, { of: 'ghost', decision: 'keep' }), { refusal: 'invalid', field: 'reason' })
  await assert.rejects(decide('rita', review.id, { of: 'jane', decision: 'revoke', reason: ' ' }), { refusal: 'invalid' })
  await decide('rita', review.id, { of: 'ghost', decision: 'keep', reason: 'service account' })
  await decide('rita', review.id, { of: 'jane', decision: 'revoke', reason: 'left' })
  await decide('outsider', review.id, { of: 'jane', decision: 'keep' })
  assert.deepEqual((await items(review.id)).get('jane')?.decision, {
    kind: 'keep',
    by: ids.outsider,
    at: world.time.clock(),
  })
  const facts = await world.directory.listFacts(world.by('reader', 'auditor'), { after: 0, limit: 1_000 })
  assert.deepEqual(
    facts.filter(({ action }) => action === 'review.decided').map(({ actor, detail }) => [actor, detail['decision']]),
    [
      [ids.rita, 'keep'],
      [ids.rita, 'revoke'],
      [ids.outsider, 'keep'],
    ],
  )
  await world.engine.decideReview(as.outsider(), { reviewId: review.id, items: {}, decision: 'keep' })
  await world.engine.closeReview(as.admin(), { id: review.id })
  await assert.rejects(decide('outsider', review.id, { of: 'jane', decision: 'keep' }), { refusal: 'conflict' })
})

test('what is undecided at the due date shows as overdue, and is revoked only where the review says so', async (t) => {
  for (const undecided of ['leave', 'revoke'] as const) {
    const { world, input, as, items, decide } = await openReviewWorld(t)
    const { review } = await world.engine.createReview(as.admin(), { ...input, undecided })
    await decide('rita', review.id, { of: 'john', decision: 'keep' })
    await decide('outsider', review.id, { of: 'rita', decision: 'keep' })
    await world.time.advance(15 * day)
    const overdue = await world.engine.getReview(as.admin(), { id: review.id })
    assert.deepEqual([overdue.standing, overdue.counts.undecided, overdue.waiting], ['overdue', 1, [1, 1]])
    await world.settle()
    assert.deepEqual(accountsOf(world), ['jane', 'john', 'rita'])
    const closed = await world.engine.closeReview(as.admin(), { id: review.id })
    const jane = (await items(review.id)).get('jane')
    if (undecided === 'leave') {
      assert.deepEqual([closed.counts, closed.review.results], [{ undecided: 1, keep: 2, revoke: 0 }, []])
      assert.equal(jane?.decision, undefined)
      assert.deepEqual(await world.engine.listExclusions(as.admin(), { limit: 10 }), [])
    } else {
      assert.deepEqual([jane?.decision?.kind, jane?.decision?.overdue, jane?.outcome?.kind], ['revoke', true, 'planned'])
      assert.match(jane?.decision?.reason ?? '', /nobody decided until/)
    }
  }
})

test('that a review is overdue is told once, with what waits for whom, and not where nothing does', async (t) => {
  const { world, input, as, decide, ids, members } = await openReviewWorld(t)
  const { review } = await world.engine.createReview(as.admin(), input)
  const { review: decided } = await world.engine.createReview(as.admin(), { ...input, name: 'Decided' })
  const { review: closed } = await world.engine.createReview(as.admin(), { ...input, name: 'Closed' })
  for (const { id } of [decided, closed])
    for (const who of ['rita', 'outsider'] as const)
      await world.engine.decideReview(as[who](), { reviewId: id, items: {}, decision: 'keep' })
  await world.engine.closeReview(as.admin(), { id: closed.id })
  await decide('rita', review.id, { of: 'john', decision: 'keep' })
  const told = async () => {
    const { facts } = await world.directory.readFeed(world.by('audit'), { actions: ['review.overdue'], limit: 10 })
    return facts.map(({ subject, detail }) => ({ subject, detail }))
  }
  await world.time.advance(13 * day)
  await world.settle()
  assert.deepEqual(await told(), [])
  await world.time.advance(day)
  await world.settle()
  const waiting = [
    { credentialId: ids.rita, membershipId: members.get('rita'), items: 1 },
    { credentialId: ids.outsider, items: 2 },
  ]
  const detail = { name: 'Quarter 4', dueAt: input.dueAt.toISOString(), undecided: 2, waiting }
  assert.deepEqual(await told(), [{ subject: review.id, detail }])
  await world.time.advance(3 * day)
  await world.settle()
  assert.equal((await told()).length, 1)
  await world.database.ledger.write(review.organizationId, (tx) =>
    tx.schedule({ organizationId: review.organizationId, kind: 'review', subject: review.id, dueAt: world.time.clock() }),
  )
  await world.settle()
  assert.equal((await told()).length, 1, 'also where a process ended before it gave the work back')
})

test('what changed since the review was frozen is told, and what changed hands is left alone', async (t) => {
  const { world, connection, members, input, as, items } = await openReviewWorld(
    t,
    ['jane', 'john', 'jill', 'jack', 'jim', 'root', 'rita'],
    { protectedAccounts: ['root'], removalLimit: { accounts: 100, percent: 100 } },
  )
  const ghost = world.vendor.put({ userName: 'ghost' })
  const { review } = await world.engine.createReview(as.admin(), input)
  await world.engine.decideReview(as.outsider(), { reviewId: review.id, items: {}, decision: 'revoke', reason: 'start over' })
  const accountOf = (name: string) => [...world.vendor.accounts.values()].find(({ userName }) => userName === name)
  const [john, jill] = [accountOf('john'), accountOf('jill')]
  assert.ok(john && jill)
  world.vendor.put({ ...john, roles: [{ id: 'r1', name: 'Admin' }] })
  world.vendor.accounts.delete(jill.id)
  const jack = { connectionId: connection.id, membershipId: members.get('jack') ?? '', reason: 'not theirs' }
  await world.engine.unlinkAccount(world.by('admin'), jack)
  const second = world.vendor.put({ userName: 'jim2' })
  await world.engine.importAccounts(world.by('admin'), { id: connection.id })
  const jim = { connectionId: connection.id, membershipId: members.get('jim') ?? '', accountId: second.id }
  await world.engine.linkAccount(world.by('admin'), jim)
  const closed = await world.engine.closeReview(as.admin(), { id: review.id })
  assert.equal(closed.review.results[0]?.revoked, 8)
  const outcomes = new Map([...(await items(review.id))].map(([name, { outcome }]) => [name, outcome]))
  const kinds = Object.fromEntries([...outcomes].map(([name, outcome]) => [name, outcome?.kind]))
  assert.deepEqual(kinds, {
    ghost: 'byHand',
    jack: 'changed',
    jane: 'planned',
    jill: 'gone',
    jim: 'changed',
    john: 'planned',
    rita: 'planned',
    root: 'protected',
  })
  assert.match(outcomes.get('john')?.message ?? '', /since it was reviewed, its roles changed: Member → Admin/)
  const { steps } = await world.engine.getPlan(as.admin(), { id: closed.review.results[0]?.planId ?? '' })
  assert.deepEqual(steps.map(({ subject }) => subject).toSorted(), ['jane', 'john', 'rita'])
  assert.match(steps.find(({ subject }) => subject === 'john')?.reason ?? '', /roles changed: Member → Admin/)
  await world.settle()
  assert.ok(world.vendor.accounts.has(ghost.id))
  assert.ok(!accountsOf(world).includes('jill'), 'who is denied is not made again')
})

test('a vendor that cannot be read when the review is closed is planned when it can, with the reviewers among the authors', async (t) => {
  const { world, input, as, items, decide, ids } = await openReviewWorld(t)
  const { review } = await world.engine.createReview(as.admin(), input)
  await decide('rita', review.id, { of: 'jane', decision: 'revoke', reason: 'left' })
  await world.engine.decideReview(as.outsider(), { reviewId: review.id, items: {}, decision: 'keep' })
  world.vendor.faults = [{ kind: 'status500Before' }]
  const closed = await world.engine.closeReview(as.admin(), { id: review.id })
  assert.deepEqual([closed.standing, closed.review.results[0]?.planId], ['closed', undefined])
  assert.match(closed.review.results[0]?.problem ?? '', /could not be read/)
  assert.equal((await items(review.id)).get('jane')?.outcome?.kind, 'waiting')
  world.vendor.faults = []
  await world.pass(2)
  const [plan] = await world.engine.listPlans(as.admin(), { state: 'open', limit: 10 })
  assert.ok(plan)
  assert.ok(plan.authors.includes(ids.rita))
  const decision = { id: plan.id, digest: plan.digest, reason: 'agreed' }
  await assert.rejects(world.engine.approvePlan(as.rita(), decision), { refusal: 'forbidden' })
  await world.engine.approvePlan(as.boss(), decision)
  await world.settle()
  assert.deepEqual(accountsOf(world), ['john', 'rita'])
})

test('a close that is repeated changes nothing, and one that was cut off goes on where it ended', async (t) => {
  const { world, input, as, decide } = await openReviewWorld(t)
  const { review } = await world.engine.createReview(as.admin(), input)
  await decide('rita', review.id, { of: 'jane', decision: 'revoke', reason: 'left' })
  await world.engine.decideReview(as.outsider(), { reviewId: review.id, items: {}, decision: 'keep' })
  const close = () => world.engine.closeReview(as.admin(), { id: review.id })
  const one = await close()
  assert.deepEqual(await close(), one)
  // As a process leaves it that ends before it has written down what came of it.
  await world.database.ledger.write(world.organizationId, (tx) => tx.putReview({ ...one.review, state: 'closing', results: [] }))
  const again = await close()
  assert.deepEqual(again.review.results, one.review.results)
  const facts = await world.directory.listFacts(world.by('reader', 'auditor'), { after: 0, limit: 1_000 })
  assert.equal(facts.filter(({ action }) => action === 'exclusion.made').length, 1)
  assert.equal((await world.engine.listPlans(as.admin(), { state: 'open', limit: 10 })).length, 1)
})

test('the limit on removals holds for what a review revokes', async (t) => {
  const { world, input, as } = await openReviewWorld(t, ['a', 'b', 'c', 'd', 'e', 'f', 'g'])
  const { review } = await world.engine.createReview(as.admin(), input)
  await world.engine.decideReview(as.outsider(), { reviewId: review.id, items: {}, decision: 'revoke', reason: 'start over' })
  const { review: closed } = await world.engine.closeReview(as.admin(), { id: review.id })
  const { plan } = await world.engine.getPlan(as.admin(), { id: closed.results[0]?.planId ?? '' })
  const decision = { id: plan.id, digest: plan.digest, reason: 'agreed' }
  await assert.rejects(world.engine.approvePlan(as.boss(), decision), { refusal: 'unsafe', field: 'removals' })
  await world.engine.approvePlan(as.boss(), { ...decision, removals: 7 })
  await world.settle()
  assert.deepEqual(accountsOf(world), [])
})

test('a signed document is the closed review, item by item', async (t) => {
  const { world, input, as } = await openReviewWorld(t)
  const { review } = await world.engine.createReview(as.admin(), input)
  const seal = () => world.engine.sealReview(world.by('audit', 'auditor'), { id: review.id })
  await assert.rejects(seal(), { refusal: 'conflict' })
  await world.engine.decideReview(as.outsider(), { reviewId: review.id, items: {}, decision: 'keep' })
  await world.engine.closeReview(as.admin(), { id: review.id })
  await assert.rejects(world.engine.sealReview({ ...as.admin(), scopes: new Set(['read']) }, { id: review.id }), {
    refusal: 'forbidden',
  })
  const list = await world.engine.listReviewItems(as.admin(), { reviewId: review.id, limit: 10 })
  const ends = await seal()
  const text = [ends.head, ...list.map(canonicalJson), ends.seal].map((line) => `${line}\n`).join('')
  const verdict = verifySignedLines(text, world.engine.receiptKey)
  assert.ok(verdict.valid)
  assert.deepEqual(
    [verdict.items, verdict.head['kind'], verdict.head['counts']],
    [3, 'rollcall.review', { keep: 3, revoke: 0, undecided: 0 }],
  )
  assert.equal(verifySignedLines(text.replace('"keep"', '"kept"')).valid, false)
})

test('who is denied has access for no reason, now and by what the facts tell of then', async (t) => {
  const { world, connection, members, input, as, decide } = await openReviewWorld(t)
  const { review } = await world.engine.createReview(as.admin(), input)
  await decide('rita', review.id, { of: 'jane', decision: 'revoke', reason: 'left' })
  await world.engine.decideReview(as.outsider(), { reviewId: review.id, items: {}, decision: 'keep' })
  const before = world.time.clock()
  await world.time.advance(1_000)
  await world.engine.closeReview(as.admin(), { id: review.id })
  const denied = world.time.clock()
  await world.time.advance(1_000)
  const jane = members.get('jane') ?? ''
  const why = async (at?: Date) =>
    (await world.engine.listAccess(world.by('reader', 'auditor'), { filter: { person: jane }, at, limit: 10 })).map(
      (row) => row.why,
    )
  assert.deepEqual(await why(), [[{ kind: 'excluded' }]])
  assert.deepEqual(await why(denied), [[{ kind: 'excluded' }]])
  assert.deepEqual(await why(before), [[{ kind: 'everyone' }]])
  await world.engine.liftExclusion(as.admin(), { connectionId: connection.id, membershipId: jane, reason: 'needed' })
  for (const at of [undefined, world.time.clock()]) assert.deepEqual(await why(at), [[{ kind: 'everyone' }]])
  assert.deepEqual(await why(denied), [[{ kind: 'excluded' }]])
})

test('being removed and added again by the identity provider does not give back what a review denied', async (t) => {
  const { world, connection, members, input, as, decide } = await openReviewWorld(t)
  const { review } = await world.engine.createReview(as.admin(), input)
  await decide('rita', review.id, { of: 'jane', decision: 'revoke', reason: 'left' })
  await world.engine.decideReview(as.outsider(), { reviewId: review.id, items: {}, decision: 'keep' })
  const { review: closed } = await world.engine.closeReview(as.admin(), { id: review.id })
  const { plan } = await world.engine.getPlan(as.admin(), { id: closed.results[0]?.planId ?? '' })
  await world.engine.approvePlan(as.boss(), { id: plan.id, digest: plan.digest, reason: 'agreed' })
  await world.settle()
  await world.directory.removeMember(world.by('idp'), { id: members.get('jane') ?? '' })
  const jane = await world.join('Jane')
  await world.settle()
  assert.deepEqual(accountsOf(world), ['john', 'rita'])
  const tried = await world.engine.tryPerson(world.by('admin'), { connectionId: connection.id, person: 'Jane' })
  assert.match(tried.steps.find(({ name }) => name === 'assignment')?.message ?? '', /denied access by the review "Quarter 4"/)
  await world.engine.liftExclusion(as.admin(), { connectionId: connection.id, membershipId: jane.id, reason: 'came back' })
  await world.settle()
  assert.deepEqual(accountsOf(world), ['Jane', 'john', 'rita'])
})
