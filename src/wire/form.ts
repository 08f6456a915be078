import { WireError } from './operation.ts'

/** Parses `application/x-www-form-urlencoded` to an object of strings, or of lists of strings where a name is repeated. */
export function parseForm(text: string): Readonly<Record<string, string | readonly string[]>> {
  const fields = new Map<string, string | string[]>()
  for (const [name, value] of new URLSearchParams(checked(text))) {
    if (name === '__proto__') throw new WireError('shape', 'A field cannot be named "__proto__".', { field: name })
    const before = fields.get(name)
    if (before === undefined) fields.set(name, value)
    else if (typeof before === 'string') fields.set(name, [before, value])
    else before.push(value)
  }
  return Object.fromEntries(fields)
}

/** A leading "?" would be taken away by URLSearchParams; a broken escape would be passed through as it is. */
function checked(text: string): string {
  if (/%(?![0-9a-fA-F]{2})/.test(text))
    throw new WireError('syntax', 'The form has a "%" that is not followed by two hexadecimal digits.')
  try {
    decodeURIComponent(text)
  } catch {
    throw new WireError('syntax', 'The form is not valid UTF-8.')
  }
  return text.startsWith('?') ? `%3F${text.slice(1)}` : text
}

/** Builds a form; a list repeats its name, undefined and null are left out, an object inside has no spelling and throws TypeError. */
export function buildForm(value: unknown): string {
  if (value === null || typeof value !== 'object') throw new TypeError('a form is made from an object')
  const fields = new URLSearchParams()
  for (const [name, member] of Object.entries(value))
    for (const item of Array.isArray(member) ? member : [member])
      if (item !== undefined && item !== null) fields.append(name, fieldText(name, item))
  return fields.toString()
}

function fieldText(name: string, item: unknown): string {
  if (typeof item === 'string') return item.toWellFormed()
  if (typeof item === 'number' || typeof item === 'boolean') return String(item)
  throw new TypeError(`a form cannot hold the ${typeof item} "${name}"`)
}
