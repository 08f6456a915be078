import { sql, type Compilable } from 'kysely'
import type { SqlDialect } from '../sql-dialect.ts'

/** Things of kinds that a dialect defines, and the values that no two of one kind may share. A migration that was released is never edited. */
export const scimResources = ({ kysely, types: { text, integer, document }, tableEnd }: SqlDialect): readonly Compilable[] => [
  kysely.schema
    .createTable('resources')
    .addColumn('organization_id', sql`${text}`, (column) => column.notNull())
    .addColumn('kind', sql`${text}`, (column) => column.notNull())
    .addColumn('id', sql`${text}`, (column) => column.notNull())
    .addColumn('content', sql`${text}`, (column) => column.notNull())
    .addColumn('created_at', sql`${integer}`, (column) => column.notNull())
    .addColumn('updated_at', sql`${integer}`, (column) => column.notNull())
    .addColumn('version', sql`${integer}`, (column) => column.notNull())
    .addColumn('search', sql`${document}`, (column) => column.notNull())
    .addPrimaryKeyConstraint('resources_pk', ['organization_id', 'kind', 'id'])
    .modifyEnd(tableEnd),
  kysely.schema
    .createTable('resource_keys')
    .addColumn('organization_id', sql`${text}`, (column) => column.notNull())
    .addColumn('kind', sql`${text}`, (column) => column.notNull())
    .addColumn('name', sql`${text}`, (column) => column.notNull())
    .addColumn('value', sql`${text}`, (column) => column.notNull())
    .addColumn('resource_id', sql`${text}`, (column) => column.notNull())
    .addPrimaryKeyConstraint('resource_keys_pk', ['organization_id', 'kind', 'name', 'value'])
    .modifyEnd(tableEnd),
  kysely.schema
    .createIndex('resource_keys_by_resource_id')
    .on('resource_keys')
    .columns(['organization_id', 'kind', 'resource_id']),
]
