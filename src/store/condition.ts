import { sql, type Expression, type RawBuilder, type SqlBool } from 'kysely'
import type { AttributePath, Comparable, Condition, Operator } from '../directory/condition.ts'
import { DirectoryError } from '../directory/errors.ts'
import { alternatives, pathOf } from './alternatives.ts'
import { bindCondition, type Bound, type BoundCompare } from './bound-condition.ts'
import { scopes, type ConditionTarget, type Scope } from './condition-scope.ts'
import { narrowing } from './narrowing.ts'
import type { Value } from './schema.ts'
import { sharingLeaves, type ReadLeaf } from './shared-leaves.ts'
import type { LeafKind, SqlDialect } from './sql-dialect.ts'
import type { Parameters } from './statement.ts'

/**
 * The shape of a condition without its values, and the values by the names under which `compileCondition` expects them. Conditions of one
 * shape compile to one text. `related` is whether a list that is rows of other tables is among its paths. Refuses what nests
 * deeper or compares more often than the databases can take.
 */
export function describeCondition(
  target: ConditionTarget,
  condition: Condition,
): { readonly shape: string; readonly values: Readonly<Record<string, Value>>; readonly related: boolean } {
  const values: Record<string, Value> = {}
  let related = false
  let parts = 0
  let depth = 0
  const describe = (part: Bound): unknown => {
    if (++depth > mostNested || ++parts > mostParts)
      throw new DirectoryError(
        'invalid',
        `A filter may have ${mostParts} parts, nested ${mostNested} deep. Send a simpler one.`,
        { field: 'filter' },
      )
    const described = describePart(part)
    depth--
    return described
  }
  const describePart = (part: Bound): unknown => {
    if ('attribute' in part && scopes[target].related(part.attribute.names[0] ?? '')) related = true
    switch (part.kind) {
      case 'and':
      case 'or':
        return [part.kind, ...part.of.map(describe)]
      case 'not':
        return [part.kind, describe(part.of)]
      case 'never':
        return part.kind
      case 'present':
        return [part.kind, pathOf(part.attribute)]
      case 'element':
        return [part.kind, pathOf(part.attribute), describe(part.where)]
      default:
        if (part.value.type !== 'null') values[part.parameter] = literal(part.value)
        return [part.operator, pathOf(part.attribute), part.value.type]
    }
  }
  const shape = `${target} ${JSON.stringify(describe(bindCondition(condition)))}`
  return { shape, values, related }
}

/**
 * The condition as SQL over a table, for an organization whose groups hold people alone (`flat`) or any, narrowed to the rows that an index finds where it
 * has values to look up. Every part is true or false, never null, so that `not` means what it says: a comparison with something absent is false, `ne` is the
 * opposite of `eq`.
 */
