import { unchanged } from '../../directory/call.ts'
import { commit, type Hand } from '../work.ts'
import { isOverdue } from './review.ts'
import { viewReview } from './view.ts'

/** Tells, once, that a review is overdue, with how much of it waits for whom. Answers when to look again: nothing is ever closed by a clock. */
export function tellOverdue(hand: Pick<Hand, 'parts' | 'claim' | 'call'>): Promise<Date | undefined> {
  const { organizationId, subject: id } = hand.claim
  return commit<Date | undefined>(hand, async (tx, { now }) => {
    const review = await tx.review(organizationId, id)
    if (!review || review.state !== 'open' || review.overdueToldAt) return unchanged(undefined)
    if (!isOverdue(review, now)) return unchanged(review.dueAt)
    const { counts, waiting } = await viewReview(tx, review, now)
    if (counts.undecided === 0) return unchanged(undefined)
    await tx.putReview({ ...review, overdueToldAt: now })
    const detail = {
      name: review.name,
      dueAt: review.dueAt.toISOString(),
      undecided: counts.undecided,
      waiting: review.reviewers.map(({ credentialId, membershipId }, index) => ({
        credentialId,
        membershipId,
        items: waiting[index] ?? 0,
      })),
    }
    return [undefined, { action: 'review.overdue', subject: id, detail }]
  })
}
