import type { Dialect } from '../dialect.ts'
import { connectScim } from './connect.ts'
import { credentialKind, readBearer } from './credentials.ts'
import { describeScim } from './description.ts'
import { scimProblem } from './errors.ts'
import { serveScim } from './serve.ts'
import { operations } from './wire.ts'

/** SCIM 2.0 (RFC 7643, RFC 7644): what identity providers provision people through. */
export const scim: Dialect = {
  name: 'scim',
  basePath: '/scim/v2',
  hosts: {},
  operations,
  startingCredentials: [{ kind: credentialKind, name: 'SCIM token', scopes: ['read', 'write'] }],
  credentials: (head) => readBearer(head.headers['authorization']),
  problem: scimProblem,
  serve: serveScim,
  describe: describeScim,
  access: ({ origin, secrets }) => {
    const credential = secrets[credentialKind]
    if (!credential) throw new TypeError(`the organization was given no credential of kind ${credentialKind}`)
    return { baseUrl: `${origin}/scim/v2`, token: credential.secret }
  },
  connect: connectScim,
}
