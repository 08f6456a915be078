import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { openSyncWorld, type SyncWorld } from '../../../tests/sync.ts'
import { duties } from '../../directory/credential.ts'
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
