import type { Call } from '../../directory/call.ts'
import type { Exclusion, ItemState, Review, ReviewDecisionKind, ReviewItem, Reviewer, ReviewScope } from './review.ts'
import type { ItemFilter, ItemPage } from './ledger.ts'
import type { SealedEnds } from '../signed-lines.ts'
import type { MemberStatus } from '../../directory/membership.ts'

/** A review as it stands at a moment. */
export interface ReviewView {
  readonly review: Review
  readonly standing: Review['state'] | 'overdue'
  readonly counts: Readonly<Record<ItemState, number>>
  /** How many undecided items wait for each reviewer, in their order. An item may wait for several. */
  readonly waiting: readonly number[]
}

/** An item, and of one that was revoked what the last read showed of the account. */
export type ItemView = Omit<ReviewItem, 'organizationId' | 'reviewId'> & {
  readonly found: MemberStatus | 'unknown' | 'gone' | undefined
}

export interface CreateReview {
  readonly name: string
  readonly scope: ReviewScope
  readonly reviewers: readonly Reviewer[]
  readonly dueAt: Date
  readonly undecided?: Review['undecided'] | undefined
}

export interface DecideReview {
  readonly reviewId: string
  readonly decision: ReviewDecisionKind
  /** Needed to revoke, and to keep what is privileged or belongs to nobody. */
  readonly reason?: string | undefined
  /** These items, all or none; or those that the caller may decide on and the filter describes, a thousand at a time: `after` walks on. */
  readonly items: readonly string[] | (Omit<ItemFilter, 'for'> & { readonly after?: string | undefined })
}

export interface Decided {
  readonly decided: number
  /** Where to go on, if a filter describes more items. */
  readonly after: string | undefined
}

/** Access reviews: creating, closing and lifting need the scope `operate`, deciding `approve` and a name among the reviewers, a signature `audit`. */
export interface ReviewEngine {
  /** Reads each vendor of the scope and freezes what is there. Repeated by the same caller with the same content, it goes on, or answers what there is. */
  createReview(call: Call, input: CreateReview): Promise<ReviewView>
  listReviews(call: Call, page: { readonly before?: string | undefined; readonly limit: number }): Promise<readonly ReviewView[]>
  getReview(call: Call, input: { readonly id: string }): Promise<ReviewView>
  /** `mine`: only what the caller may decide on. */
  listReviewItems(
    call: Call,
    input: { readonly reviewId: string; readonly mine?: true | undefined } & Omit<ItemFilter, 'for'> & ItemPage,
  ): Promise<readonly ItemView[]>
  /** A later decision replaces an earlier one, until the review is closed. Nobody decides on their own access. */
  decideReview(call: Call, input: DecideReview): Promise<Decided>
  /**
   * Ends the deciding, denies whom it is revoked from the connection, and plans the removals, which wait for an approval like any other; whoever decided is
   * an author of that plan. Before the due date it is refused while something is undecided. Repeated, it goes on where it ended.
   */
  closeReview(call: Call, input: { readonly id: string }): Promise<ReviewView>
  /** The first and the last line of a signed document about a closed review; the lines between are its items, as canonical JSON. */
  sealReview(call: Call, input: { readonly id: string }): Promise<SealedEnds>
  listExclusions(
    call: Call,
    input: {
      readonly connectionId?: string | undefined
      readonly membershipId?: string | undefined
      readonly after?: { readonly connectionId: string; readonly membershipId: string } | undefined
      readonly limit: number
    },
  ): Promise<readonly Exclusion[]>
  /** Lets somebody have what assigns them again: the next comparison gives the access back. */
  liftExclusion(
    call: Call,
    input: { readonly connectionId: string; readonly membershipId: string; readonly reason: string },
  ): Promise<void>
}
