import { isDeepStrictEqual } from 'node:util'
import { command, query, unchanged, type Call } from './call.ts'
import type { Condition } from './condition.ts'
import type { Parts } from './directory.ts'
import { DirectoryError } from './errors.ts'
import type { ExtensionAttribute } from './extension-attribute.ts'
import { checkExtensionValue, claimExtensionKeys, hasKeys, keyOf } from './extension-values.ts'
import {
  checkApart,
  checkExtension,
  mostExtensions,
  type Extension,
  type ExtensionDefinition,
  type ExtensionInput,
} from './extension.ts'
import type { JsonObject } from './json.ts'
import type { Reader, Writer } from './store.ts'

/** One extension. `ifVersion` is the version that the caller saw; another one is refused as `stale`. */
interface OneExtension {
  readonly id: string
  readonly ifVersion?: number | undefined
}

/** Who has values is looked through so many at a time. */
const holdersPerRead = 500

/** What organizations say of their people and groups beyond the RFC. A definition always fits the values that are there. */
export function extensionCommands({ store, newId }: Parts) {
  return {
    /** Defines an extension. Values that stand under its URN already must fit it, else it is refused as `conflict`. */
    addExtension: command(store, 'administer', async (tx, call, input: ExtensionInput) => {
      const definition = checkExtension(input)
      const others = await tx.extensions(call.organizationId)
      if (others.length >= mostExtensions)
        throw new DirectoryError('conflict', `There are ${mostExtensions} extensions already. Remove one first.`)
      checkApart(definition.urn, others)
      const extension: Extension = {
        ...definition,
        id: newId(),
        organizationId: call.organizationId,
        createdAt: call.now,
        updatedAt: call.now,
        version: 1,
      }
      await tx.putExtension(extension)
      await countChange(tx, call)
      await fitHolders(tx, extension)
      return [extension, { action: 'extension.created', subject: extension.id, detail: summary(extension) }]
    }),

    /** Makes the definition what is given, whole. URN and type stay. What people have values of can go, or become otherwise, only as far as their values still fit. */
    changeExtension: command(
      store,
      'administer',
      async (tx, call, { id, ifVersion, input }: OneExtension & { readonly input: ExtensionInput }) => {
        const current = await findCurrent(tx, call, { id, ifVersion })
        const definition = checkExtension(input)
        for (const name of ['urn', 'resourceType'] as const)
          if (definition[name] !== current[name])
            throw new DirectoryError('readOnly', `The ${name} of an extension does not change. Define another one.`, {
              field: name,
            })
        if (isDeepStrictEqual(definition, definitionOf(current))) return unchanged(current)
        const next: Extension = { ...current, ...definition, updatedAt: call.now, version: current.version + 1 }
        await tx.putExtension(next)
        await countChange(tx, call)
        if (!isWider(next.attributes, current.attributes)) {
          await tx.removeExtensionKeys(next)
          await fitHolders(tx, next)
        }
        return [next, { action: 'extension.changed', subject: id, detail: summary(next) }]
      },
    ),

    /**
     * Removes a definition. Where somebody has values of it that is refused as `conflict`, unless they are to be kept: then they are shown to nobody until
     * the extension is defined again.
     */
    removeExtension: command(
      store,
      'administer',
      async (tx, call, { values, ...one }: OneExtension & { readonly values: 'refuse' | 'keep' }) => {
        const current = await findCurrent(tx, call, one)
        if (values === 'refuse') {
          const [holder] = await holdersOf(tx, current, undefined, 1)
          if (holder)
            throw new DirectoryError(
              'conflict',
              `There are values of this extension, such as those of ${holder.name}. Clear them first, or remove it with values=keep: they stay, unseen, until it is defined again.`,
            )
        }
        await tx.removeExtension(current)
        await countChange(tx, call)
        return [current, { action: 'extension.removed', subject: current.id, detail: { ...summary(current), values } }]
      },
    ),

    getExtension: query(store, 'read', (tx, call, { id }: Pick<OneExtension, 'id'>) => findExtension(tx, call, id)),
    /** Who has a text that is unique in an extension, whose attribute is named as a filter names it; undefined where nobody has it. */
    findExtensionHolder: query(
      store,
      'read',
      async (
        tx,
        call,
        { urn, attribute, value }: { readonly urn: string; readonly attribute: string; readonly value: string },
      ) => {
        const extension = (await tx.extensions(call.organizationId)).find((each) => each.urn === urn)
        const key = extension && keyOf(extension, attribute, value)
        return key && tx.extensionKeyHolder(extension, key)
      },
    ),
    listExtensions: query(store, 'read', (tx, call) => tx.extensions(call.organizationId)),
  }
}

