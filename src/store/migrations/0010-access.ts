import type { Compilable } from 'kysely'
import type { SqlDialect } from '../sql-dialect.ts'

/** Finding whom an account belongs to. A migration that was released is never edited. */
export const access = ({ kysely }: SqlDialect): readonly Compilable[] => [
  kysely.schema.createIndex('links_by_account_id').on('links').columns(['organization_id', 'connection_id', 'account_id']),
]
