import type { Group, GroupInput } from '../../directory/group.ts'
import type { Json, JsonObject } from '../../directory/json.ts'
import type { Email, Membership, MemberState, PersonName } from '../../directory/membership.ts'
import type { MembershipInGroups } from '../../directory/store.ts'
import type { Resource as Stored, ResourceState } from '../../directory/resource.ts'
import { fold } from '../../directory/fold.ts'
import type { Role } from '../../directory/role.ts'
import { refusal } from './errors.ts'
import type { ScimIds } from './ids.ts'
import { extensionOf, isList, isObject, type Resource } from './resource.ts'
import { readRoles, showRoles } from './translate-roles.ts'
import { enterpriseUserSchema } from './schema/enterprise-user.ts'
import { groupSchema } from './schema/group.ts'
import { lifecycleSchema } from './schema/lifecycle.ts'
import type { IndexedType } from './schema/resource-type.ts'
import { userSchema } from './schema/user.ts'

/** Attributes of the User schema that a membership has a place of its own for, or that have none. */
const bound: ReadonlySet<string> = new Set(['userName', 'name', 'displayName', 'active', 'password', 'emails', 'groups', 'roles'])
const kept: ReadonlySet<string> = new Set([
  ...userSchema.attributes.map(({ name }) => name).filter((name) => !bound.has(name)),
  enterpriseUserSchema.id,
])
const nameParts = ['formatted', 'familyName', 'givenName', 'middleName', 'honorificPrefix', 'honorificSuffix'] as const

export interface UserSurroundings {
  /** Without a trailing slash. */
  readonly base: string
  readonly groups: MembershipInGroups['groups']
  /** The organization's roles; empty where the person has none. */
  readonly roles: readonly Role[]
  readonly ids: ScimIds
  /** Whether our own extension tells how the person stands: where `active` does not say it all, or always. */
  readonly lifecycle: 'shown' | 'always' | 'hidden'
  /** The extensions that the organization defined; what they hold stands as it is. */
  readonly own: ReadonlySet<string>
  /** What our own extension says beside it. */
  readonly provisioning?: JsonObject | undefined
}

/** A membership as a User. Attributes that the schemas do not name are not shown. */
export function toUser(member: Membership, surroundings: UserSurroundings): Resource {
  const { base, groups, roles, ids, lifecycle, own, provisioning } = surroundings
  const schemas: string[] = [userSchema.id]
  const user: Record<string, Json> = { schemas, id: ids.toUser(member.id) }
  if (member.externalId !== undefined) user['externalId'] = member.externalId
  user['meta'] = toMeta('User', `${base}/Users/${ids.toUser(member.id)}`, member)
  user['userName'] = member.userName
  const active = member.status !== 'suspended'
  if (unassignedActive(member) !== active) user['active'] = active
  if (member.displayName !== undefined) user['displayName'] = member.displayName
  if (Object.keys(member.name).length > 0) user['name'] = { ...member.name }
  if (member.emails.length > 0) user['emails'] = member.emails.map((email) => ({ ...email }))
  for (const [name, value] of Object.entries(member.attributes)) {
    if (value === undefined || value === null || !isShownAttribute(name, own)) continue
    user[name] = value
    if (name.startsWith('urn:')) schemas.push(name)
  }
  if (hasRoles(member)) {
    const shown = showRoles(member, roles)
    if (shown.length > 0) user['roles'] = shown
  }
  if (groups.length > 0) user['groups'] = toGroupRefs(groups, { base, ids })
  if (lifecycle !== 'hidden') {
    const told = {
      ...extensionOf(member.attributes, lifecycleSchema.id),
      ...(lifecycle === 'always' && { lifecycle: member.status }),
      ...toLifecycle(member),
      ...provisioning,
    }
    if (Object.keys(told).length > 0) {
      schemas.push(lifecycleSchema.id)
      user[lifecycleSchema.id] = told
    }
  }
  return user
}

/** Whether an attribute of a membership is shown as it is kept; `own` are the extensions that the organization defined. */
export const isShownAttribute = (name: string, own: ReadonlySet<string>): boolean => kept.has(name) || own.has(name)

