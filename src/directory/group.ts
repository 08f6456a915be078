import { DirectoryError } from './errors.ts'
import type { JsonObject } from './json.ts'

/** People of an organization under one name. A group may be mapped to roles: its members hold those too. */
export interface Group {
  readonly id: string
  readonly organizationId: string
  readonly displayName: string
  readonly externalId: string | undefined
  readonly roleIds: readonly string[]
  readonly attributes: JsonObject
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly version: number
}

export interface GroupInput {
  readonly displayName: string
  readonly externalId: string | undefined
  readonly roleIds: readonly string[]
  readonly attributes: JsonObject
}

/** A member of a group with what a list of members shows. */
export interface GroupMember {
  readonly membershipId: string
  readonly displayName: string
}

/** One step of a change to a group; a list of them is applied in order, all or none. */
export type GroupChange =
  | { readonly kind: 'set'; readonly change: Partial<GroupInput> }
  /** Called inside the transaction with what stands there; may throw a DirectoryError. */
  | { readonly kind: 'setAttributes'; readonly change: (current: Group) => JsonObject }
  | { readonly kind: 'addMembers'; readonly membershipIds: readonly string[] }
  | { readonly kind: 'removeMembers'; readonly membershipIds: readonly string[] }
  | { readonly kind: 'removeAllMembers' }

export function checkGroup(input: GroupInput): void {
  if (!input.displayName.trim()) throw new DirectoryError('invalid', 'displayName must not be empty.', { field: 'displayName' })
  if (input.displayName.length > 256)
    throw new DirectoryError('invalid', 'displayName is longer than 256 characters.', { field: 'displayName' })
}
