import { sameRoles, sameValue, stateOfAccount } from './account-state.ts'
import type { Policy } from './connection.ts'
import type { Desire } from './desired.ts'
import type { Link, StepChange } from './ledger.ts'
import { accountAttributes, type AccountAttribute, type DesiredAccount, type KnownAccount, type VendorRole } from './vendor.ts'

/** An account held against what is wanted of it. */
export interface Compared {
  readonly desired: DesiredAccount
  readonly changes: readonly StepChange[]
  /** Names of what was changed at the vendor behind our back; empty when nothing was. */
  readonly drifted: string
  /** The link, where the account came to be as wanted by itself. */
  readonly accepted: Link | undefined
}

/** Three ways: as we wrote it, as it is, as it should be. Written as it should be but found otherwise is drift; anything else that differs is ours to change. */
export function compare(input: {
  readonly desire: Desire
  readonly account: KnownAccount
  readonly link: Link
  readonly drift: Policy['drift']
  readonly roles: readonly VendorRole[]
  /** What the vendor keeps (Capabilities.attributes). */
  readonly attributes?: readonly AccountAttribute[] | undefined
}): Compared {
  const { desire, link, account, drift, attributes = accountAttributes } = input
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
  let accepted = false
  for (const name of accountAttributes) {
    if (!attributes.includes(name)) {
      desired[name] = current[name]
      continue
    }
    const want = desire[name]
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
  if (desire.roleIds && sameRoles(desire.roleIds, current.roleIds)) {
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
