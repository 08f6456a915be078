import type { Kysely } from 'kysely'
import { fold } from '../directory/fold.ts'
import type { Group } from '../directory/group.ts'
import type { Reader, Writer } from '../directory/store.ts'
import type { Executor } from './executor.ts'
import { countWhere, pageInOrder, pageWhere } from './lists.ts'
import { dateOf, msOf, putRow } from './rows.ts'
import type { GroupRow, Schema } from './schema.ts'
import { searchDocument } from './search-document.ts'
import { statement } from './statement.ts'
import type { Walks } from './walks.ts'

const groupColumns = [
  'groups.organization_id',
  'groups.id',
  'groups.display_name',
  'groups.external_id',
  'groups.role_ids',
  'groups.attributes',
  'groups.created_at',
  'groups.updated_at',
  'groups.version',
] as const
type StoredGroup = Omit<GroupRow, 'display_name_key' | 'search'>

interface Owned {
  readonly organization_id: string
}
interface InGroup extends Owned {
  readonly group_id: string
}

const stored = (db: Kysely<Schema>) => db.selectFrom('groups').select(groupColumns)
const byId = statement((db, p: Owned & { readonly id: string }) =>
  db.selectFrom('groups').select(groupColumns).where('organization_id', '=', p.organization_id).where('id', '=', p.id),
)
const byDisplayName = statement((db, p: Owned & { readonly key: string }) =>
  db
    .selectFrom('groups')
    .select(groupColumns)
    .where('organization_id', '=', p.organization_id)
    .where('display_name_key', '=', p.key),
)
const members = statement((db, p: InGroup & { readonly after: string; readonly limit: number }) =>
  db
    .selectFrom('group_members as gm')
    .innerJoin('memberships as m', (join) =>
      join.onRef('m.organization_id', '=', 'gm.organization_id').onRef('m.id', '=', 'gm.membership_id'),
    )
    .select(['m.id', 'm.label'])
    .where('gm.organization_id', '=', p.organization_id)
    .where('gm.group_id', '=', p.group_id)
    .where('gm.membership_id', '>', p.after)
    .orderBy('gm.membership_id')
    .limit(p.limit),
)
/** The groups of people, by whom they belong to. */
export const groupsOfMembers = statement((db, p: Owned & { readonly membership_ids: string }, dialect) =>
  db
    .selectFrom('group_members as gm')
    .innerJoin('groups', (join) =>
      join.onRef('groups.organization_id', '=', 'gm.organization_id').onRef('groups.id', '=', 'gm.group_id'),
    )
    .select([...groupColumns, 'gm.membership_id'])
    .where('gm.organization_id', '=', p.organization_id)
    .where('gm.membership_id', 'in', dialect.texts(p.membership_ids))
    // By groups alone SQLite would go through the members of all groups.
    .orderBy('gm.membership_id')
    .orderBy('gm.group_id'),
)
const put = putRow('groups', {
  key: ['organization_id', 'id'],
  rest: [
    'display_name',
    'display_name_key',
    'external_id',
    'role_ids',
    'attributes',
    'created_at',
    'updated_at',
    'version',
    'search',
  ],
})
const remove = statement((db, p: Owned & { readonly id: string }) =>
  db.deleteFrom('groups').where('organization_id', '=', p.organization_id).where('id', '=', p.id),
)
const addMembers = statement((db, p: InGroup & { readonly membership_ids: string }, dialect) =>
  db
    .insertInto('group_members')
    .columns(['organization_id', 'group_id', 'membership_id'])
    .expression((from) =>
      from
        .selectFrom('memberships as m')
        .innerJoin('groups as g', 'g.organization_id', 'm.organization_id')
        .select(['m.organization_id', 'g.id', 'm.id as membership_id'])
        .where('m.organization_id', '=', p.organization_id)
        .where('m.id', 'in', dialect.texts(p.membership_ids))
        .where('g.id', '=', p.group_id),
    )
    .onConflict((conflict) => conflict.columns(['organization_id', 'group_id', 'membership_id']).doNothing())
    .returning('membership_id'),
)
const removeMembers = statement((db, p: InGroup & { readonly membership_ids: string }, dialect) =>
  db
    .deleteFrom('group_members')
    .where('organization_id', '=', p.organization_id)
    .where('group_id', '=', p.group_id)
    .where('membership_id', 'in', dialect.texts(p.membership_ids))
    .returning('membership_id'),
)
const removeAllMembers = statement((db, p: InGroup) =>
  db.deleteFrom('group_members').where('organization_id', '=', p.organization_id).where('group_id', '=', p.group_id),
)

export function readGroups(executor: Executor, walks?: Walks) {
  const toOne = (row: StoredGroup | undefined) => row && toGroup(row)
  return {
    group: async (organizationId, id) => toOne(await executor.first(byId, { organization_id: organizationId, id })),
    groupByDisplayName: async (organizationId, displayName) =>
      toOne(await executor.first(byDisplayName, { organization_id: organizationId, key: fold(displayName) })),
    groups: async (organizationId, page) =>
      (await pageWhere(executor, { organizationId, page, target: 'groups', walks }, stored)).map(toGroup),
    groupsInOrder: async (organizationId, page) =>
      pageInOrder(executor, { organizationId, page, target: 'groups' }, { select: stored, toItem: toGroup }),
    countGroups: async (organizationId, where) => countWhere(executor, { organizationId, where, target: 'groups', walks }),
    groupMembers: async (organizationId, groupId, { after, limit }) => {
      const rows = await executor.all(members, { organization_id: organizationId, group_id: groupId, after: after ?? '', limit })
      return rows.map(({ id, label }) => ({ membershipId: id, displayName: label }))
    },
    groupsOf: async (organizationId, membershipIds) => {
      const found = new Map<string, Group[]>()
      if (membershipIds.length === 0) return found
      for (const row of await executor.all(groupsOfMembers, {
        organization_id: organizationId,
        membership_ids: JSON.stringify(membershipIds),
      })) {
        const list = found.get(row.membership_id)
        if (list) list.push(toGroup(row))
        else found.set(row.membership_id, [toGroup(row)])
      }
      return found
    },
  } satisfies Partial<Reader>
}

export function writeGroups(executor: Executor) {
  /** In the order in which they were asked for. */
  const ordered = (asked: readonly string[], rows: readonly { readonly membership_id: string }[]) => {
    const changed = new Set(rows.map((row) => row.membership_id))
    return [...new Set(asked)].filter((id) => changed.has(id))
  }
  return {
    putGroup: async (group) => {
      await executor.run(put, toRow(group))
    },
    removeGroup: async (organizationId, id) => {
      await executor.run(remove, { organization_id: organizationId, id })
    },
    addGroupMembers: async (organizationId, groupId, membershipIds) =>
      ordered(
        membershipIds,
        await executor.all(addMembers, {
          organization_id: organizationId,
          group_id: groupId,
          membership_ids: JSON.stringify(membershipIds),
        }),
      ),
    removeGroupMembers: async (organizationId, groupId, membershipIds) =>
      ordered(
        membershipIds,
        await executor.all(removeMembers, {
          organization_id: organizationId,
          group_id: groupId,
          membership_ids: JSON.stringify(membershipIds),
        }),
      ),
    removeAllGroupMembers: async (organizationId, groupId) =>
      executor.run(removeAllMembers, { organization_id: organizationId, group_id: groupId }),
  } satisfies Partial<Writer>
}

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

const toRow = (group: Group): GroupRow => ({
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
