import { sql, type Compilable } from 'kysely'
import type { SqlDialect } from '../sql-dialect.ts'

/** People counted in blocks (blocks.ts). A migration that was released is never edited. */
export const blocks = (dialect: SqlDialect): readonly Compilable[] => {
  const { kysely, types, tableEnd } = dialect
  return [
    kysely.schema
      .createTable('membership_blocks')
      .addColumn('organization_id', sql`${types.text}`, (column) => column.notNull())
      .addColumn('first_id', sql`${types.text}`, (column) => column.notNull())
      .addColumn('members', sql`${types.integer}`, (column) => column.notNull())
      .addPrimaryKeyConstraint('membership_blocks_pk', ['organization_id', 'first_id'])
      .modifyEnd(tableEnd),
    countThoseThere(dialect),
  ]
}

/** Blocks of 1,000 people. */
export const countThoseThere = ({ kysely }: SqlDialect): Compilable => ({
  compile: () =>
    sql`insert into membership_blocks (organization_id, first_id, members)
      select organization_id, min(id), count(*) from (
        select organization_id, id, (row_number() over (partition by organization_id order by id) - 1) / 1000 as block from memberships
      ) as numbered group by organization_id, block`.compile(kysely),
})
