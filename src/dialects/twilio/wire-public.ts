import { z } from 'zod'
import { form, json, operation, type Operation } from '../../wire/operation.ts'
import { Meta, PageQuery } from './wire.ts'

// What Twilio publishes today beside the guide: twilio-oai, spec/json/twilio_iam_organizations.json, and the client twilio 6.2.0 (previewIam, iam); read 2026-11-21.
// Hosts there: preview-iam.twilio.com and iam.twilio.com. SCIM users: face.ts.

/** A role that somebody holds somewhere: `identity` in `scope`, an organization or an account. */
export const RoleAssignment = z.object({
  sid: z.string().min(1),
  role_sid: z.string(),
  scope: z.string(),
  identity: z.string(),
})
export type RoleAssignment = z.output<typeof RoleAssignment>

/** The types of the client twilio 6.2.0 say roleSid, and it sends what it is given as it is. */
export const NewRoleAssignment = z
  .object({ role_sid: z.string().optional(), roleSid: z.string().optional(), scope: z.string(), identity: z.string() })
  .refine((body) => body.role_sid !== undefined || body.roleSid !== undefined, { path: ['role_sid'], error: 'is required' })
export type NewRoleAssignment = z.output<typeof NewRoleAssignment>

export const listRoleAssignments = operation({
  name: 'listRoleAssignments',
  summary: 'Lists who holds which role where.',
  method: 'GET',
  path: '/Organizations/:organizationSid/RoleAssignments',
  query: PageQuery.extend({ Identity: z.string().optional(), Scope: z.string().optional() }),
  status: 200,
  reply: json(z.object({ content: z.array(RoleAssignment), meta: Meta })),
})

export const createRoleAssignment = operation({
  name: 'createRoleAssignment',
  summary: 'Gives a user a role.',
  method: 'POST',
  path: '/Organizations/:organizationSid/RoleAssignments',
  request: json(NewRoleAssignment),
  status: 201,
  alsoStatus: [200],
  reply: json(RoleAssignment),
})

export const deleteRoleAssignment = operation({
  name: 'deleteRoleAssignment',
  summary: 'Takes a role away from a user.',
  method: 'DELETE',
  path: '/Organizations/:organizationSid/RoleAssignments/:assignmentSid',
  status: 204,
})

/** An account as the organization sees it: the main one and the subaccounts. */
export const OrganizationAccount = z.object({
  account_sid: z.string(),
  friendly_name: z.string(),
  status: z.string(),
  owner_sid: z.string().nullish(),
  date_created: z.string().nullish(),
})
export type OrganizationAccount = z.output<typeof OrganizationAccount>

export const listOrganizationAccounts = operation({
  name: 'listOrganizationAccounts',
  summary: 'Lists the accounts of an organization.',
  method: 'GET',
  path: '/Organizations/:organizationSid/Accounts',
  query: PageQuery,
  status: 200,
  reply: json(z.object({ content: z.array(OrganizationAccount), meta: Meta })),
})

export const getOrganizationAccount = operation({
  name: 'getOrganizationAccount',
  summary: 'Reads one account of an organization.',
  method: 'GET',
  path: '/Organizations/:organizationSid/Accounts/:accountSid',
  status: 200,
  reply: json(OrganizationAccount),
})

export const createToken = operation({
  name: 'createToken',
  summary: 'Gives an access token for an organization key (RFC 6749 §4.4).',
  method: 'POST',
  path: '/v1/token',
  request: form(z.object({ grant_type: z.string(), client_id: z.string().min(1), client_secret: z.string().optional() })),
  status: 201,
  alsoStatus: [200],
  reply: json(
    z.object({
      access_token: z.string().min(1),
      token_type: z.string().nullish(),
      expires_in: z.int().nullish(),
      refresh_token: z.string().nullish(),
      id_token: z.string().nullish(),
    }),
  ),
  open: true,
})

export const publicOperations: readonly Operation[] = [
  listRoleAssignments,
  createRoleAssignment,
  deleteRoleAssignment,
  listOrganizationAccounts,
  getOrganizationAccount,
  createToken,
]
