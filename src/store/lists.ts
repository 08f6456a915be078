import { sql, type Kysely, type SelectQueryBuilder, type SqlBool } from 'kysely'
import type { Condition, Placed } from '../directory/condition.ts'
import type { OrderedPage, Page } from '../directory/store.ts'
import { compileCondition, describeCondition } from './condition.ts'
import type { ConditionTarget } from './condition-scope.ts'
import type { Schema, Value } from './schema.ts'
import type { Executor } from './executor.ts'
import { headOf } from './facts.ts'
import { hasNestedGroups } from './nested-groups.ts'
import type { Parameters } from './statement.ts'
import type { SqlDialect } from './sql-dialect.ts'
import { compileBehind, compileOrder, describeOrder, orderedValue } from './order.ts'
import type { Walk, Walks } from './walks.ts'

interface Listed {
  readonly organizationId: string
  readonly target: ConditionTarget
  /** Of a reader: inside a transaction a list changes before any fact says so. */
  readonly walks: Walks | undefined
}

/** Names the columns; its text must not depend on anything but the target and the database. */
type Select<T extends ConditionTarget, Row> = (db: Kysely<Schema>, dialect: SqlDialect) => SelectQueryBuilder<Schema, T, Row>

/** A page that may begin at an id: that one is its first, or the first of those that are left out. */
export type PageFrom = Page & { readonly from?: string | undefined }

/** One page of a table in the order of ids, or against it. `columns` names what is selected, where there is more than one choice for a table. */
export async function pageWhere<T extends ConditionTarget, Row extends { readonly id: string }>(
  executor: Executor,
  { page: asked, columns = '', ...listed }: Listed & { readonly target: T; readonly page: PageFrom; readonly columns?: string },
  select: Select<T, Row>,
): Promise<readonly Row[]> {
  const { organizationId, target } = listed
  const { shape, values, groups } = await described(executor, listed, asked.where)
  const { offset } = asked
  const isByPosition = offset !== undefined && asked.after === undefined && asked.from === undefined && !asked.newestFirst
  const walk = isByPosition ? await walkOf(executor, listed, { shape, values }) : undefined
  const mark = walk?.before(offset ?? 0)
  const page = mark ? { ...asked, from: mark.id, offset: (offset ?? 0) - mark.position } : asked
  const parts = [
    page.after === undefined ? '' : 'after',
    page.from === undefined ? '' : 'from',
    page.offset === undefined ? '' : 'offset',
    page.newestFirst ? 'newest' : '',
  ]
  const build = (db: Kysely<Schema>, p: Parameters, dialect: SqlDialect) => {
    let query = select(db, dialect)
      .where(sql<SqlBool>`${sql.ref(`${target}.organization_id`)} = ${p['organization_id']}`)
      .limit(computed(p['limit']))
    query = query.orderBy(sql.ref(`${target}.id`), page.newestFirst ? 'desc' : 'asc')
    if (page.where) query = query.where(compileCondition(page.where, { target, dialect, parameters: p, groups }))
    if (page.after !== undefined)
      query = query.where(sql<SqlBool>`${sql.ref(`${target}.id`)} ${page.newestFirst ? sql`<` : sql`>`} ${p['after']}`)
    if (page.from !== undefined) query = query.where(sql<SqlBool>`${sql.ref(`${target}.id`)} >= ${p['from']}`)
    if (page.offset !== undefined) query = query.offset(sql<number>`${p['offset']}`)
    return query
  }
  const parameters = {
    ...values,
    organization_id: organizationId,
    limit: page.limit,
    after: page.after ?? null,
    from: page.from ?? null,
    offset: page.offset ?? null,
  }
  const rows = await executor.shaped(`page ${target} ${columns} ${parts.join(' ')} ${shape}`, build, parameters)
  // The first, since a page may be asked for again, and the last, where the next one begins.
  const [first] = rows
  const last = rows.at(-1)
  if (walk && first && last) {
    walk.mark({ position: offset ?? 0, id: first.id })
    walk.mark({ position: (offset ?? 0) + rows.length - 1, id: last.id })
  }
  return rows
}

