/**
 * Plain data as text and back. Dates come back as dates; members that are undefined are left out. What JSON cannot say is kept apart by a
 * wrapper: `{"$date": milliseconds}`, and `{"$object": {…}}` around data that looks like a wrapper itself.
 */
export const encode = (value: unknown): string => JSON.stringify(wrap(value))

/** Only what `encode` wrote comes here; its type is what the caller stored. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion, typescript/no-unnecessary-type-parameters -- our own record, sealed or in a table of its own
export const decode = <T>(text: string): T => unwrap(JSON.parse(text)) as T

function wrap(value: unknown): unknown {
  if (value instanceof Date) return { $date: value.getTime() }
  if (Array.isArray(value)) return value.map(wrap)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, wrap(member)]))
  return '$date' in value || '$object' in value ? { $object: members } : members
}

function unwrap(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrap)
  if (typeof value !== 'object' || value === null) return value
  if ('$date' in value && typeof value.$date === 'number') return new Date(value.$date)
  const inner = '$object' in value && typeof value.$object === 'object' && value.$object !== null ? value.$object : value
  return Object.fromEntries(Object.entries(inner).map(([name, member]) => [name, unwrap(member)]))
}
