import type { Call } from '../../directory/call.ts'
import { DirectoryError } from '../../directory/errors.ts'
import type { Mount } from '../../wire/serve.ts'
import type { ServeServices } from '../dialect.ts'
import { serveScimFace, type ScimFace } from '../scim/face.ts'
import { plainIds } from '../scim/ids.ts'
import { withGroupsAsRoles } from './group-roles.ts'
import { readingToo } from './scopes.ts'

/** MessageBird's SCIM 2.0: the guide's nine operations (MBRD-39) for organizations on Enterprise. */
export const scimFace: ScimFace = {
  prefix: '/scim/v2',
  users: ['list', 'create', 'read', 'patch', 'delete'],
  groups: ['list', 'create', 'patch', 'delete'],
  discovery: [],
  ids: plainIds,
  admit: async (call, _visitor, { directory }) => {
    if (call.workspaceId !== undefined)
      throw new DirectoryError('wrongCredential', 'This token belongs to a project. Use a token of the organization.')
    const { plan } = await directory.getOrganization({ ...call, scopes: new Set(['read']) }, undefined)
    if (plan !== 'enterprise')
      throw new DirectoryError(
        'planGate',
        `SCIM needs the plan enterprise; the organization is on ${plan}. Raise the plan, or use /users.`,
      )
  },
  entry: 'active',
  sessionsOnSuspend: 'end',
  pageSize: { usual: 20, most: 100 },
  userName: 'email',
}

export function serveScim(mount: Mount<Call>, services: ServeServices): void {
  const reading: Mount<Call> = (operation, handle) =>
    mount(operation, (call, incoming) => handle(operation.method === 'GET' ? call : readingToo(call), incoming))
  serveScimFace(reading, { ...services, directory: withGroupsAsRoles(services.directory) }, scimFace)
}
