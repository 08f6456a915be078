import type { Json, JsonObject } from '../../directory/json.ts'
import { refusal } from './errors.ts'
import { extensionOf, isList, isObject, type Resource } from './resource.ts'
import type { IndexedAttribute, IndexedType } from './schema/resource-type.ts'

/** Which parts of a resource are asked for: names in standard notation, lower-case. */
export type Projection =
  /** `spoken` are attributes that are shown on request, and that the request itself spoke of (RFC 7643 §7). */
  | { readonly kind: 'default'; readonly spoken?: ReadonlySet<string> }
  | { readonly kind: 'only' | 'without'; readonly names: ReadonlySet<string> }

export const everything: Projection = { kind: 'default' }

/** Reads `attributes` and `excludedAttributes` (RFC 7644 §3.9). Empty ones ask for nothing; both together are refused. */
export function readProjection(type: IndexedType, attributes: readonly string[], excluded: readonly string[]): Projection {
  if (attributes.length > 0 && excluded.length > 0)
    throw refusal('invalidValue', 'Send either attributes or excludedAttributes, not both.', 'excludedAttributes')
  const names = attributes.length > 0 ? attributes : excluded
  if (names.length === 0) return everything
  return { kind: attributes.length > 0 ? 'only' : 'without', names: new Set(names.flatMap((name) => canonicalNames(type, name))) }
}

/** The projection of an answer to a write: what is shown on request is shown too where the write spoke of it. */
export function afterWrite(
  projection: Projection,
  spoken: readonly { readonly extension: string | undefined; readonly attribute: IndexedAttribute }[],
): Projection {
  if (projection.kind !== 'default') return projection
  const names = spoken.flatMap(({ extension, attribute }) =>
    attribute.returned === 'request' ? [`${extension === undefined ? '' : `${extension}:`}${attribute.name}`.toLowerCase()] : [],
  )
  return names.length > 0 ? { kind: 'default', spoken: new Set(names) } : projection
}

/** The attributes that a resource holds. */
export function attributesIn(
  resource: Resource,
  type: IndexedType,
): readonly { readonly extension: string | undefined; readonly attribute: IndexedAttribute }[] {
  if (type.hidden.length === 0) return []
  const held = (names: Resource, attributes: ReadonlyMap<string, IndexedAttribute>, extension: string | undefined) =>
    Object.keys(names).flatMap((name) => {
      const attribute = attributes.get(name.toLowerCase())
      return attribute ? [{ extension, attribute }] : []
    })
  return [
    ...held(resource, type.attributes, undefined),
    ...[...type.extensionsByUrn.values()].flatMap(({ id, attributes }) => held(extensionOf(resource, id), attributes, id)),
  ]
}

/** The names in one query parameter. */
export const splitNames = (text: string | undefined): readonly string[] =>
  text
    ?.split(',')
    .map((name) => name.trim())
    .filter(Boolean) ?? []

/** Whether an attribute of the type itself will be shown, so that reading it can be spared. */
export function wants(projection: Projection, attribute: string): boolean {
  const key = attribute.toLowerCase()
  if (projection.kind === 'default') return true
  if (projection.kind === 'without') return !projection.names.has(key)
  return projection.names.has(key) || [...projection.names].some((name) => name.startsWith(`${key}.`))
}

/** The resource as it is asked for: `always` is always there, `never` never, `request` only by name. */
export function project(resource: Resource, type: IndexedType, projection: Projection): Resource {
  if (projection.kind === 'default' && !type.hidden.some((name) => Object.hasOwn(resource, name))) return resource
  const shown: Record<string, Json> = {}
  for (const [name, value] of Object.entries(resource)) {
    if (value === undefined) continue
    const extension = type.extensionsByUrn.get(name.toLowerCase())
    const part = extension
      ? projectExtension(value, extension, projection)
      : projectAttribute(type.attributes.get(name.toLowerCase()), value, { path: name.toLowerCase(), projection })
    if (part !== undefined) shown[name] = part
  }
  return shown
}

function projectExtension(
  value: Json,
  extension: { readonly id: string; readonly attributes: ReadonlyMap<string, IndexedAttribute> },
  projection: Projection,
): Json | undefined {
  const urn = extension.id.toLowerCase()
  if (!isObject(value)) return undefined
  if (projection.kind === 'without' && projection.names.has(urn)) return undefined
  const whole = projection.kind === 'only' && projection.names.has(urn)
  const shown: Record<string, Json> = {}
  for (const [name, item] of Object.entries(value)) {
    if (item === undefined) continue
    const path = `${urn}:${name.toLowerCase()}`
    const part = projectAttribute(extension.attributes.get(name.toLowerCase()), item, {
      path,
      projection: whole ? everything : projection,
    })
    if (part !== undefined) shown[name] = part
  }
  return Object.keys(shown).length > 0 ? shown : undefined
}

function projectAttribute(
  attribute: IndexedAttribute | undefined,
  value: Json,
  { path, projection }: { readonly path: string; readonly projection: Projection },
): Json | undefined {
  if (!attribute || attribute.returned === 'never') return undefined
  if (attribute.returned === 'always') return value
  if (projection.kind === 'only' && projection.names.has(path)) return value
  if (projection.kind === 'default' && projection.spoken?.has(path)) return value
  if (projection.kind === 'without' && projection.names.has(path)) return undefined
  if (attribute.subs.size > 0) {
    const shown = projectSubs(attribute, value, { path, projection })
    if (projection.kind === 'only' || shown === undefined) return shown
    return attribute.returned === 'request' ? undefined : shown
  }
  return projection.kind === 'only' || attribute.returned === 'request' ? undefined : value
}

function projectSubs(
  attribute: IndexedAttribute,
  value: Json,
  at: { readonly path: string; readonly projection: Projection },
): Json | undefined {
  if (
    at.projection.kind !== 'default' &&
    ![...attribute.subs.keys()].some((sub) => at.projection.kind !== 'default' && at.projection.names.has(`${at.path}.${sub}`))
  )
    return at.projection.kind === 'only' ? undefined : value
  if (isList(value)) {
    const list = value.map((item) => projectSubs(attribute, item, at)).filter((item) => item !== undefined)
    return list.length > 0 ? list : undefined
  }
  if (!isObject(value)) return value
  const shown: Record<string, Json> = {}
  for (const [name, item] of Object.entries(value)) {
    const sub = attribute.subs.get(name.toLowerCase())
    if (item === undefined || !sub) continue
    const part = projectAttribute(sub, item, { path: `${at.path}.${name.toLowerCase()}`, projection: at.projection })
    if (part !== undefined) shown[name] = part
  }
  return Object.keys(shown).length > 0 ? (shown satisfies JsonObject) : undefined
}

/** One name for each attribute, whether the type's own URN stood before it or not; of `meta.version`, that alone. */
function canonicalNames(type: IndexedType, name: string): readonly string[] {
  const key = name.toLowerCase()
  if (type.extensionsByUrn.has(key)) return [key]
  const own = `${type.schema.id.toLowerCase()}:`
  if (key === own.slice(0, -1)) return [...type.attributes.keys()]
  return [key.startsWith(own) ? key.slice(own.length) : key]
}
