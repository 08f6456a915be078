import { unchanged, type Call, type Outcome } from '../../directory/call.ts'
import { DirectoryError } from '../../directory/errors.ts'
import type { FactDraft } from '../../directory/fact.ts'
import type { LedgerReader, LedgerWriter } from '../ledger.ts'
import type { Decided, DecideReview } from './engine.ts'
import { coversConnection, reviewerOf, type Review, type ReviewDecision, type Reviewer, type ReviewItem } from './review.ts'
import { findReview, rangeOf } from './view.ts'

/** How many items one request decides on. */
const most = 1_000
/** How many items one fact tells of: facts are read and delivered one by one. */
const perFact = 100

/** Decides on items, as somebody who was named for them. Run in a command that asks for the scope. */
export async function decide(tx: LedgerWriter, call: Call, input: DecideReview): Promise<Outcome<Decided>> {
  const review = await findReview(tx, call, input.reviewId)
  if (review.state !== 'open')
    throw new DirectoryError('conflict', review.state === 'preparing' ? 'The review is not open yet.' : 'The review is closed.')
  const reviewer = reviewerOf(review, call.actor)
  if (!reviewer) throw new DirectoryError('forbidden', `You are not among the reviewers of "${review.name}".`)
  const { items, after } = await askedFor(tx, review, { reviewer, asked: input.items })
  const reason = input.reason?.trim() || undefined
  for (const item of items) refuseUndecidable(item, { reviewer, decision: input.decision, reason })
  const decision: ReviewDecision = { kind: input.decision, by: call.actor, at: call.now, reason }
  const changed = items.filter((item) => !isSame(item.decision, decision)).map((item) => ({ ...item, decision }))
  if (changed.length === 0) return unchanged({ decided: items.length, after })
  await tx.putReviewItems(changed)
  const [first, ...rest] = decidedFacts(review, changed, decision)
  return first ? [{ decided: items.length, after }, first, ...rest] : unchanged({ decided: items.length, after })
}

/** The facts of items that were decided alike. */
export function decidedFacts(review: Review, items: readonly ReviewItem[], decision: ReviewDecision): readonly FactDraft[] {
  const { kind, reason, overdue } = decision
  return Array.from({ length: Math.ceil(items.length / perFact) }, (_, part) => ({
    action: 'review.decided',
    subject: review.id,
    detail: {
      decision: kind,
      reason,
      overdue,
      items: items.slice(part * perFact, (part + 1) * perFact).map(({ id, connection, account, person }) => ({
        id,
        connectionId: connection.id,
        accountId: account.id,
        membershipId: person?.id,
      })),
    },
  }))
}

async function askedFor(
  tx: LedgerReader,
  { organizationId, id }: Review,
  { reviewer, asked }: { readonly reviewer: Reviewer; readonly asked: DecideReview['items'] },
): Promise<{ readonly items: readonly ReviewItem[]; readonly after: string | undefined }> {
  if (isList(asked)) {
    const ids = new Set(asked)
    if (ids.size > most) throw new DirectoryError('invalid', `At most ${most} items at a time.`, { field: 'items' })
    const items = await tx.reviewItemsOf(organizationId, id, [...ids])
    if (items.length < ids.size)
      throw new DirectoryError('notFound', 'The review has no such item: rollcall review show', { field: 'items' })
    return { items, after: undefined }
  }
  const { after, state = 'undecided', ...filter } = asked
  const items = await tx.reviewItems(organizationId, id, { ...filter, state, for: rangeOf(reviewer), after, limit: most })
  return { items, after: items.length === most ? items.at(-1)?.id : undefined }
}

const isList = (asked: DecideReview['items']): asked is readonly string[] => Array.isArray(asked)

function refuseUndecidable(
  { connection, account, person, privileged }: ReviewItem,
  {
    reviewer,
    decision,
    reason,
  }: { readonly reviewer: Reviewer; readonly decision: ReviewDecision['kind']; readonly reason: string | undefined },
): void {
  if (!coversConnection(reviewer, connection.id))
    throw new DirectoryError('forbidden', `You are not named to review ${connection.name}.`, { field: 'items' })
  if (person && person.id === reviewer.membershipId)
    throw new DirectoryError(
      'forbidden',
      `Nobody reviews their own access: leave ${account.userName} at ${connection.name} to another reviewer.`,
      {
        field: 'items',
      },
    )
  if (reason !== undefined) return
  if (decision === 'revoke')
    throw new DirectoryError('invalid', 'Say why the access is revoked; it stays on record.', { field: 'reason' })
  const special = privileged.length > 0 ? `has the role ${privileged.join(', ')}` : person ? undefined : 'belongs to nobody'
  if (special !== undefined)
    throw new DirectoryError('invalid', `${account.userName} at ${connection.name} ${special}: say why that stays.`, {
      field: 'reason',
    })
}

const isSame = (before: ReviewDecision | undefined, { kind, by, reason }: ReviewDecision): boolean =>
  before?.kind === kind && before.by === by && before.reason === reason
