import type { Call } from '../../../directory/call.ts'
import type { Mount } from '../../../wire/serve.ts'
import { compileFilter } from '../filter/compile.ts'
import { readPatch } from '../patch-steps.ts'
import { project, readProjection, splitNames, type Projection } from '../project.ts'
import { isObject, type Resource } from '../resource.ts'
import { readResource } from '../validate.ts'
import type { ResourceOperations } from '../wire.ts'
import type { Asking, Binding } from './binding.ts'
import { isUnmodified, readIfMatch } from './precondition.ts'
import { readSearchBody, readSearchQuery, type SearchRequest } from './search-request.ts'

const listSchema = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'

/** Serves one resource type: the protocol of RFC 7644 §3.3 to §3.6, §3.9 and §3.14 over a binding. */
export function serveResources(
  mount: Mount<Call>,
  operations: ResourceOperations,
  { binding, baseUrlOf }: { readonly binding: Binding; readonly baseUrlOf: (call: Call) => string },
): void {
  const { type } = binding
  const asking = (call: Call, projection: Projection): Asking => ({ call, base: baseUrlOf(call), projection })
  const projectionOf = (query: { readonly attributes?: string | undefined; readonly excludedAttributes?: string | undefined }) =>
    readProjection(type, splitNames(query.attributes), splitNames(query.excludedAttributes))
  const show = (resource: Resource, projection: Projection) => ({
    value: project(resource, type, projection),
    headers: headersOf(resource),
  })
  const ifMatch = (asking: Asking, id: string, header: string | undefined) =>
    readIfMatch(header, async () => versionOf(await binding.read({ ...asking, projection: metaOnly }, id)))

  mount(operations.create, async (call, { query, body }) => {
    const projection = projectionOf(query)
    const created = await binding.create(asking(call, projection), readResource(body, type))
    const { value, headers } = show(created, projection)
    return { value, headers: { ...headers, Location: metaOf(created, 'location') } }
  })

  mount(operations.read, async (call, { params, query, headers }) => {
    const projection = projectionOf(query)
    const resource = await binding.read(asking(call, projection), params['id'] ?? '')
    if (isUnmodified(headers['if-none-match'], versionOf(resource)))
      return { status: 304, value: undefined, headers: { ETag: versionOf(resource) } }
    return show(resource, projection)
  })

  mount(operations.list, async (call, { query }) => {
    const request = readSearchQuery(type, query)
    return { value: await search(binding, asking(call, request.projection), request) }
  })

  mount(operations.search, async (call, { body }) => {
    const request = readSearchBody(type, body)
    return { value: await search(binding, asking(call, request.projection), request) }
  })

  mount(operations.replace, async (call, { params, query, headers, body }) => {
    const projection = projectionOf(query)
    const who = asking(call, projection)
    const id = params['id'] ?? ''
    const resource = readResource(body, type)
    return show(await binding.replace(who, { id, ifVersion: await ifMatch(who, id, headers['if-match']) }, resource), projection)
  })

  mount(operations.patch, async (call, { params, query, headers, body }) => {
    const projection = projectionOf(query)
    const who = asking(call, projection)
    const id = params['id'] ?? ''
    const steps = readPatch(body, type)
    const { version, show: read } = await binding.patch(
      who,
      { id, ifVersion: await ifMatch(who, id, headers['if-match']) },
      steps,
    )
    if (binding.patchAnswer === 'nothing' && projection.kind !== 'only')
      return { status: 204, value: undefined, headers: { ETag: version } }
    return show(await read(), projection)
  })

  mount(operations.remove, async (call, { params, headers }) => {
    const who = asking(call, metaOnly)
    const id = params['id'] ?? ''
    await binding.remove(who, { id, ifVersion: await ifMatch(who, id, headers['if-match']) })
    return { value: undefined }
  })
}

const metaOnly: Projection = { kind: 'only', names: new Set(['meta']) }

/** One page. What is looked for is counted only where the page itself does not tell how much there is. */
async function search(
  binding: Binding,
  asking: Asking,
  { filter, startIndex, count, projection }: SearchRequest,
): Promise<Resource> {
  const offset = startIndex - 1
  const found = filter && (await binding.shortcut(asking, filter))
  if (found) return toList(found.slice(offset, offset + count), { total: found.length, startIndex, binding, projection })
  const where = filter && compileFilter(filter, binding.type, binding.columns)
  const page = count > 0 ? await binding.list(asking, { where, offset, limit: count }) : []
  const isLast = page.length < count && (page.length > 0 || offset === 0)
  const end = offset + page.length
  const total = isLast ? end : Math.max(await binding.count(asking, where), page.length > 0 ? end : 0)
  return toList(page, { total, startIndex, binding, projection })
}

function toList(
  page: readonly Resource[],
  {
    total,
    startIndex,
    binding,
    projection,
  }: { readonly total: number; readonly startIndex: number; readonly binding: Binding; readonly projection: Projection },
): Resource {
  return {
    schemas: [listSchema],
    totalResults: total,
    startIndex,
    itemsPerPage: page.length,
    Resources: page.map((resource) => project(resource, binding.type, projection)),
  }
}

function headersOf(resource: Resource): Record<string, string> {
  return { ETag: versionOf(resource), 'Content-Location': metaOf(resource, 'location') }
}

const versionOf = (resource: Resource): string => metaOf(resource, 'version')

function metaOf(resource: Resource, name: 'version' | 'location'): string {
  const { meta } = resource
  const value = isObject(meta) ? meta[name] : undefined
  if (typeof value !== 'string') throw new TypeError(`a binding answered a resource without meta.${name}`)
  return value
}
