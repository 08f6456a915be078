import type { AttributePath, Condition } from '../../../directory/condition.ts'
import { refusal } from '../errors.ts'
import { findTarget, type IndexedAttribute, type IndexedType, type Target } from '../schema/resource-type.ts'
import type { Filter, FilterOperator, Literal } from './filter.ts'
import { toComparable } from './literal.ts'

export const always: Condition = { kind: 'not', of: { kind: 'never' } }
export const never: Condition = { kind: 'never' }

/** A test on one attribute. */
export type Test = { readonly operator: FilterOperator; readonly value: Literal } | 'present'

/**
 * Where an attribute stands in the directory: a path, or what a test on it means when it is no stored value. Keys are lower-case names
 * in standard notation; the entry of `meta` or `name` covers its sub-attributes. Attributes without an entry stand under `attributes`.
 */
export type Columns = ReadonlyMap<string, readonly string[] | ((test: Test) => Condition)>

/** The condition that a filter means for a type. Throws invalidFilter. */
export function compileFilter(filter: Filter, type: IndexedType, columns: Columns): Condition {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { kind: filter.kind, of: filter.of.map((part) => compileFilter(part, type, columns)) }
    case 'not':
      return { kind: 'not', of: compileFilter(filter.of, type, columns) }
    case 'present':
      return compileTest(need(type, filter.attribute), 'present', columns)
    case 'compare':
      return compileTest(need(type, filter.attribute), filter, columns)
    default: {
      const target = need(type, filter.attribute)
      if (target.sub || target.attribute.type !== 'complex')
        throw refusal('invalidFilter', `${filter.attribute} has no sub-attributes to filter by in brackets.`, filter.attribute)
      const place = placeOf(target, columns)
      if (typeof place === 'function') throw unfilterable(filter.attribute)
      const needInside = (name: string) => needSub({ ...target, sub: undefined }, name, columns)
      if (!target.attribute.multiValued)
        return {
          kind: 'and',
          of: [{ kind: 'present', attribute: { names: place } }, compileInside(filter.where, needInside, place)],
        }
      return {
        kind: 'element',
        attribute: { names: place, listAt: place.length - 1 },
        where: compileInside(filter.where, needInside, []),
      }
    }
  }
}

/** An attribute that no filter can reach. */
export const refuseFilter = (name: string) => (): never => {
  throw unfilterable(name)
}

function compileTest(named: Target, test: Test, columns: Columns): Condition {
  const target = test === 'present' ? named : withValue(named)
  const place = placeOf(target, columns)
  if (typeof place === 'function') return place(test)
  const names = target.sub ? [...place, target.sub.name] : place
  if (test === 'present' && !target.sub) return { kind: 'present', attribute: { names } }
  const path: AttributePath = target.attribute.multiValued ? { names, listAt: place.length - 1 } : { names }
  if (test === 'present') return { kind: 'present', attribute: path }
  return compileComparison(path, target.sub ?? target.attribute, test)
}

/** A filter inside brackets, whose names are sub-attributes and whose paths start at `prefix`. */
function compileInside(filter: Filter, needSub: (name: string) => IndexedAttribute, prefix: readonly string[]): Condition {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { kind: filter.kind, of: filter.of.map((part) => compileInside(part, needSub, prefix)) }
    case 'not':
      return { kind: 'not', of: compileInside(filter.of, needSub, prefix) }
    case 'present':
      return { kind: 'present', attribute: { names: [...prefix, needSub(filter.attribute).name] } }
    case 'compare': {
      const sub = needSub(filter.attribute)
      return compileComparison({ names: [...prefix, sub.name] }, sub, filter)
    }
    default:
      throw refusal('invalidFilter', 'Brackets cannot stand inside brackets.', filter.attribute)
  }
}

/** `emails eq` means `emails.value eq` (RFC 7644 §3.4.2.2), and `manager eq` means `manager.value eq`. */
function withValue(target: Target): Target {
  if (target.sub || target.attribute.type !== 'complex') return target
  const value = target.attribute.subs.get('value')
  if (!value)
    throw refusal(
      'invalidFilter',
      `Name a sub-attribute of ${target.attribute.name}, such as ${target.attribute.name}.${firstSub(target)}.`,
      target.attribute.name,
    )
  return { ...target, sub: value }
}

const firstSub = (target: Target): string => target.attribute.subAttributes?.[0]?.name ?? ''

function placeOf({ attribute, extension, sub }: Target, columns: Columns): readonly string[] | ((test: Test) => Condition) {
  const name = `${extension === undefined ? '' : `${extension}:`}${attribute.name}`.toLowerCase()
  const exact = sub && columns.get(`${name}.${sub.name.toLowerCase()}`)
  // A column of a sub-attribute alone is a stored value by itself.
  if (exact) return typeof exact === 'function' ? exact : (test) => compileColumn(sub, exact, test)
  return (
    columns.get(name) ?? (extension === undefined ? ['attributes', attribute.name] : ['attributes', extension, attribute.name])
  )
}

function compileColumn(attribute: IndexedAttribute, names: readonly string[], test: Test): Condition {
  return test === 'present' ? { kind: 'present', attribute: { names } } : compileComparison({ names }, attribute, test)
}

function compileComparison(
  path: AttributePath,
  attribute: IndexedAttribute,
  { operator, value }: { readonly operator: FilterOperator; readonly value: Literal },
): Condition {
  const compared = toComparable(attribute, operator, value)
  if (attribute.name !== 'primary' || compared.type !== 'boolean' || compared.value)
    return { kind: 'compare', attribute: path, operator, value: compared }
  // Whatever is not said to be primary is not (RFC 7643 §2.4).
  const { names, listAt } = path
  const list = listAt === undefined ? undefined : names.slice(0, listAt + 1)
  const isPrimary: Condition = {
    kind: 'compare',
    attribute: { names: names.slice(list?.length ?? 0) },
    operator: 'eq',
    value: { type: 'boolean', value: true },
  }
  const isOther: Condition = { kind: 'not', of: isPrimary }
  const some: Condition = list
    ? { kind: 'element', attribute: { names: list, listAt: list.length - 1 }, where: isOther }
    : isOther
  return operator === 'ne' ? { kind: 'not', of: some } : some
}

function need(type: IndexedType, name: string): Target {
  const target = findTarget(type, name)
  if (!target || target.attribute.returned === 'never')
    throw refusal(
      'invalidFilter',
      `${type.name} has no attribute "${name.slice(0, 100)}" to filter by. See ${type.schema.id} at /Schemas.`,
      name.slice(0, 100),
    )
  return target
}

function needSub(target: Target, name: string, columns: Columns): IndexedAttribute {
  const { attribute } = target
  const sub = attribute.subs.get(name.toLowerCase())
  if (!sub) throw refusal('invalidFilter', `${attribute.name} has no sub-attribute "${name.slice(0, 100)}".`, attribute.name)
  if (typeof placeOf({ ...target, sub }, columns) === 'function') throw unfilterable(`${attribute.name}.${sub.name}`)
  return sub
}

const unfilterable = (name: string) => refusal('invalidFilter', `${name} cannot be used in this filter.`, name)
