import type { Comparable } from '../../../directory/condition.ts'
import { parseDateTime } from '../../../directory/data-types.ts'
import { fold } from '../../../directory/fold.ts'
import type { Attribute } from '../schema/attribute.ts'
import { refusal } from '../errors.ts'
import type { FilterOperator, Literal } from './filter.ts'

const ordering: ReadonlySet<FilterOperator> = new Set(['gt', 'ge', 'lt', 'le'])
const partial: ReadonlySet<FilterOperator> = new Set(['co', 'sw', 'ew'])

/** A literal as the attribute's type compares it (RFC 7644 §3.4.2.2). Throws invalidFilter for a pair that has no meaning. */
export function toComparable(attribute: Attribute, operator: FilterOperator, value: Literal): Comparable {
  if (value === null) {
    if (operator === 'eq' || operator === 'ne') return { type: 'null' }
    throw unsuited(attribute, operator, 'null')
  }
  const { type } = attribute
  if (partial.has(operator) && !isTextual(attribute)) throw unsuited(attribute, operator, type)
  if (ordering.has(operator) && (type === 'boolean' || type === 'binary')) throw unsuited(attribute, operator, type)
  if (type === 'boolean') return { type: 'boolean', value: toBoolean(attribute, value) }
  if (type === 'integer' || type === 'decimal') {
    if (typeof value !== 'number') throw mistyped(attribute, 'a number')
    return { type: 'number', value }
  }
  if (typeof value !== 'string') throw mistyped(attribute, 'a text in quotation marks')
  if (type === 'dateTime') {
    const date = parseDateTime(value)
    if (!date) throw mistyped(attribute, 'a date and time such as "2026-01-31T12:00:00Z"')
    return { type: 'dateTime', value: date }
  }
  return attribute.caseExact ? { type: 'text', value } : { type: 'folded', value: fold(value) }
}

const isTextual = ({ type }: Attribute) => type === 'string' || type === 'reference' || type === 'binary'

function toBoolean(attribute: Attribute, value: Literal): boolean {
  if (typeof value === 'boolean') return value
  const text = typeof value === 'string' ? value.toLowerCase() : ''
  if (text === 'true' || text === 'false') return text === 'true'
  throw mistyped(attribute, 'true or false')
}

const unsuited = (attribute: Attribute, operator: FilterOperator, type: string) =>
  refusal('invalidFilter', `"${operator}" cannot compare ${attribute.name} (${type}).`, attribute.name)
const mistyped = (attribute: Attribute, wanted: string) =>
  refusal('invalidFilter', `${attribute.name} is compared with ${wanted}.`, attribute.name)
