import { fold } from './fold.ts'
import type { Group } from './group.ts'
import type { Json, JsonObject } from './json.ts'
import type { Membership } from './membership.ts'

/**
 * A connection as an application of its own at an identity provider. What one application says of a person and of nobody else stands among the
 * person's attributes under this name, by connection id: applications have external ids and roles of their own (RFC 7643 §3.1).
 */
export const applicationSchema = 'urn:rollcall:params:scim:schemas:extension:2.0:Application'

export interface ApplicationPart {
  readonly externalId: string | undefined
  /** The SCIM attribute `roles`, as sent. */
  readonly roles: Json | undefined
  /** The provider said `active: false`: the person is shown there as inactive, and not as unknown. */
  readonly deactivated: boolean
}

export function applicationPartOf({ attributes }: Pick<Membership, 'attributes'>, connectionId: string): ApplicationPart {
  const part = objectAt(objectAt(attributes, applicationSchema), connectionId)
  const { externalId, roles, active } = part
  return {
    externalId: typeof externalId === 'string' ? externalId : undefined,
    roles,
    deactivated: active === false,
  }
}

/** The attributes with the part of one application in the place of what it was; undefined takes it away. */
export function withApplicationPart(attributes: JsonObject, connectionId: string, part: ApplicationPart | undefined): JsonObject {
  const { [applicationSchema]: _, ...rest } = attributes
  const { [connectionId]: _before, ...others } = objectAt(attributes, applicationSchema)
  const written: JsonObject = {
    ...(part?.externalId !== undefined && { externalId: part.externalId }),
    ...(part?.roles !== undefined && { roles: part.roles }),
    ...(part?.deactivated && { active: false }),
  }
  const all = Object.keys(written).length > 0 ? { ...others, [connectionId]: written } : others
  return Object.keys(all).length > 0 ? { ...rest, [applicationSchema]: all } : rest
}

/** How a group that an application pushed is called in the directory: two applications may push groups of one name. */
export const applicationGroupName = (connectionName: string, name: string): string => `${name}${groupSuffix(connectionName)}`

/** The name as the application knows it; undefined for a group that is not the application's. */
export function nameInApplication(connectionName: string, displayName: string): string | undefined {
  const suffix = groupSuffix(connectionName)
  const isOwn = displayName.length > suffix.length && fold(displayName.slice(-suffix.length)) === fold(suffix)
  return isOwn ? displayName.slice(0, -suffix.length) : undefined
}

/** The external id of the group in which an application keeps the people whom its provider assigned, whatever it is called. */
export const ownGroupKey = (connectionId: string): string => `${ownGroupPrefix}${connectionId}`
export const isOwnGroup = ({ externalId }: Pick<Group, 'externalId'>): boolean => externalId?.startsWith(ownGroupPrefix) ?? false
const ownGroupPrefix = 'rollcall:connection:'

export const groupSuffix = (connectionName: string): string => ` @ ${connectionName}`

function objectAt(value: JsonObject, name: string): JsonObject {
  const found = value[name]
  return isObject(found) ? found : {}
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
