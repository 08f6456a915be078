import { toHex } from '../../directory/id.ts'
import type { Json, JsonObject } from '../../directory/json.ts'
import type { Membership } from '../../directory/membership.ts'
import { startingRoles, type Role } from '../../directory/role.ts'
import type { RoleReference } from './wire-record.ts'

/** Where Bird's own part of a membership is kept among its attributes. */
export const birdUrn = 'urn:rollcall:bird:membership'

/**
 * Through which of Bird's three members each role is held, by role id: `refs` (roleRefs), `ids` (roleIds), `slugs` (attributes.roles). A role may be in
 * several; the roles of the membership are all of them.
 */
export interface RoleParts {
  readonly refs: readonly string[]
  readonly ids: readonly string[]
  readonly slugs: readonly string[]
}

/** What Bird keeps of a membership beside its roles: every attribute but `roles`. */
export function keptAttributes(member: Pick<Membership, 'attributes'>): JsonObject {
  const kept = objectIn(member.attributes[birdUrn])['attributes']
  return objectIn(kept)
}

/**
 * The roles that stand now, in parts. A role that came through another API counts as one of `attributes.roles`, or, where it is a workspace's and has no
 * slug, as one of `roleRefs`.
 */
export function partsOf(member: Pick<Membership, 'attributes' | 'roleIds'>, roles: readonly Role[]): RoleParts {
  const noted = objectIn(member.attributes[birdUrn])
  const [refs, ids, slugs] = [textsIn(noted['refs']), textsIn(noted['ids']), textsIn(noted['slugs'])]
  const ofWorkspace = new Set(roles.filter((role) => role.workspaceId !== undefined).map((role) => role.id))
  const isNoted = (id: string) => refs.includes(id) || ids.includes(id) || slugs.includes(id)
  return {
    refs: member.roleIds.filter((id) => refs.includes(id) || (ofWorkspace.has(id) && !isNoted(id))),
    ids: member.roleIds.filter((id) => ids.includes(id)),
    slugs: member.roleIds.filter((id) => slugs.includes(id) || (!ofWorkspace.has(id) && !isNoted(id))),
  }
}

/** The same membership's roles and attributes with these parts. */
export function withParts(
  attributes: JsonObject,
  parts: RoleParts,
  kept: JsonObject,
): Pick<Membership, 'roleIds' | 'attributes'> {
  const noted: Record<string, Json> = {}
  if (parts.refs.length > 0 || parts.ids.length > 0) Object.assign(noted, parts)
  if (Object.keys(kept).length > 0) noted['attributes'] = kept
  const { [birdUrn]: _, ...others } = attributes
  return {
    roleIds: [...new Set([...parts.slugs, ...parts.refs, ...parts.ids])],
    attributes: Object.keys(noted).length > 0 ? { ...others, [birdUrn]: noted } : others,
  }
}

const managedNames = new Set(startingRoles.map(({ name }) => name))
/** A role that every organization starts with is Bird's `managed`, one of its own `organization`. */
export const typeOf = (role: Role): 'managed' | 'organization' =>
  role.workspaceId === undefined && managedNames.has(role.name) ? 'managed' : 'organization'

/** The slug of each role of the organization, by role id: `managed:organization_admin`. A name that is no slug, or is one already, gives way to the id. */
export function slugsOf(roles: readonly Role[]): ReadonlyMap<string, string> {
  const slugs = new Map<string, string>()
  const taken = new Set<string>()
  for (const role of roles) {
    if (role.workspaceId !== undefined) continue
    const type = typeOf(role)
    const words = role.name
      .replace(/([a-z])([A-Z])/g, '$1_$2')
      .toLowerCase()
      .replace(/[\s_]+/g, '_')
    const slug = `${type}:${type === 'managed' ? 'organization_' : ''}${words}`
    const isFree = /^[a-z]+:[a-z0-9_-]+$/.test(slug) && !taken.has(slug)
    const given = isFree ? slug : `${type}:${toHex(role.id)}`
    taken.add(given)
    slugs.set(role.id, given)
  }
  return slugs
}

/**
 * Roles as references. One of a workspace stands under the organization's role of the same name, if there is one, limited to that workspace; several
 * workspaces of one role share a reference.
 */
export function referencesOf(ids: readonly string[], roles: readonly Role[]): RoleReference[] {
  const references: RoleReference[] = []
  const limited = new Map<string, { readonly role: Role; readonly workspaces: string[] }>()
  for (const role of roles) {
    if (!ids.includes(role.id)) continue
    if (role.workspaceId === undefined) {
      references.push({ id: role.id, type: typeOf(role) })
      continue
    }
    const named = roles.find((other) => other.workspaceId === undefined && other.name === role.name) ?? role
    const before = limited.get(named.id)
    if (before) before.workspaces.push(role.workspaceId)
    else limited.set(named.id, { role: named, workspaces: [role.workspaceId] })
  }
  for (const { role, workspaces } of limited.values()) references.push({ id: role.id, type: typeOf(role), workspaces })
  return references
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const objectIn = (value: Json | undefined): JsonObject => (isObject(value) ? value : {})
const textsIn = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((item: Json): item is string => typeof item === 'string') : []
