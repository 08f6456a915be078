import { sql, type Kysely, type RawBuilder, type SqlBool } from 'kysely'
import type { Executor } from '../executor.ts'
import type { Schema, Value } from '../schema.ts'
import type { Parameters } from '../statement.ts'

/** A condition beyond equality. */
export interface Narrowing {
  readonly name: string
  readonly build: (p: Parameters) => RawBuilder<SqlBool>
  readonly values: Readonly<Record<string, Value>>
}

/** Contents of the newest rows whose columns equal what is given, in falling order of ids; columns that are given as undefined may hold anything. */
export async function newestWhere(
  executor: Executor,
  input: {
    readonly table: 'plans' | 'findings' | 'questions' | 'receipts' | 'rotations' | 'offboardings' | 'reviews'
    readonly organizationId: string
    /** Only rows with smaller ids. */
    readonly before: string | undefined
    readonly limit: number
    readonly equal: Readonly<Record<string, Value | undefined>>
    /** A further condition; `name` tells it from others, `build` gets the values to put into it. */
    readonly where?: Narrowing | undefined
  },
): Promise<readonly string[]> {
  const given = givenOf(input.equal)
  const build = (db: Kysely<Schema>, p: Parameters) => {
    const narrowed = narrowingOf(given, input.where, p)
    if (input.before !== undefined) narrowed.push(sql` and id < ${p['before']}`)
    const query = sql<{ readonly content: string }>`select content from ${sql.table(input.table)}
      where organization_id = ${p['organization_id']}${sql.join(narrowed, sql``)} order by id desc limit ${p['limit']}`
    return { compile: () => query.compile(db) }
  }
  const shape = `newest ${input.table} ${input.before === undefined ? 'all' : 'before'} ${shapeOf(given, input.where)}`
  const rows = await executor.shaped(shape, build, {
    ...Object.fromEntries(given),
    ...input.where?.values,
    organization_id: input.organizationId,
    before: input.before ?? null,
    limit: input.limit,
  })
  return rows.map((row) => row.content)
}

/** How many rows there are of each value of a column, under the same conditions: the column by its name, and `count`. */
export async function countBy<Row>(
  executor: Executor,
  input: {
    readonly table: 'findings'
    readonly column: string
    readonly organizationId: string
    readonly equal: Readonly<Record<string, Value | undefined>>
    readonly where?: Narrowing | undefined
  },
): Promise<readonly Row[]> {
  const given = givenOf(input.equal)
  const build = (db: Kysely<Schema>, p: Parameters) => {
    const column = sql.ref(input.column)
    const query = sql<Row>`select ${column}, count(*) as count from ${sql.table(input.table)}
      where organization_id = ${p['organization_id']}${sql.join(narrowingOf(given, input.where, p), sql``)} group by ${column} order by ${column}`
    return { compile: () => query.compile(db) }
  }
  return executor.shaped(`count ${input.table} ${input.column} ${shapeOf(given, input.where)}`, build, {
    ...Object.fromEntries(given),
    ...input.where?.values,
    organization_id: input.organizationId,
  })
}

type Given = readonly (readonly [string, Value])[]

const givenOf = (equal: Readonly<Record<string, Value | undefined>>): Given =>
  Object.entries(equal).flatMap(([column, value]) => (value === undefined ? [] : [[column, value] as const]))

const narrowingOf = (given: Given, where: Narrowing | undefined, p: Parameters) => [
  ...given.map(([column]) => sql<SqlBool>` and ${sql.ref(column)} = ${p[column]}`),
  ...(where ? [sql<SqlBool>` and ${where.build(p)}`] : []),
]

const shapeOf = (given: Given, where: Narrowing | undefined) =>
  [...given.map(([column]) => column), ...(where ? [where.name] : [])].join(' ')
