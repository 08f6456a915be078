import type { Condition, Order, Place } from '../../../directory/condition.ts'
import { refusal } from '../errors.ts'
import { always, compileFilter, never } from '../filter/compile.ts'
import type { Filter } from '../filter/filter.ts'
import type { Shown } from '../resource-text.ts'
import { findTarget, type IndexedType } from '../schema/resource-type.ts'
import type { Asking, Binding } from './binding.ts'
import { idOf, metaOnly, shown, toList, type ResourceList } from './search.ts'
import type { SearchRequest } from './search-request.ts'

/** One resource type of a search over all, and the request as it reads for that type. */
export interface RootPart {
  readonly binding: Binding
  readonly asking: Asking
  readonly request: SearchRequest
}

/**
 * One page over all types (RFC 7644 §3.4.2.1), one type after the other unless an order is asked for. An attribute that a type does not have has no value
 * there. Throws tooMany.
 */
export const searchRoot = (parts: readonly RootPart[]): Promise<ResourceList> =>
  parts.some(({ request }) => request.order) ? searchSorted(parts) : searchInTurn(parts)

async function searchInTurn(parts: readonly RootPart[]): Promise<ResourceList> {
  const { startIndex = 1, count = 0 } = parts[0]?.request ?? {}
  const page: Shown[] = []
  let total = 0
  for (const { binding, asking, request } of parts) {
    const where = request.filter && compileAcross(request.filter, binding)
    const here = await binding.count(asking, where)
    const offset = Math.max(0, startIndex - 1 - total)
    const limit = count - page.length
    if (limit > 0 && offset < here) page.push(...shown(await binding.list(asking, { where, offset, limit }), { binding, asking }))
    total += here
  }
  return toList(page, { total, startIndex })
}

/** How far a sorted search over all types reaches: each type is read up to there, since no index spans them. */
const furthestSorted = 1_000

/** The types are read in the order up to the end of the page, without what they say; of the page alone they are read whole. */
async function searchSorted(parts: readonly RootPart[]): Promise<ResourceList> {
  const { startIndex = 1, count = 0 } = parts[0]?.request ?? {}
  const reach = count > 0 ? startIndex - 1 + count : 0
  if (reach > furthestSorted)
    throw refusal(
      'tooMany',
      `A sorted search over all types shows the first ${furthestSorted} resources. Search one type, narrow the filter, or leave sortBy out.`,
      'sortBy',
    )
  const direction = parts.find(({ request }) => request.order)?.request.order?.direction
  const lists = await Promise.all(
    parts.map(async ({ binding, asking, request }) => {
      const where = request.filter && compileAcross(request.filter, binding)
      const read = (who: Asking, offset: number, limit: number) =>
        request.order
          ? binding.listInOrder(who, { where, order: request.order, offset, limit })
          : binding
              .list(who, { where, offset, limit })
              .then((list) => list.map((item) => ({ item, place: { value: null, id: idOf(item) } })))
      const places = (await read({ ...asking, projection: metaOnly }, 0, reach)).map(({ place }) => place)
      return { binding, asking, read, places, total: await binding.count(asking, where) }
    }),
  )
  const merged = lists
    .flatMap(({ places }, part) => places.map((place) => ({ place, part })))
    .toSorted((a, b) => comparePlaces(a.place, b.place, direction))
  const turns = merged.slice(startIndex - 1, reach).map(({ part }) => part)
  const shownOf = await Promise.all(
    lists.map(async ({ binding, asking, read }, part) => {
      const before = merged.slice(0, startIndex - 1).filter((one) => one.part === part).length
      const here = turns.filter((turn) => turn === part).length
      const page = here > 0 ? await read(asking, before, here) : []
      return shown(
        page.map(({ item }) => item),
        { binding, asking },
      ).values()
    }),
  )
  return toList(
    turns.map((part) => shownOf[part]?.next().value).filter((resource) => resource !== undefined),
    { total: lists.reduce((sum, { total }) => sum + total, 0), startIndex },
  )
}

/** As the store orders within a type: texts by code point, what has no value last upwards, and what is equal by id in either direction. */
function comparePlaces(a: Place, b: Place, direction: Order['direction'] | undefined): number {
  const upwards = compareUpwards(a.value, b.value)
  if (upwards === 0) return a.id < b.id ? -1 : 1
  return direction === 'down' ? -upwards : upwards
}

function compareUpwards(a: Place['value'], b: Place['value']): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)))
}

function compileAcross(filter: Filter, { type, columns }: Pick<Binding, 'type' | 'columns'>): Condition {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return { kind: filter.kind, of: filter.of.map((part) => compileAcross(part, { type, columns })) }
    case 'not':
      return { kind: 'not', of: compileAcross(filter.of, { type, columns }) }
    default:
      return isForeign(filter.attribute, type) ? ofNothing(filter) : compileFilter(filter, type, columns)
  }
}

const isForeign = (name: string, type: IndexedType): boolean => findTarget(type, name) === undefined

/** What a test says of a value that is not there: `ne` is the opposite of `eq`, and null is what it equals. */
function ofNothing(filter: Filter): Condition {
  if (filter.kind !== 'compare') return never
  const { operator, value } = filter
  return operator === (value === null ? 'eq' : 'ne') ? always : never
}
