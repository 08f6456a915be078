import { sql, type Kysely, type SqlBool } from 'kysely'
import type { Executor } from '../executor.ts'
import type { Schema, Value } from '../schema.ts'
import type { Parameters } from '../statement.ts'

/** Contents of the newest rows whose columns equal what is given; columns that are given as undefined may hold anything. */
export async function newestWhere(
  executor: Executor,
  input: {
    readonly table: 'plans' | 'findings' | 'receipts'
    readonly organizationId: string
    readonly limit: number
    readonly equal: Readonly<Record<string, Value | undefined>>
  },
): Promise<readonly string[]> {
  const given = Object.entries(input.equal).flatMap(([column, value]) => (value === undefined ? [] : [[column, value] as const]))
  const build = (db: Kysely<Schema>, p: Parameters) => {
    const narrowed = given.map(([column]) => sql<SqlBool>` and ${sql.ref(column)} = ${p[column]}`)
    const query = sql<{ readonly content: string }>`select content from ${sql.table(input.table)}
      where organization_id = ${p['organization_id']}${sql.join(narrowed, sql``)} order by id desc limit ${p['limit']}`
    return { compile: () => query.compile(db) }
  }
  const shape = `newest ${input.table} ${given.map(([column]) => column).join(' ')}`
  const rows = await executor.shaped(shape, build, {
    ...Object.fromEntries(given),
    organization_id: input.organizationId,
    limit: input.limit,
  })
  return rows.map((row) => row.content)
}
