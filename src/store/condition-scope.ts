import { sql, type Expression, type RawBuilder, type SqlBool } from 'kysely'
import type { Comparable } from '../directory/condition.ts'
import type { ReadLeaf } from './shared-leaves.ts'

export type ConditionTarget = 'memberships' | 'groups' | 'resources'

/** What the names of a path are looked up in. */
export interface Scope {
  /** The column that holds such a value of that name; the document is not asked then. */
  column(names: readonly string[], type: Comparable['type']): Expression<unknown> | undefined
  related(name: string): Related | undefined
  readonly document: Expression<unknown> | undefined
  /** How values of the document are read, where not from the document itself. */
  readonly leaf?: ReadLeaf
}

/** A list that is rows of other tables. */
interface Related {
  /** `from … where …`, to which `and` can be added. */
  readonly from: RawBuilder<unknown>
  readonly scope: Scope
  /** Where groups in groups make further elements: whether one of those is as tested. Names in the test mean the same there. */
  readonly further?: (tested: RawBuilder<SqlBool>, organizationId: unknown) => RawBuilder<SqlBool>
}

const columnsOf =
  (
    table: string,
    columns: Readonly<Record<string, Partial<Record<Comparable['type'], string | RawBuilder<unknown>>>>>,
  ): Scope['column'] =>
  (names, type) => {
    const [name] = names
    const column = names.length === 1 && name !== undefined ? columns[name]?.[type] : undefined
    return typeof column === 'string' ? sql.ref(`${table}.${column}`) : column
  }

const timesAndVersion = {
  createdAt: { dateTime: 'created_at' },
  updatedAt: { dateTime: 'updated_at' },
  version: { number: 'version' },
} as const

export const scopes: Readonly<Record<ConditionTarget, Scope>> = {
  memberships: {
    document: sql.ref('memberships.search'),
    column: columnsOf('memberships', {
      ...timesAndVersion,
      id: { text: 'id', folded: 'id' },
      userName: { text: 'user_name', folded: 'user_name_key' },
      externalId: { text: 'external_id' },
      personId: { text: 'person_id' },
      status: { text: 'status', folded: 'status' },
      active: { boolean: sql`case memberships.status when 'suspended' then 0 else 1 end` },
    }),
    related: (name) =>
      name === 'groups'
        ? {
            from: sql`group_members as gm join groups as g on g.organization_id = gm.organization_id and g.id = gm.group_id
              where gm.organization_id = memberships.organization_id and gm.membership_id = memberships.id`,
            scope: {
              document: undefined,
              related: () => undefined,
              column: columnsOf('g', {
                value: { text: 'id', folded: 'id' },
                display: { text: 'display_name', folded: 'display_name_key' },
              }),
            },
            // Groups that others are in, and the people in those: looked up once, and not for each member.
            further: (tested, organizationId) => sql`memberships.id in (
              with recursive inside(id) as (
                select gg.child_id from group_groups as gg
                join groups as g on g.organization_id = gg.organization_id and g.id = gg.parent_id
                where gg.organization_id = ${organizationId} and ${tested}
                union
                select gg.child_id from inside join group_groups as gg on gg.parent_id = inside.id
                where gg.organization_id = ${organizationId})
              select gm.membership_id from inside join group_members as gm on gm.group_id = inside.id
              where gm.organization_id = ${organizationId})`,
          }
        : undefined,
  },
  groups: {
    document: sql.ref('groups.search'),
    column: columnsOf('groups', {
      ...timesAndVersion,
      id: { text: 'id', folded: 'id' },
      displayName: { text: 'display_name', folded: 'display_name_key' },
      externalId: { text: 'external_id' },
    }),
    related: (name) =>
      name === 'members'
        ? {
            from: sql`(select organization_id, group_id, membership_id as id, 'User' as type, 'user' as type_key from group_members) as gm
              where gm.organization_id = groups.organization_id and gm.group_id = groups.id`,
            scope: {
              document: undefined,
              related: () => undefined,
              column: columnsOf('gm', {
                value: { text: 'id', folded: 'id' },
                type: { text: 'type', folded: 'type_key' },
              }),
            },
            further: (tested) => sql`exists (
              select 1 from (select organization_id, parent_id, child_id as id, 'Group' as type, 'group' as type_key from group_groups) as gm
              where gm.organization_id = groups.organization_id and gm.parent_id = groups.id and ${tested})`,
          }
        : undefined,
  },
  resources: {
    document: sql.ref('resources.search'),
    column: columnsOf('resources', {
      ...timesAndVersion,
      id: { text: 'id', folded: 'id' },
      kind: { text: 'kind' },
    }),
    related: () => undefined,
  },
}
