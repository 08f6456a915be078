import type { Dialect } from '../dialect.ts'
import { connectBird } from './connect.ts'
import { credentialKind, readAccessKey } from './credentials.ts'
import { describeBird } from './description.ts'
import { toProblemReply } from './problem.ts'
import { serveBird } from './serve.ts'
import { operations } from './wire.ts'

/** Bird's organization users: Accounts v1, served and called. */
export const bird: Dialect = {
  name: 'bird',
  basePath: '/bird',
  hosts: { 'api.bird.com': '' },
  operations,
  startingCredentials: [{ kind: credentialKind, name: 'Bird access key', scopes: ['read', 'write'] }],
  credentials: (head) => readAccessKey(head.headers['authorization']),
  problem: toProblemReply,
  serve: serveBird,
  describe: describeBird,
  access: ({ origin, organization, secrets }) => {
    const credential = secrets[credentialKind]
    if (!credential) throw new TypeError(`the organization was given no credential of kind ${credentialKind}`)
    return { baseUrl: `${origin}/bird`, organizationId: organization.id, accessKey: credential.secret }
  },
  connect: connectBird,
}
