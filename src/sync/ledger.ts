import type { FactWriter, Transactions } from '../directory/store.ts'
import type { Duty } from '../directory/credential.ts'
import type { Fact } from '../directory/fact.ts'
import type { Membership } from '../directory/membership.ts'
import type { AccessLedgerReader } from './access/ledger.ts'
import type { ConfigurationLedgerReader, ConfigurationLedgerWriter } from './configuration/configuration.ts'
import type { Assignment, Connection } from './connection.ts'
import type { FindingDecision, FindingFilter, FindingLedgerReader } from './finding.ts'
import type { KeptValue } from './kept.ts'
import type { LinkLedgerReader, LinkLedgerWriter } from './link.ts'
import type { Compared, Confidence, LinkRule } from './matching-rule.ts'
import type { PairLedgerReader } from './pair.ts'
import type { QuestionLedgerReader, QuestionLedgerWriter } from './question.ts'
import type { CheckpointLedgerReader, CheckpointLedgerWriter } from './record/record-ledger.ts'
import type { LeaverLedgerReader, LeaverLedgerWriter } from './leaver/leaver-ledger.ts'
import type { KeyLedgerReader, KeyLedgerWriter } from './keys/ledger.ts'
import type { ReviewLedgerReader, ReviewLedgerWriter } from './reviews/ledger.ts'
import type { Account, AccountAttribute, DesiredAccount } from './vendor.ts'

export type { CheckpointLedgerReader, CheckpointLedgerWriter, StoredCheckpoint } from './record/record-ledger.ts'
export type { LeaverLedgerReader, LeaverLedgerWriter } from './leaver/leaver-ledger.ts'
export type { Offboarding, StoredLeaverReceipt, Visit } from './leaver/offboarding.ts'

/** What one complete read of a connection was like. Only a complete one proves that somebody is not there. */
export interface Certificate {
  readonly complete: boolean
  /** Why it is not complete, in sentences; empty when it is. */
  readonly reasons: readonly string[]
  readonly pages: number
  readonly accounts: number
  readonly declaredTotal: number | undefined
  readonly repeatedIds: number
  /** Accounts known before that were not listed, each asked for by id: how many the vendor says are gone. */
  readonly provenGone: number
  /** How often the list was read through, where that was more than once. */
  readonly passes?: number
  /** Accounts that only some of the passes showed, each asked for by id: the list changed while it was read. */
  readonly changedMeanwhile?: number
  /** Hex SHA-256 over the sorted account ids. */
  readonly digest: string
}

export interface Snapshot {
  readonly id: string
  readonly organizationId: string
  readonly connectionId: string
  readonly startedAt: Date
  readonly finishedAt: Date
  readonly certificate: Certificate
  /** Every change of the connection's accounts up to this read is in the facts. */
  readonly recorded?: true
}

/** Person to account, with the rule that made it. Stays when the member leaves: it is how their account is found. */
export interface Link {
  readonly organizationId: string
  readonly connectionId: string
  readonly membershipId: string
  readonly accountId: string
  readonly rule: LinkRule
  /** How sure the rule is; absent where no rule but an act of ours or of a person made the link. */
  readonly confidence?: Confidence
  /** What was compared when the link was made. */
  readonly compared?: readonly Compared[]
  /** Who made it: a person's credential, or the system. */
  readonly madeBy?: string
  /** What a person accepted as the vendor has it. */
  readonly kept?: readonly KeptValue[]
  readonly madeAt: Date
  /** The account as we last wrote or accepted it; what differs from it at the vendor is drift. */
  readonly written: AccountState
  /** Since when the account of somebody who left stands suspended, where the policy holds it before it is removed. */
  readonly heldSince?: Date
  /** Who had a hand in it that the member is to lose the account: authors of every plan that takes it away, however often it is planned anew. */
  readonly leftBy?: readonly string[]
}

/** The part of an account that we compare. */
export type AccountState = Readonly<Record<AccountAttribute, string | undefined>> & {
  readonly roleIds: readonly string[]
  /** Of what we wrote: the account is suspended because we suspended it, so that it may be resumed. */
  readonly suspended?: true
}

/** A membership assigned to the connection and not suspended, with what decides its roles at the vendor. */
export interface Wanted {
  readonly member: Membership
  /** Names of the roles held directly, and of those that groups grant. */
  readonly roleNames: readonly string[]
  /** Names of the groups that the member is in. */
  readonly groupNames: readonly string[]
  /** What a person accepted as the vendor has it (Link.kept). */
  readonly kept?: readonly KeptValue[]
}

