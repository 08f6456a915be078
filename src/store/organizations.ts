import type { Organization, Workspace } from '../directory/organization.ts'
import type { Role } from '../directory/role.ts'
import type { Reader, Writer } from '../directory/store.ts'
import { dateOf, msOf, putRow } from './rows.ts'
import type { OrganizationRow, RoleRow, WorkspaceRow } from './schema.ts'
import type { Executor } from './executor.ts'
import { statement } from './statement.ts'

const one = statement((db, p: { readonly id: string }) => db.selectFrom('organizations').selectAll().where('id', '=', p.id))
const page = statement((db, p: { readonly after: string; readonly limit: number }) =>
  db.selectFrom('organizations').selectAll().where('id', '>', p.after).orderBy('id').limit(p.limit),
)
const put = putRow('organizations', {
  key: ['id'],
  rest: ['name', 'plan', 'sso', 'email_domains', 'created_at', 'updated_at', 'extensions_revision'],
})

const workspaces = statement((db, p: { readonly organization_id: string }) =>
  db.selectFrom('workspaces').selectAll().where('organization_id', '=', p.organization_id).orderBy('id'),
)
const putWorkspace = putRow('workspaces', { key: ['organization_id', 'id'], rest: ['name', 'created_at'] })

const roles = statement((db, p: { readonly organization_id: string }) =>
  db.selectFrom('roles').selectAll().where('organization_id', '=', p.organization_id).orderBy('id'),
)
const putRole = putRow('roles', { key: ['organization_id', 'id'], rest: ['workspace_id', 'name', 'owner', 'created_at'] })
const removeRole = statement((db, p: { readonly organization_id: string; readonly id: string }) =>
  db.deleteFrom('roles').where('organization_id', '=', p.organization_id).where('id', '=', p.id),
)

export function readOrganizations(executor: Executor) {
  return {
    organization: async (id) => {
      const row = await executor.first(one, { id })
      return row && toOrganization(row)
    },
    organizations: async ({ after, limit }) => (await executor.all(page, { after: after ?? '', limit })).map(toOrganization),
    workspaces: async (organizationId) => (await executor.all(workspaces, { organization_id: organizationId })).map(toWorkspace),
    roles: async (organizationId) => (await executor.all(roles, { organization_id: organizationId })).map(toRole),
  } satisfies Partial<Reader>
}

export function writeOrganizations(executor: Executor) {
  return {
    putOrganization: async (organization) => {
      const { id, name, plan, sso, emailDomains, createdAt, updatedAt, extensionsRevision = 0 } = organization
      await executor.run(put, {
        id,
        name,
        plan,
        sso,
        email_domains: JSON.stringify(emailDomains),
        created_at: msOf(createdAt),
        updated_at: msOf(updatedAt),
        extensions_revision: extensionsRevision,
      })
    },
    putWorkspace: async ({ id, organizationId, name, createdAt }) => {
      await executor.run(putWorkspace, { id, organization_id: organizationId, name, created_at: msOf(createdAt) })
    },
    putRole: async ({ id, organizationId, workspaceId, name, owner, createdAt }) => {
      await executor.run(putRole, {
        id,
        organization_id: organizationId,
        workspace_id: workspaceId ?? null,
        name,
        owner: owner ? 1 : 0,
        created_at: msOf(createdAt),
      })
    },
    removeRole: async (organizationId, id) => {
      await executor.run(removeRole, { organization_id: organizationId, id })
    },
  } satisfies Partial<Writer>
}

const toOrganization = (row: OrganizationRow): Organization => ({
  id: row.id,
  name: row.name,
  plan: row.plan,
  sso: row.sso,
  emailDomains: JSON.parse(row.email_domains),
  createdAt: dateOf(row.created_at),
  updatedAt: dateOf(row.updated_at),
  ...(row.extensions_revision > 0 && { extensionsRevision: row.extensions_revision }),
})

const toWorkspace = (row: WorkspaceRow): Workspace => ({
  id: row.id,
  organizationId: row.organization_id,
  name: row.name,
  createdAt: dateOf(row.created_at),
})

const toRole = (row: RoleRow): Role => ({
  id: row.id,
  organizationId: row.organization_id,
  workspaceId: row.workspace_id ?? undefined,
  name: row.name,
  owner: row.owner === 1,
  createdAt: dateOf(row.created_at),
})
