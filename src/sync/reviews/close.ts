import { command, unchanged, type Call, type Outcome } from '../../directory/call.ts'
import { DirectoryError } from '../../directory/errors.ts'
import type { FactDraft } from '../../directory/fact.ts'
import type { LedgerWriter } from '../ledger.ts'
import { requireOperator, type SyncParts } from '../parts.ts'
import { decidedFacts } from './decide.ts'
import type { ReviewView } from './engine.ts'
import { revokeAt } from './revoke.ts'
import type { Review, ReviewDecision, ReviewResult } from './review.ts'
import { findReview, viewReview } from './view.ts'

const chunk = 500

/** Ends the deciding and has the revocations planned, connection by connection. */
export async function closeReview(parts: SyncParts, call: Call, { id }: { readonly id: string }): Promise<ReviewView> {
  const { ledger, clock } = parts
  await requireOperator(parts, call)
  const own = () => ({ ...call, now: clock(), idempotency: undefined })
  const review = await begin(parts)(own(), id)
  if (review.state === 'closing') {
    if (review.undecided === 'revoke') while (await revokeOverdue(parts)(own(), review));
    for (const read of review.reads) {
      if (review.results.some(({ connectionId }) => connectionId === read.connectionId)) continue
      const result = await revokeAt(parts, own(), { review, read })
      if (result) await noteResult(parts)(own(), { id, result })
    }
  }
  const closed = await finish(parts)(own(), id)
  return ledger.read((tx) => viewReview(tx, closed, clock()))
}

const begin = ({ ledger }: SyncParts) =>
  command(ledger, 'operate', async (tx: LedgerWriter, call: Call, id: string): Promise<Outcome<Review>> => {
    const review = await findReview(tx, call, id)
    if (review.state === 'preparing')
      throw new DirectoryError('conflict', 'The review was never opened: create it again, with the same content, and it goes on.')
    if (review.state !== 'open') return unchanged(review)
    const { undecided } = await tx.countReviewItems(call.organizationId, id, {})
    if (undecided > 0 && call.now < review.dueAt)
      throw new DirectoryError(
        'conflict',
        `${undecided} items are undecided, and the reviewers have until ${review.dueAt.toISOString()}. Close it then, or when everything is decided.`,
      )
    const closing: Review = { ...review, state: 'closing', closed: { by: call.actor, at: call.now } }
    await tx.putReview(closing)
    return unchanged(closing)
  })

/** Revokes some of what nobody decided in time; answers whether there was any. */
const revokeOverdue = ({ ledger }: SyncParts) =>
  command(ledger, 'operate', async (tx: LedgerWriter, call: Call, review: Review): Promise<Outcome<boolean>> => {
    const items = await tx.reviewItems(call.organizationId, review.id, { state: 'undecided', limit: chunk })
    if (items.length === 0) return unchanged(false)
    const decision: ReviewDecision = {
      kind: 'revoke',
      by: call.actor,
      at: call.now,
      reason: `nobody decided until ${review.dueAt.toISOString()}, and the review revokes what is undecided`,
      overdue: true,
    }
    await tx.putReviewItems(items.map((item) => ({ ...item, decision })))
    return withFacts(true, decidedFacts(review, items, decision))
  })

const noteResult = ({ ledger }: SyncParts) =>
  command(
    ledger,
    'operate',
    async (tx: LedgerWriter, call: Call, { id, result }: { readonly id: string; readonly result: ReviewResult }) => {
      const review = await findReview(tx, call, id)
      const others = review.results.filter(({ connectionId }) => connectionId !== result.connectionId)
      await tx.putReview({ ...review, results: [...others, result] })
      return unchanged(undefined)
    },
  )

const finish = ({ ledger }: SyncParts) =>
  command(ledger, 'operate', async (tx: LedgerWriter, call: Call, id: string): Promise<Outcome<Review>> => {
    const review = await findReview(tx, call, id)
    if (review.state === 'closed') return unchanged(review)
    const closed: Review = { ...review, state: 'closed' }
    await tx.putReview(closed)
    const counts = await tx.countReviewItems(call.organizationId, id, {})
    const plans = closed.results.map(({ connectionId, planId, revoked }) => ({ connectionId, planId, revoked }))
    return [closed, { action: 'review.closed', subject: id, detail: { name: closed.name, ...counts, plans } }]
  })

function withFacts<O>(outcome: O, [first, ...rest]: readonly FactDraft[]): Outcome<O> {
  return first ? [outcome, first, ...rest] : unchanged(outcome)
}