/** The kinds of step. `setRoles`, `suspend`, `resume`, `cancelInvitation`, `createKey`, `deleteKey` and `invite` are for vendors that can. */
export type StepKind =
  | 'invite'
  | 'create'
  | 'update'
  | 'setRoles'
  | 'suspend'
  | 'resume'
  | 'remove'
  | 'cancelInvitation'
  | 'createKey'
  | 'deleteKey'

/**
 * planned → approved → sending → done / failed / unknown. `unknown`: sent, and what came of it is not known yet; resolved by reading the vendor.
 * `unsupported`: the vendor's API cannot; a person has to. `superseded`: a newer plan holds the step.
 */
export type StepState = 'planned' | 'approved' | 'sending' | 'done' | 'failed' | 'unknown' | 'unsupported' | 'superseded'

export interface StepChange {
  readonly attribute: string
  readonly from: string | undefined
  readonly to: string | undefined
}

/** What a step brings with it, for whoever decides (see blast-radius.ts). */
export interface Risk {
  readonly kind: RiskKind
  /** What is `grave` has to be named by whoever approves. */
  readonly weight: 'grave' | 'note'
  /** As a sentence without its full stop. */
  readonly message: string
}

export type RiskKind =
  | 'lastOwner'
  | 'lastBilling'
  | 'ownsKeys'
  | 'keysUnread'
  | 'openSessions'
  | 'residue'
  | 'keepsAccess'
  | 'invitationPending'

/** One difference, and what became of it. */
export interface Step {
  readonly id: string
  readonly organizationId: string
  readonly connectionId: string
  readonly planId: string
  readonly position: number
  readonly kind: StepKind
  readonly membershipId: string | undefined
  readonly accountId: string | undefined
  /** The user name, for people to read. */
  readonly subject: string
  readonly desired: DesiredAccount | undefined
  /** The account as it was when the plan was made; a step that finds another one refuses. */
  readonly observed: AccountState | undefined
  readonly changes: readonly StepChange[]
  /** As the last comparison saw them. */
  readonly risks?: readonly Risk[]
  /** What another one had changed at the vendor when the step was about to be sent. */
  readonly stale?: Staleness
  readonly state: StepState
  /** Why the step is there and, once tried, what became of it. */
  readonly reason: string
  readonly attempts: number
  /** When a failed step may be tried again by itself; undefined when only a person can decide that. */
  readonly retryAt: Date | undefined
  /** The HTTP status by which the vendor refused the last attempt, where it did; 409 also where its name is taken there. */
  readonly refusedWith?: number | undefined
  readonly updatedAt: Date
}

/** How an account differs from what the plan saw, and, as far as the vendor tells, since when and by whom. */
export interface Staleness {
  readonly changes: readonly StepChange[]
  readonly changedAt?: Date
  readonly changedBy?: string
}

/** The difference between what should be and what is, as a value. */
export interface Plan {
  readonly id: string
  readonly organizationId: string
  readonly connectionId: string
  /** The read that it rests on. */
  readonly snapshotId: string
  /** Hex SHA-256 over connection and steps without ids, states and reasons: the same difference has the same digest. */
  readonly digest: string
  /** Who asked for it: credentials, and the actors of the facts that raised it. None of them can approve it. */
  readonly authors: readonly string[]
  readonly reason: string
  /** What it was made for: a schedule or the regular comparison, something that happened, or a person who asked. */
  readonly origin?: 'schedule' | 'fact' | 'person'
  /** How many accounts the connection had, and how many the plan removes. */
  readonly accounts: number
  readonly removals: number
  readonly state: 'open' | 'closed' | 'superseded'
  readonly supersededBy: string | undefined
  readonly createdAt: Date
}

export interface Approval {
  readonly id: string
  readonly organizationId: string
  readonly planId: string
  readonly digest: string
  readonly actor: string
  readonly at: Date
  /** The number of removals that the approver named. */
  readonly removals: number | undefined
  /** The grave risks that the approver named. */
  readonly accepted?: readonly RiskKind[]
  /** The duties that the approver's credential had the scopes of. */
  readonly duties?: readonly Duty[]
  readonly reason: string
}

export type FindingKind =
  | 'orphan'
  | 'missing'
  | 'extraRight'
  | 'drift'
  | 'staleInvitation'
  | 'duplicate'
  | 'residual'
  | 'returned'
  | 'keyTooOld'
  | 'badRead'
  | 'silence'

