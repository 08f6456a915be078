import { fold } from '../directory/fold.ts'
import type { Json } from '../directory/json.ts'
import { emailOf, type Membership } from '../directory/membership.ts'
import type { Policy } from './connection.ts'
import { withKept } from './kept.ts'
import type { Wanted } from './ledger.ts'
import type { VendorRole } from './vendor.ts'

/** How the directory wants somebody at a vendor. */
export interface Desire {
  readonly userName: string
  readonly email: string | undefined
  readonly givenName: string | undefined
  readonly familyName: string | undefined
  /** For a vendor that demands names of somebody whose names the directory lacks. Never put in the place of a name that an account has. */
  readonly fallback: { readonly givenName: string; readonly familyName: string }
  /** Vendor's role ids; undefined when no name resolves, and then the account's roles are left alone. */
  readonly roleIds: readonly string[] | undefined
  /** Role names that the vendor does not have. */
  readonly unknownRoles: readonly string[]
}

/** Resolves names to the vendor's roles as they are now, without regard to case. */
export function desireOf(wanted: Wanted, policy: Pick<Policy, 'roleMap' | 'defaultRoles'>, roles: readonly VendorRole[]): Desire {
  const { member } = wanted
  const resolved = resolveRoles(wanted, policy, roles)
  const desire: Desire = {
    userName: member.userName,
    email: emailOf(member),
    givenName: member.name.givenName?.trim() || undefined,
    familyName: member.name.familyName?.trim() || undefined,
    fallback: namesOf(member),
    roleIds: resolved.ids.length > 0 ? resolved.ids : undefined,
    unknownRoles: resolved.unknown,
  }
  return withKept(desire, wanted.kept)
}

/** The display name split before its last word, else the user name without its domain. */
function namesOf(member: Membership): Desire['fallback'] {
  const words = (member.displayName || member.name.formatted || '').trim().split(/\s+/).filter(Boolean)
  const handle = member.userName.split('@')[0] || member.userName
  const last = words.length > 1 ? words.at(-1) : undefined
  return {
    givenName: member.name.givenName?.trim() || (last === undefined ? words[0] : words.slice(0, -1).join(' ')) || handle,
    familyName: member.name.familyName?.trim() || last || handle,
  }
}

function resolveRoles(wanted: Wanted, policy: Pick<Policy, 'roleMap' | 'defaultRoles'>, roles: readonly VendorRole[]) {
  const byName = new Map(roles.map((role) => [fold(role.name), role.id]))
  const map = new Map(Object.entries(policy.roleMap).map(([from, to]) => [fold(from), to]))
  const ids = new Set<string>()
  const unknown = new Set<string>()
  const add = (name: string): boolean => {
    const id = byName.get(fold(name))
    if (id !== undefined) ids.add(id)
    return id !== undefined
  }
  const named = (name: string) => map.get(fold(name)) ?? name
  for (const name of [...wanted.roleNames.map(named), ...policy.defaultRoles]) if (!add(name)) unknown.add(name)
  for (const spellings of rolesAttribute(wanted.member.attributes['roles']))
    if (!spellings.some((name) => add(named(name)))) unknown.add(named(spellings[0]))
  // A group that no role is named for is simply no role, unless the policy maps it to one.
  for (const name of wanted.groupNames) if (!add(named(name)) && map.has(fold(name))) unknown.add(named(name))
  return { ids: [...ids].toSorted(), unknown: [...unknown].toSorted() }
}

/** The SCIM attribute `roles` (RFC 7643 §4.1.2): for each, the spellings under which it may be known, value first. */
function rolesAttribute(value: Json | undefined): readonly (readonly [string, ...string[]])[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((item: Json) => {
    if (typeof item === 'string') return [[item] as const]
    if (item === null || typeof item !== 'object' || !('value' in item)) return []
    const { value: name, display } = item
    if (typeof name !== 'string') return []
    return [typeof display === 'string' ? ([name, display] as const) : ([name] as const)]
  })
}
