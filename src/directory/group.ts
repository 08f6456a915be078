import { DirectoryError } from './errors.ts'
import type { JsonObject } from './json.ts'

/**
 * People and groups of an organization under one name. Whoever is in a group is in the groups that it is in, however deep; no group is in itself.
 * A group may be mapped to roles: whoever is in it holds those too.
 */
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

/** A group that somebody is in: itself, or only through groups that are in it. */
export interface GroupOf extends Group {
  readonly membership: 'direct' | 'indirect'
}

/** A group with whom it holds itself, all of one moment. */
export interface GroupWithMembers {
  readonly group: Group
  readonly membershipIds: readonly string[]
  readonly groupIds: readonly string[]
}

/** A member of a group with what a list of members shows. */
export interface GroupMember {
  readonly membershipId: string
  readonly displayName: string
}

/** Whom a group is to hold: people, groups, or whichever an id is of. */
export type Addition =
  | { readonly kind: 'addMembers'; readonly membershipIds: readonly string[] }
  | { readonly kind: 'addGroups'; readonly groupIds: readonly string[] }
  | { readonly kind: 'addAny'; readonly ids: readonly string[] }

/** One step of a change to a group; a list of them is applied in order, all or none. */
export type GroupChange =
  | Addition
  | { readonly kind: 'set'; readonly change: Partial<GroupInput> }
  /** Called inside the transaction with what stands there; may throw a DirectoryError. */
  | { readonly kind: 'setAttributes'; readonly change: (current: Group) => JsonObject }
  | { readonly kind: 'removeMembers'; readonly membershipIds: readonly string[] }
  | { readonly kind: 'removeGroups'; readonly groupIds: readonly string[] }
  | { readonly kind: 'removeAny'; readonly ids: readonly string[] }
  /** People, or groups. */
  | { readonly kind: 'removeAllMembers' | 'removeAllGroups' }

export function checkGroup(input: GroupInput): void {
  if (!input.displayName.trim()) throw new DirectoryError('invalid', 'displayName must not be empty.', { field: 'displayName' })
  if (input.displayName.length > 256)
    throw new DirectoryError('invalid', 'displayName is longer than 256 characters.', { field: 'displayName' })
}