/** What the graph shows and nobody asked for. Open until the state that it names is gone. */
export interface Finding {
  readonly id: string
  readonly organizationId: string
  readonly connectionId: string
  readonly kind: FindingKind
  /** Account id, membership id for `missing`, key id for `keyTooOld`, connection id for `badRead` and `silence`. With kind and connection it identifies the finding. */
  readonly subject: string
  readonly message: string
  /** The member whom it concerns, where that is known. */
  readonly membershipId?: string | undefined
  /** What differs, where the finding is a difference: ours as it was written, theirs as it was read. */
  readonly differences?: readonly KeptValue[] | undefined
  /** Counts the changes of what is found and what is decided; 1 where it is absent. */
  readonly version?: number
  /** What a person decided last. */
  readonly decision?: FindingDecision | undefined
  readonly openedAt: Date
  readonly closedAt: Date | undefined
}

/** Signed proof of one removal, as text that verifies byte for byte (see receipt.ts). */
export interface StoredReceipt {
  readonly id: string
  readonly organizationId: string
  readonly connectionId: string
  readonly stepId: string
  readonly subject: string
  readonly issuedAt: Date
  readonly text: string
}

interface IdPage {
  readonly after?: string | undefined
  readonly limit: number
}

export interface LedgerReader
  extends
    AccessLedgerReader,
    CheckpointLedgerReader,
    ConfigurationLedgerReader,
    FindingLedgerReader,
    KeyLedgerReader,
    LeaverLedgerReader,
    LinkLedgerReader,
    PairLedgerReader,
    QuestionLedgerReader,
    ReviewLedgerReader {
  connection(organizationId: string, id: string): Promise<Connection | undefined>
  connectionByName(organizationId: string, name: string): Promise<Connection | undefined>
  connections(organizationId: string): Promise<readonly Connection[]>
  assignments(organizationId: string, connectionId: string): Promise<readonly Assignment[]>
  /** Memberships assigned to the connection, directly, through a group or as everyone, whose status is active and whom no review excluded; by membership id. */
  wanted(organizationId: string, connectionId: string, page: IdPage): Promise<readonly Wanted[]>

  latestSnapshot(organizationId: string, connectionId: string): Promise<Snapshot | undefined>
  /** Accounts of the last complete snapshot, by account id. */
  accounts(organizationId: string, connectionId: string, page: IdPage): Promise<readonly Account[]>
  accountIds(organizationId: string, connectionId: string, page: IdPage): Promise<readonly string[]>
  account(organizationId: string, connectionId: string, accountId: string): Promise<Account | undefined>
  /** Of the last read, while it is under way or was not complete: accounts that are not stored so, by account id. */
  aside(organizationId: string, connectionId: string, page: IdPage): Promise<readonly Account[]>
  asideAccount(organizationId: string, connectionId: string, accountId: string): Promise<Account | undefined>
  countAccounts(organizationId: string, connectionId: string): Promise<number>
  links(organizationId: string, connectionId: string, page: IdPage): Promise<readonly Link[]>
  linkOf(organizationId: string, connectionId: string, membershipId: string): Promise<Link | undefined>

  plan(organizationId: string, id: string): Promise<Plan | undefined>
  /** Newest first, in the order of ids; `before` (an id) walks on to older ones. */
  plans(
    organizationId: string,
    filter: {
      readonly connectionId?: string | undefined
      readonly state?: Plan['state'] | undefined
      readonly before?: string | undefined
      readonly limit: number
    },
  ): Promise<readonly Plan[]>
  /** In order of position. */
  steps(organizationId: string, planId: string): Promise<readonly Step[]>
  step(organizationId: string, id: string): Promise<Step | undefined>
  /** Steps of the connection's open plans. */
  openSteps(organizationId: string, connectionId: string): Promise<readonly Step[]>
  approvals(organizationId: string, planId: string): Promise<readonly Approval[]>

  /** Newest first, in the order of ids; `before` (an id) walks on to older ones. */
  findings(
    organizationId: string,
    filter: FindingFilter & {
      /** Those that are not closed, whether they are ignored or not. */
      readonly open?: true
      readonly before?: string | undefined
      readonly limit: number
    },
  ): Promise<readonly Finding[]>
  receipt(organizationId: string, id: string): Promise<StoredReceipt | undefined>
  /** Newest first, in the order of ids; `before` (an id) walks on to older ones. */
  receipts(
    organizationId: string,
    filter: { readonly subject?: string | undefined; readonly before?: string | undefined; readonly limit: number },
  ): Promise<readonly StoredReceipt[]>

  /** Facts after the organization's reconciliation cursor. */
  newFacts(organizationId: string, limit: number): Promise<readonly Fact[]>
  /** The sequence of the last fact whose effect the connection's plans show; 0 at first. The actors of later ones are authors of the next plan. */
  plannedUpTo(organizationId: string, connectionId: string): Promise<number>
}

