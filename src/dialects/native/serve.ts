import { duties, parseSecret } from '../../directory/credential.ts'
import type { Dialect } from '../dialect.ts'
import { describeNative } from './description.ts'
import { toProblem } from './problem.ts'
import { serveAccess } from './serve/access.ts'
import { serveConfiguration } from './serve/configuration.ts'
import { serveConnections } from './serve/connections.ts'
import { serveCredentials } from './serve/credentials.ts'
import { serveExtensions } from './serve/extensions.ts'
import { serveExplanations } from './serve/explanations.ts'
import { serveFacts, serveRecord } from './serve/facts.ts'
import { serveFindings } from './serve/findings.ts'
import { serveGroups } from './serve/groups.ts'
import { serveKeys } from './serve/keys.ts'
import { serveLinks } from './serve/links.ts'
import { serveMembers } from './serve/members.ts'
import { serveOffboardings } from './serve/offboardings.ts'
import { serveOrganization } from './serve/organization.ts'
import { servePlans } from './serve/plans.ts'
import { serveReviews } from './serve/reviews.ts'
import { serveTry } from './serve/try.ts'
import { serveWebhooks } from './serve/webhooks.ts'
import { operations } from './wire.ts'

/** Rollcall's own API. Where no lifecycle engine runs, only the directory's part is served. */
export const native: Dialect = {
  name: 'native',
  basePath: '/api/v1',
  hosts: {},
  idempotent: true,
  operations: Object.values(operations),
  startingCredentials: [{ kind: 'native', name: 'owner', scopes: duties.owner }],
  credentials: ({ headers }) => {
    const secret = /^Bearer +(\S+)$/i.exec(headers['authorization'] ?? '')?.[1]
    const parsed = secret === undefined ? undefined : parseSecret(secret)
    return secret === undefined || !parsed ? undefined : { kind: 'native', identifier: parsed.identifier, secret }
  },
  problem: toProblem,
  describe: describeNative,
  serve: (mount, services) => {
    serveOrganization(mount, services)
    serveMembers(mount, services)
    serveGroups(mount, services)
    serveExtensions(mount, services)
    serveCredentials(mount, services)
    serveFacts(mount, services)
    serveExplanations(mount, services)
    serveWebhooks(mount, services)
    if (!services.engine) return
    serveRecord(mount, services.engine)
    serveConnections(mount, services, services.engine)
    serveConfiguration(mount, services, services.engine)
    serveKeys(mount, services.engine)
    servePlans(mount, services, services.engine)
    serveOffboardings(mount, services, services.engine)
    serveLinks(mount, services, services.engine)
    serveFindings(mount, services, services.engine)
    serveAccess(mount, services.engine)
    serveReviews(mount, services, services.engine)
    serveTry(mount, services, services.engine)
  },
  access: ({ origin, secrets }): Record<string, string> => {
    const key = secrets['native']?.secret
    return { baseUrl: `${origin}/api/v1`, ...(key !== undefined && { key }) }
  },
}
