import { sql, type Kysely, type RawBuilder } from 'kysely'
import type { Group, GroupOf } from '../directory/group.ts'
import type { Reader, Writer } from '../directory/store.ts'
import type { Executor } from './executor.ts'
import { groupColumns, toGroup } from './group-row.ts'
import type { Schema } from './schema.ts'
import { statement } from './statement.ts'

interface Owned {
  readonly organization_id: string
}
interface InGroup extends Owned {
  readonly group_id: string
}
/** JSON array. */
interface OfGroups extends Owned {
  readonly group_ids: string
}

/** The groups that a statement begins with, and with each every group that it is in, however deep. What is in itself by a mistake of another program ends too. */
const withAncestors = (db: Kysely<Schema>, organizationId: string, groupIds: RawBuilder<string>) =>
  db.withRecursive('higher', (first) =>
    first
      .selectFrom('group_groups as gg')
      .select(['gg.child_id as start_id', 'gg.parent_id as id'])
      .where('gg.organization_id', '=', organizationId)
      .where('gg.child_id', 'in', groupIds)
      .union((next) =>
        next
          .selectFrom('higher')
          .innerJoin('group_groups as gg', 'gg.child_id', 'higher.id')
          .select(['higher.start_id', 'gg.parent_id as id'])
          .where('gg.organization_id', '=', organizationId),
      ),
  )
const above = statement((db, p: OfGroups, dialect) =>
  withAncestors(db, p.organization_id, dialect.texts(p.group_ids))
    .selectFrom('higher')
    .innerJoin('groups', 'groups.id', 'higher.id')
    .select(groupColumns)
    .select('higher.start_id')
    .where('groups.organization_id', '=', p.organization_id)
    .orderBy('groups.id'),
)
const within = statement((db, p: OfGroups & { readonly group_id: string }, dialect) =>
  withAncestors(db, p.organization_id, sql<string>`(${p.group_id})`)
    .selectFrom('higher')
    .select('higher.id')
    .where('higher.id', 'in', dialect.texts(p.group_ids))
    .limit(1),
)
const any = statement((db, p: Owned) =>
  db.selectFrom('group_groups').select('child_id').where('organization_id', '=', p.organization_id).limit(1),
)
/** The groups at one end of the edges that have a group at the other. */
const neighbours = (found: 'child_id' | 'parent_id', of: 'child_id' | 'parent_id') =>
  statement((db, p: InGroup) =>
    db
      .selectFrom('group_groups as gg')
      .innerJoin('groups', (join) =>
        join.onRef('groups.organization_id', '=', 'gg.organization_id').onRef('groups.id', '=', `gg.${found}`),
      )
      .select(groupColumns)
      .where('gg.organization_id', '=', p.organization_id)
      .where(`gg.${of}`, '=', p.group_id)
      .orderBy(`gg.${found}`),
  )
const inside = neighbours('child_id', 'parent_id')
const around = neighbours('parent_id', 'child_id')
const add = statement((db, p: InGroup & OfGroups, dialect) =>
  db
    .insertInto('group_groups')
    .columns(['organization_id', 'parent_id', 'child_id'])
    .expression((from) =>
      from
        .selectFrom('groups as child')
        .innerJoin('groups as parent', 'parent.organization_id', 'child.organization_id')
        .select(['child.organization_id', 'parent.id as parent_id', 'child.id as child_id'])
        .where('child.organization_id', '=', p.organization_id)
        .where('child.id', 'in', dialect.texts(p.group_ids))
        .where('parent.id', '=', p.group_id),
    )
    .onConflict((conflict) => conflict.columns(['organization_id', 'parent_id', 'child_id']).doNothing())
    .returning('child_id'),
)
const remove = statement((db, p: InGroup & OfGroups, dialect) =>
  db
    .deleteFrom('group_groups')
    .where('organization_id', '=', p.organization_id)
    .where('parent_id', '=', p.group_id)
    .where('child_id', 'in', dialect.texts(p.group_ids))
    .returning('child_id'),
)
const mark = statement((db, p: OfGroups, dialect) =>
  db
    .updateTable('groups')
    .set({
      nested: sql<number>`case when exists (select 1 from group_groups as gg
        where gg.organization_id = groups.organization_id and gg.child_id = groups.id) then 1 else 0 end`,
    })
    .where('organization_id', '=', p.organization_id)
    .where('id', 'in', dialect.texts(p.group_ids)),
)

/** The groups that each of some groups is in, however deep, by the id of the one that it begins with. */
export async function groupsAbove(
  executor: Executor,
  organizationId: string,
  groupIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Group[]>> {
  if (groupIds.length === 0) return new Map()
  const rows = await executor.all(above, { organization_id: organizationId, group_ids: JSON.stringify(groupIds) })
  return new Map(
    [...Map.groupBy(rows, ({ start_id: start }) => start)].map(([start, found]) => [start, found.map((row) => toGroup(row))]),
  )
}

/** Somebody's own groups with those that they are in through them, in the order of ids. Who is in a group both ways is in it directly. */
export function withIndirect<G extends Pick<Group, 'id'>>(
  direct: readonly G[],
  above: ReadonlyMap<string, readonly G[]>,
): readonly (G & Pick<GroupOf, 'membership'>)[] {
  if (above.size === 0) return direct.map((group) => ({ ...group, membership: 'direct' }))
  const found = new Map<string, G & Pick<GroupOf, 'membership'>>()
  for (const group of direct)
    for (const outer of above.get(group.id) ?? []) found.set(outer.id, { ...outer, membership: 'indirect' })
  for (const group of direct) found.set(group.id, { ...group, membership: 'direct' })
  return [...found.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

export const hasNestedGroups = async (executor: Executor, organizationId: string): Promise<boolean> =>
  (await executor.first(any, { organization_id: organizationId })) !== undefined

/** Writes into the groups' own rows whether they are in one now. */
export async function markNested(executor: Executor, organizationId: string, groupIds: readonly string[]): Promise<void> {
  if (groupIds.length > 0) await executor.run(mark, { organization_id: organizationId, group_ids: JSON.stringify(groupIds) })
}

export function readNestedGroups(executor: Executor) {
  return {
    groupsIn: async (organizationId, groupId) =>
      (await executor.all(inside, { organization_id: organizationId, group_id: groupId })).map(toGroup),
    groupsAround: async (organizationId, groupId) =>
      (await executor.all(around, { organization_id: organizationId, group_id: groupId })).map(toGroup),
    isGroupWithin: async (organizationId, groupId, groupIds) =>
      groupIds.includes(groupId) ||
      (await executor.first(within, {
        organization_id: organizationId,
        group_id: groupId,
        group_ids: JSON.stringify(groupIds),
      })) !== undefined,
  } satisfies Partial<Reader>
}

export function writeNestedGroups(executor: Executor) {
  const marked = async (organizationId: string, rows: readonly { readonly child_id: string }[]) => {
    const ids = rows.map(({ child_id: id }) => id).toSorted()
    await markNested(executor, organizationId, ids)
    return ids
  }
  return {
    addGroupsToGroup: async (organizationId, groupId, groupIds) =>
      marked(
        organizationId,
        await executor.all(add, {
          organization_id: organizationId,
          group_id: groupId,
          group_ids: JSON.stringify(groupIds),
        }),
      ),
    removeGroupsFromGroup: async (organizationId, groupId, groupIds) =>
      marked(
        organizationId,
        await executor.all(remove, {
          organization_id: organizationId,
          group_id: groupId,
          group_ids: JSON.stringify(groupIds),
        }),
      ),
  } satisfies Partial<Writer>
}
