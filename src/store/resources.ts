import type { Kysely } from 'kysely'
import type { Resource, ResourceKey, ResourceReader, ResourceWriter } from '../directory/resource.ts'
import type { Condition } from '../directory/condition.ts'
import type { Executor } from './executor.ts'
import { countWhere, pageInOrder, pageWhere } from './lists.ts'
import { addRow, dateOf, msOf, putRow } from './rows.ts'
import type { ResourceRow, Schema } from './schema.ts'
import { searchDocument } from './search-document.ts'
import { statement } from './statement.ts'
import type { Walks } from './walks.ts'

const columns = [
  'resources.organization_id',
  'resources.kind',
  'resources.id',
  'resources.content',
  'resources.created_at',
  'resources.updated_at',
  'resources.version',
] as const
type StoredResource = Omit<ResourceRow, 'search'>

interface OfKind {
  readonly organization_id: string
  readonly kind: string
}

const stored = (db: Kysely<Schema>) => db.selectFrom('resources').select(columns)
const byId = statement((db, p: OfKind & { readonly id: string }) =>
  db
    .selectFrom('resources')
    .select(columns)
    .where('organization_id', '=', p.organization_id)
    .where('kind', '=', p.kind)
    .where('id', '=', p.id),
)
const byKey = statement((db, p: OfKind & ResourceKey) =>
  db
    .selectFrom('resource_keys as k')
    .innerJoin('resources', (join) =>
      join
        .onRef('resources.organization_id', '=', 'k.organization_id')
        .onRef('resources.kind', '=', 'k.kind')
        .onRef('resources.id', '=', 'k.resource_id'),
    )
    .select(columns)
    .where('k.organization_id', '=', p.organization_id)
    .where('k.kind', '=', p.kind)
    .where('k.name', '=', p.name)
    .where('k.value', '=', p.value),
)
const put = putRow('resources', {
  key: ['organization_id', 'kind', 'id'],
  rest: ['content', 'created_at', 'updated_at', 'version', 'search'],
})
const addKey = addRow('resource_keys', { key: ['organization_id', 'kind', 'name', 'value'], rest: ['resource_id'] })
const removeKeys = statement((db, p: OfKind & { readonly id: string }) =>
  db
    .deleteFrom('resource_keys')
    .where('organization_id', '=', p.organization_id)
    .where('kind', '=', p.kind)
    .where('resource_id', '=', p.id),
)
const remove = statement((db, p: OfKind & { readonly id: string }) =>
  db.deleteFrom('resources').where('organization_id', '=', p.organization_id).where('kind', '=', p.kind).where('id', '=', p.id),
)

/** Lists of one kind: the kind is a condition like any other. */
const ofKind = (kind: string, where: Condition | undefined): Condition => {
  const only: Condition = {
    kind: 'compare',
    attribute: { names: ['kind'] },
    operator: 'eq',
    value: { type: 'text', value: kind },
  }
  return where ? { kind: 'and', of: [only, where] } : only
}

export function readResources(executor: Executor, walks?: Walks): ResourceReader {
  const toOne = (row: StoredResource | undefined) => row && toResource(row)
  return {
    resource: async (organizationId, kind, id) =>
      toOne(await executor.first(byId, { organization_id: organizationId, kind, id })),
    resourceByKey: async (organizationId, kind, { name, value }) =>
      toOne(await executor.first(byKey, { organization_id: organizationId, kind, name, value })),
    resources: async (organizationId, kind, { where, ...page }) =>
      (
        await pageWhere(
          executor,
          { organizationId, page: { ...page, where: ofKind(kind, where) }, target: 'resources', walks },
          stored,
        )
      ).map(toResource),
    resourcesInOrder: async (organizationId, kind, { where, ...page }) =>
      pageInOrder(
        executor,
        { organizationId, page: { ...page, where: ofKind(kind, where) }, target: 'resources' },
        { select: stored, toItem: toResource },
      ),
    countResources: async (organizationId, kind, where) =>
      countWhere(executor, { organizationId, where: ofKind(kind, where), target: 'resources', walks }),
  }
}

export function writeResources(executor: Executor): ResourceWriter {
  return {
    putResource: async (resource, keys) => {
      await executor.run(put, toRow(resource))
      const one = { organization_id: resource.organizationId, kind: resource.kind }
      await executor.run(removeKeys, { ...one, id: resource.id })
      for (const { name, value } of keys) await executor.run(addKey, { ...one, name, value, resource_id: resource.id })
    },
    removeResource: async (organizationId, kind, id) => {
      await executor.run(removeKeys, { organization_id: organizationId, kind, id })
      await executor.run(remove, { organization_id: organizationId, kind, id })
    },
  }
}

const toResource = (row: StoredResource): Resource => ({
  id: row.id,
  organizationId: row.organization_id,
  kind: row.kind,
  content: JSON.parse(row.content),
  createdAt: dateOf(row.created_at),
  updatedAt: dateOf(row.updated_at),
  version: row.version,
})

const toRow = (resource: Resource): ResourceRow => ({
  organization_id: resource.organizationId,
  kind: resource.kind,
  id: resource.id,
  content: JSON.stringify(resource.content),
  created_at: msOf(resource.createdAt),
  updated_at: msOf(resource.updatedAt),
  version: resource.version,
  search: searchDocument({ attributes: resource.content }),
})
