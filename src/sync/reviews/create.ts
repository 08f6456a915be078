import { command, query, type Call } from '../../directory/call.ts'
import { DirectoryError } from '../../directory/errors.ts'
import type { LedgerReader } from '../ledger.ts'
import type { SyncParts } from '../parts.ts'
import { closeReview } from './close.ts'
import { decide } from './decide.ts'
import type { ReviewEngine } from './engine.ts'
import { lift } from './exclusions.ts'
import { openReview } from './open.ts'
import { reviewerOf } from './review.ts'
import { sealReview } from './seal.ts'
import { findReview, rangeOf, viewItem, viewReview } from './view.ts'

export function createReviewEngine(parts: SyncParts): ReviewEngine {
  const { ledger } = parts
  return {
    createReview: (call, input) => openReview(parts, call, input),
    listReviews: query(ledger, 'read', async (tx: LedgerReader, call: Call, page: Parameters<ReviewEngine['listReviews']>[1]) => {
      const views = []
      for (const review of await tx.reviews(call.organizationId, page)) views.push(await viewReview(tx, review, call.now))
      return views
    }),
    getReview: query(ledger, 'read', async (tx: LedgerReader, call: Call, { id }: { readonly id: string }) =>
      viewReview(tx, await findReview(tx, call, id), call.now),
    ),
    listReviewItems: query(
      ledger,
      'read',
      async (tx: LedgerReader, call: Call, { reviewId, mine, ...filter }: Parameters<ReviewEngine['listReviewItems']>[1]) => {
        const review = await findReview(tx, call, reviewId)
        const reviewer = mine && reviewerOf(review, call.actor)
        if (mine && !reviewer)
          throw new DirectoryError('forbidden', `You are not among the reviewers of "${review.name}".`, { field: 'mine' })
        const items = await tx.reviewItems(call.organizationId, reviewId, {
          ...filter,
          ...(reviewer && { for: rangeOf(reviewer) }),
        })
        return Promise.all(items.map((item) => viewItem(tx, item)))
      },
    ),
    decideReview: command(ledger, 'approve', decide),
    closeReview: (call, input) => closeReview(parts, call, input),
    sealReview: (call, input) => sealReview(parts, call, input),
    listExclusions: query(
      ledger,
      'read',
      (tx: LedgerReader, { organizationId }: Call, filter: Parameters<ReviewEngine['listExclusions']>[1]) =>
        tx.exclusions(organizationId, filter),
    ),
    liftExclusion: command(ledger, 'operate', lift),
  }
}