export interface LedgerWriter
  extends
    LedgerReader,
    CheckpointLedgerWriter,
    ConfigurationLedgerWriter,
    KeyLedgerWriter,
    LeaverLedgerWriter,
    LinkLedgerWriter,
    QuestionLedgerWriter,
    ReviewLedgerWriter,
    FactWriter {
  putConnection(connection: Connection): Promise<void>
  /** Takes the connection and everything of it away but facts, receipts and plans. */
  removeConnection(organizationId: string, id: string): Promise<void>
  setAssignments(organizationId: string, connectionId: string, assignments: readonly Assignment[]): Promise<void>
  putSnapshot(snapshot: Snapshot): Promise<void>
  /** A read begins: whatever an earlier one put aside is forgotten. */
  clearAside(organizationId: string, connectionId: string): Promise<void>
  /** Keeps what a read shows until it is known whether it is complete; of several accounts with one id the last one. */
  putAside(organizationId: string, connectionId: string, accounts: readonly Account[]): Promise<void>
  removeAside(organizationId: string, connectionId: string, accountId: string): Promise<void>
  /** Stores some of what was put aside, those with the lowest ids; answers whether there is more. */
  keepAside(organizationId: string, connectionId: string): Promise<'more' | 'all'>
  /** What `keepAside` stores next, each with what stands there now. */
  nextAside(
    organizationId: string,
    connectionId: string,
  ): Promise<readonly { readonly account: Account; readonly before: Account | undefined }[]>
  /** Takes away whom a complete read did not list; answers their ids. */
  keepListed(organizationId: string, connectionId: string, listed: ReadonlySet<string>): Promise<readonly string[]>
  /** What was put aside of an account that is put or removed is older, and forgotten. */
  putAccount(organizationId: string, connectionId: string, account: Account): Promise<void>
  removeAccount(organizationId: string, connectionId: string, accountId: string): Promise<void>
  putLink(link: Link): Promise<void>
  removeLink(organizationId: string, connectionId: string, membershipId: string): Promise<void>
  putPlan(plan: Plan): Promise<void>
  putStep(step: Step): Promise<void>
  /** Steps that are new, however many. */
  addSteps(steps: readonly Step[]): Promise<void>
  putApproval(approval: Approval): Promise<void>
  putFinding(finding: Finding): Promise<void>
  putReceipt(receipt: StoredReceipt): Promise<void>
  /** The reconciliation has seen the facts up to this sequence. */
  moveCursor(organizationId: string, sequence: number): Promise<void>
  setPlannedUpTo(organizationId: string, connectionId: string, sequence: number): Promise<void>
  /** Makes the work due; work that is due earlier stays so. Inside the transaction, so that it is never lost. */
  schedule(work: Work & { readonly dueAt: Date }): Promise<void>
  /** Whether the claim still holds: nobody else has claimed the work since. Asked in each transaction of a worker, so that a late one changes nothing. */
  holds(claim: Claim): Promise<boolean>
}

export type Ledger = Transactions<LedgerReader, LedgerWriter>

/**
 * Work in the background: one row per connection and kind. `rotate` puts one of its keys in another's place. `configure` is never due: whoever applies a file to an
 * organization has it in hand. `review` is due when the review is: then it is told that it is overdue.
 */
export interface Work {
  readonly organizationId: string
  readonly kind: 'reconcile' | 'rotate' | 'configure' | 'review'
  /** Connection id; of `configure` the organization's, of `review` the review's. */
  readonly subject: string
}

/** Work in hand. The fence grows with each claim of the same work. */
export interface Claim extends Work {
  readonly holder: string
  readonly fence: number
}

/** The work that is waiting, over the whole installation; any process may take it. */
export interface Queue {
  /** Takes the earliest work that is due and free (or whose lease ran out); undefined when there is none. With `only`, that work and no other. */
  claim(input: {
    readonly holder: string
    readonly now: Date
    readonly leaseMs: number
    readonly only?: Work | undefined
  }): Promise<Claim | undefined>
  /** Takes this work when it is free, whether it is due or not; undefined while somebody has it in hand. */
  take(input: {
    readonly holder: string
    readonly now: Date
    readonly leaseMs: number
    readonly work: Work
  }): Promise<Claim | undefined>
  /** Prolongs the lease; false when the claim no longer holds. */
  renew(claim: Claim, until: Date): Promise<boolean>
  /** Gives the work back: gone when nothing made it due meanwhile and no `dueAt` is given. */
  finish(claim: Claim, dueAt: Date | undefined): Promise<void>
  /** Organizations that have connections and facts after their reconciliation cursor. */
  organizationsWithNewFacts(): Promise<readonly string[]>
  /** Frees every lease; only for a store that a single process owns, when it starts. */
  releaseAll(): Promise<void>
}
