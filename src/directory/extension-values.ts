import { hash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { isBase64, parseDateTime } from './data-types.ts'
import { DirectoryError } from './errors.ts'
import type { ExtensionAttribute } from './extension-attribute.ts'
import type { ExtendedType, Extension, ExtensionKey } from './extension.ts'
import { fold } from './fold.ts'
import { canonicalJson, type Json, type JsonObject } from './json.ts'
import type { Organization } from './organization.ts'
import type { Reader, Writer } from './store.ts'

/** An extension of which a change gives other values, or none. */
export interface ExtensionChange {
  readonly extension: Extension
  readonly value: Json | undefined
}

/**
 * What a change of `attributes` means to the organization's extensions. Values that do not fit are refused as `invalid`, by whatever API they come;
 * what is required is SCIM's to ask for. Costs nothing where there are no extensions.
 */
export async function checkExtensions(
  tx: Reader,
  organization: Organization,
  { type, before, after }: { readonly type: ExtendedType; readonly before: JsonObject; readonly after: JsonObject },
): Promise<readonly ExtensionChange[]> {
  if (organization.extensionsRevision === undefined) return []
  const changes: ExtensionChange[] = []
  for (const extension of await tx.extensions(organization.id)) {
    if (extension.resourceType !== type) continue
    const { urn } = extension
    checkSpelling(urn, before, after)
    const value = after[urn] ?? undefined
    if (isDeepStrictEqual(value, before[urn] ?? undefined)) continue
    if (value !== undefined) checkExtensionValue(extension, value)
    changes.push({ extension, value })
  }
  return changes
}

/** Notes the unique values of who has been put with these changes; one that somebody else has is refused as `taken`. */
export async function claimExtensionKeys(tx: Writer, changes: readonly ExtensionChange[], holderId: string): Promise<void> {
  for (const { extension, value } of changes) {
    if (!hasKeys(extension)) continue
    await tx.removeExtensionKeys(extension, holderId)
    if (value === undefined) continue
    for (const key of keysOf(extension, value)) {
      if ((await tx.extensionKeyHolder(extension, key)) !== undefined) {
        const field = `${extension.urn}:${key.attribute}`
        throw new DirectoryError('taken', `Another ${extension.resourceType} has this ${field} already.`, { field })
      }
      await tx.addExtensionKey(extension, key, holderId)
    }
  }
}

/** Refuses as `invalid` a value that is not as the extension has it. */
export function checkExtensionValue({ urn, attributes }: Pick<Extension, 'urn' | 'attributes'>, value: Json): void {
  checkObject(value, attributes, { name: urn, separator: ':' })
}

/** Whether something of the extension is unique. */
export const hasKeys = ({ attributes }: Pick<Extension, 'attributes'>): boolean =>
  attributes.some(({ uniqueness, subAttributes = [] }) => uniqueness === 'server' || hasKeys({ attributes: subAttributes }))

/** What stood under another spelling before the extension was defined is nobody's value, and in nobody's way. */
function checkSpelling(urn: string, before: JsonObject, after: JsonObject): void {
  for (const name of Object.keys(after))
    if (name !== urn && name.toLowerCase() === urn.toLowerCase() && !isDeepStrictEqual(after[name], before[name]))
      throw new DirectoryError('invalid', `Spell the extension as it is defined: ${urn}.`, { field: name })
}

function checkObject(
  value: Json,
  attributes: readonly ExtensionAttribute[],
  { name, separator }: { readonly name: string; readonly separator: ':' | '.' },
): void {
  if (!isObject(value) || Object.keys(value).length === 0)
    throw misfit(name, 'must be an object with at least one of its attributes; leave it out where it has none')
  for (const [member, held] of Object.entries(value)) {
    if (held === undefined) continue
    const full = `${name}${separator}${member}`
    const attribute = attributes.find((each) => each.name === member)
    if (!attribute) throw misfit(full, 'is not defined')
    if (!attribute.multiValued) checkOne(attribute, held, full)
    else {
      if (!isList(held) || held.length === 0) throw misfit(full, 'must be a list of at least one value')
      for (const item of held) checkOne(attribute, item, full)
    }
  }
}

function checkOne({ type, subAttributes = [] }: ExtensionAttribute, value: Json, name: string): void {
  if (type === 'complex') return checkObject(value, subAttributes, { name, separator: '.' })
  const wanted = wantedOf(type, value)
  if (wanted !== undefined) throw misfit(name, `must be ${wanted}`)
}

/** What a value of the type is, where this is none. */
function wantedOf(type: Exclude<ExtensionAttribute['type'], 'complex'>, value: Json): string | undefined {
  switch (type) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'true or false'
    case 'integer':
      return Number.isSafeInteger(value) ? undefined : 'a whole number'
    case 'decimal':
      return typeof value === 'number' ? undefined : 'a number'
    case 'dateTime':
      return typeof value === 'string' && parseDateTime(value) ? undefined : 'a date and time such as "2026-01-31T12:00:00Z"'
    case 'binary':
      return typeof value === 'string' && isBase64(value) ? undefined : 'base64 text'
    default:
      return typeof value === 'string' ? undefined : 'text'
  }
}

/** What a text is noted by where its attribute, as a filter names it, is unique. */
export function keyOf({ attributes }: Extension, attribute: string, value: string): ExtensionKey | undefined {
  const [name, part] = attribute.split('.')
  const whole = attributes.find((each) => each.name === name)
  const found = part === undefined ? whole : whole?.subAttributes?.find((each) => each.name === part)
  return found?.uniqueness === 'server' ? { attribute, digest: digestOf(found, value) } : undefined
}

function keysOf({ attributes }: Extension, value: Json): readonly ExtensionKey[] {
  const keys = new Map<string, ExtensionKey>()
  const note = (held: Json | undefined, definition: ExtensionAttribute, attribute: string) => {
    if (definition.uniqueness !== 'server') return
    for (const item of isList(held) ? held : [held]) {
      if (item === undefined || item === null || item === '') continue
      const digest = digestOf(definition, item)
      keys.set(`${attribute} ${digest}`, { attribute, digest })
    }
  }
  for (const attribute of attributes) {
    const held = isObject(value) ? value[attribute.name] : undefined
    note(held, attribute, attribute.name)
    for (const sub of attribute.subAttributes ?? [])
      for (const item of isList(held) ? held : [held])
        if (isObject(item)) note(item[sub.name], sub, `${attribute.name}.${sub.name}`)
  }
  return [...keys.values()]
}

const digestOf = ({ type, caseExact }: ExtensionAttribute, value: Json): string =>
  hash('sha256', typeof value !== 'string' ? canonicalJson(value) : comparable(type, value, caseExact))

/** Two texts are the same value where this is the same. */
function comparable(type: ExtensionAttribute['type'], text: string, caseExact: boolean): string {
  if (type === 'dateTime') return String(parseDateTime(text)?.getTime())
  return caseExact ? text : fold(text)
}

const misfit = (name: string, message: string) => new DirectoryError('invalid', `${name} ${message}.`, { field: name })

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value)
const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
