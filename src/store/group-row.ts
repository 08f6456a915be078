import type { Group } from '../directory/group.ts'
import { fold } from '../directory/fold.ts'
import { dateOf, msOf } from './rows.ts'
import type { GroupRow } from './schema.ts'
import { searchDocument } from './search-document.ts'

/** What a group is read from: never the search document. */
export const groupColumns = [
  'groups.organization_id',
  'groups.id',
  'groups.display_name',
  'groups.external_id',
  'groups.role_ids',
  'groups.attributes',
  'groups.created_at',
  'groups.updated_at',
  'groups.version',
  'groups.nested',
] as const
export type StoredGroup = Omit<GroupRow, 'display_name_key' | 'search'>

export const toGroup = (row: StoredGroup): Group => ({
  id: row.id,
  organizationId: row.organization_id,
  displayName: row.display_name,
  externalId: row.external_id ?? undefined,
  roleIds: JSON.parse(row.role_ids),
  attributes: JSON.parse(row.attributes),
  createdAt: dateOf(row.created_at),
  updatedAt: dateOf(row.updated_at),
  version: row.version,
})

/** Whether the group is in another one is no part of it: nested-groups.ts keeps that. */
export const toGroupRow = (group: Group): Omit<GroupRow, 'nested'> => ({
  organization_id: group.organizationId,
  id: group.id,
  display_name: group.displayName,
  display_name_key: fold(group.displayName),
  external_id: group.externalId ?? null,
  role_ids: JSON.stringify(group.roleIds),
  attributes: JSON.stringify(group.attributes),
  created_at: msOf(group.createdAt),
  updated_at: msOf(group.updatedAt),
  version: group.version,
  search: searchDocument({
    displayName: group.displayName,
    externalId: group.externalId,
    roleIds: group.roleIds,
    attributes: group.attributes,
  }),
})
