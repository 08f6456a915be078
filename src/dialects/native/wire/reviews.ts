import { z } from 'zod'
import { json, operation } from '../../../wire/operation.ts'
import { Access, Reason } from './access.ts'
import { id, page, pageQuery, when } from './page.ts'

const reason = z.string().trim().min(1).max(1000)
const role = z.string().min(1).max(256)
const count = z.int().min(0)

/** All of it must hold; what is not named is everything. */
const Scope = z.strictObject({
  connectionIds: z.array(id).min(1).max(1000).optional(),
  memberIds: z.array(id).min(1).max(1000).optional(),
  /** Ids or names of roles at the vendors. */
  roles: z.array(role).min(1).max(100).optional(),
})

/** A credential that decides, and the member who holds it; `outside` for somebody who is not in the directory. */
const Reviewer = z.strictObject({
  credentialId: id,
  memberId: id.optional(),
  outside: z.literal(true).optional(),
  connectionIds: z.array(id).min(1).max(1000).optional(),
})

const undecided = z.enum(['leave', 'revoke'])
const counts = z.object({ undecided: count, keep: count, revoke: count })

export const Review = z.object({
  id,
  name: z.string(),
  scope: z.object(Scope.shape),
  reviewers: z.array(
    z.object({
      ...Reviewer.shape,
      /** Undecided items that wait for this reviewer; one may wait for several. */
      waiting: count,
    }),
  ),
  dueAt: when,
  undecided,
  state: z.enum(['preparing', 'open', 'overdue', 'closing', 'closed']),
  counts,
  createdBy: z.string(),
  createdAt: when,
  /** The read of each connection that the items rest on; `problem` tells why the vendor was not read anew. */
  reads: z.array(
    z.object({
      connectionId: id,
      name: z.string(),
      vendor: z.string(),
      snapshotId: id,
      at: when,
      complete: z.boolean(),
      problem: z.string().optional(),
    }),
  ),
  closed: z.object({ by: z.string(), at: when }).optional(),
  /** What closing came to at each connection where something was revoked. */
  results: z.array(
    z.object({ connectionId: id, name: z.string(), revoked: count, planId: id.optional(), problem: z.string().optional() }),
  ),
})

const accountStatus = z.enum(['invited', 'active', 'suspended', 'unknown'])

export const ReviewItem = z.object({
  id,
  connection: z.object({ id, name: z.string(), vendor: z.string() }),
  account: z.object({
    id: z.string(),
    userName: z.string(),
    email: z.string().optional(),
    status: accountStatus,
    roles: z.array(z.object({ id: z.string(), name: z.string() })),
  }),
  /** Absent for an account that nobody is linked to. */
  person: Access.shape.person,
  why: z.array(Reason),
  linkedBy: Access.shape.linkedBy,
  since: when.optional(),
  /** Names of the roles that run or pay for the vendor's account. */
  privileged: z.array(z.string()),
  activity: z.object({ openSessions: count.optional(), changedAt: when.optional() }),
  read: z.object({ snapshotId: id, at: when, complete: z.boolean() }),
  decision: z
    .object({
      kind: z.enum(['keep', 'revoke']),
      by: z.string(),
      at: when,
      reason: z.string().optional(),
      /** Nobody decided in time, and the review revokes what is undecided. */
      overdue: z.literal(true).optional(),
    })
    .optional(),
  /** What closing came to; only where it is revoked. */
  outcome: z
    .object({
      kind: z.enum(['planned', 'waiting', 'gone', 'changed', 'byHand', 'protected', 'kept']),
      message: z.string(),
      planId: id.optional(),
    })
    .optional(),
  /** Of what is revoked: what the last read shows of the account. */
  found: z.enum([...accountStatus.options, 'gone']).optional(),
})

