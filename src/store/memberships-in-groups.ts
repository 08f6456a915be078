import { sql, type Kysely } from 'kysely'
import { fold } from '../directory/fold.ts'
import type { Group, GroupOf } from '../directory/group.ts'
import type { MembershipInGroups, Reader } from '../directory/store.ts'
import type { Executor } from './executor.ts'
import { gather } from './gather.ts'
import { listMemberships, storedMemberships, toText, type StoredMembership } from './memberships.ts'
import { groupsAbove, withIndirect } from './nested-groups.ts'
import type { Schema } from './schema.ts'
import type { SqlDialect } from './sql-dialect.ts'
import { statement } from './statement.ts'
import type { Walks } from './walks.ts'

interface Row extends StoredMembership {
  /** JSON, what Groups says; null where there is none. */
  readonly groups: string | null
}
/** Id, display name, and 1 for a group that is in another one. */
type Groups = readonly (readonly [string, string, number])[]

const groupColumns = ['g.id', 'g.display_name', 'g.nested'].map((column) => sql.ref(column))
/** One row for each member, so that what it takes to show them comes at once, and needs not be kept while the rest is asked for. */
const inGroups = (db: Kysely<Schema>, dialect: SqlDialect) =>
  storedMemberships(db).select((outer) =>
    outer
      .selectFrom('group_members as gm')
      .innerJoin('groups as g', (join) =>
        join.onRef('g.organization_id', '=', 'gm.organization_id').onRef('g.id', '=', 'gm.group_id'),
      )
      .select(dialect.lists(groupColumns).as('list'))
      .whereRef('gm.organization_id', '=', 'memberships.organization_id')
      .whereRef('gm.membership_id', '=', 'memberships.id')
      .as('groups'),
  )
const byId = statement((db, p: { readonly organization_id: string; readonly id: string }, dialect) =>
  inGroups(db, dialect).where('organization_id', '=', p.organization_id).where('id', '=', p.id),
)
const byUserName = statement((db, p: { readonly organization_id: string; readonly key: string }, dialect) =>
  inGroups(db, dialect).where('organization_id', '=', p.organization_id).where('user_name_key', '=', p.key),
)

/** The texts that members are looked for by; `values` is a JSON array of them. */
interface Sought {
  readonly organization_id: string
  readonly values: string
}
const byIds = statement((db, p: Sought, dialect) =>
  inGroups(db, dialect).where('organization_id', '=', p.organization_id).where('id', 'in', dialect.texts(p.values)),
)
const byUserNames = statement((db, p: Sought, dialect) =>
  inGroups(db, dialect)
    .select('user_name_key')
    .where('organization_id', '=', p.organization_id)
    .where('user_name_key', 'in', dialect.texts(p.values)),
)

export function readMembershipsInGroups(executor: Executor, walks?: Walks) {
  return {
    membershipInGroups: async (organizationId, key) => {
      const row =
        'id' in key
          ? await executor.first(byId, { organization_id: organizationId, id: key.id })
          : await executor.first(byUserName, { organization_id: organizationId, key: fold(key.userName) })
      return row && toMember(executor, row)
    },
    membershipsInGroups: async (organizationId, page) => {
      const rows = await listMemberships(executor, { organizationId, page, walks, columns: 'in groups' }, inGroups)
      return toMembers(executor, rows)
    },
  } satisfies Partial<Reader>
}

/** Looks for those together who are wanted in the same turn. */
export function gatherInGroups(executor: Executor): Pick<Reader, 'membershipInGroups'> {
  const withId = gather(async (organization_id, ids) => {
    const rows = await executor.all(byIds, { organization_id, values: JSON.stringify(ids) })
    return new Map(rows.map((row) => [row.id, row]))
  })
  const named = gather(async (organization_id, keys) => {
    const rows = await executor.all(byUserNames, { organization_id, values: JSON.stringify(keys) })
    return new Map<string, Row>(rows.map((row) => [row.user_name_key, row]))
  })
  return {
    membershipInGroups: async (organizationId, key) => {
      const row = 'id' in key ? await withId(organizationId, key.id) : await named(organizationId, fold(key.userName))
      return row && toMember(executor, row)
    },
  }
}

const toMember = async (executor: Executor, row: Row): Promise<MembershipInGroups> => (await toMembers(executor, [row]))[0]!

const noneAbove: ReadonlyMap<string, readonly Group[]> = new Map()

async function toMembers(executor: Executor, rows: readonly Row[]): Promise<readonly MembershipInGroups[]> {
  const lists = rows.map(({ groups }) => readGroups(groups))
  const nested = lists.flatMap((groups) => groups.flatMap(({ id, isNested }) => (isNested ? [id] : [])))
  const above = nested.length > 0 ? await groupsAbove(executor, rows[0]!.organization_id, [...new Set(nested)]) : noneAbove
  return rows.map((row, index) => {
    const direct = lists[index]!
    return { member: toText(row), groups: direct.length === 0 ? [] : withIndirect<GroupName>(direct, above).map(toName) }
  })
}

type GroupName = Pick<Group, 'id' | 'displayName'>
const toName = ({ id, displayName, membership }: GroupName & Pick<GroupOf, 'membership'>) => ({ id, displayName, membership })

/** In the order of ids: to have SQLite order them costs most members, who are in no group, half of what they cost themselves. */
function readGroups(text: string | null): readonly (GroupName & { readonly isNested: boolean })[] {
  if (text === null || text === '[]') return []
  const groups: Groups = JSON.parse(text)
  return groups
    .map(([id, displayName, nested]) => ({ id, displayName, isNested: nested === 1 }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
}
