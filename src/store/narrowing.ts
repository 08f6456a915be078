import { sql, type RawBuilder, type SqlBool } from 'kysely'
import type { Bound, BoundCompare } from './bound-condition.ts'
import type { ConditionTarget } from './condition-scope.ts'
import type { SqlDialect } from './sql-dialect.ts'
import type { Parameters } from './statement.ts'

/** Where rows are found by a value: in `column` of the table, whose `id` names them. */
interface Index {
  readonly table: 'memberships' | 'member_emails' | 'groups'
  readonly column: string
  readonly id: 'id' | 'membership_id'
}

/** A comparison that an index answers. All that satisfies it has its value at one of the places, at least. */
interface Lookup {
  readonly at: readonly Index[]
  readonly comparison: BoundCompare
}

/** What narrows a list. `isPlain` where the condition names one column by itself: the database finds that index too, where the condition lies open to it. */
export interface Narrowing {
  readonly found: RawBuilder<SqlBool>
  readonly isPlain: boolean
}

/**
 * The rows that can satisfy a condition, looked up by the values that it wants of them: everybody who satisfies it is among them, and the condition
 * is asked of them alone. Undefined where it wants no such values.
 */
export function narrowing(
  condition: Bound,
  {
    target,
    dialect,
    parameters,
  }: { readonly target: ConditionTarget; readonly dialect: SqlDialect; readonly parameters: Parameters },
): Narrowing | undefined {
  const lookups = lookupsOf(condition, target)
  if (!lookups || lookups.length === 0) return undefined
  const places = Map.groupBy(
    lookups.flatMap(({ at, comparison }) => at.map((index) => ({ index, comparison }))),
    ({ index }) => index,
  )
  const ids = [...places].map(([{ table, column, id }, here]) => {
    const values = sql.join(here.map(({ comparison }) => sql`${parameters[comparison.parameter]}`))
    return sql`select k.${sql.ref(id)} from ${sql.table(table)} as k
      where k.organization_id = ${parameters['organization_id']} and k.${sql.ref(column)} in (${values})`
  })
  return { found: dialect.isOneOf(sql.ref(`${target}.id`), sql.join(ids, sql` union all `)), isPlain: isPlain(lookups) }
}

/** One value of the row itself: the database needs no help. */
const isPlain = ([first, ...more]: readonly Lookup[]): boolean =>
  more.length === 0 && first?.at.length === 1 && first.at[0]?.id === 'id'

/**
 * Values of which whatever satisfies the condition has one; undefined where it may have none. Of what is asked at once, the fewest. `within` is the list whose
 * elements the condition is about.
 */
function lookupsOf(condition: Bound, target: ConditionTarget, within: readonly string[] = []): readonly Lookup[] | undefined {
  switch (condition.kind) {
    case 'and':
      return condition.of
        .map((part) => lookupsOf(part, target, within))
        .filter((found) => found !== undefined)
        .toSorted((a, b) => a.length - b.length)[0]
    case 'or': {
      const found = condition.of.map((part) => lookupsOf(part, target, within))
      return found.every((lookups) => lookups !== undefined) ? found.flat() : undefined
    }
    case 'element':
      return lookupsOf(condition.where, target, condition.attribute.names)
    case 'compare':
      return lookupOf(condition, [...within, ...condition.attribute.names], target)
    case 'never':
      return []
    default:
      return undefined
  }
}

function lookupOf(comparison: BoundCompare, names: readonly string[], target: ConditionTarget): readonly Lookup[] | undefined {
  const at = comparison.operator === 'eq' ? indexes[target][`${names.join('.')} ${comparison.value.type}`] : undefined
  return at && [{ at, comparison }]
}

const own = (table: 'memberships' | 'groups', column: string): Index => ({ table, column, id: 'id' })

/** By an attribute's names and the way in which its values are compared. */
const indexes: Readonly<Record<ConditionTarget, Readonly<Record<string, readonly Index[]>>>> = {
  memberships: {
    'id text': [own('memberships', 'id')],
    'userName folded': [own('memberships', 'user_name_key')],
    'externalId text': [own('memberships', 'external_id')],
    'emails.value folded': [
      own('memberships', 'email_key'),
      { table: 'member_emails', column: 'value_key', id: 'membership_id' },
    ],
  },
  groups: {
    'id text': [own('groups', 'id')],
    'displayName folded': [own('groups', 'display_name_key')],
    'externalId text': [own('groups', 'external_id')],
  },
  resources: {},
}
