import { DirectoryError } from './errors.ts'

/** What grants rights, in an organization or in one of its workspaces. */
export interface Role {
  readonly id: string
  readonly organizationId: string
  readonly workspaceId: string | undefined
  readonly name: string
  /** Whoever holds an owner role counts as an owner of the organization, or of the role's workspace: the last one of either cannot be removed, suspended or demoted. */
  readonly owner: boolean
  readonly createdAt: Date
}

/** The roles that a new organization starts with. */
export const startingRoles: readonly { readonly name: string; readonly owner: boolean }[] = [
  { name: 'Owner', owner: true },
  { name: 'Admin', owner: false },
  { name: 'Member', owner: false },
  { name: 'ReadOnly', owner: false },
]

export function checkName(name: string, what: 'role' | 'workspace'): string {
  const trimmed = name.trim()
  if (!trimmed || trimmed.length > 100)
    throw new DirectoryError('invalid', `Give the ${what} a name of 1 to 100 characters.`, { field: 'name' })
  return trimmed
}