const filters = {
  connectionId: id.optional(),
  memberId: id.optional(),
  state: z.enum(['undecided', 'keep', 'revoke']).optional(),
  /** `privileged`: with a role that runs or pays for the vendor's account; `orphan`: linked to nobody; `plain`: neither. */
  kind: z.enum(['privileged', 'orphan', 'plain']).optional(),
}

export const createReview = operation({
  name: 'createReview',
  summary:
    'Puts the question who should keep their access to named reviewers: reads the vendors and freezes one item for each account',
  method: 'POST',
  path: '/reviews',
  request: json(
    z.strictObject({
      name: z.string().trim().min(1).max(100),
      scope: Scope.optional(),
      reviewers: z.array(Reviewer).min(1).max(100),
      dueAt: when,
      undecided: undecided.optional(),
    }),
  ),
  status: 201,
  reply: json(Review),
})

export const listReviews = operation({
  name: 'listReviews',
  summary: 'The access reviews, newest first',
  method: 'GET',
  path: '/reviews',
  query: z.strictObject(pageQuery),
  status: 200,
  reply: json(page(Review)),
})

export const readReview = operation({
  name: 'readReview',
  summary: 'One access review: who reviews, what is undecided and for whom it waits, and what closing came to',
  method: 'GET',
  path: '/reviews/:reviewId',
  status: 200,
  reply: json(Review),
})

export const listReviewItems = operation({
  name: 'listReviewItems',
  summary: 'What a review is about, in the order of connection and account; with mine=yes only what the caller may decide on',
  method: 'GET',
  path: '/reviews/:reviewId/items',
  query: z.strictObject({ ...pageQuery, ...filters, mine: z.literal('yes').optional() }),
  status: 200,
  reply: json(page(ReviewItem)),
})

export const decideReview = operation({
  name: 'decideReview',
  summary:
    'Decides on items, by their ids or by a filter (undecided ones unless it names a state; up to 1000 at a time: send next back as after)',
  method: 'POST',
  path: '/reviews/:reviewId/decisions',
  request: json(
    z.strictObject({
      decision: z.enum(['keep', 'revoke']),
      reason: reason.optional(),
      items: z.array(id).min(1).max(1000).optional(),
      filter: z.strictObject(filters).optional(),
      after: id.optional(),
    }),
  ),
  status: 200,
  reply: json(z.object({ decided: count, next: id.optional() })),
})

export const closeReview = operation({
  name: 'closeReview',
  summary:
    'Ends the deciding, denies those who were revoked the connection, and plans the removals; each plan is approved by somebody else and applied like any other',
  method: 'POST',
  path: '/reviews/:reviewId/close',
  status: 200,
  reply: json(Review),
})

export const sealReview = operation({
  name: 'sealReview',
  summary:
    'Signs a closed review: answers the first and last line of a document whose lines between are the items of listReviewItems as canonical JSON',
  method: 'POST',
  path: '/reviews/:reviewId/seals',
  status: 200,
  reply: json(z.object({ head: z.string(), seal: z.string() })),
})

const Exclusion = z.object({
  connectionId: id,
  memberId: id,
  subject: z.string(),
  review: z.object({ id, name: z.string(), itemId: id }),
  by: z.string(),
  at: when,
  reason: z.string(),
  /** How the account differed from what was reviewed when the review was closed. */
  changed: z.string().optional(),
})

export const listExclusions = operation({
  name: 'listExclusions',
  summary: 'Whom a review denied a connection: whatever assigns them, they get no access there until it is lifted',
  method: 'GET',
  path: '/exclusions',
  query: z.strictObject({ ...pageQuery, connectionId: id.optional(), memberId: id.optional() }),
  status: 200,
  reply: json(page(Exclusion)),
})

export const liftExclusion = operation({
  name: 'liftExclusion',
  summary: 'Lets somebody whom a review denied a connection have it again, as far as something assigns them',
  method: 'POST',
  path: '/exclusions/lift',
  request: json(z.strictObject({ connectionId: id, memberId: id, reason })),
  status: 204,
})
