import { DirectoryError } from '../../directory/errors.ts'
import type { Json, JsonObject } from '../../directory/json.ts'
import { refusal } from './errors.ts'
import type { Filter } from './filter/filter.ts'
import { parsePath, type Path } from './path.ts'
import { isList, isObject, namesUrn } from './resource.ts'
import { findTarget, type IndexedAttribute, type IndexedType, type Target } from './schema/resource-type.ts'
import { coerce } from './value.ts'

/** One thing that a PATCH does to one attribute, read and checked against the schema; applying it needs the resource alone. */
export interface PatchStep extends Target {
  readonly op: 'add' | 'remove' | 'replace'
  /** The elements of a list that are meant; undefined for all. */
  readonly where: Filter | undefined
  /** As its attribute holds it: the sub-attribute's value where one is named, one element's where brackets stand, else the attribute's. */
  readonly value: Json | undefined
  /** The value names elements by what it holds: members to remove. */
  readonly listed: boolean
  /** The operation's name began with a capital, as the identity provider does that expects `replace` to create a missing element. */
  readonly capital: boolean
}

export const patchSchema = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
const maxOperations = 1000

/** Reads the body of a PATCH. Throws malformed, invalidSyntax, invalidPath, invalidValue, mutability, noTarget. */
export function readPatch(body: unknown, type: IndexedType): readonly PatchStep[] {
  if (!isObject(body)) throw new DirectoryError('malformed', 'Send a JSON object with Operations.')
  const schemas = member(body, 'schemas')
  const isStated = schemas !== undefined && schemas !== null && !(isList(schemas) && schemas.length === 0)
  if (isStated && !(isList(schemas) && namesUrn(schemas, patchSchema)))
    throw refusal('invalidSyntax', `schemas must name ${patchSchema}.`, 'schemas')
  const operations = member(body, 'operations')
  if (!isList(operations) || operations.length === 0)
    throw refusal('invalidSyntax', 'Operations must be a list of at least one operation.', 'Operations')
  if (operations.length > maxOperations)
    throw refusal('invalidValue', `A PATCH has at most ${maxOperations} operations.`, 'Operations')
  return operations.flatMap((operation) => readOperation(operation, type))
}

function readOperation(operation: Json, type: IndexedType): readonly PatchStep[] {
  if (!isObject(operation)) throw refusal('invalidSyntax', 'Each operation must be an object.', 'Operations')
  const spelled = member(operation, 'op')
  const op = typeof spelled === 'string' ? spelled.toLowerCase() : ''
  if (op !== 'add' && op !== 'remove' && op !== 'replace')
    throw refusal('invalidSyntax', 'op must be add, remove or replace.', 'op')
  const path = member(operation, 'path')
  const value = member(operation, 'value')
  const capital = spelled !== op
  if (path !== undefined && path !== null && typeof path !== 'string')
    throw refusal('invalidSyntax', 'path must be text.', 'path')
  if (op !== 'remove' && value === undefined) throw refusal('invalidValue', `"${op}" needs a value.`, 'value')
  if (!path) {
    if (op === 'remove') throw refusal('noTarget', '"remove" needs a path.', 'path')
    return readPathless(value ?? null, type, { op, capital })
  }
  return readAt(parsePath(path), type, { op, capital, value, text: path })
}

/** An operation without a path: each member of its value is an operation of its own. Unknown and read-only members are left out. */
function readPathless(value: Json, type: IndexedType, rest: Pick<PatchStep, 'op' | 'capital'>): readonly PatchStep[] {
  const object = isList(value) && value.length === 1 ? value[0] : value
  if (!isObject(object)) throw refusal('invalidValue', 'Without a path, value must be an object of attributes.', 'value')
  return Object.entries(object).flatMap(([name, item]) => {
    const path = knownPath(name, type)
    const target = path && findTarget(type, path.attribute)
    if (!path || item === undefined || (target && isReadOnly(target, path.sub))) return []
    return readAt(path, type, { ...rest, value: item, text: name })
  })
}