export const toGroupRefs = (
  groups: UserSurroundings['groups'],
  { base, ids }: Pick<UserSurroundings, 'base' | 'ids'>,
): readonly JsonObject[] =>
  groups.map((group) => ({
    value: ids.toGroup(group.id),
    $ref: `${base}/Groups/${ids.toGroup(group.id)}`,
    display: group.displayName,
    type: group.membership,
  }))

/** Whether showing the member needs the organization's roles. */
export const hasRoles = (member: Membership): boolean => member.roleIds.length > 0 || member.attributes['roles'] !== undefined

export interface Undertaken {
  readonly current: Membership | undefined
  /** The organization's, or undefined where roles are to be left alone. */
  readonly roles: readonly Role[] | undefined
  /** Whether the User speaks of what our own extension holds. */
  readonly lifecycle: UserSurroundings['lifecycle']
  readonly own: ReadonlySet<string>
  /** `active` was removed: how the person stands is as before, and is not told. */
  readonly removesActive?: true | undefined
}

/**
 * The state that a User describes. A suspension, and roles, stand as they were where the User does not speak of them; so do attributes that
 * the schemas do not name.
 */
export function fromUser(user: Resource, { current, roles, lifecycle, own, removesActive }: Undertaken): MemberState {
  const attributes: Record<string, Json | undefined> = {}
  for (const [name, value] of Object.entries(current?.attributes ?? {}))
    if (!isShownAttribute(name, own)) attributes[name] = value
  for (const [name, value] of Object.entries(user)) if (isShownAttribute(name, own)) attributes[name] = value
  const held = roles && readRoles(user['roles'], roles, current?.roleIds ?? [])
  if (held) attributes['roles'] = held.sent
  const { note } = extensionOf(user, lifecycleSchema.id)
  if (lifecycle !== 'hidden') attributes[lifecycleSchema.id] = note === undefined ? undefined : { note }
  if (typeof user['active'] === 'boolean') attributes[unassignedKey] = undefined
  else if (removesActive) attributes[unassignedKey] = { active: current?.status !== 'suspended' }
  return {
    userName: text(user['userName']) ?? '',
    externalId: text(user['externalId']),
    displayName: text(user['displayName']),
    name: toName(user['name']),
    emails: toEmails(user['emails']),
    roleIds: held?.roleIds ?? current?.roleIds ?? [],
    suspended: typeof user['active'] === 'boolean' ? !user['active'] : current?.status === 'suspended',
    attributes: checkSize(present(attributes)),
  }
}

/** A group as a Group. Without `members`, they are not shown; `own` are the extensions that the organization defined. */
export function toGroup(
  group: Group,
  {
    base,
    members,
    ids,
    own,
  }: {
    readonly base: string
    readonly members: readonly Json[] | undefined
    readonly ids: ScimIds
    readonly own: ReadonlySet<string>
  },
): Resource {
  const extended = Object.entries(group.attributes).filter(([name, value]) => own.has(name) && value !== undefined)
  return {
    schemas: [groupSchema.id, ...extended.map(([urn]) => urn)],
    id: ids.toGroup(group.id),
    ...(group.externalId !== undefined && { externalId: group.externalId }),
    meta: toMeta('Group', `${base}/Groups/${ids.toGroup(group.id)}`, group),
    displayName: group.displayName,
    ...(members && members.length > 0 && { members }),
    ...Object.fromEntries(extended),
  }
}

/** What a Group says of the group itself. */
export const fromGroup = (group: Resource): Pick<GroupInput, 'displayName' | 'externalId'> => ({
  displayName: text(group['displayName']) ?? '',
  externalId: text(group['externalId']),
})

/** The attributes of a group with what a Group says by the organization's extensions; what it cannot speak of stands as it was. */
export function fromExtensions(group: Resource, current: JsonObject, own: ReadonlySet<string>): JsonObject {
  const before = Object.entries(current).filter(([name]) => !own.has(name))
  const sent = Object.entries(group).filter(([name]) => own.has(name))
  return checkSize(Object.fromEntries([...before, ...sent]))
}

