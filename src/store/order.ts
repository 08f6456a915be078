import { sql, type RawBuilder, type SqlBool } from 'kysely'
import type { Order, Place } from '../directory/condition.ts'
import { leafKinds } from './condition.ts'
import { scopes, type ConditionTarget } from './condition-scope.ts'
import type { SqlDialect } from './sql-dialect.ts'
import type { Parameters } from './statement.ts'

/** What tells the texts of two orders apart. */
export const describeOrder = ({ attribute: { names, listAt }, by, direction }: Order): string =>
  JSON.stringify([names, listAt ?? null, by, direction])

/** An order by a value as parts of `order by`; what is equal is left to the id. */
export const compileOrder = (value: RawBuilder<unknown>, { direction }: Order): readonly RawBuilder<unknown>[] =>
  direction === 'up' ? [sql`${value} is null`, value] : [sql`${value} is null desc`, sql`${value} desc`]

/** Whether a row comes after a place in the order: `behind_value` and `behind_id` are the place's. */
export function compileBehind(
  value: RawBuilder<unknown>,
  { direction }: Order,
  { id, behind, parameters }: { readonly id: RawBuilder<unknown>; readonly behind: Place; readonly parameters: Parameters },
): RawBuilder<SqlBool> {
  const isLaterId = sql`${id} > ${parameters['behind_id']}`
  if (behind.value === null)
    return direction === 'up' ? sql`(${value} is null and ${isLaterId})` : sql`(${value} is not null or ${isLaterId})`
  const past = sql`${value} ${direction === 'up' ? sql`>` : sql`<`} ${parameters['behind_value']}`
  const level = sql`(${value} = ${parameters['behind_value']} and ${isLaterId})`
  return direction === 'up' ? sql`(${past} or ${level} or ${value} is null)` : sql`(${past} or ${level})`
}

/** What a row is ordered by; null for a row without it. A list that is rows of other tables orders nothing. */
export function orderedValue(
  { attribute: { names, listAt }, by }: Order,
  { target, dialect }: { readonly target: ConditionTarget; readonly dialect: SqlDialect },
): RawBuilder<Place['value']> {
  const scope = scopes[target]
  const { document } = scope
  if (listAt === undefined) {
    const found = scope.column(names, by)
    if (found) return sql`${found}`
    return document ? sql`${dialect.leaf(document, names, leafKinds[by])}` : nothing
  }
  const list = names.slice(0, listAt + 1)
  const [name] = list
  if (!document || (list.length === 1 && name !== undefined && scope.related(name))) return nothing
  const element = sql.ref('o.value')
  const value = dialect.leaf(element, names.slice(listAt + 1), leafKinds[by])
  return sql`(select ${value} from ${dialect.elements(document, list, 'o')} where ${value} is not null
    order by coalesce(${dialect.leaf(element, ['primary'], 'b')}, 0) desc, o.key limit 1)`
}

const nothing = sql<null>`cast(null as text)`
