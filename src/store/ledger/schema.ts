import type { Work } from '../../sync/ledger.ts'
import type { Owned } from '../schema.ts'

/** A record of the lifecycle engine: `content` is the whole of it as plain JSON (plain.ts), the other columns are what it is found by. */
interface Recorded extends Owned {
  readonly content: string
}

export interface ConnectionRow extends Recorded {
  readonly id: string
  readonly name: string
}

export interface AssignmentRow extends Owned {
  readonly connection_id: string
  readonly kind: string
  /** The group's or membership's id; empty for everyone. */
  readonly subject: string
}

export interface SnapshotRow extends Recorded {
  readonly id: string
  readonly connection_id: string
}

export interface AccountRow extends Recorded {
  readonly connection_id: string
  readonly id: string
}

/** An account that a read has seen and that is not stored so. */
export type AsideAccountRow = AccountRow

export interface LinkRow extends Recorded {
  readonly connection_id: string
  readonly membership_id: string
  readonly account_id: string
}

export interface PlanRow extends Recorded {
  readonly id: string
  readonly connection_id: string
  readonly state: string
}

export interface StepRow extends Recorded {
  readonly id: string
  readonly plan_id: string
  readonly connection_id: string
  readonly position: number
}

export interface ApprovalRow extends Recorded {
  readonly id: string
  readonly plan_id: string
}

export interface FindingRow extends Recorded {
  readonly id: string
  readonly connection_id: string
  readonly open: number
  readonly kind: string
  readonly membership_id: string | null
  readonly ignored_until: number | null
}

export interface MarkingRow extends Recorded {
  readonly connection_id: string
  readonly account_id: string
}

export interface QuestionRow extends Recorded {
  readonly id: string
  readonly connection_id: string
  readonly membership_id: string
  readonly state: string
}

export interface ReceiptRow extends Recorded {
  readonly id: string
  readonly connection_id: string
  readonly subject: string
}

export interface OffboardingRow extends Recorded {
  readonly id: string
  readonly membership_id: string
  readonly state: string
}

export interface VisitRow extends Recorded {
  readonly offboarding_id: string
  readonly connection_id: string
  readonly membership_id: string
  readonly account_id: string | null
  readonly open: number
  /** When access was taken away at once; null where it was not. */
  readonly locked_at: number | null
}

export interface LeaverReceiptRow extends Recorded {
  readonly id: string
  readonly offboarding_id: string
}

export interface ReviewRow extends Recorded {
  readonly id: string
  readonly name: string
}

export interface ReviewItemRow extends Recorded {
  readonly review_id: string
  readonly id: string
  readonly connection_id: string
  /** Empty for an account that nobody is linked to. */
  readonly membership_id: string
  readonly state: string
  readonly privileged: number
}

/** Somebody whom a review denied a connection. */
export interface ExclusionRow extends Recorded {
  readonly connection_id: string
  readonly membership_id: string
  /** By these they are known again when they were removed and are added anew. */
  readonly user_name_key: string
  readonly external_id: string | null
}

/** One key of a connection put in another's place. */
export interface RotationRow extends Recorded {
  readonly id: string
  readonly connection_id: string
  readonly open: number
}

/** What was applied last of a file. */
export type ConfigurationRow = Recorded

export interface CursorRow extends Owned {
  readonly sequence: number
}

export interface PlanCursorRow extends Owned {
  readonly connection_id: string
  readonly sequence: number
}

export interface WorkRow extends Owned {
  readonly kind: Work['kind']
  readonly subject: string
  /** When it is due; null when nothing asked for it since it was claimed. */
  readonly due_at: number | null
  /** Until when it is claimed; null when it is free. */
  readonly lease_until: number | null
  readonly holder: string | null
  readonly fence: number
}

export interface LedgerSchema {
  readonly connections: ConnectionRow
  readonly assignments: AssignmentRow
  readonly snapshots: SnapshotRow
  readonly accounts: AccountRow
  readonly aside_accounts: AsideAccountRow
  readonly links: LinkRow
  readonly plans: PlanRow
  readonly steps: StepRow
  readonly approvals: ApprovalRow
  readonly findings: FindingRow
  readonly markings: MarkingRow
  readonly questions: QuestionRow
  readonly receipts: ReceiptRow
  readonly offboardings: OffboardingRow
  readonly visits: VisitRow
  readonly leaver_receipts: LeaverReceiptRow
  readonly reviews: ReviewRow
  readonly review_items: ReviewItemRow
  readonly exclusions: ExclusionRow
  readonly rotations: RotationRow
  readonly configurations: ConfigurationRow
  readonly cursors: CursorRow
  readonly plan_cursors: PlanCursorRow
  readonly work: WorkRow
}
