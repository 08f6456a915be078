import { sql, type Kysely, type SqlBool } from 'kysely'
import type { Executor } from '../executor.ts'
import type { Schema, Value } from '../schema.ts'
import type { Parameters } from '../statement.ts'

/** Contents of the newest rows whose columns equal what is given, in falling order of ids; columns that are given as undefined may hold anything. */
export async function newestWhere(
  executor: Executor,
  input: {
    readonly table: 'plans' | 'findings' | 'receipts' | 'offboardings'
    readonly organizationId: string
    /** Only rows with smaller ids. */
    readonly before: string | undefined
    readonly limit: number
    readonly equal: Readonly<Record<string, Value | undefined>>
  },
): Promise<readonly string[]> {
  const given = Object.entries(input.equal).flatMap(([column, value]) => (value === undefined ? [] : [[column, value] as const]))
  const build = (db: Kysely<Schema>, p: Parameters) => {
    const narrowed = given.map(([column]) => sql<SqlBool>` and ${sql.ref(column)} = ${p[column]}`)
    if (input.before !== undefined) narrowed.push(sql` and id < ${p['before']}`)
    const query = sql<{ readonly content: string }>`select content from ${sql.table(input.table)}
      where organization_id = ${p['organization_id']}${sql.join(narrowed, sql``)} order by id desc limit ${p['limit']}`
    return { compile: () => query.compile(db) }
  }
  const shape = `newest ${input.table} ${input.before === undefined ? 'all' : 'before'} ${given.map(([column]) => column).join(' ')}`
  const rows = await executor.shaped(shape, build, {
    ...Object.fromEntries(given),
    organization_id: input.organizationId,
    before: input.before ?? null,
    limit: input.limit,
  })
  return rows.map((row) => row.content)
}