/** A resource that is stored whole. */
export function toStored(
  { id, content, ...times }: Stored,
  { type, base }: { readonly type: IndexedType; readonly base: string },
): Resource {
  const { externalId, ...rest } = content
  return {
    schemas: [
      type.schema.id,
      ...[...type.extensionsByUrn.values()].flatMap((each) => (rest[each.id] === undefined ? [] : [each.id])),
    ],
    id,
    ...(externalId !== undefined && { externalId }),
    meta: toMeta(type.name, `${base}${type.endpoint}/${id}`, times),
    ...rest,
  }
}

/** What is stored of a resource, and which of it no other of its type may have. */
export function fromStored({ schemas: _, id: __, meta: ___, ...content }: Resource, type: IndexedType): ResourceState {
  const initial = [...type.attributes.values()].flatMap(({ name, initially }) =>
    initially === undefined ? [] : [[name, initially]],
  )
  return {
    content: checkSize(present({ ...Object.fromEntries(initial), ...content })),
    keys: [...type.attributes.values()].flatMap(({ name, uniqueness, caseExact }) => {
      const value = content[name]
      if (uniqueness === 'none' || typeof value !== 'string') return []
      return [{ name, value: caseExact ? value : fold(value) }]
    }),
  }
}

export const versionTag = (version: number): string => `W/"${version}"`

export function toMeta(
  resourceType: string,
  location: string,
  { createdAt, updatedAt, version }: Pick<Membership, 'createdAt' | 'updatedAt' | 'version'>,
): JsonObject {
  return {
    resourceType,
    created: createdAt.toISOString(),
    lastModified: updatedAt.toISOString(),
    location,
    version: versionTag(version),
  }
}

/** Of somebody who was never invited, our own extension says nothing: `active` tells how they stand. */
export const isVouchedFor = (acceptedAtMs: number | undefined, createdAtMs: number): boolean => acceptedAtMs === createdAtMs

const toLifecycle = ({ status, acceptedAt, createdAt }: Membership): JsonObject =>
  isVouchedFor(acceptedAt?.getTime(), createdAt.getTime()) ? {} : { lifecycle: status, invitedAt: createdAt.toISOString() }

/** Where it is kept that a PATCH removed `active`, and what it was: until it is set, or changes another way, it is not shown. */
const unassignedKey = 'urn:rollcall:params:scim:unassigned'

function unassignedActive({ attributes }: Pick<Membership, 'attributes'>): boolean | undefined {
  const { active } = extensionOf(attributes, unassignedKey)
  return typeof active === 'boolean' ? active : undefined
}

function toName(value: Json | undefined): PersonName {
  if (!isObject(value)) return {}
  const name: { -readonly [Part in keyof PersonName]: PersonName[Part] } = {}
  for (const part of nameParts) {
    const found = text(value[part])
    if (found !== undefined) name[part] = found
  }
  return name
}

/** Addresses that have a value; providers clear one by sending it empty. */
function toEmails(value: Json | undefined): readonly Email[] {
  if (!isList(value)) return []
  return value.flatMap((item) => {
    const address = isObject(item) ? text(item['value']) : undefined
    if (!isObject(item) || !address) return []
    const [type, display, primary] = [text(item['type']), text(item['display']), item['primary']]
    return [
      {
        value: address,
        ...(type !== undefined && { type }),
        ...(display !== undefined && { display }),
        ...(typeof primary === 'boolean' && { primary }),
      },
    ]
  })
}

/** Patches can add to a User again and again: how large it may become, in characters of JSON, beside what the directory bounds itself. */
const maxAttributesLength = 256 * 1024

function checkSize(attributes: JsonObject): JsonObject {
  if (JSON.stringify(attributes).length > maxAttributesLength)
    throw refusal('invalidValue', `The attributes of a resource have at most ${maxAttributesLength} characters in all.`)
  return attributes
}

const text = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined)

const present = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))
