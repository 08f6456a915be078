import type { Operation } from '../../wire/operation.ts'
import { z } from 'zod'
import { form, json, operation } from '../../wire/operation.ts'

// Sinch user management guide (Stitchflow), its eight endpoints with their examples; read 2026-11-21.
// accessKeys in camelCase: Sinch's Access Keys Management API v1 (SNCH-P01); token answers as @sinch/sdk-client 1.5.0 reads them (SNCH-P05); read 2026-11-21.

export const roleNames = ['OWNER', 'ADMIN', 'MEMBER', 'READONLY'] as const
export type RoleName = (typeof roleNames)[number]
export const Role = z.enum(roleNames, { error: `Use one of ${roleNames.join(', ')}.` })

export const statuses = ['ACTIVE', 'PENDING', 'SUSPENDED'] as const
export type Status = (typeof statuses)[number]

/** A member as the user object of the guide has it. The list's example shows e-mail, role and status alone, so that nothing else is certain (SNCH-19). */
export const Member = z.object({
  user_id: z.string().min(1).nullish(),
  email: z.string().min(1),
  display_name: z.string().nullish(),
  role: z.string().nullish(),
  status: z.string().nullish(),
  project_id: z.string().nullish(),
  created_at: z.string().nullish(),
  updated_at: z.string().nullish(),
})
export type Member = z.output<typeof Member>

/** What the server assigns: in an invitation it has no effect (SNCH-23). */
const assigned = {
  status: z.unknown().optional(),
  user_id: z.unknown().optional(),
  project_id: z.unknown().optional(),
  created_at: z.unknown().optional(),
  updated_at: z.unknown().optional(),
}

export const NewMember = z.strictObject({
  email: z.string().min(1),
  role: Role,
  display_name: z.string().optional(),
  ...assigned,
})
export type NewMember = z.output<typeof NewMember>

export const MemberChange = z.strictObject({
  role: Role.optional(),
  status: z.enum(statuses, { error: `Use one of ${statuses.join(', ')}.` }).optional(),
  email: z.string().min(1).optional(),
  display_name: z.string().optional(),
  /** Cannot be changed; may come along as they were read. */
  user_id: z.string().optional(),
  project_id: z.string().optional(),
  created_at: z.string().optional(),
  updated_at: z.unknown().optional(),
})
export type MemberChange = z.output<typeof MemberChange>

/** Both spellings of the guide's and the public API's paging are understood (SNCH-Q04). */
const PageQuery = z.object({
  page_size: z.string().optional(),
  pageSize: z.string().optional(),
  page_token: z.string().optional(),
  pageToken: z.string().optional(),
})
export type PageQuery = z.output<typeof PageQuery>

/** A key without its secret. */
export const AccessKey = z.object({
  key_id: z.string().min(1),
  display_name: z.string().nullish(),
  created_at: z.string().nullish(),
})
export type AccessKey = z.output<typeof AccessKey>

/** The same in the public API's words. */
export const ProjectKey = z.object({
  accessKeyId: z.string().min(1),
  displayName: z.string().nullish(),
  projectId: z.string().nullish(),
  createTime: z.string().nullish(),
  updateTime: z.string().nullish(),
})
export type ProjectKey = z.output<typeof ProjectKey>

export const issueToken = operation({
  name: 'issueToken',
  summary: 'Hands out a token for a key and its secret, which stand in the form or in Basic.',
  method: 'POST',
  path: '/oauth2/token',
  request: form(
    z.object({
      grant_type: z.string().optional(),
      client_id: z.string().optional(),
      client_secret: z.string().optional(),
      scope: z.string().optional(),
    }),
  ),
  status: 200,
  reply: json(
    z.object({ access_token: z.string().min(1), token_type: z.string(), expires_in: z.number(), scope: z.string().nullish() }),
  ),
  open: true,
})

