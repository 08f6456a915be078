import type { Compilable } from 'kysely'
import type { SqlDialect } from '../sql-dialect.ts'

/** Finding a person's memberships. A migration that was released is never edited. */
export const persons = ({ kysely }: SqlDialect): readonly Compilable[] => [
  kysely.schema.createIndex('memberships_by_person_id').on('memberships').columns(['person_id', 'organization_id']),
  kysely.schema.createIndex('tombstones_by_person_id').on('tombstones').columns(['person_id', 'organization_id']),
]
