import type { MemberStatus } from '../../directory/membership.ts'
import { fold } from '../../directory/fold.ts'
import type { Assignment } from '../connection.ts'
import type { Link } from '../ledger.ts'
import type { Account, VendorRole } from '../vendor.ts'

/** Whom an account belongs to. `removed`: the directory had them once. `unknown`: nothing tells of them. */
export interface Person {
  readonly id: string
  readonly userName: string | undefined
  readonly email: string | undefined
  readonly status: MemberStatus | 'removed' | 'unknown'
}

/** Why somebody may have the account; `unassigned`, `removed`, `orphan` and `excluded` (a review denied it to them) say that nothing gives them a right to it. */
export type Reason =
  | { readonly kind: 'direct' | 'everyone' | 'unassigned' | 'removed' | 'orphan' | 'excluded' }
  | { readonly kind: 'group'; readonly groupId: string; readonly name: string }

/** One account at a vendor, and who can use it. */
export interface AccessRow {
  readonly connection: { readonly id: string; readonly name: string; readonly vendor: string }
  readonly account: {
    readonly id: string
    /** Undefined, as the roles, where the facts of that time do not tell. */
    readonly userName: string | undefined
    readonly email: string | undefined
    readonly status: Account['status']
    readonly roles: readonly VendorRole[] | undefined
  }
  readonly person: Person | undefined
  readonly why: readonly Reason[]
  /** Which rule linked the person to the account, and when; undefined where nobody is linked. */
  readonly linkedBy: Link['rule'] | 'unknown' | undefined
  readonly since: Date | undefined
  /** The connection's last read, as far as is known: of a past time, the last one that a fact tells of. */
  readonly read: { readonly at: Date; readonly complete: boolean } | undefined
  /** Whether the row is what is stored now, or what the facts tell of a past time; `partly` where they do not tell all of the connection's accounts. */
  readonly source: 'ledger' | 'facts' | 'factsPartly'
}

/** What is asked for; all of it must hold. */
export interface AccessFilter {
  readonly connectionId?: string | undefined
  readonly vendor?: string | undefined
  /** The id, user name or e-mail address of a member. */
  readonly person?: string | undefined
  /** The id or name of a role at the vendor. */
  readonly role?: string | undefined
}

/** Where a page of rows ended. */
export interface AccessPosition {
  readonly connectionId: string
  readonly accountId: string
  readonly membershipId: string
}

export const positionOf = ({ connection, account, person }: AccessRow): AccessPosition => ({
  connectionId: connection.id,
  accountId: account.id,
  membershipId: person?.id ?? '',
})

/** A position as text and back. */
export const positionText = (row: AccessRow): string => {
  const { connectionId, accountId, membershipId } = positionOf(row)
  return `${connectionId} ${membershipId} ${accountId}`
}
export function accessPosition(text: string): AccessPosition {
  const [connectionId = '', membershipId = '', ...accountId] = text.split(' ')
  return { connectionId, membershipId, accountId: accountId.join(' ') }
}

/** Why a person has an account, by the connection's assignments and the groups (id to name) that they are in. */
export function reasonsOf(
  assignments: readonly Assignment[],
  person: Person | undefined,
  { groups, excluded }: { readonly groups: ReadonlyMap<string, string>; readonly excluded: boolean },
): readonly Reason[] {
  if (!person) return [{ kind: 'orphan' }]
  if (person.status === 'removed') return [{ kind: 'removed' }]
  if (excluded) return [{ kind: 'excluded' }]
  const reasons = assignments.flatMap((assignment): readonly Reason[] => {
    if (assignment.kind === 'everyone') return [{ kind: 'everyone' }]
    if (assignment.kind === 'member') return assignment.membershipId === person.id ? [{ kind: 'direct' }] : []
    const name = groups.get(assignment.groupId)
    return name === undefined ? [] : [{ kind: 'group', groupId: assignment.groupId, name }]
  })
  return reasons.length > 0 ? reasons.toSorted((a, b) => (rankOf(a) < rankOf(b) ? -1 : 1)) : [{ kind: 'unassigned' }]
}

/** What was said of the person alone comes first, what is said of everyone last. */
const rankOf = (reason: Reason): string => (reason.kind === 'group' ? `1${reason.groupId}` : reason.kind === 'direct' ? '0' : '2')

/** Whether the account has a role by that id or name. */
export const hasRole = ({ account }: AccessRow, role: string): boolean =>
  (account.roles ?? []).some(({ id, name }) => id === role || fold(name) === fold(role))
