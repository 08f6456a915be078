import type { AccessRow, Person, Reason } from '../access/row.ts'
import type { VendorRole } from '../vendor.ts'

/** A question put to named people: should each of these go on having access? Frozen from what was read at the vendors when it was made. */
export interface Review {
  readonly id: string
  readonly organizationId: string
  /** No two of an organization have the same. */
  readonly name: string
  readonly scope: ReviewScope
  readonly reviewers: readonly Reviewer[]
  readonly dueAt: Date
  /** What becomes of items that nobody has decided when the review is closed after its due date: nothing, or their access is revoked. */
  readonly undecided: 'leave' | 'revoke'
  /** `preparing`: its items are being frozen. `closing`: nobody decides any more, and the revocations are being planned. */
  readonly state: 'preparing' | 'open' | 'closing' | 'closed'
  /** Whose turn it is to freeze the items; another turn puts an end to it. */
  readonly preparation: string
  readonly createdBy: string
  readonly createdAt: Date
  readonly reads: readonly ReviewedRead[]
  /** When it was told that the review is overdue, if it was. */
  readonly overdueToldAt?: Date | undefined
  readonly closed: { readonly by: string; readonly at: Date } | undefined
  readonly results: readonly ReviewResult[]
}

/** What is reviewed; all of it must hold, and nothing named is everything. */
export interface ReviewScope {
  readonly connectionIds?: readonly string[] | undefined
  readonly membershipIds?: readonly string[] | undefined
  /** Ids or names of roles at the vendors. */
  readonly roles?: readonly string[] | undefined
}

export interface Reviewer {
  readonly credentialId: string
  /** Who holds the credential, so that they do not review themselves; undefined for somebody who is not in the directory. */
  readonly membershipId: string | undefined
  /** The connections that they review; all of the review's where it is undefined. */
  readonly connectionIds?: readonly string[] | undefined
}

/** The read of a connection that the items rest on. */
export interface ReviewedRead {
  readonly connectionId: string
  readonly name: string
  readonly vendor: string
  readonly snapshotId: string
  readonly at: Date
  readonly complete: boolean
  /** Why the vendor was not read anew, where it was not. */
  readonly problem: string | undefined
}

/** What closing came to at one connection. */
export interface ReviewResult {
  readonly connectionId: string
  readonly name: string
  readonly revoked: number
  /** The plan that takes the access away; undefined where there is nothing to plan, or nothing could be planned yet. */
  readonly planId: string | undefined
  readonly problem: string | undefined
}

export type ReviewDecisionKind = 'keep' | 'revoke'

export interface ReviewDecision {
  readonly kind: ReviewDecisionKind
  /** The credential that decided; of what nobody decided, the one that closed the review. */
  readonly by: string
  readonly at: Date
  readonly reason: string | undefined
  /** Nobody decided in time, and the review revokes what is undecided. */
  readonly overdue?: true
}

/** One account of one person, as it was when the review was made, and what was decided. */
export interface ReviewItem {
  readonly id: string
  readonly organizationId: string
  readonly reviewId: string
  readonly connection: AccessRow['connection']
  readonly account: {
    readonly id: string
    readonly userName: string
    readonly email: string | undefined
    readonly status: AccessRow['account']['status']
    readonly roles: readonly VendorRole[]
  }
  /** Undefined for an account that nobody is linked to. */
  readonly person: Person | undefined
  readonly why: readonly Reason[]
  readonly linkedBy: AccessRow['linkedBy']
  readonly since: Date | undefined
  /** Names of the roles that run or pay for the vendor's account. */
  readonly privileged: readonly string[]
  /** What the vendor tells of the account's last use: sessions that are open, and when the record was last changed. */
  readonly activity: { readonly openSessions: number | undefined; readonly changedAt: Date | undefined }
  readonly read: { readonly snapshotId: string; readonly at: Date; readonly complete: boolean }
  readonly decision: ReviewDecision | undefined
  /** What closing the review came to; only for what is revoked. */
  readonly outcome: ReviewOutcome | undefined
}

/**
 * `planned`: a plan takes the access away, when it is approved. `waiting`: it is planned when the vendor can be read completely. `gone`, `changed`: it was
 * when the review was closed; what changed hands is left alone. `byHand`: only a person can. `kept`: the policy leaves the account as it stands now.
 */
export interface ReviewOutcome {
  readonly kind: 'planned' | 'waiting' | 'gone' | 'changed' | 'byHand' | 'protected' | 'kept'
  readonly message: string
  readonly planId?: string | undefined
}

/** Somebody whom a review denied a connection: whatever assigns them, they are not wanted there, until the exclusion is lifted. */
export interface Exclusion {
  readonly organizationId: string
  readonly connectionId: string
  readonly membershipId: string
  /** The user name at the vendor, for people to read. */
  readonly subject: string
  readonly review: { readonly id: string; readonly name: string; readonly itemId: string }
  /** Who decided it. */
  readonly by: string
  readonly at: Date
  readonly reason: string
  /** How the account differs from what was reviewed. */
  readonly changed?: string | undefined
}

export type ItemState = 'undecided' | ReviewDecisionKind

export const stateOfItem = ({ decision }: Pick<ReviewItem, 'decision'>): ItemState => decision?.kind ?? 'undecided'

/** A credential's own entry among the reviewers, or undefined. */
export const reviewerOf = ({ reviewers }: Pick<Review, 'reviewers'>, actor: string): Reviewer | undefined =>
  reviewers.find(({ credentialId }) => credentialId === actor)

/** Whether a reviewer was named for a connection. */
export const coversConnection = ({ connectionIds }: Reviewer, id: string): boolean => connectionIds?.includes(id) ?? true

export const isOverdue = ({ state, dueAt }: Pick<Review, 'state' | 'dueAt'>, now: Date): boolean =>
  state === 'open' && now >= dueAt
