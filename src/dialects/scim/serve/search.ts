import type { Page } from '../../../directory/store.ts'
import { refusal } from '../errors.ts'
import { compileFilter } from '../filter/compile.ts'
import { project, type Projection } from '../project.ts'
import type { JsonObject } from '../../../directory/json.ts'
import { isText, textOf, type Shown } from '../resource-text.ts'
import type { IndexedType } from '../schema/resource-type.ts'
import type { Asking, Binding } from './binding.ts'
import type { Cursor, Cursors } from './cursor.ts'
import type { SearchRequest } from './search-request.ts'

const listSchema = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'

/** A page of resources, and what is told of the list that it is of. */
export interface ResourceList {
  readonly head: JsonObject
  readonly page: readonly Shown[]
}

export interface Searching {
  readonly binding: Binding
  readonly asking: Asking
  readonly request: SearchRequest
}

/** Shows nothing but what a resource is told from others by. */
export const metaOnly: Projection = { kind: 'only', names: new Set(['meta']) }

/** One page by position. What is looked for is counted only where the page itself does not tell how much there is. */
export async function searchByPosition({ binding, asking, request }: Searching): Promise<ResourceList> {
  const { filter, startIndex, count, order } = request
  const offset = startIndex - 1
  const found = filter && (await binding.shortcut(asking, filter))
  if (found) return toList(shown(found.slice(offset, offset + count), { binding, asking }), { total: found.length, startIndex })
  const where = filter && compileFilter(filter, binding.type, binding.columns)
  const page = count > 0 ? await read({ binding, asking, order }, { where, offset, limit: count }) : []
  const isLast = page.length < count && (page.length > 0 || offset === 0)
  const end = offset + page.length
  const total = isLast ? end : Math.max(await binding.count(asking, where), page.length > 0 ? end : 0)
  return toList(shown(page.map(itemOf), { binding, asking }), { total, startIndex })
}

/**
 * One page by cursor (RFC 9865). What was there throughout a walk is shown once, whatever comes and goes meanwhile; of a sorted walk, what moved past the
 * place that the walk had reached may come twice, or not at all.
 */
export async function searchByCursor({ binding, asking, request }: Searching, cursors: Cursors): Promise<ResourceList> {
  const { filter, filterText, count, countAsked, order, cursor = '' } = request
  const { call } = asking
  const walk = [
    call.organizationId,
    call.connectionId ?? '',
    call.actor,
    asking.base,
    binding.type.name,
    filterText ?? '',
    order ?? '',
  ]
  const from = cursor === '' ? undefined : cursors.parse(cursor, walk, call.now)
  if (from && from.count !== countAsked) throw refusal('invalidCount', 'count must be what it was when the walk began.', 'count')
  const where = filter && compileFilter(filter, binding.type, binding.columns)
  // One more than is shown: whether the walk goes on.
  const found = count > 0 ? await read({ binding, asking, order }, { where, limit: count + 1, next: from?.next }) : []
  const page = found.slice(0, count)
  const next = found.length > count ? page.at(-1)?.next : undefined
  const total = next === undefined && !from && count > 0 ? page.length : await binding.count(asking, where)
  return toList(shown(page.map(itemOf), { binding, asking }), {
    total,
    ...(next !== undefined && { nextCursor: cursors.print({ next, count: countAsked }, walk, call.now) }),
  })
}

/** A resource of a page, and where a walk that ends with it goes on. */
interface Step {
  readonly item: Shown
  readonly next: Cursor['next']
}

const itemOf = ({ item }: Step): Shown => item

async function read(
  { binding, asking, order }: Pick<Searching, 'binding' | 'asking'> & Pick<SearchRequest, 'order'>,
  { next, ...page }: Pick<Page, 'where' | 'offset' | 'limit'> & { readonly next?: Cursor['next'] | undefined },
): Promise<readonly Step[]> {
  if (!order) {
    const list = await binding.list(asking, { ...page, after: typeof next === 'string' ? next : undefined })
    return list.map((item) => ({ item, next: idOf(item) }))
  }
  const behind = typeof next === 'object' ? next : undefined
  return (await binding.listInOrder(asking, { ...page, order, behind })).map(({ item, place }) => ({ item, next: place }))
}

export function idOf(resource: Shown): string {
  const id = isText(resource) ? resource.id : resource['id']
  if (typeof id !== 'string') throw new TypeError('a binding answered a resource without an id')
  return id
}

export const shown = (page: readonly Shown[], { binding, asking }: Pick<Searching, 'binding' | 'asking'>): readonly Shown[] =>
  page.map((resource) => shownAs(resource, binding.type, asking.projection))

/** A resource as it is asked for. One that is text shows what is shown unasked: no binding answers it where anything else is asked for. */
export const shownAs = (resource: Shown, type: IndexedType, projection: Projection): Shown =>
  isText(resource) ? resource : project(resource, type, projection)

export const toList = (
  page: readonly Shown[],
  { total, startIndex, nextCursor }: { readonly total: number; readonly startIndex?: number; readonly nextCursor?: string },
): ResourceList => ({
  head: {
    schemas: [listSchema],
    totalResults: total,
    ...(startIndex !== undefined && { startIndex }),
    itemsPerPage: page.length,
    ...(nextCursor !== undefined && { nextCursor }),
  },
  page,
})

export function listText({ head, page }: ResourceList, order: 'schemasFirst' | 'resourcesFirst' = 'schemasFirst'): string {
  // Put together piece by piece it is copied once, when it is sent.
  let resources = '"Resources":['
  for (const [index, resource] of page.entries()) resources += index === 0 ? textOf(resource) : `,${textOf(resource)}`
  resources += ']'
  const rest = JSON.stringify(head).slice(1, -1)
  return order === 'schemasFirst' ? `{${rest},${resources}}` : `{${resources},${rest}}`
}
