import { isBase64, parseDateTime } from '../../directory/data-types.ts'
import type { Json, JsonObject } from '../../directory/json.ts'
import { refusal } from './errors.ts'
import { isList, isObject } from './resource.ts'
import { usualMaxValues } from './schema/attribute.ts'
import type { IndexedAttribute } from './schema/resource-type.ts'

/**
 * A value as its attribute holds it; undefined where it says "none" (null, an empty list, an empty text for a complex value).
 * One value stands for a list of one, a list of one for a value, a text for a complex value's `value`. Throws invalidValue.
 */
export function coerce(attribute: IndexedAttribute, value: Json): Json | undefined {
  if (value === null) return undefined
  if (attribute.multiValued) return coerceList(attribute, value)
  if (isList(value)) {
    if (value.length > 1) throw mistyped(attribute, 'one value, not a list')
    return value.length === 0 ? undefined : coerce(attribute, value[0]!)
  }
  return coerceOne(attribute, value)
}

function coerceList(attribute: IndexedAttribute, value: Json): Json | undefined {
  const items = isList(value) ? value : [value]
  checkLength(attribute, items.length)
  const list = items.map((item) => (item === null ? undefined : coerceOne(attribute, item))).filter((item) => item !== undefined)
  if (list.filter((item) => isObject(item) && item['primary'] === true).length > 1)
    throw refusal('invalidValue', `Only one of ${attribute.name} can be primary.`, attribute.name)
  return list.length > 0 ? withoutRepeats(list) : undefined
}

/** A value comes once with each type (RFC 7643 §2.4): what is sent again is left out. */
function withoutRepeats(list: readonly Json[]): readonly Json[] {
  const seen = new Set<string>()
  return list.filter((item) => {
    if (!isObject(item) || item['value'] === undefined) return true
    const key = JSON.stringify([item['value'], item['type'] ?? null])
    return !seen.has(key) && seen.add(key)
  })
}

/** Refuses a list that is longer than its attribute's may be. */
export function checkLength(attribute: IndexedAttribute, length: number): void {
  const { maxValues = usualMaxValues, name } = attribute
  if (length > maxValues) throw refusal('invalidValue', `${name} has at most ${maxValues} values.`, name)
}

function coerceOne(attribute: IndexedAttribute, value: Json): Json | undefined {
  switch (attribute.type) {
    case 'complex':
      return coerceComplex(attribute, value)
    case 'boolean':
      return toBoolean(attribute, value)
    case 'integer':
      if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw mistyped(attribute, 'a whole number')
      return value
    case 'decimal':
      if (typeof value !== 'number') throw mistyped(attribute, 'a number')
      return value
    case 'dateTime':
      if (typeof value !== 'string' || !parseDateTime(value))
        throw mistyped(attribute, 'a date and time such as "2026-01-31T12:00:00Z"')
      return value
    case 'binary':
      if (typeof value !== 'string' || !isBase64(value)) throw mistyped(attribute, 'base64 text')
      return value
    default:
      if (typeof value !== 'string') throw mistyped(attribute, 'text')
      return value
  }
}

function coerceComplex(attribute: IndexedAttribute, value: Json): JsonObject | undefined {
  if (value === '') return undefined
  const valueSub = attribute.subs.get('value')
  if (!isObject(value)) {
    if (typeof value === 'string' && valueSub) return { [valueSub.name]: value }
    throw mistyped(attribute, 'an object')
  }
  const result: Record<string, Json> = {}
  for (const [name, item] of Object.entries(value)) {
    const sub = attribute.subs.get(name.toLowerCase())
    if (!sub || sub.mutability === 'readOnly' || item === undefined) continue
    if (Object.hasOwn(result, sub.name))
      throw refusal('invalidSyntax', `${attribute.name}.${sub.name} is given twice.`, attribute.name)
    const read = coerce(sub, item)
    if (read !== undefined) result[sub.name] = read
  }
  for (const sub of attribute.subs.values())
    if (sub.required && result[sub.name] === undefined)
      throw refusal('invalidValue', `${attribute.name}.${sub.name} is required.`, attribute.name)
  return Object.keys(result).length > 0 ? result : undefined
}

function toBoolean(attribute: IndexedAttribute, value: Json): boolean {
  if (typeof value === 'boolean') return value
  const text = typeof value === 'string' ? value.toLowerCase() : ''
  if (text === 'true' || text === 'false') return text === 'true'
  throw mistyped(attribute, 'true or false')
}

const mistyped = (attribute: IndexedAttribute, wanted: string) =>
  refusal('invalidValue', `${attribute.name} must be ${wanted}.`, attribute.name)
