import { sameRoles, sameValue, stateOfAccount } from './account-state.ts'
import type { OwnedAttribute, Policy } from './connection.ts'
import type { Desire } from './desired.ts'
import type { AccountState, Link, StepChange } from './ledger.ts'
import { ownerOf } from './policy.ts'
import { accountAttributes, type KnownAccount, type AccountAttribute, type DesiredAccount, type VendorRole } from './vendor.ts'

/** An account held against what is wanted of it. */
export interface Compared {
  readonly desired: DesiredAccount
  readonly changes: readonly StepChange[]
  /** Names of what was changed at the vendor behind our back; empty when nothing was. */
  readonly drifted: string
  /** What differs and is kept by hand, such as `email a@x → b@x`; empty when nothing is. */
  readonly byHand: string
  /** The link, where the account came to be as wanted by itself. */
  readonly accepted: Link | undefined
}

/**
 * Three ways: as we wrote it, as it is, as it should be. Written as it should be but found otherwise is drift; anything else that differs is ours to change,
 * unless the policy gives the attribute to somebody else.
 */
export function compare(input: {
  readonly desire: Desire
  readonly account: KnownAccount
  readonly link: Link
  readonly drift: Policy['drift']
  readonly roles: readonly VendorRole[]
  /** What the vendor keeps (Capabilities.attributes). */
  readonly attributes?: readonly AccountAttribute[] | undefined
  readonly policy: Pick<Policy, 'attributeOwners'>
}): Compared {
  const { desire, link, account, drift, policy, attributes = accountAttributes } = input
  const current = stateOfAccount(account)
  const desired: Record<AccountAttribute, string | undefined> = {
    userName: undefined,
    email: undefined,
    givenName: undefined,
    familyName: undefined,
  }
  const written: Record<AccountAttribute, string | undefined> = { ...desired, ...link.written }
  const changes: StepChange[] = []
  const drifted: string[] = []
  const byHand: string[] = []
  let accepted = false
  for (const name of accountAttributes) {
    const owner = ownerOf(policy, name)
    const want = desire[name]
    if (!attributes.includes(name) || owner !== 'provider') {
      desired[name] = current[name]
      if (owner === 'manual' && attributes.includes(name) && want !== undefined && !sameValue(name, want, current[name]))
        byHand.push(`${name} ${current[name] || '(none)'} → ${want}`)
      continue
    }
    const fallback = name === 'givenName' || name === 'familyName' ? desire.fallback[name] : undefined
    desired[name] = current[name] || fallback
    if (want === undefined) continue
    if (sameValue(name, want, current[name])) {
      if (!sameValue(name, want, link.written[name])) {
        written[name] = want
        accepted = true
      }
      continue
    }
    const byVendor = sameValue(name, want, link.written[name])
    if (byVendor) drifted.push(name)
    if (byVendor && drift === 'report') continue
    desired[name] = want
    changes.push({ attribute: name, from: current[name], to: want })
  }
  if (account.status === 'suspended' && !link.written.suspended) drifted.push('status (suspended)')
  let roleIds = current.roleIds
  let writtenRoles = link.written.roleIds
  const rolesOwner = ownerOf(policy, 'roles')
  if (rolesOwner !== 'provider') {
    if (rolesOwner === 'manual' && desire.roleIds && !sameRoles(desire.roleIds, current.roleIds))
      byHand.push(`roles ${roleNames(current.roleIds, input) || '(none)'} → ${roleNames(desire.roleIds, input)}`)
  } else if (desire.roleIds && sameRoles(desire.roleIds, current.roleIds)) {
    if (!sameRoles(desire.roleIds, writtenRoles)) {
      writtenRoles = desire.roleIds
      accepted = true
    }
  } else if (desire.roleIds) {
    const byVendor = sameRoles(desire.roleIds, writtenRoles)
    if (byVendor) drifted.push('roles')
    if (!byVendor || drift === 'revert') {
      roleIds = desire.roleIds
      changes.push({ attribute: 'roles', from: roleNames(current.roleIds, input), to: roleNames(roleIds, input) })
    }
  }
  return {
    desired: { ...desired, userName: desired.userName ?? account.userName, roleIds },
    changes,
    drifted: drifted.join(', '),
    byHand: byHand.join(', '),
    accepted: accepted ? { ...link, written: { ...written, roleIds: writtenRoles } } : undefined,
  }
}

/** The roles' names for people to read. */
export const roleNames = (
  ids: readonly string[],
  { roles, account }: { readonly roles: readonly VendorRole[]; readonly account?: KnownAccount },
): string =>
  ids
    .map((id) => [...roles, ...(account?.roles ?? [])].find((role) => role.id === id)?.name ?? id)
    .toSorted()
    .join(', ')

/** What a step of this policy saw of an account: a step that writes nothing leaves out what is ignored, so that it does not become stale by it. The user name always counts, since it tells whose account it is. */
export function seenOf(state: AccountState, policy: Pick<Policy, 'attributeOwners'>): AccountState {
  const isIgnored = (name: OwnedAttribute) => ownerOf(policy, name) === 'ignore'
  return {
    userName: state.userName,
    email: isIgnored('email') ? undefined : state.email,
    givenName: isIgnored('givenName') ? undefined : state.givenName,
    familyName: isIgnored('familyName') ? undefined : state.familyName,
    roleIds: isIgnored('roles') ? [] : state.roleIds,
  }
}
