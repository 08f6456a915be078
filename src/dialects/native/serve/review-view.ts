import type { ItemView, ReviewView } from '../../../sync/reviews/engine.ts'
import type { Exclusion, Reviewer } from '../../../sync/reviews/review.ts'
import type { Value } from '../../../wire/operation.ts'
import type { createReview, listExclusions, listReviewItems } from '../wire/reviews.ts'

type Body = Value<(typeof createReview)['reply']>

export function toReview({ review, standing, counts, waiting }: ReviewView): Body {
  const { id, name, scope, reviewers, dueAt, undecided, createdBy, createdAt, reads, closed, results } = review
  return {
    id,
    name,
    scope: {
      connectionIds: scope.connectionIds && [...scope.connectionIds],
      memberIds: scope.membershipIds && [...scope.membershipIds],
      roles: scope.roles && [...scope.roles],
    },
    reviewers: reviewers.map((reviewer, index) => ({ ...toReviewer(reviewer), waiting: waiting[index] ?? 0 })),
    dueAt,
    undecided,
    state: standing,
    counts,
    createdBy,
    createdAt,
    reads: [...reads],
    closed,
    results: [...results],
  }
}

const toReviewer = ({ credentialId, membershipId, connectionIds }: Reviewer): Omit<Body['reviewers'][number], 'waiting'> => ({
  credentialId,
  ...(membershipId === undefined ? { outside: true } : { memberId: membershipId }),
  connectionIds: connectionIds && [...connectionIds],
})

export const toReviewItem = (item: ItemView): Value<(typeof listReviewItems)['reply']>['items'][number] => ({
  ...item,
  account: { ...item.account, roles: [...item.account.roles] },
  why: [...item.why],
  privileged: [...item.privileged],
})

export const toExclusion = ({
  organizationId: _,
  membershipId,
  ...exclusion
}: Exclusion): Value<(typeof listExclusions)['reply']>['items'][number] => ({ ...exclusion, memberId: membershipId })
