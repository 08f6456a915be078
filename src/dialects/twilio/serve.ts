import type { Call } from '../../directory/call.ts'
import { DirectoryError } from '../../directory/errors.ts'
import type { Mount } from '../../wire/serve.ts'
import type { ServeServices } from '../dialect.ts'
import { serveScimFace } from '../scim/face.ts'
import { checkUserName } from './credentials.ts'
import { groupByIdName, guideFace, publicFaces } from './face.ts'
import { serveAccounts } from './serve/accounts.ts'
import { serveOrganizationAccounts } from './serve/organization-accounts.ts'
import { serveRoleAssignments } from './serve/role-assignments.ts'
import { serveToken } from './serve/token.ts'
import { serveUsers } from './serve/users.ts'
import { parseTwilioSettings } from './settings.ts'

/** Serves the guide's REST and SCIM, and the public paths that today's client uses. */
export function serveTwilio(mount: Mount<Call>, services: ServeServices): void {
  const settings = parseTwilioSettings(services.settings)
  /** For what takes Basic: the SID in it must be the one that the secret belongs to. */
  const mountBasic: Mount<Call> = (operation, handle) =>
    mount(operation, async (call, incoming) => {
      checkUserName(call, incoming.headers['authorization'])
      return handle(call, incoming)
    })
  const mountGuideScim: Mount<Call> = (operation, handle) => {
    if (operation.name !== groupByIdName || settings.scimGroupById === 'offered') return mount(operation, handle)
    return mount(operation, async () => {
      throw new DirectoryError('notFound', 'A group cannot be read by its id here. List the groups.')
    })
  }

  serveUsers(mountBasic, services)
  serveAccounts(mountBasic, services)
  serveScimFace(mountGuideScim, services, guideFace)
  for (const face of publicFaces) serveScimFace(mount, services, face)
  serveRoleAssignments(mount, services)
  serveOrganizationAccounts(mount, services)
  serveToken(mount, services)
}
