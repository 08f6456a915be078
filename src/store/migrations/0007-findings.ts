import { sql, type Compilable, type RawBuilder } from 'kysely'
import type { SqlDialect } from '../sql-dialect.ts'

/** Questions, marked accounts, what findings are listed by, and how somebody who was removed is known again. A migration that was released is never edited. */
export const findings = (dialect: SqlDialect): readonly Compilable[] => {
  const { kysely, tableEnd } = dialect
  const [text, integer] = [sql`${dialect.types.text}`, sql`${dialect.types.integer}`]
  const raw = (query: RawBuilder<unknown>): Compilable => ({ compile: () => query.compile(kysely) })
  const kind = dialect.name === 'sqlite' ? sql`content ->> 'kind'` : sql`cast(content as json) ->> 'kind'`
  return [
    kysely.schema.alterTable('tombstones').addColumn('external_id', text),
    kysely.schema.alterTable('findings').addColumn('kind', text, (column) => column.notNull().defaultTo('')),
    kysely.schema.alterTable('findings').addColumn('membership_id', text),
    kysely.schema.alterTable('findings').addColumn('ignored_until', integer),
    raw(sql`update findings set kind = ${kind}`),
    kysely.schema.createIndex('findings_by_open').on('findings').columns(['organization_id', 'open', 'id']),
    kysely.schema.createIndex('findings_by_membership_id').on('findings').columns(['organization_id', 'membership_id', 'id']),
    kysely.schema.createIndex('links_by_account_id').on('links').columns(['organization_id', 'connection_id', 'account_id']),
    kysely.schema
      .createTable('markings')
      .addColumn('organization_id', text, (column) => column.notNull())
      .addColumn('connection_id', text, (column) => column.notNull())
      .addColumn('account_id', text, (column) => column.notNull())
      .addColumn('content', text, (column) => column.notNull())
      .addPrimaryKeyConstraint('markings_pk', ['organization_id', 'connection_id', 'account_id'])
      .modifyEnd(tableEnd),
    kysely.schema
      .createTable('questions')
      .addColumn('organization_id', text, (column) => column.notNull())
      .addColumn('id', text, (column) => column.notNull())
      .addColumn('connection_id', text, (column) => column.notNull())
      .addColumn('membership_id', text, (column) => column.notNull())
      .addColumn('state', text, (column) => column.notNull())
      .addColumn('content', text, (column) => column.notNull())
      .addPrimaryKeyConstraint('questions_pk', ['organization_id', 'id'])
      .modifyEnd(tableEnd),
    kysely.schema
      .createIndex('questions_membership_id')
      .on('questions')
      .columns(['organization_id', 'connection_id', 'membership_id'])
      .unique(),
    kysely.schema.createIndex('questions_by_state').on('questions').columns(['organization_id', 'state', 'id']),
    // Only the few facts about links: the many others cost nothing more to write.
    raw(
      sql`create index facts_of_links on facts (organization_id, subject, sequence) where action in ('link.made', 'link.removed')`,
    ),
  ]
}
