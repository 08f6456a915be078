import { sql, type Compilable } from 'kysely'
import type { SqlDialect } from '../sql-dialect.ts'

/** Who takes events and how far they are, and webhooks that are told of events. A migration that was released is never edited. */
export const securityEvents = ({ kysely, types: { text, integer }, tableEnd }: SqlDialect): readonly Compilable[] => [
  kysely.schema
    .createTable('event_receivers')
    .addColumn('organization_id', sql`${text}`, (column) => column.notNull())
    .addColumn('id', sql`${text}`, (column) => column.notNull())
    .addColumn('position', sql`${integer}`, (column) => column.notNull())
    .addColumn('taken', sql`${text}`, (column) => column.notNull())
    .addPrimaryKeyConstraint('event_receivers_key', ['organization_id', 'id'])
    .modifyEnd(tableEnd),
  kysely.schema.alterTable('webhooks').addColumn('format', sql`${text}`, (column) => column.notNull().defaultTo('facts')),
]
