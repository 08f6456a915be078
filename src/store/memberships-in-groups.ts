import type { Kysely } from 'kysely'
import { fold } from '../directory/fold.ts'
import type { Group, GroupOf } from '../directory/group.ts'
import type { MembershipInGroups, Reader } from '../directory/store.ts'
import type { Executor } from './executor.ts'
import { gather } from './gather.ts'
import { membershipColumns, toText, type StoredMembership } from './memberships.ts'
import { groupsAbove, withIndirect } from './nested-groups.ts'
import type { Schema } from './schema.ts'
import { statement } from './statement.ts'

type InGroups = Pick<Reader, 'membershipInGroups'>

/** The texts that a membership is looked for by; `values` is a JSON array of them. */
interface Sought {
  readonly organization_id: string
  readonly values: string
}

/** One row for each group of a member; one without a group where there is none. */
const inGroups = (db: Kysely<Schema>, organizationId: string) =>
  db
    .selectFrom('memberships')
    .leftJoin('group_members as gm', (join) =>
      join.onRef('gm.organization_id', '=', 'memberships.organization_id').onRef('gm.membership_id', '=', 'memberships.id'),
    )
    .leftJoin('groups', (join) =>
      join.onRef('groups.organization_id', '=', 'gm.organization_id').onRef('groups.id', '=', 'gm.group_id'),
    )
    .select(membershipColumns)
    .select(['groups.id as group_id', 'groups.display_name as group_name', 'groups.nested as group_nested'])
    .where('memberships.organization_id', '=', organizationId)
    .orderBy('gm.group_id')
const byId = statement((db, p: { readonly organization_id: string; readonly id: string }) =>
  inGroups(db, p.organization_id).where('memberships.id', '=', p.id),
)
const byUserName = statement((db, p: { readonly organization_id: string; readonly key: string }) =>
  inGroups(db, p.organization_id).where('memberships.user_name_key', '=', p.key),
)
const byIds = statement((db, p: Sought, dialect) =>
  inGroups(db, p.organization_id).where('memberships.id', 'in', dialect.texts(p.values)),
)
const byUserNames = statement((db, p: Sought, dialect) =>
  inGroups(db, p.organization_id)
    .select('memberships.user_name_key')
    .where('memberships.user_name_key', 'in', dialect.texts(p.values)),
)

interface Row extends StoredMembership {
  readonly group_id: string | null
  readonly group_name: string | null
  readonly group_nested: number | null
}

/** Looks for one member at a time. */
export const readInGroups = (executor: Executor): InGroups => ({
  membershipInGroups: async (organizationId, key) =>
    toMember(
      executor,
      'id' in key
        ? await executor.all(byId, { organization_id: organizationId, id: key.id })
        : await executor.all(byUserName, { organization_id: organizationId, key: fold(key.userName) }),
    ),
})

/** Looks for those together who are wanted in the same turn. */
export function gatherInGroups(executor: Executor): InGroups {
  const withId = gather(async (organization_id, ids) =>
    Map.groupBy(await executor.all(byIds, { organization_id, values: JSON.stringify(ids) }), ({ id }) => id),
  )
  const named = gather(async (organization_id, keys) =>
    Map.groupBy(await executor.all(byUserNames, { organization_id, values: JSON.stringify(keys) }), (row) => row.user_name_key),
  )
  return {
    membershipInGroups: async (organizationId, key) =>
      toMember(
        executor,
        ('id' in key ? await withId(organizationId, key.id) : await named(organizationId, fold(key.userName))) ?? [],
      ),
  }
}

/** What the rows of one member say; undefined without a row. */
async function toMember(executor: Executor, rows: readonly Row[]): Promise<MembershipInGroups | undefined> {
  const [first] = rows
  if (!first) return undefined
  const member = toText(first)
  const direct = rows.flatMap(toGroupName)
  if (!rows.some((row) => row.group_nested === 1)) return { member, groups: direct }
  const above = await groupsAbove(
    executor,
    first.organization_id,
    direct.map(({ id }) => id),
  )
  return { member, groups: withIndirect<GroupName>(direct, above).map(toName) }
}

type GroupName = Pick<Group, 'id' | 'displayName'>
const toName = ({ id, displayName, membership }: GroupName & Pick<GroupOf, 'membership'>) => ({ id, displayName, membership })
const toGroupName = ({ group_id: id, group_name }: Pick<Row, 'group_id' | 'group_name'>) =>
  id === null ? [] : [{ id, displayName: group_name ?? '', membership: 'direct' as const }]
