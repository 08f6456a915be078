import { sql, type Kysely, type SelectQueryBuilder, type SqlBool } from 'kysely'
import type { Condition } from '../directory/condition.ts'
import type { Page } from '../directory/store.ts'
import { compileCondition, describeCondition, type ConditionTarget } from './condition.ts'
import type { Schema, Value } from './schema.ts'
import type { Executor } from './executor.ts'
import type { Parameters } from './statement.ts'
import type { SqlDialect } from './sql-dialect.ts'

interface Listed {
  readonly organizationId: string
  readonly target: ConditionTarget
}

/** A page that may begin at an id: that one is its first, or the first of those that are left out. */
export type PageFrom = Page & { readonly from?: string | undefined }

/** One page of a table in the order of ids, or against it. `select` names the columns; its text must not depend on anything but the target. */
export async function pageWhere<T extends ConditionTarget, Row>(
  executor: Executor,
  { organizationId, target, page }: Listed & { readonly target: T; readonly page: PageFrom },
  select: (db: Kysely<Schema>) => SelectQueryBuilder<Schema, T, Row>,
): Promise<readonly Row[]> {
  const { shape, values } = described(target, page.where)
  const parts = [
    page.after === undefined ? '' : 'after',
    page.from === undefined ? '' : 'from',
    page.offset === undefined ? '' : 'offset',
    page.newestFirst ? 'newest' : '',
  ]
  const build = (db: Kysely<Schema>, p: Parameters, dialect: SqlDialect) => {
    let query = select(db)
      .where(sql<SqlBool>`${sql.ref(`${target}.organization_id`)} = ${p['organization_id']}`)
      .orderBy(sql.ref(`${target}.id`), page.newestFirst ? 'desc' : 'asc')
      .limit(sql<number>`${p['limit']}`)
    if (page.where) query = query.where(compileCondition(page.where, { target, dialect, parameters: p }))
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
  return executor.shaped(`page ${target} ${parts.join(' ')} ${shape}`, build, parameters)
}

export async function countWhere(
  executor: Executor,
  { organizationId, target, where }: Listed & { readonly where: Condition | undefined },
): Promise<number> {
  const { shape, values } = described(target, where)
  const build = (db: Kysely<Schema>, p: Parameters, dialect: SqlDialect) => {
    const narrowed = where ? sql` and ${compileCondition(where, { target, dialect, parameters: p })}` : sql``
    const query = sql<{ readonly count: number }>`select count(*) as count from ${sql.table(target)}
      where ${sql.ref(`${target}.organization_id`)} = ${p['organization_id']}${narrowed}`
    return { compile: () => query.compile(db) }
  }
  const [row] = await executor.shaped(`count ${target} ${shape}`, build, { ...values, organization_id: organizationId })
  return row?.count ?? 0
}

function described(
  target: ConditionTarget,
  where: Condition | undefined,
): { readonly shape: string; readonly values: Readonly<Record<string, Value>> } {
  return where ? describeCondition(target, where) : { shape: '', values: {} }
}
