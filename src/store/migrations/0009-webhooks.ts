import { sql, type Compilable } from 'kysely'
import type { SqlDialect } from '../sql-dialect.ts'

/** Receivers of facts, and what is on its way to them. A migration that was released is never edited. */
export const webhooks = ({ kysely, types: { text, integer }, tableEnd }: SqlDialect): readonly Compilable[] => [
  kysely.schema
    .createTable('webhooks')
    .addColumn('organization_id', sql`${text}`, (column) => column.notNull())
    .addColumn('id', sql`${text}`, (column) => column.notNull())
    .addColumn('url', sql`${text}`, (column) => column.notNull())
    .addColumn('actions', sql`${text}`)
    .addColumn('enabled', sql`${integer}`, (column) => column.notNull())
    .addColumn('disabled_reason', sql`${text}`)
    .addColumn('position', sql`${integer}`, (column) => column.notNull())
    .addColumn('failures', sql`${integer}`, (column) => column.notNull())
    .addColumn('failing_since', sql`${integer}`)
    .addColumn('resume_at', sql`${integer}`)
    .addColumn('last_delivered_at', sql`${integer}`)
    .addColumn('previous_secret_until', sql`${integer}`)
    .addColumn('created_at', sql`${integer}`, (column) => column.notNull())
    .addColumn('updated_at', sql`${integer}`, (column) => column.notNull())
    .addColumn('sealed_secret', sql`${text}`, (column) => column.notNull())
    .addColumn('sealed_previous', sql`${text}`)
    .addColumn('worked_at', sql`${integer}`, (column) => column.notNull())
    .addColumn('lease_until', sql`${integer}`)
    .addColumn('holder', sql`${text}`)
    .addColumn('fence', sql`${integer}`, (column) => column.notNull())
    .addPrimaryKeyConstraint('webhooks_key', ['organization_id', 'id'])
    .modifyEnd(tableEnd),
  kysely.schema
    .createTable('deliveries')
    .addColumn('organization_id', sql`${text}`, (column) => column.notNull())
    .addColumn('webhook_id', sql`${text}`, (column) => column.notNull())
    .addColumn('sequence', sql`${integer}`, (column) => column.notNull())
    .addColumn('message_id', sql`${text}`, (column) => column.notNull())
    .addColumn('action', sql`${text}`, (column) => column.notNull())
    .addColumn('at', sql`${integer}`, (column) => column.notNull())
    .addColumn('state', sql`${text}`, (column) => column.notNull())
    .addColumn('attempts', sql`${integer}`, (column) => column.notNull())
    .addColumn('due_at', sql`${integer}`)
    .addColumn('reason', sql`${text}`)
    .addColumn('settled_at', sql`${integer}`)
    .addPrimaryKeyConstraint('deliveries_key', ['organization_id', 'webhook_id', 'sequence'])
    .modifyEnd(tableEnd),
  kysely.schema.createIndex('deliveries_by_due_at').on('deliveries').columns(['organization_id', 'webhook_id', 'due_at']),
  kysely.schema
    .createTable('delivery_holds')
    .addColumn('organization_id', sql`${text}`, (column) => column.notNull())
    .addColumn('webhook_id', sql`${text}`, (column) => column.notNull())
    .addColumn('key', sql`${text}`, (column) => column.notNull())
    .addColumn('sequence', sql`${integer}`, (column) => column.notNull())
    .addPrimaryKeyConstraint('delivery_holds_key', ['organization_id', 'webhook_id', 'key', 'sequence'])
    .modifyEnd(tableEnd),
  kysely.schema
    .createIndex('delivery_holds_by_sequence')
    .on('delivery_holds')
    .columns(['organization_id', 'webhook_id', 'sequence']),
]
