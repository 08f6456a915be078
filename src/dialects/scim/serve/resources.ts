import { asWriter, type Call } from '../../../directory/call.ts'
import type { Mount } from '../../../wire/serve.ts'
import { readPatch } from '../patch-steps.ts'
import { afterWrite, attributesIn, readProjection, splitNames, type Projection } from '../project.ts'
import { metaOf, textOf, type Shown } from '../resource-text.ts'
import { readResource } from '../validate.ts'
import type { ResourceOperations } from '../wire.ts'
import type { Asking, Binding, Read } from './binding.ts'
import { isUnmodified, readIfMatch } from './precondition.ts'
import type { Cursors } from './cursor.ts'
import { inPortions } from './portions.ts'
import { listText, metaOnly, searchByCursor, searchByPosition, shownAs } from './search.ts'
import { readSearchBody, readSearchQuery, type Listing, type PageSize, type SearchRequest } from './search-request.ts'

/** What can be offered of a resource type. */
export type Offer = 'list' | 'create' | 'read' | 'replace' | 'patch' | 'delete' | 'search'
export const allOffers: readonly Offer[] = ['list', 'create', 'read', 'replace', 'patch', 'delete', 'search']

type Params = Readonly<Record<string, string>>

export interface Served {
  readonly binding: Binding
  /** The base of links, without a trailing slash. */
  readonly baseOf: (call: Call, params: Params) => string
  /** What is not offered is not mounted. */
  readonly offers: readonly Offer[]
  readonly pageSize: PageSize
  /** Which member of a list comes first. */
  readonly listOrder: 'schemasFirst' | 'resourcesFirst'
  readonly listing: readonly Listing[]
  readonly cursors: Cursors
}

/** Serves one resource type: the protocol of RFC 7644 §3.3 to §3.6, §3.9 and §3.14 over a binding. */
export function serveResources(
  mount: Mount<Call>,
  operations: ResourceOperations,
  { binding, baseOf, offers, pageSize, listOrder, listing, cursors }: Served,
): void {
  const { type } = binding
  const searched = { type, columns: binding.columns, pageSize, listing }
  const asking = (call: Call, params: Params, projection: Projection): Asking => ({
    call,
    base: baseOf(call, params),
    projection,
  })
  const mountOffered =
    (offer: Offer): Mount<Call> =>
    (operation, handle) => {
      if (offers.includes(offer)) mount(operation, handle)
    }
  const projectionOf = (query: { readonly attributes?: string | undefined; readonly excludedAttributes?: string | undefined }) =>
    readProjection(type, splitNames(query.attributes), splitNames(query.excludedAttributes))
  const show = (resource: Shown, projection: Projection) => ({
    text: textOf(shownAs(resource, type, projection)),
    headers: headersOf(resource),
  })
  const search = async (who: Asking, request: SearchRequest) => {
    const searching = { binding, asking: who, request }
    const list = request.cursor === undefined ? await searchByPosition(searching) : await searchByCursor(searching, cursors)
    return { text: listText(list, listOrder) }
  }
  const ifMatch = (asking: Asking, id: string, header: string | undefined) =>
    readIfMatch(header, async () => versionOf(await binding.read({ ...asking, projection: metaOnly }, id)))

  mountOffered('create')(operations.create, async (call, { params, query, body }) => {
    const projection = projectionOf(query)
    const resource = readResource(body, type)
    const created = await binding.create(asking(asWriter(call), params, projection), resource)
    return show(created, afterWrite(projection, attributesIn(resource, type)))
  })

  mountOffered('read')(operations.read, async (call, { params, query, headers }) => {
    const projection = projectionOf(query)
    const who = asking(call, params, projection)
    const id = params['id'] ?? ''
    const { readLarge } = binding
    const known = headers['if-none-match']
    // What is large is not read to say that it is as it was.
    const head = readLarge && known !== undefined ? await binding.read({ ...who, projection: metaOnly }, id) : undefined
    const read: Read =
      head && isUnmodified(known, versionOf(head))
        ? { resource: head }
        : readLarge
          ? await readLarge(who, id)
          : { resource: await binding.read(who, id) }
    const { resource } = read
    if (isUnmodified(known, versionOf(resource))) return { status: 304, value: undefined, headers: { ETag: versionOf(resource) } }
    return read.portions
      ? { portions: inPortions(read, type, projection), headers: headersOf(resource) }
      : show(resource, projection)
  })

  mountOffered('list')(operations.list, async (call, { params, query }) => {
    const request = readSearchQuery(searched, query)
    return search(asking(call, params, request.projection), request)
  })

  mountOffered('search')(operations.search, async (call, { params, body }) => {
    const request = readSearchBody(searched, body)
    return search(asking(call, params, request.projection), request)
  })

  mountOffered('replace')(operations.replace, async (call, { params, query, headers, body }) => {
    const projection = projectionOf(query)
    const who = asking(asWriter(call), params, projection)
    const id = params['id'] ?? ''
    const resource = readResource(body, type)
    const replaced = await binding.replace(who, { id, ifVersion: await ifMatch(who, id, headers['if-match']) }, resource)
    return show(replaced, afterWrite(projection, attributesIn(resource, type)))
  })

  mountOffered('patch')(operations.patch, async (call, { params, query, headers, body }) => {
    const projection = projectionOf(query)
    const who = asking(asWriter(call), params, projection)
    const id = params['id'] ?? ''
    const steps = readPatch(body, type)
    const { version, show: read } = await binding.patch(
      who,
      { id, ifVersion: await ifMatch(who, id, headers['if-match']) },
      steps,
    )
    if (binding.patchAnswer === 'nothing' && projection.kind !== 'only')
      return { status: 204, value: undefined, headers: { ETag: version } }
    return show(await read(), afterWrite(projection, steps))
  })

  mountOffered('delete')(operations.remove, async (call, { params, headers }) => {
    const who = asking(asWriter(call), params, metaOnly)
    const id = params['id'] ?? ''
    await binding.remove(who, { id, ifVersion: await ifMatch(who, id, headers['if-match']) })
    return { value: undefined }
  })
}

/** With Location on every answer that is a resource, as the RFC shows its answers to GET and PUT (RFC 7644 §3.4.1, §3.5.1), though it asks for it on a 201 alone. */
function headersOf(resource: Shown): Record<string, string> {
  const location = metaOf(resource, 'location')
  return { ETag: versionOf(resource), 'Content-Location': location, Location: location }
}

const versionOf = (resource: Shown): string => metaOf(resource, 'version')
