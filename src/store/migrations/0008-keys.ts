import { sql, type Compilable } from 'kysely'
import type { SqlDialect } from '../sql-dialect.ts'

/** Rotations of vendors' keys. A migration that was released is never edited. */
export const keys = ({ kysely, types: { text, integer }, tableEnd }: SqlDialect): readonly Compilable[] => [
  kysely.schema
    .createTable('rotations')
    .addColumn('organization_id', sql`${text}`, (column) => column.notNull())
    .addColumn('id', sql`${text}`, (column) => column.notNull())
    .addColumn('connection_id', sql`${text}`, (column) => column.notNull())
    .addColumn('open', sql`${integer}`, (column) => column.notNull())
    .addColumn('content', sql`${text}`, (column) => column.notNull())
    .addPrimaryKeyConstraint('rotations_key', ['organization_id', 'id'])
    .modifyEnd(tableEnd),
  kysely.schema.createIndex('rotations_by_connection').on('rotations').columns(['organization_id', 'connection_id', 'id']),
]
