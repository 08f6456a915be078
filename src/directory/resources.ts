import { isDeepStrictEqual } from 'node:util'
import { command, query, unchanged, type Call } from './call.ts'
import type { Parts } from './directory.ts'
import { DirectoryError } from './errors.ts'
import type { Resource, ResourceKey, ResourceState } from './resource.ts'
import type { OrderedPage, Page, Reader } from './store.ts'

/** One resource. `ifVersion` is the version that the caller saw; another one is refused as `stale`. */
interface OneResource {
  readonly kind: string
  readonly id: string
  readonly ifVersion?: number | undefined
}

/** Things of kinds that a dialect defines: who defines a kind checks what its resources say. */
export function resourceCommands({ store, newId }: Parts) {
  return {
    /** A key that another one has is refused as `taken`. */
    addResource: command(store, 'write', async (tx, call, { kind, content, keys }: ResourceState & { readonly kind: string }) => {
      await checkKeys(tx, call, { kind, keys, id: undefined })
      const resource: Resource = {
        id: newId(),
        organizationId: call.organizationId,
        kind,
        content,
        createdAt: call.now,
        updatedAt: call.now,
        version: 1,
      }
      await tx.putResource(resource, keys)
      return [resource, { action: 'resource.created', subject: resource.id, detail: { kind } }]
    }),

    /** Makes a resource what `change` makes of it; what is equal to what stands is no change. */
    changeResource: command(
      store,
      'write',
      async (tx, call, { change, ...one }: OneResource & { readonly change: (current: Resource) => ResourceState }) => {
        const current = await findCurrent(tx, call, one)
        const { content, keys } = change(current)
        if (isDeepStrictEqual(content, current.content)) return unchanged(current)
        await checkKeys(tx, call, { kind: one.kind, keys, id: one.id })
        const next: Resource = { ...current, content, updatedAt: call.now, version: current.version + 1 }
        await tx.putResource(next, keys)
        return [next, { action: 'resource.changed', subject: one.id, detail: { kind: one.kind } }]
      },
    ),

    removeResource: command(store, 'write', async (tx, call, one: OneResource) => {
      const current = await findCurrent(tx, call, one)
      await tx.removeResource(call.organizationId, one.kind, one.id)
      return [current, { action: 'resource.removed', subject: one.id, detail: { kind: one.kind } }]
    }),

    getResource: query(store, 'read', (tx, call, one: Omit<OneResource, 'ifVersion'>) => findResource(tx, call, one)),
    listResources: query(store, 'read', (tx, call, { kind, ...page }: Page & { readonly kind: string }) =>
      tx.resources(call.organizationId, kind, page),
    ),
    listResourcesInOrder: query(store, 'read', (tx, call, { kind, ...page }: OrderedPage & { readonly kind: string }) =>
      tx.resourcesInOrder(call.organizationId, kind, page),
    ),
    countResources: query(store, 'read', (tx, call, { kind, where }: Pick<Page, 'where'> & { readonly kind: string }) =>
      tx.countResources(call.organizationId, kind, where),
    ),
  }
}

async function findResource(tx: Reader, call: Call, { kind, id }: OneResource): Promise<Resource> {
  const resource = await tx.resource(call.organizationId, kind, id)
  if (!resource) throw new DirectoryError('notFound', `There is no ${kind} with this id.`, { field: 'id' })
  return resource
}

async function findCurrent(tx: Reader, call: Call, one: OneResource): Promise<Resource> {
  const current = await findResource(tx, call, one)
  if (one.ifVersion !== undefined && one.ifVersion !== current.version)
    throw new DirectoryError('stale', 'The resource was changed since it was read. Read it again and repeat the change.')
  return current
}

async function checkKeys(
  tx: Reader,
  call: Call,
  { kind, keys, id }: { readonly kind: string; readonly keys: readonly ResourceKey[]; readonly id: string | undefined },
): Promise<void> {
  for (const key of keys) {
    const holder = await tx.resourceByKey(call.organizationId, kind, key)
    if (holder && holder.id !== id)
      throw new DirectoryError('taken', `Another ${kind} has this ${key.name}.`, { field: key.name })
  }
}
