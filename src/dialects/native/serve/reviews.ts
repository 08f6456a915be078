import type { Call } from '../../../directory/call.ts'
import { DirectoryError } from '../../../directory/errors.ts'
import type { DecideReview, ReviewEngine } from '../../../sync/reviews/engine.ts'
import type { Reviewer } from '../../../sync/reviews/review.ts'
import type { Value } from '../../../wire/operation.ts'
import type { Mount } from '../../../wire/serve.ts'
import type { ServeServices } from '../../dialect.ts'
import * as wire from '../wire/reviews.ts'
import { pageOf } from './page.ts'
import { idIn, withoutKey } from './request.ts'
import { toExclusion, toReview, toReviewItem } from './review-view.ts'

export function serveReviews(mount: Mount<Call>, { directory }: Pick<ServeServices, 'directory'>, engine: ReviewEngine): void {
  mount(wire.createReview, async (call, { body }) => {
    const { scope = {}, reviewers, ...rest } = body
    const { connectionIds, memberIds, roles } = scope
    const view = await engine.createReview(await withoutKey(directory, call), {
      ...rest,
      scope: { connectionIds, membershipIds: memberIds, roles },
      reviewers: reviewers.map(fromReviewer),
    })
    return { value: toReview(view) }
  })
  mount(wire.listReviews, async (call, { query }) => {
    const value = await pageOf(
      query,
      { list: 'reviews', organizationId: call.organizationId, filter: {} },
      {
        load: (before, limit) => engine.listReviews(call, { before, limit }),
        positionOf: ({ review }) => review.id,
        translate: toReview,
      },
    )
    return { value }
  })
  mount(wire.readReview, async (call, { params }) => ({
    value: toReview(await engine.getReview(call, { id: idIn(params, 'reviewId') })),
  }))
  mount(wire.listReviewItems, async (call, { params, query }) => {
    const reviewId = idIn(params, 'reviewId')
    const { connectionId, memberId, state, kind, mine } = query
    const filter = { connectionId, membershipId: memberId, state, kind, mine: mine && (true as const) }
    const value = await pageOf(
      query,
      {
        list: 'reviewItems',
        organizationId: call.organizationId,
        filter: { reviewId, connectionId, memberId, state, kind, mine: mine && call.actor },
      },
      {
        load: (after, limit) => engine.listReviewItems(call, { reviewId, ...filter, after, limit }),
        positionOf: (item) => item.id,
        translate: toReviewItem,
      },
    )
    return { value }
  })
  mount(wire.decideReview, async (call, { params, body }) => {
    const { decision, reason } = body
    const reviewId = idIn(params, 'reviewId')
    const { decided, after } = await engine.decideReview(call, { reviewId, decision, reason, items: chosen(body) })
    return { value: { decided, next: after } }
  })
  mount(wire.closeReview, async (call, { params }) => {
    const view = await engine.closeReview(await withoutKey(directory, call), { id: idIn(params, 'reviewId') })
    return { value: toReview(view) }
  })
  mount(wire.sealReview, async (call, { params }) => ({
    value: await engine.sealReview(call, { id: idIn(params, 'reviewId') }),
  }))
  mount(wire.listExclusions, async (call, { query }) => {
    const { connectionId, memberId } = query
    const value = await pageOf(
      query,
      { list: 'exclusions', organizationId: call.organizationId, filter: { connectionId, memberId } },
      {
        load: (after, limit) => {
          const [from = '', to = ''] = after?.split(' ') ?? []
          const position = after === undefined ? undefined : { connectionId: from, membershipId: to }
          return engine.listExclusions(call, { connectionId, membershipId: memberId, after: position, limit })
        },
        positionOf: (exclusion) => `${exclusion.connectionId} ${exclusion.membershipId}`,
        translate: toExclusion,
      },
    )
    return { value }
  })
  mount(wire.liftExclusion, async (call, { body: { memberId, ...body } }) => {
    await engine.liftExclusion(call, { ...body, membershipId: memberId })
    return { value: undefined }
  })
}

function fromReviewer({
  credentialId,
  memberId,
  outside,
  connectionIds,
}: Value<typeof wire.createReview.request>['reviewers'][number]): Reviewer {
  if ((memberId === undefined) === (outside === undefined))
    throw new DirectoryError(
      'invalid',
      'Say who holds the credential, so that nobody reviews themselves: memberId, or outside for somebody who is not in the directory.',
      { field: 'reviewers' },
    )
  return { credentialId, membershipId: memberId, ...(connectionIds && { connectionIds }) }
}

function chosen({ items, filter, after }: Value<typeof wire.decideReview.request>): DecideReview['items'] {
  if ((items === undefined) === (filter === undefined))
    throw new DirectoryError('invalid', 'Name the items, or describe them by a filter.', { field: 'items' })
  if (items) {
    if (after !== undefined) throw new DirectoryError('invalid', 'Only a filter is walked on with after.', { field: 'after' })
    return items
  }
  const { memberId, ...rest } = filter ?? {}
  return { ...rest, membershipId: memberId, after }
}
