/**
 * Plain data as text and back. Dates come back as dates; members that are undefined are left out. What JSON cannot say is kept apart by a
 * wrapper: `{"$date": milliseconds}`, and `{"$object": {…}}` around data that looks like a wrapper itself.
 */
export const encode = (value: unknown): string => JSON.stringify(wrap(value))

/** Only what `encode` wrote comes here; its type is what the caller stored. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion, typescript/no-unnecessary-type-parameters -- our own record, sealed or in a table of its own
export const decode = <T>(text: string): T => (text.includes('"$') ? unwrap(JSON.parse(text)) : JSON.parse(text)) as T

function wrap(value: unknown): unknown {
  if (value instanceof Date) return { $date: value.getTime() }
  if (Array.isArray(value)) return value.map(wrap)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, wrap(member)]))
  return '$date' in value || '$object' in value ? { $object: members } : members
}

/** Changes what was just parsed in place: building it anew costs more than parsing it. */
function unwrap(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if ('$date' in value && typeof value.$date === 'number') return new Date(value.$date)
  const inner = '$object' in value && typeof value.$object === 'object' && value.$object !== null ? value.$object : value
  for (const [name, member] of Object.entries(inner)) {
    if (typeof member !== 'object' || member === null) continue
    const plain = unwrap(member)
    if (plain !== member) Object.defineProperty(inner, name, { ...ordinary, value: plain })
  }
  return inner
}

const ordinary = { writable: true, enumerable: true, configurable: true }