function readAt(
  path: Path,
  type: IndexedType,
  { text, value, ...rest }: Pick<PatchStep, 'op' | 'capital'> & { readonly text: string; readonly value: Json | undefined },
): readonly PatchStep[] {
  const whole = wholeSchema(path, type)
  if (whole) return readSchema(whole, type, { value, ...rest })
  const found = findTarget(type, path.attribute)
  if (!found) return unknown(`${type.name} has no attribute "${text.slice(0, 100)}".`, rest)
  // What schemas a resource has follows from what it holds.
  if (found.extension === undefined && found.attribute.name === 'schemas') return []
  if (path.where && (found.sub || found.attribute.type !== 'complex'))
    throw refusal('invalidPath', `${path.attribute} has no elements to select in brackets.`, 'path')
  const sub = path.sub === undefined ? found.sub : found.attribute.subs.get(path.sub.toLowerCase())
  if (path.sub !== undefined && !sub)
    return unknown(`${found.attribute.name} has no sub-attribute "${path.sub.slice(0, 100)}".`, rest)
  const target: Target = { ...found, sub }
  if (isReadOnly(target, path.sub)) throw refusal('mutability', `${text.slice(0, 100)} is read-only.`, 'path')
  return [readStep(target, { ...rest, where: path.where, value })]
}

/** One operation for each mapped attribute comes from whom spells them with a capital: those that nobody has here must not cost the others. */
function unknown(message: string, { capital }: Pick<PatchStep, 'capital'>): readonly PatchStep[] {
  if (!capital) throw refusal('invalidPath', message, 'path')
  return []
}

function readStep(target: Target, { where, value, ...rest }: Pick<PatchStep, 'op' | 'capital' | 'where' | 'value'>): PatchStep {
  const { attribute, sub } = target
  if (rest.op === 'remove') {
    if (attribute.required && !sub && !where)
      throw refusal('mutability', `${attribute.name} is required and cannot be removed.`, 'path')
    const listed = attribute.multiValued && !sub && !where && isFilled(value)
    return { ...target, ...rest, where, listed, value: listed ? coerce(attribute, value ?? null) : undefined }
  }
  const single = where && !sub ? { ...attribute, multiValued: false } : (sub ?? attribute)
  const read = coerce(single, value ?? null)
  if (read === undefined || read === '') {
    if (single.required || (attribute.required && !sub))
      throw refusal('invalidValue', `${attribute.name} must have a value.`, 'value')
  }
  return { ...target, ...rest, where, listed: false, value: read }
}

/** Steps for every member of a whole schema: `urn:…:User` as a path, or as a key of a value. */
function readSchema(
  { attributes, prefix }: { readonly attributes: ReadonlyMap<string, IndexedAttribute>; readonly prefix: string },
  type: IndexedType,
  { op, capital, value }: Pick<PatchStep, 'op' | 'capital' | 'value'>,
): readonly PatchStep[] {
  if (op === 'remove' || value === null || value === '') {
    return [...attributes.values()]
      .filter((attribute) => attribute.mutability !== 'readOnly')
      .flatMap((attribute) =>
        readAt({ attribute: `${prefix}:${attribute.name}`, where: undefined, sub: undefined }, type, {
          op: 'remove',
          capital,
          value: undefined,
          text: attribute.name,
        }),
      )
  }
  if (!isObject(value)) throw refusal('invalidValue', `The value of ${prefix} must be an object.`, 'value')
  return readPathless(Object.fromEntries(Object.entries(value).map(([name, item]) => [`${prefix}:${name}`, item])), type, {
    op,
    capital,
  })
}

function wholeSchema(
  path: Path,
  type: IndexedType,
): { readonly attributes: ReadonlyMap<string, IndexedAttribute>; readonly prefix: string } | undefined {
  if (path.where) return undefined
  const extension = type.extensionsByUrn.get(path.attribute.toLowerCase())
  if (extension) return { attributes: extension.attributes, prefix: extension.id }
  return path.attribute.toLowerCase() === type.schema.id.toLowerCase()
    ? { attributes: type.attributes, prefix: type.schema.id }
    : undefined
}

/** The path that a key of a value spells, if the type has it. */
function knownPath(name: string, type: IndexedType): Path | undefined {
  if (findTarget(type, name)) return { attribute: name, where: undefined, sub: undefined }
  const plain: Path = { attribute: name, where: undefined, sub: undefined }
  if (wholeSchema(plain, type)) return plain
  if (!name.includes('[')) return undefined
  const path = parsePath(name)
  return findTarget(type, path.attribute) ? path : undefined
}

function isReadOnly({ attribute, sub }: Target, named: string | undefined): boolean {
  const last = sub ?? (named === undefined ? undefined : attribute.subs.get(named.toLowerCase()))
  return attribute.mutability === 'readOnly' || last?.mutability === 'readOnly'
}

const isFilled = (value: Json | undefined): boolean =>
  value !== undefined && value !== null && value !== '' && !(isList(value) && value.length === 0)

/** A member by its lower-case name, whatever its case in the body. */
function member(object: JsonObject, name: string): Json | undefined {
  if (Object.hasOwn(object, name)) return object[name]
  for (const key of Object.keys(object)) if (key.toLowerCase() === name) return object[key]
  return undefined
}
