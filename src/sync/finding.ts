import type { Finding, FindingKind } from './ledger.ts'

export type FindingState = 'open' | 'ignored' | 'closed'

/** What a person decided on a finding. */
export type FindingDecision = (
  | { readonly kind: 'adopt' }
  /** `planId`: the plan that puts it back, once it is made. */
  | { readonly kind: 'revert'; readonly planId: string | undefined }
  /** Open again by itself from then on, and as soon as something else is found. */
  | { readonly kind: 'ignore'; readonly until: Date }
) & { readonly by: string; readonly at: Date; readonly reason: string }

export const versionOf = ({ version }: Pick<Finding, 'version'>): number => version ?? 1

/** Whether a finding waits for somebody now. */
export function stateOfFinding({ closedAt, decision }: Pick<Finding, 'closedAt' | 'decision'>, now: Date): FindingState {
  if (closedAt) return 'closed'
  return decision?.kind === 'ignore' && decision.until > now ? 'ignored' : 'open'
}

export interface FindingFilter {
  readonly connectionId?: string | undefined
  readonly kind?: FindingKind | undefined
  readonly membershipId?: string | undefined
  /** The state as it is at a moment. */
  readonly standing?: { readonly state: FindingState; readonly now: Date } | undefined
}

export interface FindingCount {
  readonly kind: FindingKind
  readonly count: number
}

export interface FindingLedgerReader {
  finding(organizationId: string, id: string): Promise<Finding | undefined>
  /** How many there are of each kind; kinds of which there is none are left out. */
  countFindings(organizationId: string, filter: FindingFilter): Promise<readonly FindingCount[]>
}

/** When something is old enough to be told; nothing of the kind is told where the number is absent. */
// oxlint-disable-next-line typescript/consistent-type-definitions -- it is told in facts as JSON, which no interface is assignable to
export type FindingsPolicy = {
  /** 14 where it is absent. */
  readonly staleInvitationDays?: number
  readonly keyMaxAgeDays?: number
}
