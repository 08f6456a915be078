import { sql, type Compilable } from 'kysely'
import type { SqlDialect } from '../sql-dialect.ts'

/** Mails on their way, and the causes of refusals. A migration that was released is never edited. */
export const outbox = ({ kysely, types: { text, integer }, tableEnd }: SqlDialect): readonly Compilable[] => [
  kysely.schema
    .createTable('mails')
    .addColumn('organization_id', sql`${text}`, (column) => column.notNull())
    .addColumn('id', sql`${text}`, (column) => column.notNull().primaryKey())
    .addColumn('invitation_id', sql`${text}`, (column) => column.notNull())
    .addColumn('recipient', sql`${text}`)
    .addColumn('sealed_token', sql`${text}`)
    .addColumn('state', sql`${text}`, (column) => column.notNull())
    .addColumn('attempts', sql`${integer}`, (column) => column.notNull())
    .addColumn('reason', sql`${text}`)
    .addColumn('created_at', sql`${integer}`, (column) => column.notNull())
    .addColumn('due_at', sql`${integer}`)
    .addColumn('lease_until', sql`${integer}`)
    .addColumn('holder', sql`${text}`)
    .addColumn('fence', sql`${integer}`, (column) => column.notNull())
    .addColumn('settled_at', sql`${integer}`)
    .modifyEnd(tableEnd),
  kysely.schema.createIndex('mails_by_due_at').on('mails').column('due_at'),
  kysely.schema.createIndex('mails_by_created_at').on('mails').column('created_at'),
  kysely.schema
    .createTable('explanations')
    .addColumn('id', sql`${text}`, (column) => column.notNull().primaryKey())
    .addColumn('request_id', sql`${text}`, (column) => column.notNull())
    .addColumn('organization_id', sql`${text}`)
    .addColumn('at', sql`${integer}`, (column) => column.notNull())
    .addColumn('dialect', sql`${text}`, (column) => column.notNull())
    .addColumn('operation', sql`${text}`)
    .addColumn('refusal', sql`${text}`, (column) => column.notNull())
    .addColumn('field', sql`${text}`)
    .addColumn('code', sql`${text}`)
    .addColumn('message', sql`${text}`, (column) => column.notNull())
    .modifyEnd(tableEnd),
  kysely.schema.createIndex('explanations_by_request_id').on('explanations').column('request_id'),
  kysely.schema.createIndex('explanations_by_at').on('explanations').column('at'),
]
