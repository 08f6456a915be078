import type { Extension } from '../../../directory/extension.ts'
import { enterpriseUserSchema } from './enterprise-user.ts'
import { lifecycleSchema } from './lifecycle.ts'
import type { ResourceType } from './resource-type.ts'

/** A resource type with what an organization says of it beyond the RFC. */
export function extendedType(type: ResourceType, extensions: readonly Extension[]): ResourceType {
  const own = extensions
    .filter(({ resourceType }) => resourceType === type.name)
    .map(({ urn: id, name, description, attributes, required }) => ({ schema: { id, name, description, attributes }, required }))
  return own.length > 0 ? { ...type, extensions: [...type.extensions, ...own] } : type
}

/** The URNs of what an organization defined of a type. */
export const ownUrns = ({ extensions }: ResourceType): ReadonlySet<string> =>
  new Set(extensions.map(({ schema }) => schema.id).filter((id) => id !== enterpriseUserSchema.id && id !== lifecycleSchema.id))
