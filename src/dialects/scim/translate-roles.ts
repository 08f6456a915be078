import { fold } from '../../directory/fold.ts'
import type { Json } from '../../directory/json.ts'
import type { Membership } from '../../directory/membership.ts'
import type { Role } from '../../directory/role.ts'
import { isList, isObject } from './resource.ts'

/**
 * Roles as a User shows them: what the provider sent, as it sent it, without the roles that the person no longer holds, and each further
 * role held by its name.
 */
export function showRoles(member: Membership, roles: readonly Role[]): readonly Json[] {
  const held = new Set(member.roleIds)
  const find = roleFinder(roles)
  const shown: Json[] = []
  const covered = new Set<string>()
  const sent = member.attributes['roles']
  for (const element of isList(sent) ? sent : []) {
    const role = find(valueOf(element))
    if (role && !held.has(role.id)) continue
    if (role) covered.add(role.id)
    shown.push(element)
  }
  for (const role of roles)
    if (held.has(role.id) && !covered.has(role.id)) shown.push({ value: nameIsPlain(role) ? role.name : role.id })
  return shown
}

/** The roles that a User's `roles` name, by id or by name without regard to case, and the elements to keep as they were sent. */
export function readRoles(
  value: Json | undefined,
  roles: readonly Role[],
  before: readonly string[],
): { readonly roleIds: readonly string[]; readonly sent: Json | undefined } {
  const sent = isList(value) ? value : []
  const find = roleFinder(roles)
  const found = [...new Set(sent.map((element) => find(valueOf(element))?.id).filter((id) => id !== undefined))]
  const same = found.length === before.length && found.every((id) => before.includes(id))
  return { roleIds: same ? before : found, sent: storable(sent, find) }
}

type Find = (value: string | undefined) => Role | undefined

function roleFinder(roles: readonly Role[]): Find {
  const byText = new Map<string, Role>()
  for (const role of roles) {
    if (nameIsPlain(role)) byText.set(fold(role.name), role)
  }
  for (const role of roles) byText.set(role.id, role)
  return (value) => (value === undefined ? undefined : (byText.get(value) ?? byText.get(fold(value))))
}

/** An element that only repeats a role's name carries nothing to keep. */
function storable(sent: readonly Json[], find: Find): Json | undefined {
  const kept = sent.filter((element) => {
    const role = find(valueOf(element))
    return (
      !role ||
      !isObject(element) ||
      Object.keys(element).length > 1 ||
      element['value'] !== (nameIsPlain(role) ? role.name : role.id)
    )
  })
  return kept.length > 0 ? kept : undefined
}

/** The role of a workspace is named by its id: another workspace may have one of the same name. */
const nameIsPlain = (role: Role): boolean => role.workspaceId === undefined

const valueOf = (element: Json): string | undefined => {
  const value = isObject(element) ? element['value'] : undefined
  return typeof value === 'string' ? value : undefined
}
