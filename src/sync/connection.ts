import type { FindingsPolicy } from './finding.ts'
import type { MatchRule } from './matching-rule.ts'

/** A vendor account that we act on. */
export interface Connection {
  readonly id: string
  readonly organizationId: string
  readonly name: string
  /** The dialect's name. */
  readonly vendor: string
  readonly baseUrl: string
  /** The vendor's credentials as JSON, sealed (directory/seal.ts) with the connection's id as context. */
  readonly sealedSecret: string
  /** A new connection only reads until somebody enables writes. */
  readonly writesEnabled: boolean
  readonly policy: Policy
  readonly createdAt: Date
  readonly updatedAt: Date
}

export interface Policy {
  readonly additions: 'automatic' | 'approval'
  readonly changes: 'automatic' | 'approval'
  /** What becomes of the account of somebody who leaves: `remove` where it is absent, and where the vendor cannot suspend. */
  readonly onLeave?: 'suspend' | 'remove'
  /** How whoever leaves loses access before their removal is approved: `automatic` where it is absent (docs/decisions/0012-leavers.md). */
  readonly leavers?: { readonly suspendAtOnce: 'automatic' | 'approval' }
  /** What was changed at the vendor behind our back: only reported, or put back by the next plan. */
  readonly drift: 'report' | 'revert'
  /** Which rules link a member to an account that nobody made for them, in order; `email` alone only where it stands here. */
  readonly matchBy: readonly MatchRule[]
  readonly findings?: FindingsPolicy
  /** Our role or group name to the vendor's role name; a name that is not in it stands for itself. */
  readonly roleMap: Readonly<Record<string, string>>
  /** The vendor's role names that everybody gets. */
  readonly defaultRoles: readonly string[]
  /** Accounts (vendor's ids or user names) that no plan removes. */
  readonly protectedAccounts: readonly string[]
  /** A plan that removes more than either is refused unless its approval names the number. One removal is always allowed. */
  readonly removalLimit: { readonly accounts: number; readonly percent: number }
}

export const defaultPolicy: Policy = {
  additions: 'automatic',
  changes: 'automatic',
  drift: 'report',
  matchBy: ['userName'],
  roleMap: {},
  defaultRoles: [],
  protectedAccounts: [],
  removalLimit: { accounts: 5, percent: 5 },
}

/** Who should have an account through a connection. */
export type Assignment =
  | { readonly kind: 'everyone' }
  | { readonly kind: 'group'; readonly groupId: string }
  | { readonly kind: 'member'; readonly membershipId: string }

/** What anybody may see of a connection. */
export type ConnectionView = Omit<Connection, 'sealedSecret'>
