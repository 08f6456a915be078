import type { Json, JsonObject } from '../../directory/json.ts'

/** A resource in our spelling: names as the schemas spell them, nothing null, no empty list. */
export type Resource = JsonObject

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value)

/** The object with one member set, or gone where the value is undefined. */
export function withMember(object: JsonObject, name: string, value: Json | undefined): JsonObject {
  if (value !== undefined) return { ...object, [name]: value }
  const { [name]: _, ...rest } = object
  return rest
}

/** What an extension holds in a resource. */
export function extensionOf(resource: Resource, urn: string): JsonObject {
  const held = resource[urn]
  return isObject(held) ? held : {}
}

/** Whether a list of URNs holds one, whatever its case. */
export const namesUrn = (list: readonly Json[], urn: string): boolean =>
  list.some((item) => typeof item === 'string' && item.toLowerCase() === urn.toLowerCase())
