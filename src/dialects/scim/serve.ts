import type { Call } from '../../directory/call.ts'
import { DirectoryError } from '../../directory/errors.ts'
import type { Mount } from '../../wire/serve.ts'
import type { ServeServices } from '../dialect.ts'
import { notImplemented } from './errors.ts'
import { groupType, userType } from './schema/resource-type.ts'
import { serveDiscovery } from './serve/discovery.ts'
import { bindGroups } from './serve/groups.ts'
import { serveResources } from './serve/resources.ts'
import { bindUsers } from './serve/users.ts'
import { groupOperations, unsupportedOperations, userOperations } from './wire.ts'

/** Serves SCIM 2.0 for the people and groups of the caller's organization. */
export function serveScim(mount: Mount<Call>, { directory, baseUrlOf }: ServeServices): void {
  serveResources(mount, userOperations, { binding: bindUsers(directory), baseUrlOf })
  serveResources(mount, groupOperations, { binding: bindGroups(directory), baseUrlOf })
  serveDiscovery(mount, [userType, groupType], baseUrlOf)
  for (const operation of unsupportedOperations)
    mount(operation, () =>
      Promise.reject(
        new DirectoryError(
          'unsupported',
          `${operation.method} ${operation.path} is not offered here. See /ServiceProviderConfig.`,
          { code: notImplemented },
        ),
      ),
    )
}
