/** Members of parsed JSON, read one by one: what is not as a receipt is written throws NotReceipt. */
export type Members = Readonly<Record<string, unknown>>

export class NotReceipt extends Error {
  override name = 'NotReceipt'
}

export function objectAt(value: unknown, name: string): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new NotReceipt(`${name} is not an object`)
  return Object.fromEntries(Object.entries(value))
}

export const part = (members: Members, name: string): Members => objectAt(members[name], name)

export function list(members: Members, name: string): readonly unknown[] {
  const value = members[name]
  if (!Array.isArray(value)) throw new NotReceipt(`${name} is not a list`)
  return value
}

export function textAt(value: unknown, name: string): string {
  if (typeof value !== 'string') throw new NotReceipt(`${name} is not text`)
  return value
}

export const text = (members: Members, name: string): string => textAt(members[name], name)
export const textOrNull = (members: Members, name: string): string | null => (members[name] === null ? null : text(members, name))

export function number(members: Members, name: string): number {
  const value = members[name]
  if (typeof value !== 'number') throw new NotReceipt(`${name} is not a number`)
  return value
}

export const numberOrNull = (members: Members, name: string): number | null =>
  members[name] === null ? null : number(members, name)

export function flag(members: Members, name: string): boolean {
  const value = members[name]
  if (typeof value !== 'boolean') throw new NotReceipt(`${name} is neither true nor false`)
  return value
}

/** Text that is one of those that there are. */
export function oneOf<T extends string>(members: Members, name: string, all: readonly T[]): T {
  const found = all.find((each) => each === members[name])
  if (found === undefined) throw new NotReceipt(`${name} is none of those that there are`)
  return found
}

export function signature(members: Members): string {
  const value = text(members, 'signature')
  if (!/^[0-9a-f]{128}$/.test(value)) throw new NotReceipt('the signature is not 128 lower-case hexadecimal digits')
  return value
}
