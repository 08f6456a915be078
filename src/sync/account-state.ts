import { fold } from '../directory/fold.ts'
import type { AccountState, StepChange } from './ledger.ts'
import { accountAttributes, type KnownAccount, type AccountAttribute, type DesiredAccount } from './vendor.ts'

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
  return left === right || ((attribute === 'userName' || attribute === 'email') && fold(left) === fold(right))
}

/** In any order. */
export function sameRoles(a: readonly string[], b: readonly string[]): boolean {
  const left = new Set(a)
  return left.size === new Set(b).size && b.every((id) => left.has(id))
}

/** What differs between what was seen and the account as it is; roles by their names, as far as the account tells them. */
export function differencesOf(before: AccountState, account: KnownAccount, after: AccountState): readonly StepChange[] {
  const changes: StepChange[] = accountAttributes
    .filter((name) => (before[name] ?? '') !== (after[name] ?? ''))
    .map((name) => ({ attribute: name, from: before[name], to: after[name] }))
  const named = (ids: readonly string[]) =>
    ids
      .map((id) => account.roles.find((role) => role.id === id)?.name ?? id)
      .toSorted()
      .join(', ')
  if (!sameRoles(before.roleIds, after.roleIds))
    changes.push({ attribute: 'roles', from: named(before.roleIds), to: named(after.roleIds) })
  return changes
}

/** Changes as a part of a sentence, such as `email a@x → b@x, roles Member → Admin`. */
export const describeChanges = (changes: readonly StepChange[]): string =>
  changes.map(({ attribute, from, to }) => `${attribute} ${from || '(none)'} → ${to || '(none)'}`).join(', ')