/** One page of a table in an order that is asked for, each row with its place there. */
export async function pageInOrder<T extends ConditionTarget, Row extends { readonly id: string }, Item>(
  executor: Executor,
  { organizationId, target, page }: Omit<Listed, 'walks'> & { readonly target: T; readonly page: OrderedPage },
  { select, toItem }: { readonly select: Select<T, Row>; readonly toItem: (row: Row) => Item },
): Promise<readonly Placed<Item>[]> {
  const { shape, values, groups } = await described(executor, { organizationId, target }, page.where)
  const { order, behind } = page
  const parts = [
    describeOrder(order),
    behind ? (behind.value === null ? 'behind none' : 'behind') : '',
    page.offset === undefined ? '' : 'offset',
  ]
  const build = (db: Kysely<Schema>, p: Parameters, dialect: SqlDialect) => {
    const value = orderedValue(order, { target, dialect })
    let query = select(db, dialect)
      .select(value.as('place'))
      .where(sql<SqlBool>`${sql.ref(`${target}.organization_id`)} = ${p['organization_id']}`)
      .limit(computed(p['limit']))
    for (const part of compileOrder(value, order)) query = query.orderBy(part)
    query = query.orderBy(sql.ref(`${target}.id`))
    if (page.where) query = query.where(compileCondition(page.where, { target, dialect, parameters: p, groups }))
    if (behind) query = query.where(compileBehind(value, order, { id: sql.ref(`${target}.id`), behind, parameters: p }))
    if (page.offset !== undefined) query = query.offset(computed(p['offset']))
    return query
  }
  const rows = await executor.shaped(`ordered ${target} ${parts.join(' ')} ${shape}`, build, {
    ...values,
    organization_id: organizationId,
    limit: page.limit,
    behind_value: behind?.value ?? null,
    behind_id: behind?.id ?? null,
    offset: page.offset ?? null,
  })
  return rows.map((row) => ({ item: toItem(row), place: { value: row.place, id: row.id } }))
}

/** SQLite looks at a limit that is bound as it stands, and prepares the statement anew each time. */
const computed = (value: Value | undefined) => sql<number>`cast(${value} as bigint)`

export async function countWhere(
  executor: Executor,
  { where, ...listed }: Listed & { readonly where: Condition | undefined },
): Promise<number> {
  const { organizationId, target } = listed
  const { shape, values, groups } = await described(executor, listed, where)
  const walk = await walkOf(executor, listed, { shape, values })
  if (walk?.total !== undefined) return walk.total
  const build = (db: Kysely<Schema>, p: Parameters, dialect: SqlDialect) => {
    const narrowed = where ? sql` and ${compileCondition(where, { target, dialect, parameters: p, groups })}` : sql``
    const query = sql<{ readonly count: number }>`select count(*) as count from ${sql.table(target)}
      where ${sql.ref(`${target}.organization_id`)} = ${p['organization_id']}${narrowed}`
    return { compile: () => query.compile(db) }
  }
  const [row] = await executor.shaped(`count ${target} ${shape}`, build, { ...values, organization_id: organizationId })
  const count = row?.count ?? 0
  if (walk) walk.total = count
  return count
}

interface Described {
  readonly shape: string
  readonly values: Readonly<Record<string, Value>>
}

/** The head of the chain is read before the list is: what is seen of a newer list is forgotten with the older head. */
async function walkOf(
  executor: Executor,
  { organizationId, target, walks }: Listed,
  { shape, values }: Described,
): Promise<Walk | undefined> {
  if (!walks) return undefined
  const { sequence } = await headOf(executor, organizationId)
  return walks.of(JSON.stringify([organizationId, target, shape, values]), sequence)
}

/** Whether groups hold groups is looked up only for what asks who is in which: it makes another statement of it. */
async function described(
  executor: Executor,
  { organizationId, target }: Omit<Listed, 'walks'>,
  where: Condition | undefined,
): Promise<Described & { readonly groups: 'flat' | 'nested' }> {
  if (!where) return { shape: '', values: {}, groups: 'flat' }
  const { shape, values, related } = describeCondition(target, where)
  const groups = related && (await hasNestedGroups(executor, organizationId)) ? 'nested' : 'flat'
  return { shape: groups === 'nested' ? `nested ${shape}` : shape, values, groups }
}
