import { command, query, unchanged } from './call.ts'
import { issueCredential, type CreateCredential, type IssuedCredential } from './credentials.ts'
import type { Parts } from './directory.ts'
import { DirectoryError } from './errors.ts'
import type { FactDraft } from './fact.ts'
import { isDeepStrictEqual } from 'node:util'
import { checkOrganization, type Organization, type OrganizationInput, type Workspace } from './organization.ts'
import { checkName, startingRoles, type Role } from './role.ts'
import type { JsonObject } from './json.ts'

export interface CreateOrganization extends OrganizationInput {
  readonly credentials: readonly CreateCredential[]
}

export function organizationCommands({ store, newId, newSecret }: Parts) {
  return {
    /**
     * Creates the organization that the call names, with its starting roles and its first credentials, whose secrets the answer carries once.
     * The id is chosen by the caller, so that a repetition is refused as `conflict`.
     */
    createOrganization: command(store, 'administer', async (tx, call, { credentials, ...raw }: CreateOrganization) => {
      if (await tx.organization(call.organizationId)) throw new DirectoryError('conflict', 'This organization exists already.')
      const organization: Organization = {
        ...checkOrganization(raw),
        id: call.organizationId,
        createdAt: call.now,
        updatedAt: call.now,
      }
      await tx.putOrganization(organization)
      for (const role of startingRoles)
        await tx.putRole({
          ...role,
          id: newId(),
          organizationId: call.organizationId,
          workspaceId: undefined,
          createdAt: call.now,
        })
      const issued: IssuedCredential[] = []
      const facts: FactDraft[] = []
      for (const input of credentials) {
        const made = await issueCredential(tx, call, { ...input, id: newId(), newSecret })
        issued.push(made.issued)
        facts.push(made.fact)
      }
      return [
        { organization, credentials: issued },
        { action: 'organization.created', subject: organization.id, detail: settings(organization) },
        ...facts,
      ]
    }),

    changeOrganization: command(store, 'administer', async (tx, call, change: Partial<OrganizationInput>) => {
      const current = await tx.organization(call.organizationId)
      if (!current) throw new DirectoryError('notFound', 'There is no such organization.')
      const next: Organization = { ...current, ...checkOrganization({ ...current, ...change }), updatedAt: call.now }
      if (isDeepStrictEqual(settings(current), settings(next))) return unchanged(current)
      await tx.putOrganization(next)
      return [next, { action: 'organization.changed', subject: next.id, detail: settings(next) }]
    }),

    getOrganization: query(store, 'read', async (tx, call) => {
      const organization = await tx.organization(call.organizationId)
      if (!organization) throw new DirectoryError('notFound', 'There is no such organization.')
      return organization
    }),

    createWorkspace: command(store, 'administer', async (tx, call, { name }: { readonly name: string }) => {
      const workspace: Workspace = {
        id: newId(),
        organizationId: call.organizationId,
        name: checkName(name, 'workspace'),
        createdAt: call.now,
      }
      await tx.putWorkspace(workspace)
      return [workspace, { action: 'workspace.created', subject: workspace.id, detail: { name: workspace.name } }]
    }),
    listWorkspaces: query(store, 'read', (tx, call) => tx.workspaces(call.organizationId)),

    createRole: command(
      store,
      'administer',
      async (
        tx,
        call,
        {
          name,
          workspaceId,
          owner = false,
        }: { readonly name: string; readonly workspaceId?: string | undefined; readonly owner?: boolean },
      ) => {
        if (workspaceId && !(await tx.workspaces(call.organizationId)).some(({ id }) => id === workspaceId))
          throw new DirectoryError('invalid', 'There is no such workspace in this organization.', { field: 'workspaceId' })
        const role: Role = {
          id: newId(),
          organizationId: call.organizationId,
          workspaceId,
          name: checkName(name, 'role'),
          owner,
          createdAt: call.now,
        }
        if ((await tx.roles(call.organizationId)).some((other) => other.name === role.name && other.workspaceId === workspaceId))
          throw new DirectoryError('taken', 'A role has this name already.', { field: 'name' })
        await tx.putRole(role)
        return [role, { action: 'role.created', subject: role.id, detail: { name: role.name, workspaceId } }]
      },
    ),
    listRoles: query(store, 'read', (tx, call) => tx.roles(call.organizationId)),
  }
}

const settings = ({ name, plan, sso, emailDomains }: Organization): JsonObject => ({ name, plan, sso, emailDomains })
