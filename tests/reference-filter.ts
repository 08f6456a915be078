import { fold } from '../src/directory/fold.ts'
import type { Filter, FilterOperator, Literal } from '../src/dialects/scim/filter/filter.ts'
import { findTarget, type IndexedAttribute, type IndexedType } from '../src/dialects/scim/schema/resource-type.ts'

/**
 * What a filter means (RFC 7644 §3.4.2.2), said once more and plainly: over one resource as it is shown, in memory. The product compiles filters to SQL
 * and never does this. A comparison with nothing is false, `ne` is the opposite of `eq`, a list matches by any of its elements, text is ordered by
 * code points, and whoever is not said to be primary is not.
 */
export function satisfies(filter: Filter, resource: unknown, type: IndexedType): boolean {
  return holds(filter, (name) => {
    const target = findTarget(type, name)
    if (!target) throw new Error(`no attribute ${name}`)
    const holder = target.extension === undefined ? resource : member(resource, target.extension)
    const found = elementsOf(member(holder, target.attribute.name))
    if (!target.sub) return { attribute: target.attribute, found }
    const { sub } = target
    return { attribute: sub, found: found.flatMap((element) => elementsOf(member(element, sub.name), sub)) }
  })
}

interface Found {
  readonly attribute: IndexedAttribute
  readonly found: readonly unknown[]
}

function holds(filter: Filter, look: (name: string) => Found): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.of.every((part) => holds(part, look))
    case 'or':
      return filter.of.some((part) => holds(part, look))
    case 'not':
      return !holds(filter.of, look)
    case 'present':
      return look(filter.attribute).found.some(isFilled)
    case 'element': {
      const { attribute, found } = look(filter.attribute)
      return found.some((element) =>
        holds(filter.where, (name) => {
          const sub = attribute.subs.get(name.toLowerCase())
          if (!sub) throw new Error(`no sub-attribute ${name}`)
          return { attribute: sub, found: elementsOf(member(element, sub.name), sub) }
        }),
      )
    }
    default: {
      const named = look(filter.attribute)
      const value = named.attribute.subs.get('value')
      const { attribute, found } =
        named.attribute.type === 'complex' && value
          ? { attribute: value, found: named.found.flatMap((element) => elementsOf(member(element, 'value'))) }
          : named
      if (filter.value === null) return found.some(isFilled) === (filter.operator === 'ne')
      const operator = filter.operator === 'ne' ? 'eq' : filter.operator
      const some = found.some((item) => compares(attribute, item, operator, filter.value))
      return filter.operator === 'ne' ? !some : some
    }
  }
}

const member = (holder: unknown, name: string): unknown =>
  typeof holder === 'object' && holder !== null ? Reflect.get(holder, name) : undefined

/** The values of an attribute. A `primary` that is not said is compared as false, and yet not there. */
function elementsOf(value: unknown, sub?: IndexedAttribute): readonly unknown[] {
  if (value === undefined || value === null) return sub?.name === 'primary' ? [undefined] : []
  return Array.isArray(value) ? value : [value]
}

/** An object is filled by any member. */
function isFilled(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0
  return value !== undefined && value !== ''
}

function compares(
  attribute: IndexedAttribute,
  found: unknown,
  operator: Exclude<FilterOperator, 'ne'>,
  literal: Literal,
): boolean {
  const [left, right] = [comparable(attribute, found), comparable(attribute, literal)]
  if (left === undefined || right === undefined) return false
  switch (operator) {
    case 'eq':
      return left === right
    case 'co':
      return String(left).includes(String(right))
    case 'sw':
      return String(left).startsWith(String(right))
    case 'ew':
      return String(left).endsWith(String(right))
    default: {
      const order =
        typeof left === 'string' ? Buffer.compare(Buffer.from(left), Buffer.from(String(right))) : Number(left) - Number(right)
      return operator === 'gt' ? order > 0 : operator === 'ge' ? order >= 0 : operator === 'lt' ? order < 0 : order <= 0
    }
  }
}

function comparable({ type, caseExact }: IndexedAttribute, value: unknown): string | number | boolean | undefined {
  if (type === 'boolean') return String(value).toLowerCase() === 'true'
  if (type === 'integer' || type === 'decimal') return typeof value === 'number' ? value : undefined
  if (typeof value !== 'string') return undefined
  if (type === 'dateTime') return Date.parse(/(?:Z|[-+]\d\d:\d\d)$/.test(value) ? value : `${value}Z`)
  return caseExact ? value : fold(value)
}
