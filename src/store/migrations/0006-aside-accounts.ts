import { sql, type Compilable } from 'kysely'
import type { SqlDialect } from '../sql-dialect.ts'

/** Accounts of a read that is under way. A migration that was released is never edited. */
export const asideAccounts = ({ kysely, types: { text }, tableEnd }: SqlDialect): readonly Compilable[] => [
  kysely.schema
    .createTable('aside_accounts')
    .addColumn('organization_id', sql`${text}`, (column) => column.notNull())
    .addColumn('connection_id', sql`${text}`, (column) => column.notNull())
    .addColumn('id', sql`${text}`, (column) => column.notNull())
    .addColumn('content', sql`${text}`, (column) => column.notNull())
    .addPrimaryKeyConstraint('aside_accounts_pk', ['organization_id', 'connection_id', 'id'])
    .modifyEnd(tableEnd),
]
