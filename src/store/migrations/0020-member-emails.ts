import { sql, type Compilable } from 'kysely'
import type { SqlDialect } from '../sql-dialect.ts'

/** The addresses of members beside the one that stands for them, folded, so that people are found by any. A migration that was released is never edited. */
export const memberEmails = (dialect: SqlDialect): readonly Compilable[] => {
  const { kysely, types, tableEnd } = dialect
  return [
    kysely.schema
      .createTable('member_emails')
      .addColumn('organization_id', sql`${types.text}`, (column) => column.notNull())
      .addColumn('value_key', sql`${types.text}`, (column) => column.notNull())
      .addColumn('membership_id', sql`${types.text}`, (column) => column.notNull())
      .addPrimaryKeyConstraint('member_emails_pk', ['organization_id', 'value_key', 'membership_id'])
      .modifyEnd(tableEnd),
    writeDownThoseThere(dialect),
  ]
}

/** What the search documents say of those who are there. */
export const writeDownThoseThere = (dialect: SqlDialect): Compilable => ({
  compile: () => {
    const value = dialect.leaf(sql.ref('e.value'), ['value'], 'f')
    return sql`insert into member_emails (organization_id, value_key, membership_id)
      select distinct memberships.organization_id, ${value}, memberships.id
      from memberships cross join ${dialect.elements(sql.ref('memberships.search'), ['emails'], 'e')}
      where ${value} is not null and (memberships.email_key is null or ${value} <> memberships.email_key)`.compile(dialect.kysely)
  },
})
