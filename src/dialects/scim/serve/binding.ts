import type { Call } from '../../../directory/call.ts'
import type { Condition, Placed } from '../../../directory/condition.ts'
import type { Json } from '../../../directory/json.ts'
import type { OrderedPage, Page } from '../../../directory/store.ts'
import type { Filter } from '../filter/filter.ts'
import type { Columns } from '../filter/compile.ts'
import type { PatchStep } from '../patch-steps.ts'
import type { Projection } from '../project.ts'
import type { Resource } from '../resource.ts'
import type { Shown } from '../resource-text.ts'
import type { IndexedType } from '../schema/resource-type.ts'

/** Who asks, and which parts of a resource will be shown: a binding may leave out what no one will see. */
export interface Asking {
  readonly call: Call
  /** The base of links, without a trailing slash. */
  readonly base: string
  readonly projection: Projection
}

/** A change to one resource. `ifVersion` is the version that the caller saw. */
export interface Target {
  readonly id: string
  readonly ifVersion: number | undefined
}

/** What a filter alone finds without a search: at most a page, in memory. */
export type Shortcut = readonly Shown[]

/** A resource, and where it is large the list in it that comes in portions: it belongs to the same version. */
export type Read =
  | { readonly resource: Shown; readonly portions?: undefined }
  | { readonly resource: Resource; readonly list: string; readonly portions: AsyncIterable<readonly Json[]> }

/** A resource type on the directory. Everything about HTTP and about SCIM's messages is serve/resources.ts's; resources come and go whole: as text only where everything is asked for. */
export interface Binding {
  readonly type: IndexedType
  readonly columns: Columns
  readonly read: (asking: Asking, id: string) => Promise<Shown>
  /** As `read`, where a resource may be too large to be made at once. */
  readonly readLarge?: (asking: Asking, id: string) => Promise<Read>
  /** The answer to a filter that names its resources; undefined where a search is needed. */
  readonly shortcut: (asking: Asking, filter: Filter) => Promise<Shortcut | undefined>
  readonly list: (asking: Asking, page: Pick<Page, 'where' | 'offset' | 'after' | 'limit'>) => Promise<readonly Shown[]>
  readonly listInOrder: (asking: Asking, page: OrderedPage) => Promise<readonly Placed<Shown>[]>
  readonly count: (asking: Asking, where: Condition | undefined) => Promise<number>
  readonly create: (asking: Asking, resource: Resource) => Promise<Shown>
  /** Creates all of them or, if one is refused, none; undefined where each creation is one by itself. */
  readonly createAll?: ((asking: Asking, resources: readonly Resource[]) => Promise<readonly Shown[]>) | undefined
  readonly replace: (asking: Asking, target: Target, resource: Resource) => Promise<Shown>
  /** `show` reads what is to be answered, where anything is. */
  readonly patch: (
    asking: Asking,
    target: Target,
    steps: readonly PatchStep[],
  ) => Promise<{ readonly version: string; readonly show: () => Promise<Shown> }>
  readonly remove: (asking: Asking, target: Target) => Promise<void>
  /** What a PATCH answers that names no attributes: the resource, or 204. */
  readonly patchAnswer: 'resource' | 'nothing'
}