async function findExtension(tx: Reader, call: Call, id: string): Promise<Extension> {
  const extension = (await tx.extensions(call.organizationId)).find((each) => each.id === id)
  if (!extension) throw new DirectoryError('notFound', 'There is no such extension in this organization.', { field: 'id' })
  return extension
}

async function findCurrent(tx: Reader, call: Call, { id, ifVersion }: OneExtension): Promise<Extension> {
  const current = await findExtension(tx, call, id)
  if (ifVersion !== undefined && ifVersion !== current.version)
    throw new DirectoryError('stale', 'The extension was changed since it was read. Read it again and repeat the change.')
  return current
}

/** Tells everybody who keeps the organization's extensions in mind to read them again. */
async function countChange(tx: Writer, call: Call): Promise<void> {
  const organization = await tx.organization(call.organizationId)
  if (!organization) throw new DirectoryError('notFound', 'There is no such organization.')
  await tx.putOrganization({ ...organization, extensionsRevision: (organization.extensionsRevision ?? 0) + 1 })
}

/** Refuses a definition that values which are there do not fit, and notes those that are unique. */
async function fitHolders(tx: Writer, extension: Extension): Promise<void> {
  for (let after: string | undefined; ;) {
    const holders = await holdersOf(tx, extension, after, holdersPerRead)
    for (const { id, name, value } of holders) {
      try {
        if (value !== undefined && value !== null) checkExtensionValue(extension, value)
        if (hasKeys(extension)) await claimExtensionKeys(tx, [{ extension, value }], id)
      } catch (cause) {
        if (!(cause instanceof DirectoryError) || (cause.refusal !== 'invalid' && cause.refusal !== 'taken')) throw cause
        throw new DirectoryError(
          'conflict',
          `What ${name} has does not fit this definition: ${cause.message} Change or clear such values first.`,
          { cause, ...(cause.field !== undefined && { field: cause.field }) },
        )
      }
    }
    if (holders.length < holdersPerRead) return
    after = holders.at(-1)?.id
  }
}

/** Who has something under the extension's URN, in the order of ids. */
async function holdersOf(tx: Reader, { organizationId, urn, resourceType }: Extension, after: string | undefined, limit: number) {
  const where: Condition = { kind: 'present', attribute: { names: ['attributes', urn] } }
  const page = { where, after, limit }
  return resourceType === 'User'
    ? (await tx.memberships(organizationId, page)).map(({ id, userName, attributes }) => ({
        id,
        name: userName,
        value: attributes[urn],
      }))
    : (await tx.groups(organizationId, page)).map(({ id, displayName, attributes }) => ({
        id,
        name: displayName,
        value: attributes[urn],
      }))
}

/** Whether every value that fitted before still does, and is as unique as it was. */
const isWider = (next: readonly ExtensionAttribute[], before: readonly ExtensionAttribute[]): boolean =>
  before.every((old) => {
    const attribute = next.find(({ name }) => name === old.name)
    return (
      attribute !== undefined &&
      attribute.type === old.type &&
      attribute.multiValued === old.multiValued &&
      attribute.uniqueness === old.uniqueness &&
      attribute.caseExact === old.caseExact &&
      isWider(attribute.subAttributes ?? [], old.subAttributes ?? [])
    )
  })

const definitionOf = ({ urn, resourceType, name, description, required, attributes }: Extension): ExtensionDefinition => ({
  urn,
  resourceType,
  name,
  description,
  required,
  attributes,
})

const summary = ({ urn, resourceType, name, attributes }: Extension): JsonObject => ({
  urn,
  resourceType,
  name,
  attributes: attributes.map((attribute) => attribute.name),
})
