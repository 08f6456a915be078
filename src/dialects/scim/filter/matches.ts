import { parseDateTime } from '../../../directory/data-types.ts'
import { fold } from '../../../directory/fold.ts'
import type { Json, JsonObject } from '../../../directory/json.ts'
import { refusal } from '../errors.ts'
import type { IndexedAttribute } from '../schema/resource-type.ts'
import type { Filter, FilterOperator } from './filter.ts'
import { toComparable } from './literal.ts'

/** Whether one element of a list satisfies the filter in a PATCH path's brackets. Names are sub-attributes. Throws invalidFilter. */
export function elementMatches(filter: Filter, element: JsonObject, attribute: IndexedAttribute): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.of.every((part) => elementMatches(part, element, attribute))
    case 'or':
      return filter.of.some((part) => elementMatches(part, element, attribute))
    case 'not':
      return !elementMatches(filter.of, element, attribute)
    case 'present': {
      const value = element[needSub(attribute, filter.attribute).name]
      return value !== undefined && value !== null && value !== ''
    }
    case 'compare': {
      const sub = needSub(attribute, filter.attribute)
      const wanted = toComparable(sub, filter.operator, filter.value)
      const found = element[sub.name] ?? null
      if (wanted.type === 'null') return (found === null) === (filter.operator === 'eq')
      // An absent boolean is false (RFC 7643 §2.4, primary).
      const left = wanted.type === 'boolean' ? found === true : comparableForm(found, wanted.type)
      const right = wanted.type === 'dateTime' ? wanted.value.getTime() : wanted.value
      return left === null ? filter.operator === 'ne' : compare(left, filter.operator, right)
    }
    default:
      throw refusal('invalidPath', 'Brackets cannot stand inside brackets.', attribute.name)
  }
}

function comparableForm(value: Json, type: 'text' | 'folded' | 'number' | 'dateTime'): string | number | null {
  if (type === 'number') return typeof value === 'number' ? value : null
  if (typeof value !== 'string') return null
  if (type === 'dateTime') return parseDateTime(value)?.getTime() ?? null
  return type === 'folded' ? fold(value) : value
}

function compare(left: string | number | boolean, operator: FilterOperator, right: string | number | boolean): boolean {
  switch (operator) {
    case 'eq':
      return left === right
    case 'ne':
      return left !== right
    case 'co':
      return String(left).includes(String(right))
    case 'sw':
      return String(left).startsWith(String(right))
    case 'ew':
      return String(left).endsWith(String(right))
    case 'gt':
      return left > right
    case 'ge':
      return left >= right
    case 'lt':
      return left < right
    default:
      return left <= right
  }
}

function needSub(attribute: IndexedAttribute, name: string): IndexedAttribute {
  const sub = attribute.subs.get(name.toLowerCase())
  if (!sub) throw refusal('invalidPath', `${attribute.name} has no sub-attribute "${name.slice(0, 100)}".`, attribute.name)
  return sub
}
