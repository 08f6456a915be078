import type { Directory } from '../../directory/directory.ts'
import type { GroupChange } from '../../directory/group.ts'
import type { Role } from '../../directory/role.ts'
import { findRole } from './roles.ts'

/**
 * The directory as MessageBird's SCIM sees it: a group that is named for a role of the organization grants that role (MBRD-Q10). A group that gets
 * another name gives the role up; roles that somebody mapped to a group otherwise stay.
 */
export function withGroupsAsRoles(directory: Directory): Directory {
  return {
    ...directory,
    addGroup: async (call, input) => {
      const role = findRole(input.displayName, await directory.listRoles(call, undefined))
      return directory.addGroup(call, { ...input, roleIds: role ? [role.id] : input.roleIds })
    },
    changeGroup: async (call, input) => {
      if (!input.changes.some(isRenaming)) return directory.changeGroup(call, input)
      const roles = await directory.listRoles(call, undefined)
      const current = await directory.getGroup(call, { id: input.id })
      const changes = input.changes.map((change) =>
        isRenaming(change)
          ? { ...change, change: { ...change.change, roleIds: rolesAfter(current, change.change.displayName ?? '', roles) } }
          : change,
      )
      return directory.changeGroup(call, { ...input, ifVersion: input.ifVersion ?? current.version, changes })
    },
  }
}

const isRenaming = (change: GroupChange): change is Extract<GroupChange, { kind: 'set' }> =>
  change.kind === 'set' && change.change.displayName !== undefined

function rolesAfter(
  current: { readonly displayName: string; readonly roleIds: readonly string[] },
  displayName: string,
  roles: readonly Role[],
): readonly string[] {
  const before = findRole(current.displayName, roles)?.id
  const after = findRole(displayName, roles)?.id
  return [...new Set([...current.roleIds.filter((id) => id !== before), ...(after === undefined ? [] : [after])])]
}
