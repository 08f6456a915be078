import type { Directory } from '../../../directory/directory.ts'
import { storedColumns } from '../columns.ts'
import { applyPatch } from '../patch.ts'
import { indexType, type ResourceType } from '../schema/resource-type.ts'
import { fromStored, toStored, versionTag } from '../translate.ts'
import { keepImmutable } from '../validate.ts'
import type { Binding } from './binding.ts'

/** Resources that are nothing to the directory: it keeps each whole, and finds it by what it says. */
export function bindStored(directory: Directory, resourceType: ResourceType): Binding {
  const type = indexType(resourceType)
  const kind = type.name
  const plain = { type, base: '' }
  return {
    type,
    columns: storedColumns(type),
    patchAnswer: 'resource',
    shortcut: () => Promise.resolve(undefined),
    read: async ({ call, base }, id) => toStored(await directory.getResource(call, { kind, id }), { type, base }),
    list: async ({ call, base }, page) =>
      (await directory.listResources(call, { kind, ...page })).map((stored) => toStored(stored, { type, base })),
    listInOrder: async ({ call, base }, page) =>
      (await directory.listResourcesInOrder(call, { kind, ...page })).map(({ item, place }) => ({
        item: toStored(item, { type, base }),
        place,
      })),
    count: ({ call }, where) => directory.countResources(call, { kind, where }),
    create: async ({ call, base }, resource) =>
      toStored(await directory.addResource(call, { kind, ...fromStored(resource, type) }), { type, base }),
    replace: async ({ call, base }, target, resource) => {
      const stored = await directory.changeResource(call, {
        kind,
        ...target,
        change: (current) => fromStored(keepImmutable(toStored(current, plain), resource, type), type),
      })
      return toStored(stored, { type, base })
    },
    patch: async ({ call, base }, target, steps) => {
      const stored = await directory.changeResource(call, {
        kind,
        ...target,
        change: (current) => fromStored(applyPatch(toStored(current, plain), steps, { type, missing: 'refuse' }), type),
      })
      return { version: versionTag(stored.version), show: () => Promise.resolve(toStored(stored, { type, base })) }
    },
    remove: async ({ call }, target) => {
      await directory.removeResource(call, { kind, ...target })
    },
  }
}