export const listMembers = operation({
  name: 'listMembers',
  summary: "Lists a project's members, 20 to a page unless asked for up to 100.",
  method: 'GET',
  path: '/projects/:projectId/members',
  query: PageQuery,
  status: 200,
  reply: json(z.object({ members: z.array(Member), next_page_token: z.string().nullish() })),
  listMember: 'members',
})

export const inviteMember = operation({
  name: 'inviteMember',
  summary: 'Invites somebody by mail; PENDING until they accept.',
  method: 'POST',
  path: '/projects/:projectId/members',
  request: json(NewMember),
  status: 201,
  // The guide shows a body and no status (SNCH-Q02).
  alsoStatus: [200],
  reply: json(Member.partial()),
})

export const changeMember = operation({
  name: 'changeMember',
  summary: "Changes a member's role, status, address or name.",
  method: 'PATCH',
  path: '/projects/:projectId/members/:userId',
  request: json(MemberChange),
  status: 200,
  reply: json(Member.partial()),
})

export const removeMember = operation({
  name: 'removeMember',
  summary: 'Takes a member out of the project; the identity stays.',
  method: 'DELETE',
  path: '/projects/:projectId/members/:userId',
  status: 204,
  alsoStatus: [200],
})

export const listKeys = operation({
  name: 'listKeys',
  summary: "Lists a project's access keys, never with a secret.",
  method: 'GET',
  path: '/projects/:projectId/access-keys',
  query: PageQuery,
  status: 200,
  reply: json(z.object({ access_keys: z.array(AccessKey), next_page_token: z.string().nullish() })),
})

export const createKey = operation({
  name: 'createKey',
  summary: 'Makes an access key. The reply carries the one copy of its secret.',
  method: 'POST',
  path: '/projects/:projectId/access-keys',
  request: json(z.strictObject({ display_name: z.string().min(1) })),
  status: 201,
  alsoStatus: [200],
  reply: json(z.object({ key_id: z.string().min(1), key_secret: z.string().min(1), display_name: z.string().nullish() })),
})

export const deleteKey = operation({
  name: 'deleteKey',
  summary: 'Deletes an access key: at once it and its tokens prove nothing.',
  method: 'DELETE',
  path: '/projects/:projectId/access-keys/:keyId',
  status: 204,
  alsoStatus: [200],
})

export const listProjectKeys = operation({
  name: 'listProjectKeys',
  summary: 'Lists access keys as the public API does.',
  method: 'GET',
  path: '/v1/projects/:projectId/accessKeys',
  query: PageQuery,
  status: 200,
  reply: json(z.object({ accessKeys: z.array(ProjectKey).nullish(), nextPageToken: z.string().nullish() })),
})

export const createProjectKey = operation({
  name: 'createProjectKey',
  summary: 'Makes an access key as the public API does.',
  method: 'POST',
  path: '/v1/projects/:projectId/accessKeys',
  request: json(z.strictObject({ displayName: z.string().min(1) })),
  status: 200,
  alsoStatus: [201],
  reply: json(z.object({ accessKey: ProjectKey, secret: z.string().min(1) })),
})

export const getProjectKey = operation({
  name: 'getProjectKey',
  summary: 'Reads an access key as the public API does.',
  method: 'GET',
  path: '/v1/projects/:projectId/accessKeys/:keyId',
  status: 200,
  reply: json(ProjectKey),
})

export const deleteProjectKey = operation({
  name: 'deleteProjectKey',
  summary: 'Deletes an access key as the public API does.',
  method: 'DELETE',
  path: '/v1/projects/:projectId/accessKeys/:keyId',
  status: 200,
  alsoStatus: [204],
  reply: json(z.object({})),
})

/** Everything but SCIM. */
export const restOperations = [
  issueToken,
  listMembers,
  inviteMember,
  changeMember,
  removeMember,
  listKeys,
  createKey,
  deleteKey,
  listProjectKeys,
  createProjectKey,
  getProjectKey,
  deleteProjectKey,
] as const satisfies readonly Operation[]
