import type { Order } from '../../../directory/condition.ts'
import { refusal } from '../errors.ts'
import type { Columns } from '../filter/compile.ts'
import { findTarget, type IndexedAttribute, type IndexedType } from '../schema/resource-type.ts'

/** What `sortBy` and `sortOrder` ask for (RFC 7644 §3.4.2.3). Throws invalidValue for what nothing can be sorted by. */
export function readSort(
  { sortBy, sortOrder }: { readonly sortBy: string | undefined; readonly sortOrder: string | undefined },
  { type, columns }: { readonly type: IndexedType; readonly columns: Columns },
): Order | undefined {
  if (!sortBy) return undefined
  const direction = sortOrder === undefined || sortOrder === '' ? 'ascending' : sortOrder.toLowerCase()
  if (direction !== 'ascending' && direction !== 'descending')
    throw refusal('invalidValue', 'sortOrder is ascending or descending.', 'sortOrder')
  const unsortable = () => refusal('invalidValue', `${type.name}s cannot be sorted by "${sortBy.slice(0, 100)}".`, 'sortBy')
  const target = findTarget(type, sortBy)
  if (!target || target.attribute.returned === 'never') throw unsortable()
  const { attribute, extension } = target
  const sub = target.sub ?? (attribute.type === 'complex' ? attribute.subs.get('value') : undefined)
  if (attribute.type === 'complex' && !sub) throw refusal('invalidValue', `Name a sub-attribute of ${attribute.name}.`, 'sortBy')
  const name = `${extension === undefined ? '' : `${extension}:`}${attribute.name}`.toLowerCase()
  const own = sub && columns.get(`${name}.${sub.name.toLowerCase()}`)
  const column = own ?? columns.get(name)
  const exact = sub ? `${name}.${sub.name.toLowerCase()}` : name
  const rest = { by: comparisonOf(sub ?? attribute), direction: direction === 'ascending' ? 'up' : 'down' } as const
  const constant = constantColumns[exact]
  if (constant) return { ...rest, attribute: { names: constant } }
  if (typeof column === 'function' || isInOtherRows(column)) throw unsortable()
  const place = column ?? ['attributes', ...(extension === undefined ? [] : [extension]), attribute.name]
  if (own || !sub)
    return { ...rest, attribute: attribute.multiValued ? { names: place, listAt: place.length - 1 } : { names: place } }
  return {
    ...rest,
    attribute: attribute.multiValued
      ? { names: [...place, sub.name], listAt: place.length - 1 }
      : { names: [...place, sub.name] },
  }
}

/** The groups of people and the members of groups are no part of what is stored of them. */
const isInOtherRows = (place: readonly string[] | undefined): boolean => place?.[0] === 'groups' || place?.[0] === 'members'

/** Where those stand that no filter finds by comparing a stored value as it is. */
const constantColumns: Readonly<Record<string, readonly string[]>> = {
  id: ['id'],
  active: ['active'],
  'meta.location': ['id'],
}

function comparisonOf({ type, caseExact }: IndexedAttribute): Order['by'] {
  if (type === 'boolean' || type === 'dateTime') return type
  if (type === 'integer' || type === 'decimal') return 'number'
  return caseExact ? 'text' : 'folded'
}
