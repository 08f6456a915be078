import { z } from 'zod'
import { form, json, operation, type Operation } from '../../wire/operation.ts'
import { flag, integer } from '../../wire/spelling.ts'

// Twilio user management guide (Stitchflow): the core endpoints with their examples, the user object; read 2026-11-21. Form in, JSON out (TWIL-14).

/** A user as an organization has it. Only the SID always comes; names may be missing (TWIL-26), and there is no member for an invitation (TWIL-Q10). */
export const User = z.object({
  sid: z.string().min(1),
  email: z.string().nullish(),
  friendly_name: z.string().nullish(),
  role_sid: z.string().nullish(),
  date_created: z.string().nullish(),
  date_updated: z.string().nullish(),
  account_sid: z.string().nullish(),
  first_name: z.string().nullish(),
  last_name: z.string().nullish(),
  active: z.boolean().nullish(),
  url: z.string().nullish(),
})
export type User = z.output<typeof User>

/** Where a page stands. `next_page_url` is null on the last one, and only then has a list been read to its end. */
export const Meta = z.object({
  page: z.int().nullish(),
  page_size: z.int().nullish(),
  next_page_url: z.string().nullable(),
  first_page_url: z.string().nullish(),
  previous_page_url: z.string().nullish(),
  url: z.string().nullish(),
  key: z.string().nullish(),
})
export type Meta = z.output<typeof Meta>

/** Which page is asked for. The token is the service's own; `Page` alone counts pages from 0. */
export const PageQuery = z.object({ PageSize: integer.optional(), Page: integer.optional(), PageToken: z.string().optional() })
export type PageQuery = z.output<typeof PageQuery>

const writable = {
  RoleSid: z.string().optional(),
  FriendlyName: z.string().optional(),
  FirstName: z.string().optional(),
  LastName: z.string().optional(),
  Active: flag.optional(),
}

// Parameters that are not known are ignored, the immutable ones among them (TWIL-23; twilio.com/docs/api/errors/20001, read 2026-11-21).
export const NewUser = z.object({ Email: z.string().min(1, 'is required'), ...writable })
export type NewUser = z.output<typeof NewUser>
export const ChangedUser = z.object({ Email: z.string().min(1, 'cannot be empty').optional(), ...writable })
export type ChangedUser = z.output<typeof ChangedUser>

export const listUsers = operation({
  name: 'listUsers',
  summary: 'Lists the users of an organization, page by page.',
  method: 'GET',
  path: '/v1/Organizations/:organizationSid/Users',
  query: PageQuery,
  status: 200,
  reply: json(z.object({ users: z.array(User), meta: Meta })),
  listMember: 'users',
})

export const getUser = operation({
  name: 'getUser',
  summary: 'Reads one user by its SID.',
  method: 'GET',
  path: '/v1/Organizations/:organizationSid/Users/:userSid',
  status: 200,
  reply: json(User),
})

export const createUser = operation({
  name: 'createUser',
  summary: 'Invites a user: the account is active once the person accepts by e-mail.',
  method: 'POST',
  path: '/v1/Organizations/:organizationSid/Users',
  request: form(NewUser),
  status: 201,
  // The guide names no status (TWIL-Q01).
  alsoStatus: [200],
  reply: json(User),
})

export const updateUser = operation({
  name: 'updateUser',
  summary: 'Changes what is sent of a user, and nothing else.',
  method: 'POST',
  path: '/v1/Organizations/:organizationSid/Users/:userSid',
  request: form(ChangedUser),
  status: 200,
  alsoStatus: [201],
  reply: json(User),
})

export const deleteUser = operation({
  name: 'deleteUser',
  summary: 'Removes a user for good; sessions end at once.',
  method: 'DELETE',
  path: '/v1/Organizations/:organizationSid/Users/:userSid',
  status: 204,
})

/** A subaccount: an isolated environment, never a person (TWIL-33). Members beyond three: twilio 6.2.0, rest/api/v2010/account; read 2026-11-21. */
export const Account = z.object({
  sid: z.string(),
  friendly_name: z.string(),
  status: z.string(),
  owner_account_sid: z.string().nullish(),
  type: z.string().nullish(),
  date_created: z.string().nullish(),
  date_updated: z.string().nullish(),
  /** Rollcall has none to show; one that Twilio sends never leaves the connector's log unmasked. */
  auth_token: z.string().nullish(),
  uri: z.string().nullish(),
})
export type Account = z.output<typeof Account>

export const listAccounts = operation({
  name: 'listAccounts',
  summary: 'Lists the subaccounts of an account.',
  method: 'GET',
  path: '/2010-04-01/Accounts.json',
  query: PageQuery.extend({ FriendlyName: z.string().optional(), Status: z.string().optional() }),
  status: 200,
  reply: json(
    z.object({
      accounts: z.array(Account),
      next_page_uri: z.string().nullable(),
      first_page_uri: z.string().nullish(),
      previous_page_uri: z.string().nullish(),
      uri: z.string().nullish(),
      page: z.int().nullish(),
      page_size: z.int().nullish(),
      start: z.int().nullish(),
      end: z.int().nullish(),
    }),
  ),
})

export const createAccount = operation({
  name: 'createAccount',
  summary: 'Makes a subaccount.',
  method: 'POST',
  path: '/2010-04-01/Accounts.json',
  request: form(z.object({ FriendlyName: z.string().max(64).optional() })),
  status: 201,
  alsoStatus: [200],
  reply: json(Account),
})

export const getAccount = operation({
  name: 'getAccount',
  summary: 'Reads one subaccount.',
  method: 'GET',
  path: '/2010-04-01/Accounts/:accountSid',
  status: 200,
  reply: json(Account),
})

/** What the guide documents. */
export const guideOperations: readonly Operation[] = [
  listUsers,
  getUser,
  createUser,
  updateUser,
  deleteUser,
  listAccounts,
  createAccount,
  getAccount,
]
