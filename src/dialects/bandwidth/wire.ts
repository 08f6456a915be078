import { z } from 'zod'
import { operation, xmlOrJson } from '../../wire/operation.ts'
import { flag } from '../../wire/spelling.ts'

// Bandwidth user management guide (Stitchflow), the six endpoints with their examples; read 2026-11-21.
// XML names from the fixtures of @bandwidth/numbers 2.0.0 (BAND-Q01); errors as that client understands them (BAND-Q03); read 2026-11-21.

export const Role = z.object({ RoleId: z.string(), RoleName: z.string() })

/** A user as Bandwidth answers it. Absent `Enabled` means true, absent `Roles` none; accounts of the older API say EmailAddress (BAND-P02). */
export const User = z.object({
  UserId: z.string().min(1),
  Username: z.string(),
  FirstName: z.string().nullish(),
  LastName: z.string().nullish(),
  Email: z.string().nullish(),
  EmailAddress: z.string().nullish(),
  Roles: z.array(z.object({ RoleId: z.string(), RoleName: z.string().nullish() })).nullish(),
  Enabled: flag.nullish(),
})
export type User = z.output<typeof User>

/** A user as the older API answers it: with EmailAddress, and without an id. We add ours, which no reader of the older form minds. */
export const OlderUser = User.extend({ UserId: z.string().optional(), TelephoneNumber: z.string().nullish() })

/** A role to be held, by its id; the name may come along as it was read and decides nothing. */
const RoleToHold = z.strictObject({ RoleId: z.string(), RoleName: z.string().optional() })

const assignable = {
  Roles: z.array(RoleToHold).optional(),
  /** The other spelling of the guide's prose ("roleIds", BAND-Q10). */
  RoleIds: z.array(z.string()).optional(),
  Enabled: flag.optional(),
}

export const NewUser = z.strictObject({
  Username: z.string().min(1),
  FirstName: z.string().min(1),
  LastName: z.string().min(1),
  Email: z.string().min(1),
  Password: z.string().min(1),
  ...assignable,
})
export type NewUser = z.output<typeof NewUser>

export const ReplacedUser = z.strictObject({
  /** May come along as it was read; it cannot be changed. */
  UserId: z.string().optional(),
  Username: z.string().optional(),
  FirstName: z.string().optional(),
  LastName: z.string().optional(),
  Email: z.string().optional(),
  Password: z.string().optional(),
  ...assignable,
})
export type ReplacedUser = z.output<typeof ReplacedUser>

const requestXml = { root: 'User', items: { Roles: 'Role', RoleIds: 'RoleId' } }
const userXml = { root: 'UserResponse', inner: 'User', items: { Roles: 'Role' } }
const usersXml = { root: 'UsersResponse', items: { Users: 'User', Roles: 'Role' } }
const rolesXml = { root: 'RolesResponse', items: { Roles: 'Role' } }

/** Every error, whatever was asked for. */
export const errorReply = xmlOrJson(z.object({ ResponseStatus: z.object({ ErrorCode: z.string(), Description: z.string() }) }), {
  root: 'UserResponse',
})

const no = z.never().optional()
/** An empty object. An error that comes with status 200 (BAND-P04) is not one. */
const Nothing = z.object({ ResponseStatus: no, ErrorCode: no, Error: no, Errors: no, ResultCode: no })

export const listUsers = operation({
  name: 'listUsers',
  summary: 'Lists every user of the account in one reply.',
  method: 'GET',
  path: '/accounts/:accountId/users',
  status: 200,
  reply: xmlOrJson(z.object({ Users: z.array(User) }), usersXml),
  listMember: 'Users',
})

/** The older path, which Node clients call (BAND-P02). */
export const listOwnUsers = operation({
  name: 'listOwnUsers',
  summary: "Lists every user of the credential's own account.",
  method: 'GET',
  path: '/users',
  status: 200,
  reply: xmlOrJson(z.object({ Users: z.array(OlderUser) }), usersXml),
  listMember: 'Users',
})

export const getUser = operation({
  name: 'getUser',
  summary: 'Reads one user by UserId; a Username is not found.',
  method: 'GET',
  path: '/accounts/:accountId/users/:userId',
  status: 200,
  reply: xmlOrJson(User, userXml),
})

export const createUser = operation({
  name: 'createUser',
  summary: 'Creates a user. The reply carries the UserId that every later call needs.',
  method: 'POST',
  path: '/accounts/:accountId/users',
  request: xmlOrJson(NewUser, requestXml),
  status: 201,
  // The guide shows a body and no status; 200 is understood as well (BAND-Q02).
  alsoStatus: [200],
  reply: xmlOrJson(User, userXml),
})

export const updateUser = operation({
  name: 'updateUser',
  summary: 'Replaces a user: what is left out is reset, except Username and Password.',
  method: 'PUT',
  path: '/accounts/:accountId/users/:userId',
  request: xmlOrJson(ReplacedUser, requestXml),
  status: 200,
  reply: xmlOrJson(User, userXml),
})

/** The same call, from a client that read the record before and puts back whatever else stood in it. */
export const updateUserKeeping = operation({ ...updateUser, request: xmlOrJson(z.looseObject(ReplacedUser.shape), requestXml) })

export const deleteUser = operation({
  name: 'deleteUser',
  summary: 'Deletes a user for good.',
  method: 'DELETE',
  path: '/accounts/:accountId/users/:userId',
  status: 200,
  // `{}` in JSON; in XML nothing, since {} is no XML and clients fail on it (BAND-Q09).
  reply: xmlOrJson(Nothing, { root: 'UserResponse', empty: 'noBody' }),
})

export const listRoles = operation({
  name: 'listRoles',
  summary: "Lists the account's roles.",
  method: 'GET',
  path: '/accounts/:accountId/roles',
  status: 200,
  reply: xmlOrJson(z.object({ Roles: z.array(Role) }), rolesXml),
})

export const operations = [listUsers, listOwnUsers, getUser, createUser, updateUser, deleteUser, listRoles] as const
