import type { Duty } from '../directory/credential.ts'
import type { ManagedBy } from './configuration/configuration.ts'
import type { FindingsPolicy } from './finding.ts'
import type { MatchRule } from './matching-rule.ts'
import type { Health, QuarantinePolicy } from './quarantine/health.ts'
import type { AccountAttribute } from './vendor.ts'

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
  /** When the schedule last had the vendor read and planned. */
  readonly plannedAt?: Date
  /** How its vendor answers; absent before it was first asked. */
  readonly health?: Health
  readonly createdAt: Date
  readonly updatedAt: Date
}

export interface Policy {
  readonly additions: 'automatic' | 'approval'
  readonly changes: 'automatic' | 'approval'
  /** What becomes of the account of somebody who leaves; without it, it is removed. */
  readonly deletion?: Deletion
  /** Stored before there was `deletion`, which goes before it (see deletionOf). */
  readonly onLeave?: Deletion['onLeave']
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
  /** A read that lacks more of the accounts known before than the greater of both is believed only when a second walk shows the same, and never when it is empty; see absence.ts for what holds without it. */
  readonly shrinkLimit?: { readonly accounts: number; readonly percent: number }
  /** Whose word counts for an attribute; `provider` for those that are not named. */
  readonly attributeOwners?: Readonly<Partial<Record<OwnedAttribute, AttributeOwner>>>
  /** Who may approve: ids of credentials, and duties that a credential has to have the scopes of. Without it, whoever has the scope `approve`. */
  readonly approvers?: readonly (Duty | (string & {}))[]
  /** How many people have to approve a plan; one where it is absent. */
  readonly quorum?: number
  /** How long a plan may be approved, and how long an approval lets it be carried out; seven days where it is absent. */
  readonly planExpiryHours?: number
  /** How often the vendor is read and the whole difference planned although nothing happened. */
  readonly schedule?: { readonly everyHours: number }
  /** Names of the vendor's roles that run the account, and of those that pay for it, where their names do not tell (see blast-radius.ts). */
  readonly ownerRoles?: readonly string[]
  readonly billingRoles?: readonly string[]
  readonly quarantine?: QuarantinePolicy
  /** After so many hours without a complete read an alarm is raised; 0 for never, 6 where it is absent. */
  readonly silenceHours?: number
}

/** `suspend` where the vendor can. With `holdDays` the account is removed when it has stood suspended for so long; without, it is kept. */
export type Deletion = { readonly onLeave: 'remove' } | { readonly onLeave: 'suspend'; readonly holdDays?: number }

/** What may have an owner. Making an account takes every attribute from the directory, but roles that are owned by `manual` or `ignore`. */
export const ownedAttributes = ['userName', 'email', 'givenName', 'familyName', 'roles'] as const satisfies readonly (
  | AccountAttribute
  | 'roles'
)[]
export type OwnedAttribute = (typeof ownedAttributes)[number]

/**
 * `provider`: the directory's value is written, and another one at the vendor is drift. `vendor`: the vendor's value stands and is no drift.
 * `manual`: a difference is a finding, and nothing is written. `ignore`: as `vendor`, and a removal does not become stale by a change of it either.
 */
export const attributeOwners = ['provider', 'vendor', 'manual', 'ignore'] as const
export type AttributeOwner = (typeof attributeOwners)[number]

/** A change of some members; `schedule: null` ends the schedule, and the old `onLeave` is taken for `deletion`. */
export type PolicyChange = Partial<Omit<Policy, 'schedule'>> & { readonly schedule?: Policy['schedule'] | null }

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
export type ConnectionView = Omit<Connection, 'sealedSecret'> & {
  /** Where it is shown and a file names it. */
  readonly managedBy?: ManagedBy
}
