import type { MemberStatus } from '../../directory/membership.ts'
import type { Link } from '../ledger.ts'

/**
 * open: something is still to be looked at, or under way. waiting: all that is left waits for an approval, or for the time that the policy holds it. verifying: everything is verified by
 * reading, and is read again after an hour and after a day. settled: so it stayed. partly, failed: some, or all, accounts are left to a person.
 * withdrawn: the person came back.
 */
export type OffboardingState = 'open' | 'waiting' | 'verifying' | 'settled' | 'partly' | 'failed' | 'withdrawn'

/** One person's leaving, over every connection. */
export interface Offboarding {
  readonly id: string
  readonly organizationId: string
  readonly membershipId: string
  readonly person: { readonly userName: string; readonly email: string | undefined }
  readonly state: OffboardingState
  readonly asked: Asked
  readonly openedAt: Date
  readonly updatedAt: Date
  /** The receipt that holds now. */
  readonly receipt: IssuedReceipt | undefined
}

export interface Asked {
  /** Id of the credential. */
  readonly by: string
  readonly at: Date
  /** A person asked for it, or the directory's member was suspended or removed, as a provider does it. */
  readonly how: 'request' | 'deactivation'
  readonly reason: string | undefined
}

export interface IssuedReceipt {
  readonly id: string
  /** 1 for the first; each that takes the place of another is one higher. */
  readonly number: number
  /** Hex SHA-256 of its text. */
  readonly sha256: string
  readonly issuedAt: Date
  /** Hex SHA-256 of what it tells, so that nothing is issued twice. */
  readonly basis: string
}

/** A leaver's receipt as it is kept: text that verifies byte for byte (receipt.ts). */
export interface StoredLeaverReceipt extends Omit<IssuedReceipt, 'basis'> {
  readonly organizationId: string
  readonly offboardingId: string
  readonly text: string
}

/**
 * toVisit: not known yet whether there is an account. present: there is one, and its removal is not planned yet. waiting: the removal waits for an
 * approval. removing: it is under way. gone, suspended: verified by reading. none: a complete read shows no account. forPerson: only a person can.
 * disconnected: the connection was removed before.
 */
export type VisitState =
  | 'toVisit'
  | 'present'
  | 'waiting'
  | 'removing'
  | 'gone'
  | 'suspended'
  | 'none'
  | 'forPerson'
  | 'disconnected'

/** What an offboarding comes to at one connection. */
export interface Visit {
  readonly organizationId: string
  readonly offboardingId: string
  readonly connectionId: string
  readonly membershipId: string
  /** As it was when the person left: connections are removed, what was done there stays. */
  readonly connection: { readonly name: string; readonly vendor: string; readonly baseUrl: string }
  readonly state: VisitState
  /** A sentence without its end. */
  readonly reason: string
  readonly account: VisitedAccount | undefined
  /** The link by which the account was theirs; kept, since the link itself goes with the account. */
  readonly link: Link | undefined
  /** The complete read that shows whether there is an account. */
  readonly look: Look | undefined
  readonly lock: Lock
  readonly requests: readonly SentRequest[]
  readonly reads: readonly VerifyingRead[]
  readonly removal: CitedRemoval | undefined
  /** What stays at the vendor, in sentences. */
  readonly residues: readonly string[]
  /** What a person has to do, in sentences. */
  readonly tasks: readonly string[]
  readonly rechecks: readonly Recheck[]
  readonly updatedAt: Date
}

/** The account as it was when the person left. */
export interface VisitedAccount {
  readonly id: string
  readonly userName: string
  readonly email: string | undefined
  readonly status: MemberStatus | 'unknown'
  /** Names of what they held there, with the project where the vendor has several. */
  readonly roles: readonly string[]
  readonly activeSessions: number | undefined
}

export interface Look {
  readonly snapshotId: string
  readonly at: Date
  readonly accounts: number
  readonly digest: string
}

/**
 * Access taken away at once, by suspending or by withdrawing an invitation. todo: not tried yet. sending: sent, and the answer is not known. done.
 * held: waits for a person. unable: the vendor cannot, or there is nothing to lock. failed: refused, and tried again at `retryAt` where there is one.
 */
export interface Lock {
  readonly state: 'todo' | 'sending' | 'done' | 'held' | 'unable' | 'failed'
  readonly kind: 'suspend' | 'cancelInvitation' | undefined
  readonly reason: string
  readonly attempts: number
  readonly sentAt: Date | undefined
  readonly retryAt: Date | undefined
}

/** A request to the vendor, and its answer. */
export interface SentRequest {
  readonly kind: 'suspend' | 'cancelInvitation' | 'remove'
  /** Undefined where nothing had to be sent. */
  readonly sentAt: Date | undefined
  readonly answeredAt: Date
  readonly answer: 'accepted' | 'refused' | 'lost' | 'goneBefore' | 'alreadySo'
  /** The HTTP status of a refusal. */
  readonly status: number | undefined
}

/** The vendor, asked for the account by id, and what it answered. */
export interface VerifyingRead {
  readonly at: Date
  readonly occasion: 'suspend' | 'cancelInvitation' | 'remove' | 'listed' | 'hour' | 'day'
  readonly found: 'gone' | MemberStatus | 'unknown'
  /** Ids of other accounts with the person's user name or e-mail. */
  readonly others: readonly string[]
}

export interface CitedRemoval {
  readonly planId: string
  readonly receiptId: string
  readonly sha256: string
}

export interface Recheck {
  readonly after: 'hour' | 'day'
  readonly dueAt: Date
  readonly doneAt: Date | undefined
}

export const recheckMs = { hour: 60 * 60_000, day: 24 * 60 * 60_000 } as const

/** Nothing more comes of the visit by itself, but for its re-checks. */
export const isFinal = ({ state }: Pick<Visit, 'state'>): boolean =>
  state === 'gone' || state === 'suspended' || state === 'none' || state === 'forPerson' || state === 'disconnected'

/** Whether the connection's turns still have to look after the visit. */
export const isOpenVisit = (visit: Visit): boolean =>
  !isFinal(visit) || visit.state === 'forPerson' || visit.rechecks.some(({ doneAt }) => !doneAt)

/** Whether the offboarding is still to come to an end. */
export const isUnderWay = ({ state }: Pick<Offboarding, 'state'>): boolean => state !== 'settled' && state !== 'withdrawn'

/** What an offboarding stands at, by its visits. */
export function stateOfVisits(visits: readonly Visit[]): OffboardingState {
  const left = visits.filter((visit) => !isFinal(visit))
  if (left.length > 0) return left.every(({ state }) => state === 'waiting') ? 'waiting' : 'open'
  if (visits.some(({ rechecks }) => rechecks.some(({ doneAt }) => !doneAt))) return 'verifying'
  const undone = visits.filter(({ state }) => state === 'forPerson' || state === 'disconnected')
  if (undone.length === 0) return 'settled'
  return visits.some(({ state }) => state === 'gone' || state === 'suspended') ? 'partly' : 'failed'
}
