import { sql, type Compilable } from 'kysely'
import type { SqlDialect } from '../sql-dialect.ts'

/** What organizations define beyond the RFC, how often that changed, and the values that nobody else may have. A migration that was released is never edited. */
export const customExtensions = ({ kysely, types: { text, integer }, tableEnd }: SqlDialect): readonly Compilable[] => [
  kysely.schema
    .alterTable('organizations')
    .addColumn('extensions_revision', sql`${integer}`, (column) => column.notNull().defaultTo(0)),
  kysely.schema
    .createTable('extensions')
    .addColumn('organization_id', sql`${text}`, (column) => column.notNull())
    .addColumn('id', sql`${text}`, (column) => column.notNull())
    .addColumn('content', sql`${text}`, (column) => column.notNull())
    .addColumn('created_at', sql`${integer}`, (column) => column.notNull())
    .addColumn('updated_at', sql`${integer}`, (column) => column.notNull())
    .addColumn('version', sql`${integer}`, (column) => column.notNull())
    .addPrimaryKeyConstraint('extensions_pk', ['organization_id', 'id'])
    .modifyEnd(tableEnd),
  kysely.schema
    .createTable('extension_keys')
    .addColumn('organization_id', sql`${text}`, (column) => column.notNull())
    .addColumn('extension_id', sql`${text}`, (column) => column.notNull())
    .addColumn('attribute', sql`${text}`, (column) => column.notNull())
    .addColumn('digest', sql`${text}`, (column) => column.notNull())
    .addColumn('membership_id', sql`${text}`)
    .addColumn('group_id', sql`${text}`)
    .addPrimaryKeyConstraint('extension_keys_pk', ['organization_id', 'extension_id', 'attribute', 'digest'])
    .addForeignKeyConstraint(
      'extension_keys_extension',
      ['organization_id', 'extension_id'],
      'extensions',
      ['organization_id', 'id'],
      (key) => key.onDelete('cascade'),
    )
    .addForeignKeyConstraint(
      'extension_keys_membership',
      ['organization_id', 'membership_id'],
      'memberships',
      ['organization_id', 'id'],
      (key) => key.onDelete('cascade'),
    )
    .addForeignKeyConstraint(
      'extension_keys_group',
      ['organization_id', 'group_id'],
      'groups',
      ['organization_id', 'id'],
      (key) => key.onDelete('cascade'),
    )
    .modifyEnd(tableEnd),
  kysely.schema
    .createIndex('extension_keys_by_membership_id')
    .on('extension_keys')
    .columns(['organization_id', 'membership_id', 'extension_id']),
  kysely.schema
    .createIndex('extension_keys_by_group_id')
    .on('extension_keys')
    .columns(['organization_id', 'group_id', 'extension_id']),
]
