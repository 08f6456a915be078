import { z } from 'zod'
import { json, operation } from '../../wire/operation.ts'
import { UserMembership, UserMembershipEnriched } from './wire-record.ts'

// Bird Accounts v1, the paths and request bodies of its five OpenAPI documents; read 2026-11-21.

const uuid = z.guid()
const email = z.email({ pattern: z.regexes.unicodeEmail })

const noneTwice = (items: readonly unknown[] | null): boolean =>
  items === null || new Set(items.map((item) => JSON.stringify(item))).size === items.length
/** `uniqueItems`, checked and documented. */
const unique = <S extends z.ZodType<readonly unknown[] | null>>(list: S) =>
  list.refine(noneTwice, 'An item is named twice. Name each once.').meta({ uniqueItems: true })
const deprecated = <S extends z.ZodType>(schema: S) => schema.meta({ ...schema.meta(), deprecated: true })

const RoleToHold = z.strictObject({ id: uuid, type: z.enum(['organization', 'managed']), workspaces: z.array(uuid).nullish() })
export type RoleToHold = z.output<typeof RoleToHold>

export const roleSlug = /^[a-z]+:[a-zA-Z0-9_-]+$/
/** Open: whatever stands beside the roles is kept (BIRD-44). */
const Attributes = z.looseObject({ roles: z.array(z.string().regex(roleSlug)).optional() })

/** The limits of roles differ from body to body (BIRD-40, BIRD-41, BIRD-42). */
export const AddUser = z.strictObject({
  userId: uuid,
  roleRefs: unique(z.array(RoleToHold).nullable()).optional(),
  roleIds: deprecated(unique(z.array(uuid).max(5).nullable())).optional(),
  attributes: Attributes.optional(),
})
export type AddUser = z.output<typeof AddUser>

export const InviteUser = z.strictObject({
  name: z.string().min(1).max(256),
  email,
  roleRefs: deprecated(unique(z.array(RoleToHold).max(5).nullable())).optional(),
  roleIds: deprecated(z.array(uuid).nullable()).optional(),
  attributes: Attributes.optional(),
})
export type InviteUser = z.output<typeof InviteUser>

export const UpdateMembership = z.strictObject({
  roleRefs: deprecated(unique(z.array(RoleToHold).nullable())).optional(),
  roleIds: deprecated(unique(z.array(uuid).max(5).nullable())).optional(),
  attributes: Attributes.optional(),
  roleTreatment: z.string().nullish(),
})
export type UpdateMembership = z.output<typeof UpdateMembership>

const truth = z
  .codec(z.enum(['true', 'false']), z.boolean(), {
    decode: (text) => text === 'true',
    encode: (value) => (value ? 'true' : 'false'),
  })
  .meta({ type: 'boolean', enum: undefined })

export const defaultLimit = 10
export const maxLimit = 100
const limit = z
  .codec(z.string(), z.int().min(1).max(maxLimit), {
    decode: (text) => (/^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN),
    encode: String,
  })
  .meta({ type: 'integer', minimum: 1, maximum: maxLimit, default: defaultLimit })

/** What a list may be asked for. Other names of a query are passed over, as the document says nothing of them. */
const ListQuery = z.object({
  limit: limit.optional(),
  pageToken: z.string().optional(),
  reverse: truth.meta({ type: 'boolean', enum: undefined, default: false }).optional(),
  preview: truth.optional(),
  searchTerm: z.string().optional(),
  userIds: z.array(uuid).optional(),
  email: email.optional(),
})
export type ListQuery = z.output<typeof ListQuery>

const users = '/organizations/:organizationId/users'
const user = '/organizations/:organizationId/users/:userId'

export const listOrganizationUsers = operation({
  name: 'listOrganizationUsers',
  summary: 'Lists the members of an organization, a page at a time.',
  method: 'GET',
  path: users,
  query: ListQuery,
  repeated: ['userIds'],
  status: 200,
  reply: json(z.object({ results: z.array(UserMembership), nextPageToken: z.string().optional() })),
  listMember: 'results',
})

export const createOrganizationUser = operation({
  name: 'createOrganizationUser',
  summary: 'Adds a user who exists, or invites a new one.',
  method: 'POST',
  path: users,
  request: json(z.xor([AddUser, InviteUser])),
  status: 201,
  // Bird gives this answer no shape (BIRD-46).
  reply: json(z.looseObject({})),
})

export const getOrganizationUser = operation({
  name: 'getOrganizationUser',
  summary: 'Reads one membership, with the roles that come from teams.',
  method: 'GET',
  path: user,
  status: 200,
  reply: json(UserMembershipEnriched),
})

export const updateOrganizationUser = operation({
  name: 'updateOrganizationUser',
  summary: 'Changes the roles and attributes of a membership; what is left out stays.',
  method: 'PATCH',
  path: user,
  request: json(UpdateMembership),
  status: 200,
  reply: json(UserMembership),
})

export const deleteOrganizationUser = operation({
  name: 'deleteOrganizationUser',
  summary: 'Removes a member from this organization.',
  method: 'DELETE',
  path: user,
  status: 204,
})

export const operations = [
  listOrganizationUsers,
  createOrganizationUser,
  getOrganizationUser,
  updateOrganizationUser,
  deleteOrganizationUser,
] as const
