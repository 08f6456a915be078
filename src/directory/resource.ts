import type { Placed } from './condition.ts'
import type { JsonObject } from './json.ts'
import type { OrderedPage, Page } from './store.ts'

/** A thing of a kind that a dialect defines. The directory keeps it whole and knows nothing of what it says but which of its values are its alone. */
export interface Resource {
  readonly id: string
  readonly organizationId: string
  readonly kind: string
  readonly content: JsonObject
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly version: number
}

/** A value that no other resource of the kind in the organization may have, in the form that values are compared in. */
export interface ResourceKey {
  readonly name: string
  readonly value: string
}

/** What a resource says, and which of it is its alone. */
export interface ResourceState {
  readonly content: JsonObject
  readonly keys: readonly ResourceKey[]
}

/** Where one is looked for: conditions name members of the content under `attributes`, and `id`, `createdAt`, `updatedAt`, `version`. */
export interface ResourceReader {
  resource(organizationId: string, kind: string, id: string): Promise<Resource | undefined>
  resourceByKey(organizationId: string, kind: string, key: ResourceKey): Promise<Resource | undefined>
  resources(organizationId: string, kind: string, page: Page): Promise<readonly Resource[]>
  resourcesInOrder(organizationId: string, kind: string, page: OrderedPage): Promise<readonly Placed<Resource>[]>
  countResources(organizationId: string, kind: string, where?: Page['where']): Promise<number>
}

export interface ResourceWriter {
  /** With the keys that it has from then on. */
  putResource(resource: Resource, keys: readonly ResourceKey[]): Promise<void>
  removeResource(organizationId: string, kind: string, id: string): Promise<void>
}
