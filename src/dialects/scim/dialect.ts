import type { Dialect } from '../dialect.ts'
import { connectScim } from './connect.ts'
import { connectionCredentialKind, connectionOperations, readToken } from './connection-face.ts'
import { credentialKind } from './credentials.ts'
import { describeScim } from './description.ts'
import { scimProblem } from './errors.ts'
import { eventOperations } from './events/wire.ts'
import { serveScim } from './serve.ts'
import { operations } from './wire.ts'

/** SCIM 2.0 (RFC 7643, RFC 7644): what identity providers provision people through. */
export const scim: Dialect = {
  name: 'scim',
  basePath: '/scim/v2',
  hosts: {},
  operations: [...operations, ...connectionOperations, ...eventOperations],
  startingCredentials: [{ kind: credentialKind, name: 'SCIM token', scopes: ['read', 'write'] }],
  furtherCredentials: [{ kind: connectionCredentialKind, name: 'SCIM token of a connection', scopes: ['read', 'write'] }],
  credentials: (head, operation) => readToken(head.headers['authorization'], operation),
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
