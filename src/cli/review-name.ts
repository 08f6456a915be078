import { everyItem, type Client } from '../dialects/native/connect.ts'
import { usageError } from './failure.ts'

export type Review = Awaited<ReturnType<Client['readReview']>>
export type ReviewItem = Awaited<ReturnType<Client['listReviewItems']>>['items'][number]

/** The review with that id or name. */
export async function findReview(hub: Client, nameOrId: string): Promise<Review> {
  for await (const review of everyItem((cursor) => hub.listReviews({ query: { cursor, limit: 100 } })))
    if (review.id === nameOrId || review.name === nameOrId) return review
  throw usageError(`There is no review "${nameOrId}". See: rollcall review list`)
}
