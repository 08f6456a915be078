import { sql, type Compilable } from 'kysely'
import type { SqlDialect } from '../sql-dialect.ts'

/** People who leave, what comes of it at each connection, and their receipts. A migration that was released is never edited. */
export const leavers = ({ kysely, types: { text, integer }, tableEnd }: SqlDialect): readonly Compilable[] => [
  kysely.schema
    .createTable('offboardings')
    .addColumn('organization_id', sql`${text}`, (column) => column.notNull())
    .addColumn('id', sql`${text}`, (column) => column.notNull())
    .addColumn('membership_id', sql`${text}`, (column) => column.notNull())
    .addColumn('state', sql`${text}`, (column) => column.notNull())
    .addColumn('content', sql`${text}`, (column) => column.notNull())
    .addPrimaryKeyConstraint('offboardings_pk', ['organization_id', 'id'])
    .modifyEnd(tableEnd),
  kysely.schema
    .createIndex('offboardings_by_membership_id')
    .on('offboardings')
    .columns(['organization_id', 'membership_id', 'id']),
  kysely.schema.createIndex('offboardings_by_state').on('offboardings').columns(['organization_id', 'state', 'id']),
  kysely.schema
    .createTable('visits')
    .addColumn('organization_id', sql`${text}`, (column) => column.notNull())
    .addColumn('offboarding_id', sql`${text}`, (column) => column.notNull())
    .addColumn('connection_id', sql`${text}`, (column) => column.notNull())
    .addColumn('membership_id', sql`${text}`, (column) => column.notNull())
    .addColumn('account_id', sql`${text}`)
    .addColumn('open', sql`${integer}`, (column) => column.notNull())
    .addColumn('locked_at', sql`${integer}`)
    .addColumn('content', sql`${text}`, (column) => column.notNull())
    .addPrimaryKeyConstraint('visits_pk', ['organization_id', 'offboarding_id', 'connection_id'])
    .modifyEnd(tableEnd),
  kysely.schema
    .createIndex('visits_by_connection_id')
    .on('visits')
    .columns(['organization_id', 'connection_id', 'open', 'offboarding_id']),
  kysely.schema.createIndex('visits_by_account_id').on('visits').columns(['organization_id', 'connection_id', 'account_id']),
  kysely.schema.createIndex('visits_by_locked_at').on('visits').columns(['organization_id', 'connection_id', 'locked_at']),
  kysely.schema
    .createTable('leaver_receipts')
    .addColumn('organization_id', sql`${text}`, (column) => column.notNull())
    .addColumn('id', sql`${text}`, (column) => column.notNull())
    .addColumn('offboarding_id', sql`${text}`, (column) => column.notNull())
    .addColumn('content', sql`${text}`, (column) => column.notNull())
    .addPrimaryKeyConstraint('leaver_receipts_pk', ['organization_id', 'id'])
    .modifyEnd(tableEnd),
  kysely.schema
    .createIndex('leaver_receipts_by_offboarding_id')
    .on('leaver_receipts')
    .columns(['organization_id', 'offboarding_id', 'id']),
]
