import { sql, type Compilable } from 'kysely'
import type { SqlDialect } from '../sql-dialect.ts'

/** Signed heads of the chains of facts. A migration that was released is never edited. */
export const checkpoints = ({ kysely, types: { text, integer }, tableEnd }: SqlDialect): readonly Compilable[] => [
  kysely.schema
    .createTable('checkpoints')
    .addColumn('organization_id', sql`${text}`, (column) => column.notNull())
    .addColumn('number', sql`${integer}`, (column) => column.notNull())
    .addColumn('sequence', sql`${integer}`, (column) => column.notNull())
    .addColumn('content', sql`${text}`, (column) => column.notNull())
    .addPrimaryKeyConstraint('checkpoints_pk', ['organization_id', 'number'])
    .modifyEnd(tableEnd),
]
