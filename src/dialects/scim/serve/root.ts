import type { Condition } from '../../../directory/condition.ts'
import { always, compileFilter, never } from '../filter/compile.ts'
import type { Filter } from '../filter/filter.ts'
import type { Shown } from '../resource-text.ts'
import { findTarget, type IndexedType } from '../schema/resource-type.ts'
import type { Asking, Binding } from './binding.ts'
import { shown, toList, type ResourceList } from './search.ts'
import type { SearchRequest } from './search-request.ts'

/** One resource type of a search over all, and the request as it reads for that type. */
export interface RootPart {
  readonly binding: Binding
  readonly asking: Asking
  readonly request: SearchRequest
}

/** One page over all types, one type after the other (RFC 7644 §3.4.2.1). An attribute that a type does not have has no value there. */
export async function searchRoot(parts: readonly RootPart[]): Promise<ResourceList> {
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
