import type { Dialect } from '../dialect.ts'
import { scimFaceOperations } from '../scim/face.ts'
import { connectMessageBird } from './connect.ts'
import { liveKeyKind, personalKeyKind, readAccessKey, readScimToken, scimTokenKind, testKeyKind } from './credentials.ts'
import { describeMessageBird } from './description.ts'
import { documentedLimits, rateHeaders } from './limits.ts'
import { isScim, toProblemReply } from './problem.ts'
import { scimFace } from './scim.ts'
import { serveMessageBird } from './serve.ts'
import { restOperations } from './wire.ts'

/** MessageBird's users by REST and by SCIM 2.0, served and called. */
export const messagebird: Dialect = {
  name: 'messagebird',
  basePath: '/messagebird',
  hosts: { 'rest.messagebird.com': '' },
  operations: [...restOperations, ...scimFaceOperations(scimFace)],
  startingCredentials: [
    { kind: liveKeyKind, name: 'MessageBird live key', scopes: ['read', 'write'] },
    { kind: scimTokenKind, name: 'MessageBird SCIM token', scopes: ['read', 'write'] },
  ],
  furtherCredentials: [
    { kind: testKeyKind, name: 'MessageBird test key', scopes: ['read', 'write'] },
    { kind: personalKeyKind, name: 'MessageBird personal key', scopes: [] },
  ],
  credentials: (head, operation) =>
    isScim({ url: operation.path }) ? readScimToken(head.headers['authorization']) : readAccessKey(head.headers['authorization']),
  problem: toProblemReply,
  rateHeaders,
  documentedLimits,
  serve: serveMessageBird,
  describe: describeMessageBird,
  access: ({ origin, secrets }) => {
    const secretOf = (kind: string): string => {
      const credential = secrets[kind]
      if (!credential) throw new TypeError(`the organization was given no credential of kind ${kind}`)
      return credential.secret
    }
    return {
      baseUrl: `${origin}/messagebird`,
      accessKey: secretOf(liveKeyKind),
      scimBaseUrl: `${origin}/messagebird/scim/v2`,
      scimToken: secretOf(scimTokenKind),
    }
  },
  connect: connectMessageBird,
}
