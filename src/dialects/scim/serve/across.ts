import { asWriter, type Call } from '../../../directory/call.ts'
import type { Operation } from '../../../wire/operation.ts'
import type { Mount } from '../../../wire/serve.ts'
import { acrossOperations, type Place } from '../wire.ts'
import type { Binding } from './binding.ts'
import { runBulk } from './bulk.ts'
import type { Served } from './resources.ts'
import { searchRoot } from './root.ts'
import { listText } from './search.ts'
import { readSearchBody, readSearchQuery, type Searched, type SearchRequest } from './search-request.ts'

/** Serves what spans resource types: the search over all of them, and bulks. Mounts what is offered. */
export function serveAcross(
  mount: Mount<Call>,
  offered: readonly Operation[],
  {
    place,
    bindings,
    baseOf,
    pageSize,
  }: Pick<Served, 'baseOf' | 'pageSize'> & { readonly place: Place; readonly bindings: readonly Binding[] },
): void {
  const { list, search, bulk } = acrossOperations(place)
  const names = new Set(offered.map(({ name }) => name))
  const searching = async (call: Call, base: string, read: (searched: Searched) => SearchRequest) => ({
    text: listText(
      await searchRoot(
        bindings.map((binding) => {
          const request = read({ type: binding.type, columns: binding.columns, pageSize, listing: ['sortAcross'] })
          return { binding, request, asking: { call, base, projection: request.projection } }
        }),
      ),
    ),
  })
  if (names.has(list.name))
    mount(list, (call, { params, query }) =>
      searching(call, baseOf(call, params), (searched) => readSearchQuery(searched, query)),
    )
  if (names.has(search.name))
    mount(search, (call, { params, body }) => searching(call, baseOf(call, params), (searched) => readSearchBody(searched, body)))
  if (names.has(bulk.name))
    mount(bulk, async (call, { params, body }) => ({
      value: await runBulk(body, { call: asWriter(call), base: baseOf(call, params), bindings }),
    }))
}
