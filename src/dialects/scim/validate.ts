import { isDeepStrictEqual } from 'node:util'
import { DirectoryError } from '../../directory/errors.ts'
import type { Json, JsonObject } from '../../directory/json.ts'
import { refusal } from './errors.ts'
import { extensionOf, isList, isObject, namesUrn, type Resource } from './resource.ts'
import type { IndexedAttribute, IndexedType } from './schema/resource-type.ts'
import { coerce } from './value.ts'

/**
 * Reads the body of a create or a replace. Names may have any case; what is read-only, null, empty or unknown is left out; values
 * are kept as sent, booleans excepted, which may come as text. Throws malformed for what is no resource at all, else invalidValue.
 */
export function readResource(body: unknown, type: IndexedType): Resource {
  if (!isObject(body)) throw new DirectoryError('malformed', 'Send a JSON object that describes the resource.')
  const resource: Record<string, Json> = {}
  for (const [name, value] of Object.entries(body)) {
    const key = name.toLowerCase()
    if (key === 'schemas') checkSchemas(value, type)
    else if (key === type.schema.id.toLowerCase()) readInto(resource, value, { attributes: type.attributes, container: name })
    else if (type.extensionsByUrn.has(key)) readExtension(resource, value, { type, urn: key })
    else readMember(resource, ownAttribute(type, key), { name, value })
  }
  checkRequired(resource, type)
  return resource
}

/**
 * Refuses a resource that lacks what its type, or an extension that it carries or must carry, requires. Of extensions, what a resource lacked
 * `before` already it may go on lacking: what is required of new ones may have come after it.
 */
export function checkRequired(resource: Resource, type: IndexedType, before?: Resource): void {
  for (const attribute of type.attributes.values()) checkPresent(attribute, resource[attribute.name])
  for (const extension of type.extensionsByUrn.values()) {
    const earlier = before?.[extension.id]
    if (resource[extension.id] === undefined && (!extension.required || (before && earlier === undefined))) continue
    if (resource[extension.id] === undefined)
      throw refusal('invalidValue', `The extension ${extension.id} is required.`, extension.id)
    const held = extensionOf(resource, extension.id)
    for (const attribute of extension.attributes.values())
      if (!isObject(earlier) || earlier[attribute.name] !== undefined) checkPresent(attribute, held[attribute.name])
  }
}

/** The new resource with the immutable attributes that it left out, and with what of extensions nobody can send; refuses one that changes them as mutability. */
export function keepImmutable(current: Resource, next: Resource, type: IndexedType): Resource {
  let kept = keepIn(current, next, type.attributes)
  for (const { id, attributes } of type.extensionsByUrn.values()) {
    const before = extensionOf(current, id)
    const held = keepIn(before, extensionOf(next, id), attributes)
    const whole = { ...held, ...readOnlyIn(before, attributes) }
    if (Object.keys(whole).length > 0) kept = { ...kept, [id]: whole }
  }
  return kept
}

function keepIn(current: JsonObject, next: JsonObject, attributes: ReadonlyMap<string, IndexedAttribute>): JsonObject {
  const kept: Record<string, Json | undefined> = { ...next }
  for (const attribute of attributes.values()) {
    const before = current[attribute.name]
    const after = next[attribute.name]
    if (before === undefined) continue
    if (attribute.mutability !== 'immutable') {
      if (attribute.multiValued || !isObject(before) || !hasImmutable(attribute)) continue
      const whole = keepIn(before, isObject(after) ? after : {}, attribute.subs)
      if (Object.keys(whole).length > 0) kept[attribute.name] = whole
      continue
    }
    if (after !== undefined && !isDeepStrictEqual(before, after))
      throw refusal('mutability', `${attribute.name} cannot be changed.`, attribute.name)
    kept[attribute.name] = before
  }
  return kept
}

const hasImmutable = ({ subs }: IndexedAttribute): boolean =>
  [...subs.values()].some(({ mutability }) => mutability === 'immutable')

const readOnlyIn = (held: JsonObject, attributes: ReadonlyMap<string, IndexedAttribute>): JsonObject =>
  Object.fromEntries(
    [...attributes.values()].flatMap(({ name, mutability }) =>
      mutability === 'readOnly' && held[name] !== undefined ? [[name, held[name]]] : [],
    ),
  )

function checkSchemas(value: Json | undefined, type: IndexedType): void {
  if (value === null || value === undefined || (isList(value) && value.length === 0)) return
  if (!isList(value) || !value.every((urn) => typeof urn === 'string'))
    throw refusal('invalidSyntax', 'schemas must be a list of schema URNs.', 'schemas')
  if (!namesUrn(value, type.schema.id))
    throw refusal('invalidSyntax', `schemas must name ${type.schema.id} at ${type.endpoint}.`, 'schemas')
}

function readMember(
  into: Record<string, Json>,
  attribute: IndexedAttribute | undefined,
  { name, value }: { readonly name: string; readonly value: Json | undefined },
): void {
  if (!attribute || attribute.mutability === 'readOnly' || value === undefined) return
  if (Object.hasOwn(into, attribute.name))
    throw refusal('invalidSyntax', `${name} is given twice, in different spellings.`, attribute.name)
  const read = coerce(attribute, value)
  if (read !== undefined) into[attribute.name] = read
}

/** The attribute that a member of a body names, the type's URN before it or not. A dotted name is no member's: only PATCH values have them. */
function ownAttribute(type: IndexedType, key: string): IndexedAttribute | undefined {
  const target = type.targets.get(key)
  return target && !target.sub && target.extension === undefined ? target.attribute : undefined
}

function readInto(
  into: Record<string, Json>,
  value: Json | undefined,
  { attributes, container }: { readonly attributes: ReadonlyMap<string, IndexedAttribute>; readonly container: string },
): void {
  if (value === null || value === undefined) return
  if (!isObject(value)) throw refusal('invalidValue', `${container} must be an object.`, container)
  for (const [name, member] of Object.entries(value)) {
    readMember(into, attributes.get(name.toLowerCase()), { name, value: member })
  }
}

function readExtension(
  resource: Record<string, Json>,
  value: Json | undefined,
  { type, urn }: { readonly type: IndexedType; readonly urn: string },
): void {
  const extension = type.extensionsByUrn.get(urn)!
  if (resource[extension.id] !== undefined) throw refusal('invalidSyntax', `${extension.id} is given twice.`, extension.id)
  const held: Record<string, Json> = {}
  readInto(held, value, { attributes: extension.attributes, container: extension.id })
  if (Object.keys(held).length > 0) resource[extension.id] = held satisfies JsonObject
}

function checkPresent(attribute: IndexedAttribute, value: Json | undefined): void {
  if (attribute.required && attribute.mutability !== 'readOnly' && (value === undefined || value === ''))
    throw refusal('invalidValue', `${attribute.name} is required.`, attribute.name)
}
