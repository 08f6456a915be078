import { sql, type Compilable } from 'kysely'
import type { SqlDialect } from '../sql-dialect.ts'

/** Access reviews with what is reviewed, and whom they denied a connection. A migration that was released is never edited. */
export const reviews = ({ kysely, types, tableEnd }: SqlDialect): readonly Compilable[] => {
  const [text, integer] = [sql`${types.text}`, sql`${types.integer}`]
  return [
    kysely.schema
      .createTable('reviews')
      .addColumn('organization_id', text, (column) => column.notNull())
      .addColumn('id', text, (column) => column.notNull())
      .addColumn('name', text, (column) => column.notNull())
      .addColumn('content', text, (column) => column.notNull())
      .addPrimaryKeyConstraint('reviews_pk', ['organization_id', 'id'])
      .modifyEnd(tableEnd),
    kysely.schema.createIndex('reviews_name').on('reviews').columns(['organization_id', 'name']).unique(),
    kysely.schema
      .createTable('review_items')
      .addColumn('organization_id', text, (column) => column.notNull())
      .addColumn('review_id', text, (column) => column.notNull())
      .addColumn('id', text, (column) => column.notNull())
      .addColumn('connection_id', text, (column) => column.notNull())
      .addColumn('membership_id', text, (column) => column.notNull())
      .addColumn('state', text, (column) => column.notNull())
      .addColumn('privileged', integer, (column) => column.notNull())
      .addColumn('content', text, (column) => column.notNull())
      .addPrimaryKeyConstraint('review_items_pk', ['organization_id', 'review_id', 'id'])
      .modifyEnd(tableEnd),
    kysely.schema
      .createIndex('review_items_by_state')
      .on('review_items')
      .columns(['organization_id', 'review_id', 'state', 'connection_id', 'id']),
    kysely.schema
      .createIndex('review_items_by_membership_id')
      .on('review_items')
      .columns(['organization_id', 'review_id', 'membership_id', 'id']),
    kysely.schema
      .createTable('exclusions')
      .addColumn('organization_id', text, (column) => column.notNull())
      .addColumn('connection_id', text, (column) => column.notNull())
      .addColumn('membership_id', text, (column) => column.notNull())
      .addColumn('user_name_key', text, (column) => column.notNull())
      .addColumn('external_id', text)
      .addColumn('content', text, (column) => column.notNull())
      .addPrimaryKeyConstraint('exclusions_pk', ['organization_id', 'connection_id', 'membership_id'])
      .modifyEnd(tableEnd),
    kysely.schema
      .createIndex('exclusions_by_user_name_key')
      .on('exclusions')
      .columns(['organization_id', 'connection_id', 'user_name_key']),
    kysely.schema
      .createIndex('exclusions_by_external_id')
      .on('exclusions')
      .columns(['organization_id', 'connection_id', 'external_id']),
  ]
}
