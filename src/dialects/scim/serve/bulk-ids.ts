import type { Json } from '../../../directory/json.ts'
import { isList, isObject } from '../resource.ts'

/** Stands for the id of what another operation of the request creates (RFC 7644 §3.7.2): as a whole value, in a URI, in the brackets of a path. */
const reference = /bulkId:([^\s"/\][]+)/g

/** The bulkIds that a value names, at whatever depth. */
export function referencesIn(value: Json | undefined): readonly string[] {
  if (typeof value === 'string') return [...value.matchAll(reference)].map(([, bulkId]) => bulkId ?? '')
  if (isList(value)) return value.flatMap(referencesIn)
  return isObject(value) ? Object.values(value).flatMap(referencesIn) : []
}

/** The value with ids in the place of bulkIds. */
export function withIds<T extends Json>(value: T, ids: ReadonlyMap<string, string>): T
export function withIds(value: Json, ids: ReadonlyMap<string, string>): Json {
  if (typeof value === 'string') return value.replace(reference, (whole, bulkId: string) => ids.get(bulkId) ?? whole)
  if (isList(value)) return value.map((item) => withIds(item, ids))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) => (item === undefined ? [] : [[name, withIds(item, ids)]])),
  )
}

/** A bulkId that stands where an id has to, and that nothing has made an id of. */
export function unresolved(
  { path, data }: { readonly path: string; readonly data: Json | undefined },
  ids: ReadonlyMap<string, string>,
): string | undefined {
  return [...referencesIn(path), ...wholeReferencesIn(data)].find((bulkId) => !ids.has(bulkId))
}

/** The value without the objects and texts that are nothing but references of that kind. */
export function withoutUnresolved(value: Json | undefined, isUnresolved: (bulkId: string) => boolean): Json | undefined {
  const names = (item: Json | undefined) => wholeReferencesIn(item).some(isUnresolved)
  if (typeof value === 'string') return names(value) ? undefined : value
  if (isList(value)) return value.filter((item) => !names(item))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) => {
      const isReference = isObject(item) && names(item['value'])
      const kept = isReference ? undefined : withoutUnresolved(item, isUnresolved)
      return kept === undefined ? [] : [[name, kept]]
    }),
  )
}

function wholeReferencesIn(value: Json | undefined): readonly string[] {
  if (typeof value === 'string') return value.startsWith('bulkId:') ? referencesIn(value) : []
  if (isList(value)) return value.flatMap(wholeReferencesIn)
  return isObject(value) ? Object.values(value).flatMap(wholeReferencesIn) : []
}
