import type { Call } from '../../../directory/call.ts'
import type { OrganizationInput } from '../../../directory/organization.ts'
import type { Mount } from '../../../wire/serve.ts'
import type { ServeServices } from '../../dialect.ts'
import { toOrganization, toRole, toWorkspace } from '../translate.ts'
import {
  changeOrganization,
  createRole,
  createWorkspace,
  listRoles,
  listWorkspaces,
  readOrganization,
} from '../wire/organization.ts'

export function serveOrganization(mount: Mount<Call>, { directory }: ServeServices): void {
  mount(readOrganization, async (call) => ({ value: toOrganization(await directory.getOrganization(call, undefined)) }))
  mount(changeOrganization, async (call, { body }) => {
    const change: Partial<OrganizationInput> = {
      ...(body.name !== undefined && { name: body.name }),
      ...(body.plan && { plan: body.plan }),
      ...(body.sso && { sso: body.sso }),
      ...(body.emailDomains && { emailDomains: body.emailDomains }),
    }
    return { value: toOrganization(await directory.changeOrganization(call, change)) }
  })
  mount(listWorkspaces, async (call) => ({
    value: { items: (await directory.listWorkspaces(call, undefined)).map(toWorkspace) },
  }))
  mount(createWorkspace, async (call, { body }) => ({ value: toWorkspace(await directory.createWorkspace(call, body)) }))
  mount(listRoles, async (call) => ({ value: { items: (await directory.listRoles(call, undefined)).map(toRole) } }))
  mount(createRole, async (call, { body }) => ({ value: toRole(await directory.createRole(call, body)) }))
}
