import type { Call } from '../../directory/call.ts'
import { DirectoryError } from '../../directory/errors.ts'
import type { LedgerReader } from '../ledger.ts'
import type { ItemView, ReviewView } from './engine.ts'
import type { ItemFilter } from './ledger.ts'
import { isOverdue, type Review, type Reviewer, type ReviewItem } from './review.ts'

export async function findReview(
  tx: LedgerReader,
  { organizationId }: Pick<Call, 'organizationId'>,
  id: string,
): Promise<Review> {
  const review = await tx.review(organizationId, id)
  if (!review) throw new DirectoryError('notFound', 'There is no such review in this organization.', { field: 'id' })
  return review
}

export async function viewReview(tx: LedgerReader, review: Review, now: Date): Promise<ReviewView> {
  const { organizationId, id } = review
  const waiting: number[] = []
  for (const reviewer of review.reviewers)
    waiting.push((await tx.countReviewItems(organizationId, id, { for: rangeOf(reviewer) })).undecided)
  return {
    review,
    standing: isOverdue(review, now) ? 'overdue' : review.state,
    counts: await tx.countReviewItems(organizationId, id, {}),
    waiting,
  }
}

/** What of a review one of its reviewers may decide on. */
export const rangeOf = ({ connectionIds, membershipId }: Reviewer): NonNullable<ItemFilter['for']> => ({
  connectionIds,
  except: membershipId,
})

export async function viewItem(tx: LedgerReader, item: ReviewItem): Promise<ItemView> {
  const { organizationId, reviewId: _, ...view } = item
  const account =
    item.decision?.kind === 'revoke' ? await tx.account(organizationId, item.connection.id, item.account.id) : undefined
  return { ...view, found: item.decision?.kind === 'revoke' ? (account?.status ?? 'gone') : undefined }
}
