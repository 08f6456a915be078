import { isDeepStrictEqual } from 'node:util'
import { canonicalJson, type Json, type JsonObject } from '../../directory/json.ts'
import { refusal } from './errors.ts'
import type { Filter } from './filter/filter.ts'
import { elementMatches } from './filter/matches.ts'
import type { PatchStep } from './patch-steps.ts'
import { extensionOf, isList, isObject, withMember, type Resource } from './resource.ts'
import type { IndexedAttribute, IndexedType } from './schema/resource-type.ts'
import { checkRequired } from './validate.ts'
import { checkLength, coerce } from './value.ts'

/** What `replace` does where no element satisfies the brackets: RFC 7644 §3.5.2.3 refuses, one identity provider counts on creation. */
export type MissingElement = 'refuse' | 'create'

/**
 * The resource after all steps, in order; the one given is not touched, so that a refusal leaves nothing behind.
 * Throws noTarget, mutability, invalidValue, invalidFilter.
 */
export function applyPatch(
  resource: Resource,
  steps: readonly PatchStep[],
  { type, missing }: { readonly type: IndexedType; readonly missing: MissingElement },
): Resource {
  let result = resource
  for (const step of steps) result = applyStep(result, step, step.capital ? 'create' : missing)
  checkRequired(result, type, resource)
  return result
}

function applyStep(resource: Resource, step: PatchStep, missing: MissingElement): Resource {
  const { extension, attribute } = step
  const container = extension === undefined ? resource : extensionOf(resource, extension)
  const before = container[attribute.name]
  const after = attribute.multiValued ? changeList(isList(before) ? before : [], step, missing) : changeOne(before, step)
  if (attribute.mutability === 'immutable' && before !== undefined && !isDeepStrictEqual(before, after))
    throw refusal('mutability', `${attribute.name} cannot be changed.`, attribute.name)
  if (!attribute.multiValued && isObject(before)) checkSubs(before, after, attribute)
  const changed = withMember(container, attribute.name, after)
  if (extension === undefined) return changed
  return withMember(resource, extension, Object.keys(changed).length > 0 ? changed : undefined)
}

/** A sub-attribute that is immutable stays with whatever becomes of the whole. */
function checkSubs(before: JsonObject, after: Json | undefined, attribute: IndexedAttribute): void {
  for (const { name, mutability } of attribute.subs.values())
    if (
      mutability === 'immutable' &&
      before[name] !== undefined &&
      !(isObject(after) && isDeepStrictEqual(after[name], before[name]))
    )
      throw refusal('mutability', `${attribute.name}.${name} cannot be changed.`, `${attribute.name}.${name}`)
}

function changeOne(before: Json | undefined, step: PatchStep): Json | undefined {
  const { attribute, sub, where, op, value } = step
  if (where && !(isObject(before) && elementMatches(where, before, attribute))) {
    if (op === 'remove') return before
    throw refusal('noTarget', `No value of ${attribute.name} satisfies the path.`, 'path')
  }
  if (sub) return changeSub(isObject(before) ? before : {}, step)
  if (op === 'remove' || value === undefined) return undefined
  return isObject(value) && isObject(before) ? { ...before, ...value } : value
}

/** One sub-attribute set or removed; an object that is left empty is gone. */
function changeSub(before: JsonObject, { sub, op, value, attribute }: PatchStep): JsonObject | undefined {
  const name = sub?.name ?? ''
  const next = op === 'remove' ? undefined : value
  if (sub?.mutability === 'immutable' && before[name] !== undefined && !isDeepStrictEqual(before[name], next))
    throw refusal('mutability', `${attribute.name}.${name} cannot be changed.`, `${attribute.name}.${name}`)
  const after = withMember(before, name, next)
  return Object.keys(after).length > 0 ? after : undefined
}

function changeList(before: readonly Json[], step: PatchStep, missing: MissingElement): Json | undefined {
  const { attribute, where, sub, op, value } = step
  if (!where && !sub) return keepOnePrimary(before, wholeList(before, step), attribute)
  const chosen = before.map((element) => isObject(element) && (!where || elementMatches(where, element, attribute)))
  if (!chosen.includes(true)) {
    if (op === 'remove' || value === undefined) return before.length > 0 ? before : undefined
    return keepOnePrimary(before, [...before, createElement(step, missing)], attribute)
  }
  const after = before.map((element, index) => (chosen[index] && isObject(element) ? changeElement(element, step) : element))
  return keepOnePrimary(
    before,
    after.filter((element) => element !== undefined),
    attribute,
  )
}

