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

/** A filter that is `urn:…:name eq "value"` for a text that is unique among `own` extensions; undefined for any other filter. */
export function uniqueTextOf(
  filter: Filter,
  type: IndexedType,
  own: ReadonlySet<string>,
): { readonly urn: string; readonly attribute: string; readonly value: string } | undefined {
  if (filter.kind !== 'compare' || filter.operator !== 'eq' || typeof filter.value !== 'string' || !filter.value) return undefined
  const target = findTarget(type, filter.attribute)
  if (!target || target.extension === undefined || !own.has(target.extension)) return undefined
  const { attribute, extension: urn } = target
  const sub = target.sub ?? attribute.subs.get('value')
  const { uniqueness, type: kind } = sub ?? attribute
  if (uniqueness !== 'server' || kind !== 'string' || attribute.returned === 'never') return undefined
  return { urn, attribute: sub ? `${attribute.name}.${sub.name}` : attribute.name, value: filter.value }
}
