import { sql, type Compilable } from 'kysely'
import type { SqlDialect } from '../sql-dialect.ts'

/** What was applied last of a file, one an organization. A migration that was released is never edited. */
export const configuration = ({ kysely, types: { text }, tableEnd }: SqlDialect): readonly Compilable[] => [
  kysely.schema
    .createTable('configurations')
    .addColumn('organization_id', sql`${text}`, (column) => column.notNull())
    .addColumn('content', sql`${text}`, (column) => column.notNull())
    .addPrimaryKeyConstraint('configurations_key', ['organization_id'])
    .modifyEnd(tableEnd),
]
