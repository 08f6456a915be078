import type {
  Extension,
  ExtensionDefinition,
  ExtensionKey,
  ExtensionKeyPlace,
  ExtensionReader,
  ExtensionWriter,
} from '../directory/extension.ts'
import type { Executor } from './executor.ts'
import { addRow, dateOf, msOf, putRow } from './rows.ts'
import type { ExtensionRow, Owned } from './schema.ts'
import { statement } from './statement.ts'

const all = statement((db, p: Owned) =>
  db.selectFrom('extensions').selectAll().where('organization_id', '=', p.organization_id).orderBy('id'),
)
const put = putRow('extensions', { key: ['organization_id', 'id'], rest: ['content', 'created_at', 'updated_at', 'version'] })
const remove = statement((db, p: Owned & { readonly id: string }) =>
  db.deleteFrom('extensions').where('organization_id', '=', p.organization_id).where('id', '=', p.id),
)

interface OfExtension extends Owned {
  readonly extension_id: string
}
const keyHolder = statement((db, p: OfExtension & ExtensionKey) =>
  db
    .selectFrom('extension_keys')
    .select(['membership_id', 'group_id'])
    .where('organization_id', '=', p.organization_id)
    .where('extension_id', '=', p.extension_id)
    .where('attribute', '=', p.attribute)
    .where('digest', '=', p.digest),
)
const addKey = addRow('extension_keys', {
  key: ['organization_id', 'extension_id', 'attribute', 'digest'],
  rest: ['membership_id', 'group_id'],
})
const removeKeys = statement((db, p: OfExtension) =>
  db.deleteFrom('extension_keys').where('organization_id', '=', p.organization_id).where('extension_id', '=', p.extension_id),
)
const removeKeysOfMember = statement((db, p: OfExtension & { readonly id: string }) =>
  db
    .deleteFrom('extension_keys')
    .where('organization_id', '=', p.organization_id)
    .where('membership_id', '=', p.id)
    .where('extension_id', '=', p.extension_id),
)
const removeKeysOfGroup = statement((db, p: OfExtension & { readonly id: string }) =>
  db
    .deleteFrom('extension_keys')
    .where('organization_id', '=', p.organization_id)
    .where('group_id', '=', p.id)
    .where('extension_id', '=', p.extension_id),
)

export function readExtensions(executor: Executor): ExtensionReader {
  return {
    extensions: async (organizationId) => (await executor.all(all, { organization_id: organizationId })).map(toExtension),
    extensionKeyHolder: async (extension, key) => {
      const row = await executor.first(keyHolder, { ...placeOf(extension), ...key })
      return row?.membership_id ?? row?.group_id ?? undefined
    },
  }
}

export function writeExtensions(executor: Executor): ExtensionWriter {
  return {
    putExtension: async (extension) => {
      await executor.run(put, toRow(extension))
    },
    removeExtension: async ({ organizationId, id }) => {
      await executor.run(remove, { organization_id: organizationId, id })
    },
    addExtensionKey: async (extension, { attribute, digest }, holderId) => {
      const isUser = extension.resourceType === 'User'
      await executor.run(addKey, {
        ...placeOf(extension),
        attribute,
        digest,
        membership_id: isUser ? holderId : null,
        group_id: isUser ? null : holderId,
      })
    },
    removeExtensionKeys: async (extension, holderId) => {
      const place = placeOf(extension)
      if (holderId === undefined) await executor.run(removeKeys, place)
      else
        await executor.run(extension.resourceType === 'User' ? removeKeysOfMember : removeKeysOfGroup, { ...place, id: holderId })
    },
  }
}

const placeOf = ({ organizationId, id }: ExtensionKeyPlace) => ({ organization_id: organizationId, extension_id: id })

function toExtension(row: ExtensionRow): Extension {
  const definition: ExtensionDefinition = JSON.parse(row.content)
  return {
    ...definition,
    id: row.id,
    organizationId: row.organization_id,
    createdAt: dateOf(row.created_at),
    updatedAt: dateOf(row.updated_at),
    version: row.version,
  }
}

function toRow({ id, organizationId, createdAt, updatedAt, version, ...definition }: Extension): ExtensionRow {
  const content: ExtensionDefinition = definition
  return {
    organization_id: organizationId,
    id,
    content: JSON.stringify(content),
    created_at: msOf(createdAt),
    updated_at: msOf(updatedAt),
    version,
  }
}
