import type { Dialect } from '../dialect.ts'
import { connectScim } from './connect.ts'
import { connectionCredentialKind, connectionOperations, readPresented } from './connection-face.ts'
import { credentialKind } from './credentials.ts'
import { describeScim } from './description.ts'
import { scimProblem } from './errors.ts'
import { serveScim, serveScimWithTestResources, testResourceOperations } from './serve.ts'
import { eventOperations } from './events/wire.ts'
import { isOAuthPath, oauthProblem } from './oauth-problem.ts'
import { clientKind, clientScopes, verifyAccessToken } from './oauth-token.ts'
import { oauthOperations } from './oauth-wire.ts'
import { operations } from './wire.ts'

/** SCIM 2.0 (RFC 7643, RFC 7644): what identity providers provision people through. */
export const scim: Dialect = {
  name: 'scim',
  basePath: '/scim/v2',
  hosts: {},
  slashes: 'folded',
  operations: [...operations, ...connectionOperations, ...eventOperations, ...oauthOperations],
  rootPaths: oauthOperations.map(({ path }) => path),
  startingCredentials: [{ kind: credentialKind, name: 'SCIM token', scopes: ['read', 'write'] }],
  furtherCredentials: [
    { kind: connectionCredentialKind, name: 'SCIM token of a connection', scopes: ['read', 'write'] },
    { kind: clientKind, name: 'SCIM client of OAuth 2.0', scopes: clientScopes },
  ],
  credentials: (head, operation) => readPresented(head.headers['authorization'], operation),
  verifyToken: verifyAccessToken,
  problem: (problem, head) => (isOAuthPath(head.url) ? oauthProblem(problem, head) : scimProblem(problem)),
  serve: serveScim,
  describe: describeScim,
  access: ({ origin, secrets }) => {
    const credential = secrets[credentialKind]
    if (!credential) throw new TypeError(`the organization was given no credential of kind ${credentialKind}`)
    return { baseUrl: `${origin}/scim/v2`, token: credential.secret }
  },
  connect: connectScim,
}

/** The same with TestResources, for conformance runs. */
export const scimWithTestResources: Dialect = {
  ...scim,
  operations: [...scim.operations, ...testResourceOperations],
  serve: serveScimWithTestResources,
}
