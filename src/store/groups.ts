import { sql, type Kysely } from 'kysely'
import { fold } from '../directory/fold.ts'
import type { GroupOf } from '../directory/group.ts'
import type { Reader, Writer } from '../directory/store.ts'
import type { Executor } from './executor.ts'
import { groupColumns, toGroup, toGroupRow, type StoredGroup } from './group-row.ts'
import { countWhere, pageInOrder, pageWhere } from './lists.ts'
import { groupsAbove, markNested, readNestedGroups, withIndirect, writeNestedGroups } from './nested-groups.ts'
import { putRow } from './rows.ts'
import type { Schema } from './schema.ts'
import { statement } from './statement.ts'
import type { Walks } from './walks.ts'

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
/** The ids of the members, each kind as one text, in the order of their index: of 50,000 that is 1.9 MB. One statement sees one moment. */
const withMembers = statement((db, p: Owned & { readonly id: string }) =>
  db
    .selectFrom('groups')
    .select(groupColumns)
    .select([
      sql<string | null>`(select string_agg(membership_id, ',') from (select gm.membership_id from group_members as gm
        where gm.organization_id = groups.organization_id and gm.group_id = groups.id order by gm.membership_id) as listed)`.as(
        'membership_ids',
      ),
      sql<string | null>`(select string_agg(child_id, ',') from (select gg.child_id from group_groups as gg
        where gg.organization_id = groups.organization_id and gg.parent_id = groups.id order by gg.child_id) as listed)`.as(
        'group_ids',
      ),
    ])
    .where('organization_id', '=', p.organization_id)
    .where('id', '=', p.id),
)
const labels = statement((db, p: Owned & { readonly ids: string }, dialect) =>
  db
    .selectFrom('memberships')
    .select(['id', 'label as name'])
    .where('organization_id', '=', p.organization_id)
    .where('id', 'in', dialect.texts(p.ids)),
)
const displayNames = statement((db, p: Owned & { readonly ids: string }, dialect) =>
  db
    .selectFrom('groups')
    .select(['id', 'display_name as name'])
    .where('organization_id', '=', p.organization_id)
    .where('id', 'in', dialect.texts(p.ids)),
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
const childrenOf = statement((db, p: InGroup) =>
  db
    .selectFrom('group_groups')
    .select('child_id')
    .where('organization_id', '=', p.organization_id)
    .where('parent_id', '=', p.group_id),
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
    groupWithMembers: async (organizationId, id) => {
      const row = await executor.first(withMembers, { organization_id: organizationId, id })
      return row && { group: toGroup(row), membershipIds: idsIn(row.membership_ids), groupIds: idsIn(row.group_ids) }
    },
    groupsOf: async (organizationId, membershipIds) => {
      if (membershipIds.length === 0) return new Map<string, readonly GroupOf[]>()
      const rows = await executor.all(groupsOfMembers, {
        organization_id: organizationId,
        membership_ids: JSON.stringify(membershipIds),
      })
      const nested = new Set(rows.filter((row) => row.nested === 1).map(({ id }) => id))
      const above = await groupsAbove(executor, organizationId, [...nested])
      return new Map(
        [...Map.groupBy(rows, (row) => row.membership_id)].map(([id, own]) => [id, withIndirect(own.map(toGroup), above)]),
      )
    },
    memberNames: async (organizationId, ids) => {
      const named = new Map<string, string>()
      for (const source of [labels, displayNames]) {
        const left = ids.filter((id) => !named.has(id))
        if (left.length === 0) break
        for (const { id, name } of await executor.all(source, { organization_id: organizationId, ids: JSON.stringify(left) }))
          named.set(id, name)
      }
      return named
    },
    ...readNestedGroups(executor),
  } satisfies Partial<Reader>
}

const idsIn = (text: string | null): readonly string[] => text?.split(',') ?? []

export function writeGroups(executor: Executor) {
  /** In the order in which they were asked for. */
  const ordered = (asked: readonly string[], rows: readonly { readonly membership_id: string }[]) => {
    const changed = new Set(rows.map((row) => row.membership_id))
    return [...new Set(asked)].filter((id) => changed.has(id))
  }
  return {
    putGroup: async (group) => {
      await executor.run(put, toGroupRow(group))
    },
    removeGroup: async (organizationId, id) => {
      const inside = await executor.all(childrenOf, { organization_id: organizationId, group_id: id })
      await executor.run(remove, { organization_id: organizationId, id })
      await markNested(
        executor,
        organizationId,
        inside.map(({ child_id: child }) => child),
      )
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
    ...writeNestedGroups(executor),
  } satisfies Partial<Writer>
}