function changeElement(element: JsonObject, step: PatchStep): JsonObject | undefined {
  if (step.sub) return changeSub(element, step)
  if (step.op === 'remove' || !isObject(step.value)) return undefined
  return step.op === 'add' ? { ...element, ...step.value } : step.value
}

function wholeList(before: readonly Json[], { op, value, listed }: PatchStep): readonly Json[] {
  const values = isList(value) ? value : []
  if (op === 'replace') return values
  if (op === 'remove') return listed ? before.filter((element) => !values.some((named) => names(named, element))) : []
  return addElements(before, values)
}

/** Values that are there already are not added again; one with the same value, and the same type or none, is completed instead. */
function addElements(before: readonly Json[], items: readonly Json[]): readonly Json[] {
  const list = [...before]
  const places = new Map<string, number>()
  const note = (element: Json, place: number) => {
    for (const key of [keyOf(element), valueKeyOf(element)]) if (key !== undefined && !places.has(key)) places.set(key, place)
  }
  list.forEach(note)
  for (const item of items) {
    const named = isObject(item) && item['type'] === undefined ? valueKeyOf(item) : undefined
    const place = places.get(named ?? keyOf(item))
    const same = place === undefined ? undefined : list[place]
    if (place === undefined) note(item, list.push(item) - 1)
    else if (isObject(same) && isObject(item) && !isDeepStrictEqual(same, item)) list[place] = { ...same, ...item }
  }
  return list
}

/** What tells an element from others: its value and type where it has a value, else all that it holds. */
const keyOf = (element: Json): string =>
  isObject(element) && element['value'] !== undefined
    ? JSON.stringify([element['value'], element['type'] ?? null])
    : canonicalJson(element)

const valueKeyOf = (element: Json): string | undefined =>
  isObject(element) && element['value'] !== undefined ? JSON.stringify([element['value']]) : undefined

/** Whether a value in a removal names an element: by its `value`, or by being equal to it. */
const names = (named: Json, element: Json): boolean =>
  isObject(named) && isObject(element) && named['value'] !== undefined
    ? named['value'] === element['value'] && (named['type'] === undefined || named['type'] === element['type'])
    : isDeepStrictEqual(named, element)

/** The element that `emails[type eq "work"].value` describes (RFC 7644 erratum 8097). */
function createElement(step: PatchStep, missing: MissingElement): Json {
  const { attribute, where, sub, op, value } = step
  const refused = () => refusal('noTarget', `No value of ${attribute.name} satisfies the path.`, 'path')
  if (where && op === 'replace' && missing === 'refuse') throw refused()
  const described = where ? equalities(where) : []
  if (!described || value === undefined) throw refused()
  const stated = Object.fromEntries(described)
  const element = coerce(
    { ...attribute, multiValued: false },
    sub ? { ...stated, [sub.name]: value } : isObject(value) ? { ...stated, ...value } : stated,
  )
  if (element === undefined) throw refused()
  return element
}

/** What a filter says that an element must hold; undefined where it says more than equalities. */
function equalities(filter: Filter): readonly (readonly [string, Json])[] | undefined {
  if (filter.kind === 'compare' && filter.operator === 'eq') return [[filter.attribute, filter.value]]
  if (filter.kind !== 'and') return undefined
  const parts = filter.of.map(equalities)
  return parts.some((part) => part === undefined) ? undefined : parts.flatMap((part) => part ?? [])
}

/** Of several primary elements the one that this step made or changed stays so (RFC 7644 §3.5.2); an empty list is none. */
function keepOnePrimary(before: readonly Json[], after: readonly Json[], attribute: IndexedAttribute): Json | undefined {
  if (after.length === 0) return undefined
  checkLength(attribute, after.length)
  const primaries = after.filter((element) => isObject(element) && element['primary'] === true)
  if (primaries.length < 2) return after
  const touched = primaries.filter((element) => !before.includes(element))
  if (touched.length > 1) throw refusal('invalidValue', `Only one of ${attribute.name} can be primary.`, attribute.name)
  const kept = touched[0] ?? primaries[0]
  return after.map((element) =>
    isObject(element) && element['primary'] === true && element !== kept ? { ...element, primary: false } : element,
  )
}
