import type { Filter } from '../filter/filter.ts'
import { findTarget, type IndexedType } from '../schema/resource-type.ts'

/** The name and value of a filter that is `name eq "value"` for one of the names; undefined for any other filter. */
export function keyOf<Name extends string>(
  filter: Filter,
  type: IndexedType,
  names: readonly Name[],
): { readonly name: Name; readonly value: string } | undefined {
  if (filter.kind !== 'compare' || filter.operator !== 'eq' || typeof filter.value !== 'string') return undefined
  const target = findTarget(type, filter.attribute)
  if (!target || target.sub || target.extension !== undefined) return undefined
  const name = names.find((name) => name === target.attribute.name)
  return name === undefined ? undefined : { name, value: filter.value }
}
