import { sql, type Compilable } from 'kysely'
import type { SqlDialect } from '../sql-dialect.ts'

/** Credentials whose holders sign assertions, the assertions that came, and what was told of an end. A migration that was released is never edited. */
export const oauth = ({ kysely, types: { text, integer }, tableEnd }: SqlDialect): readonly Compilable[] => [
  kysely.schema.alterTable('credentials').addColumn('assertion', sql`${text}`),
  kysely.schema.alterTable('credentials').addColumn('expiry_told_at', sql`${integer}`),
  kysely.schema.createIndex('credentials_by_expires_at').on('credentials').columns(['expires_at']),
  kysely.schema
    .createTable('taken_assertions')
    .addColumn('organization_id', sql`${text}`, (column) => column.notNull())
    .addColumn('credential_id', sql`${text}`, (column) => column.notNull())
    .addColumn('id', sql`${text}`, (column) => column.notNull())
    .addColumn('expires_at', sql`${integer}`, (column) => column.notNull())
    .addPrimaryKeyConstraint('taken_assertions_pk', ['organization_id', 'credential_id', 'id'])
    .modifyEnd(tableEnd),
  kysely.schema.createIndex('taken_assertions_by_expires_at').on('taken_assertions').columns(['organization_id', 'expires_at']),
]
