import { z } from 'zod'
import { json, operation } from '../../../wire/operation.ts'
import { id, page, when } from './page.ts'

export const plans = ['free', 'starter', 'pro', 'enterprise'] as const
export const ssoProviders = ['none', 'okta', 'entra', 'onelogin'] as const

export const Organization = z.object({
  id,
  name: z.string(),
  plan: z.enum(plans),
  sso: z.enum(ssoProviders),
  emailDomains: z.array(z.string()),
  createdAt: when,
  updatedAt: when,
})

export const readOrganization = operation({
  name: 'readOrganization',
  summary: 'The organization that the key belongs to',
  method: 'GET',
  path: '/organization',
  status: 200,
  reply: json(Organization),
})

export const changeOrganization = operation({
  name: 'changeOrganization',
  summary: 'Changes the members that are given and keeps the others',
  method: 'PATCH',
  path: '/organization',
  request: json(
    z.strictObject({
      name: z.string().optional(),
      plan: z.enum(plans).optional(),
      sso: z.enum(ssoProviders).optional(),
      emailDomains: z.array(z.string()).optional(),
    }),
  ),
  status: 200,
  reply: json(Organization),
})

export const Workspace = z.object({ id, name: z.string(), createdAt: when })

export const listWorkspaces = operation({
  name: 'listWorkspaces',
  summary: 'The workspaces of the organization, all on one page',
  method: 'GET',
  path: '/workspaces',
  status: 200,
  reply: json(page(Workspace)),
})

export const createWorkspace = operation({
  name: 'createWorkspace',
  summary: 'Makes a workspace, a part of the organization with roles of its own',
  method: 'POST',
  path: '/workspaces',
  request: json(z.strictObject({ name: z.string() })),
  status: 201,
  reply: json(Workspace),
})

export const Role = z.object({ id, workspaceId: id.optional(), name: z.string(), owner: z.boolean(), createdAt: when })

export const listRoles = operation({
  name: 'listRoles',
  summary: 'The roles of the organization and its workspaces, all on one page',
  method: 'GET',
  path: '/roles',
  status: 200,
  reply: json(page(Role)),
})

export const createRole = operation({
  name: 'createRole',
  summary: 'Makes a role, in the organization or in one of its workspaces',
  method: 'POST',
  path: '/roles',
  request: json(z.strictObject({ name: z.string(), workspaceId: id.optional() })),
  status: 201,
  reply: json(Role),
})
