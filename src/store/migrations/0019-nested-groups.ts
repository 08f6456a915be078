import { sql, type Compilable } from 'kysely'
import type { SqlDialect } from '../sql-dialect.ts'

/** Groups in groups, and in each group's own row whether it is in one. A migration that was released is never edited. */
export const nestedGroups = ({ kysely, types: { text, integer }, tableEnd }: SqlDialect): readonly Compilable[] => [
  kysely.schema
    .createTable('group_groups')
    .addColumn('organization_id', sql`${text}`, (column) => column.notNull())
    .addColumn('parent_id', sql`${text}`, (column) => column.notNull())
    .addColumn('child_id', sql`${text}`, (column) => column.notNull())
    .addPrimaryKeyConstraint('group_groups_pk', ['organization_id', 'parent_id', 'child_id'])
    .addForeignKeyConstraint(
      'group_groups_parent',
      ['organization_id', 'parent_id'],
      'groups',
      ['organization_id', 'id'],
      (key) => key.onDelete('cascade'),
    )
    .addForeignKeyConstraint('group_groups_child', ['organization_id', 'child_id'], 'groups', ['organization_id', 'id'], (key) =>
      key.onDelete('cascade'),
    )
    .modifyEnd(tableEnd),
  kysely.schema.createIndex('group_groups_by_child_id').on('group_groups').columns(['organization_id', 'child_id', 'parent_id']),
  kysely.schema.alterTable('groups').addColumn('nested', sql`${integer}`, (column) => column.notNull().defaultTo(sql`0`)),
]