export function compileCondition(
  condition: Condition,
  {
    target,
    dialect,
    parameters,
    groups,
  }: {
    readonly target: ConditionTarget
    readonly dialect: SqlDialect
    readonly parameters: Parameters
    readonly groups: 'flat' | 'nested'
  },
): RawBuilder<SqlBool> {
  let depth = 0
  const bound = bindCondition(condition)
  const narrowed = narrowing(bound, { target, dialect, parameters })
  const scope = scopes[target]
  const { tested, columns } = sharingLeaves(dialect, sql`${scope.document}`, {
    row: 'd',
    build: (leaf) => compile(bound, { ...scope, leaf }),
  })
  // A limit keeps the databases from putting what was computed once back into its places.
  const whole = columns ? sql<SqlBool>`exists (select 1 from (select ${columns} limit 1) as d where ${tested})` : tested
  return narrowed && (columns || !narrowed.isPlain) ? sql`(${narrowed.found} and ${whole})` : whole

  function compile(part: Bound, scope: Scope): RawBuilder<SqlBool> {
    switch (part.kind) {
      case 'and':
        return (
          combine(
            part.of.map((each) => compile(each, scope)),
            sql` and `,
          ) ?? always
        )
      case 'or':
        return (
          combine(
            alternatives(part.of).map((each) => ('either' in each ? equalsOne(each.either, scope) : compile(each, scope))),
            sql` or `,
          ) ?? never
        )
      case 'not':
        return sql`not ${compile(part.of, scope)}`
      case 'never':
        return never
      case 'present':
        return present(part.attribute, scope)
      case 'element':
        return some(part.attribute.names, scope, (element) => compile(part.where, element))
      default:
        return compare(part, scope)
    }
  }

  function compare({ attribute: path, operator, value, parameter: name }: BoundCompare, scope: Scope): RawBuilder<SqlBool> {
    if (value.type === 'null')
      return operator === 'eq' ? sql`not ${present(path, scope)}` : operator === 'ne' ? present(path, scope) : never
    const bound = sql`${parameters[name]}`
    // A fraction is no mistake where a column holds whole numbers; it just never equals one.
    const parameter = value.type === 'number' ? sql`cast(${bound} as numeric)` : bound
    const positive = operator === 'ne' ? 'eq' : operator
    const found = reach(path, scope, (names, at) => {
      const text = value.type === 'text' || value.type === 'folded'
      if (!text && (positive === 'co' || positive === 'sw' || positive === 'ew')) return never
      const column = at.column(names, value.type)
      // Written so that an index on the column still serves.
      if (column) return sql`(${column} is not null and ${comparison(column, positive, parameter)})`
      return at.document
        ? sql`coalesce(${comparison(leafOf(at.document, at)(names, leafKinds[value.type]), positive, parameter)}, false)`
        : never
    })
    return operator === 'ne' ? sql`not ${found}` : found
  }

  /** One look at an attribute for all the texts that it may be. */
  function equalsOne(texts: readonly [BoundCompare, ...BoundCompare[]], scope: Scope): RawBuilder<SqlBool> {
    const [{ attribute, value }] = texts
    const values = sql.join(texts.map(({ parameter }) => sql`${parameters[parameter]}`))
    return reach(attribute, scope, (names, at) => {
      const column = at.column(names, value.type)
      if (column) return sql`(${column} is not null and ${column} in (${values}))`
      if (!at.document || value.type === 'null') return never
      return sql`coalesce(${leafOf(at.document, at)(names, leafKinds[value.type])} in (${values}), false)`
    })
  }

  function comparison(
    subject: Expression<unknown>,
    operator: Exclude<Operator, 'ne'>,
    parameter: Expression<unknown>,
  ): RawBuilder<SqlBool> {
    switch (operator) {
      case 'co':
        return dialect.contains(subject, parameter)
      case 'sw':
        return sql`substr(${subject}, 1, length(${parameter})) = ${parameter}`
      case 'ew':
        return sql`substr(${subject}, length(${subject}) - length(${parameter}) + 1) = ${parameter}`
      default:
        return sql`${subject} ${symbols[operator]} ${parameter}`
    }
  }

  /** An empty text counts as absent (RFC 7644 §3.4.2.2). */
  function present(path: AttributePath, scope: Scope): RawBuilder<SqlBool> {
    return reach(path, scope, (names, at) => {
      const text = at.column(names, 'text')
      if (text) return sql`(${text} is not null and ${text} <> '')`
      if (at.column(names, 'number') ?? at.column(names, 'boolean') ?? at.column(names, 'dateTime')) return always
      const [list] = names
      if (names.length === 1 && list !== undefined && at.related(list)) return some(names, at, () => always)
      if (!at.document) return never
      return sql`(${dialect.node(at.document, names)} is not null and coalesce(${leafOf(at.document, at)(names, 'f')}, 'x') <> '')`
    })
  }

  /** Applies `test` at the end of a path: at once, or to each element of the list on the way. */
  function reach(
    path: AttributePath,
    scope: Scope,
    test: (names: readonly string[], at: Scope) => RawBuilder<SqlBool>,
  ): RawBuilder<SqlBool> {
    if (path.listAt === undefined) return test(path.names, scope)
    const list = path.names.slice(0, path.listAt + 1)
    const rest = path.names.slice(path.listAt + 1)
    return some(list, scope, (element) => test(rest, element))
  }

  function some(list: readonly string[], scope: Scope, test: (element: Scope) => RawBuilder<SqlBool>): RawBuilder<SqlBool> {
    const [name] = list
    const related = list.length === 1 && name !== undefined ? scope.related(name) : undefined
    if (related) {
      const tested = test(related.scope)
      const found = sql<SqlBool>`exists (select 1 from ${related.from} and ${tested})`
      const { further } = related
      return further && groups === 'nested' ? sql`(${found} or ${further(tested, parameters['organization_id'])})` : found
    }
    const alias = `e${depth++}`
    if (!scope.document) return never
    const document = sql`${sql.ref(`${alias}.value`)}`
    const elements = dialect.elements(scope.document, list, alias)
    const { tested, columns } = sharingLeaves(dialect, document, {
      row: alias,
      build: (leaf) => test({ column: () => undefined, related: () => undefined, document, leaf }),
    })
    return columns
      ? sql`exists (select 1 from (select ${columns}, ${document} as value from ${elements} limit ${sql.lit(mostElements)}) as ${sql.ref(alias)} where ${tested})`
      : sql`exists (select 1 from ${elements} where ${tested})`
  }

  function leafOf(document: Expression<unknown>, { leaf }: Scope): ReadLeaf {
    return leaf ?? ((names, kind) => dialect.leaf(document, names, kind))
  }
}

/** More than a document has room for. */
const mostElements = 1_000_000

/** What a condition may have: more is no question that somebody asks. SQLite takes expressions that are 1,000 deep. */
const mostNested = 50
const mostParts = 1_000

const always = sql<SqlBool>`1 = 1`
const never = sql<SqlBool>`1 = 0`

export const leafKinds = { text: 't', folded: 'f', dateTime: 'i', number: 'n', boolean: 'b' } as const satisfies Record<
  Exclude<Comparable['type'], 'null'>,
  LeafKind
>
const symbols = { eq: sql`=`, gt: sql`>`, ge: sql`>=`, lt: sql`<`, le: sql`<=` } as const

/** As a balanced tree: SQLite takes expressions of a limited depth only. Undefined for no parts at all. */
function combine(parts: readonly RawBuilder<SqlBool>[], word: RawBuilder<unknown>): RawBuilder<SqlBool> | undefined {
  if (parts.length < 2) return parts[0]
  const middle = parts.length >> 1
  return sql`(${combine(parts.slice(0, middle), word)}${word}${combine(parts.slice(middle), word)})`
}

function literal(value: Exclude<Comparable, { readonly type: 'null' }>): Value {
  if (value.type === 'boolean') return value.value ? 1 : 0
  return value.type === 'dateTime' ? value.value.getTime() : value.value
}
