import { sql, type RawBuilder } from 'kysely'
import type { Order } from '../directory/condition.ts'
import { leafKinds, scopes, type ConditionTarget } from './condition.ts'
import type { SqlDialect } from './sql-dialect.ts'

/** What tells the texts of two orders apart. */
export const describeOrder = ({ attribute: { names, listAt }, by, direction }: Order): string =>
  JSON.stringify([names, listAt ?? null, by, direction])

/** The order as parts of `order by`. A list that is rows of other tables orders nothing. */
export function compileOrder(
  order: Order,
  { target, dialect }: { readonly target: ConditionTarget; readonly dialect: SqlDialect },
): readonly RawBuilder<unknown>[] {
  const value = orderedValue(order, { target, dialect })
  if (!value) return []
  return order.direction === 'up' ? [sql`${value} is null`, value] : [sql`${value} is null desc`, sql`${value} desc`]
}

function orderedValue(
  { attribute: { names, listAt }, by }: Order,
  { target, dialect }: { readonly target: ConditionTarget; readonly dialect: SqlDialect },
): RawBuilder<unknown> | undefined {
  const scope = scopes[target]
  const { document } = scope
  if (listAt === undefined) {
    const found = scope.column(names, by)
    if (found) return sql`${found}`
    return document && dialect.leaf(document, names, leafKinds[by])
  }
  const list = names.slice(0, listAt + 1)
  const [name] = list
  if (!document || (list.length === 1 && name !== undefined && scope.related(name))) return undefined
  const element = sql.ref('o.value')
  const value = dialect.leaf(element, names.slice(listAt + 1), leafKinds[by])
  return sql`(select ${value} from ${dialect.elements(document, list, 'o')} where ${value} is not null
    order by coalesce(${dialect.leaf(element, ['primary'], 'b')}, 0) desc, o.key limit 1)`
}
