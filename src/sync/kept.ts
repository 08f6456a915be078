import { isDeepStrictEqual } from 'node:util'
import { sameValue } from './account-state.ts'
import type { Desire } from './desired.ts'
import { accountAttributes, type AccountAttribute } from './vendor.ts'

/** A value in which the directory and a vendor differ; a list, since an attribute may be absent and there may be many roles (by their vendor's ids). */
export interface KeptValue {
  readonly attribute: AccountAttribute | 'roles'
  readonly ours: readonly string[]
  readonly theirs: readonly string[]
}

/** What is wanted with what a person accepted put in its place. It holds only as long as the directory still wants what it wanted then. */
export function withKept(desire: Desire, kept: readonly KeptValue[] | undefined): Desire {
  return (kept ?? []).reduce(
    (result, value) => (stillStands(desire, value) ? { ...result, ...replacement(value) } : result),
    desire,
  )
}

/** Whether the directory wants what it wanted when the value was accepted. */
export function stillStands(desire: Desire, { attribute, ours }: KeptValue): boolean {
  if (attribute === 'roles') return desire.roleIds !== undefined && isDeepStrictEqual(desire.roleIds.toSorted(), ours.toSorted())
  return sameValue(attribute, desire[attribute], ours[0])
}

const replacement = ({ attribute, theirs }: KeptValue): Partial<Desire> =>
  attribute === 'roles' ? { roleIds: theirs.toSorted() } : { [attribute]: theirs[0] }

/** The values accepted before with further ones, each attribute once. */
export function addKept(before: readonly KeptValue[] | undefined, added: readonly KeptValue[]): readonly KeptValue[] {
  const all = new Map((before ?? []).map((value) => [value.attribute, value]))
  for (const value of added) all.set(value.attribute, value)
  return [...all.values()].toSorted((a, b) => orderOf(a) - orderOf(b))
}

const orderOf = ({ attribute }: KeptValue): number =>
  attribute === 'roles' ? accountAttributes.length : accountAttributes.indexOf(attribute)
