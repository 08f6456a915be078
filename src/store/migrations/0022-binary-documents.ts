import { sql, type Compilable } from 'kysely'
import type { SqlDialect } from '../sql-dialect.ts'

/** SQLite keeps search documents as JSONB, as PostgreSQL does: no row is parsed to be looked into. A migration that was released is never edited. */
export const binaryDocuments = ({ name, kysely }: SqlDialect): readonly Compilable[] =>
  name === 'postgres'
    ? []
    : ['memberships', 'groups', 'resources'].flatMap((table) =>
        [
          sql`alter table ${sql.table(table)} add column document blob not null default x'0c'`,
          sql`update ${sql.table(table)} set document = jsonb(search)`,
          sql`alter table ${sql.table(table)} drop column search`,
          sql`alter table ${sql.table(table)} rename column document to search`,
        ].map((statement) => ({ compile: () => statement.compile(kysely) })),
      )
