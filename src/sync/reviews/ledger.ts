import type { Exclusion, ItemState, Review, ReviewItem } from './review.ts'

/** What narrows a review's items; all of it must hold. */
export interface ItemFilter {
  readonly state?: ItemState | undefined
  readonly connectionId?: string | undefined
  readonly membershipId?: string | undefined
  /** `privileged`: with a role that runs or pays for the vendor's account. `orphan`: linked to nobody. `plain`: neither. */
  readonly kind?: 'privileged' | 'orphan' | 'plain' | undefined
  /** Those that a reviewer may decide on. */
  readonly for?: { readonly connectionIds: readonly string[] | undefined; readonly except: string | undefined } | undefined
}

export interface ItemPage {
  /** An id. */
  readonly after?: string | undefined
  readonly limit: number
}

export interface ReviewLedgerReader {
  review(organizationId: string, id: string): Promise<Review | undefined>
  reviewByName(organizationId: string, name: string): Promise<Review | undefined>
  /** Newest first, in the order of ids; `before` (an id) walks on to older ones. */
  reviews(
    organizationId: string,
    filter: { readonly before?: string | undefined; readonly limit: number },
  ): Promise<readonly Review[]>
  /** In the order of ids, which is that of connection and account. */
  reviewItems(organizationId: string, reviewId: string, filter: ItemFilter & ItemPage): Promise<readonly ReviewItem[]>
  /** Those of them that the review has, in the order of ids. */
  reviewItemsOf(organizationId: string, reviewId: string, ids: readonly string[]): Promise<readonly ReviewItem[]>
  countReviewItems(
    organizationId: string,
    reviewId: string,
    filter: Omit<ItemFilter, 'state'>,
  ): Promise<Readonly<Record<ItemState, number>>>
  /** The member's own, or that of somebody who was removed and whom the member is: by external id, or by user name where the external ids do not differ. */
  exclusion(organizationId: string, connectionId: string, membershipId: string): Promise<Exclusion | undefined>
  /** In the order of connection and membership id. */
  exclusions(
    organizationId: string,
    filter: {
      readonly connectionId?: string | undefined
      readonly membershipId?: string | undefined
      readonly after?: { readonly connectionId: string; readonly membershipId: string } | undefined
      readonly limit: number
    },
  ): Promise<readonly Exclusion[]>
}

export interface ReviewLedgerWriter {
  putReview(review: Review): Promise<void>
  /** Items of one review; those with ids that are there already take their place. */
  putReviewItems(items: readonly ReviewItem[]): Promise<void>
  removeReviewItems(organizationId: string, reviewId: string): Promise<void>
  putExclusion(exclusion: Exclusion): Promise<void>
  removeExclusion(organizationId: string, connectionId: string, membershipId: string): Promise<void>
}
