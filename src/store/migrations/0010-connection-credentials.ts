import { sql, type Compilable } from 'kysely'
import type { SqlDialect } from '../sql-dialect.ts'

/** Credentials that are confined to a connection. A migration that was released is never edited. */
export const connectionCredentials = ({ kysely, types }: SqlDialect): readonly Compilable[] => [
  kysely.schema.alterTable('credentials').addColumn('connection_id', sql`${types.text}`),
]
