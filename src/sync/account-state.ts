import { fold } from '../directory/fold.ts'
import type { AccountState } from './ledger.ts'
import type { AccountAttribute, DesiredAccount, KnownAccount } from './vendor.ts'

/** The part of an account that we compare. */
export const stateOfAccount = (account: KnownAccount): AccountState => ({
  userName: account.userName,
  email: account.email,
  givenName: account.givenName,
  familyName: account.familyName,
  roleIds: account.roles.map(({ id }) => id),
})

export const stateOfDesired = ({ userName, email, givenName, familyName, roleIds }: DesiredAccount): AccountState => ({
  userName,
  email,
  givenName,
  familyName,
  roleIds,
})

/** User names and addresses are the same without regard to case, names of people are not; absent and empty mean the same. */
export function sameValue(attribute: AccountAttribute, a: string | undefined, b: string | undefined): boolean {
  const left = a ?? ''
  const right = b ?? ''
  return attribute === 'userName' || attribute === 'email' ? fold(left) === fold(right) : left === right
}

/** In any order. */
export function sameRoles(a: readonly string[], b: readonly string[]): boolean {
  const left = new Set(a)
  return left.size === new Set(b).size && b.every((id) => left.has(id))
}

/** What differs between two states, as a sentence part such as `email a@x → b@x, roles`; empty when nothing does. */
export function describeDifference(before: AccountState, after: AccountState): string {
  const attributes: readonly AccountAttribute[] = ['userName', 'email', 'givenName', 'familyName']
  const parts = attributes
    .filter((name) => (before[name] ?? '') !== (after[name] ?? ''))
    .map((name) => `${name} ${before[name] ?? '(none)'} → ${after[name] ?? '(none)'}`)
  if (!sameRoles(before.roleIds, after.roleIds)) parts.push('roles')
  return parts.join(', ')
}
