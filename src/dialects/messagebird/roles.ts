import { fold } from '../../directory/fold.ts'
import type { Role } from '../../directory/role.ts'

/** MessageBird knows the roles of the organization alone, not those of its parts. */
export const organizationRoles = (roles: readonly Role[]): readonly Role[] =>
  roles.filter((role) => role.workspaceId === undefined)

/** The value that stands for a role: its name in lower case, as the guide's examples have it, or as it is where two names differ by case alone. */
export function toRoleValue(role: Role, roles: readonly Role[]): string {
  const folded = fold(role.name)
  return organizationRoles(roles).filter((other) => fold(other.name) === folded).length > 1 ? role.name : folded
}

/** The role that a value or a group's name stands for, in any case; undefined when the organization has none. */
export function findRole(value: string, roles: readonly Role[]): Role | undefined {
  const known = organizationRoles(roles)
  return known.find((role) => role.name === value) ?? known.find((role) => fold(role.name) === fold(value))
}
