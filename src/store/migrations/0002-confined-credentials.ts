import { sql, type Compilable } from 'kysely'
import type { SqlDialect } from '../sql-dialect.ts'

/** Credentials that are confined to a workspace. A migration that was released is never edited. */
export const confinedCredentials = ({ kysely, types }: SqlDialect): readonly Compilable[] => [
  kysely.schema.alterTable('credentials').addColumn('workspace_id', sql`${types.text}`),
]
