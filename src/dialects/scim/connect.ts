import type { Capabilities, Vendor } from '../../sync/vendor.ts'
import type { Remote } from '../../wire/call.ts'
import type { ConnectOptions } from '../dialect.ts'
import { checkScim } from './connect-check.ts'
import { parseBaseUrl, readAuthorization } from './connect-credentials.ts'
import { createFeatures } from './connect-features.ts'
import { createGroups } from './connect-groups.ts'
import { createUsers } from './connect-read.ts'
import { createScimWriter } from './connect-write.ts'

const timeoutMs = 30_000

const capabilities: Capabilities = {
  create: true,
  update: true,
  suspend: true,
  remove: true,
  setRoles: true,
  invite: false,
  cancelInvitation: false,
  notes: [
    'Roles are the application’s groups.',
    'Suspending sets active to false. Whether open sessions end with it is the application’s business.',
    'Removal is final at most applications: suspend where an account may be needed again.',
  ],
}

/** Calls any application that speaks SCIM 2.0. Throws ConfigError when the credentials or the base URL cannot be used. */
export function connectScim(options: ConnectOptions): Vendor {
  return scimVendor('scim', {
    baseUrl: parseBaseUrl(options.baseUrl),
    headers: { authorization: readAuthorization(options.credentials), accept: 'application/scim+json, application/json' },
    fetch: options.fetch,
    sleep: options.sleep,
    random: options.random,
    timeoutMs,
    ...(options.trace && { trace: options.trace }),
  })
}

/** The SCIM of a vendor that is reached this way: its base URL is where `/Users` follows. A vendor's own connector lays its knowledge over this one. */
export function scimVendor(name: string, remote: Remote): Vendor {
  const features = createFeatures(remote)
  const groups = createGroups(remote, features)
  const users = createUsers(remote, { features, groups })
  return {
    name,
    capabilities,
    reader: {
      list: users.list,
      paging: 'offset',
      read: users.read,
      roles: groups.list,
      check: () => checkScim(remote, features),
    },
    writer: createScimWriter(remote, { users, groups, features }),
  }
}
