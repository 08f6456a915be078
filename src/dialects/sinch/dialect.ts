import type { Operation } from '../../wire/operation.ts'
import type { Dialect } from '../dialect.ts'
import { scimFaceOperations } from '../scim/face.ts'
import { connectSinch } from './connect.ts'
import { keyKind, readCredentials, scimKind, scimPath } from './credentials.ts'
import { describeSinch } from './description.ts'
import { face, toCustomer } from './face.ts'
import { toProblemReply } from './problem.ts'
import { serveSinch } from './serve.ts'
import { verifyToken } from './token.ts'
import { restOperations } from './wire.ts'

const operations: readonly Operation[] = [...restOperations, ...scimFaceOperations(face)]

/** Sinch's members of projects, their access keys, tokens and SCIM, served and called. */
export const sinch: Dialect = {
  name: 'sinch',
  basePath: '/sinch',
  hosts: { 'us.api.sinch.com': '', 'eu.api.sinch.com': '', 'auth.sinch.com': '', 'account.api.sinch.com': '' },
  operations,
  startingCredentials: [
    { kind: keyKind, name: 'Sinch access key', scopes: ['read', 'write', 'administer'] },
    { kind: scimKind, name: 'Sinch SCIM token', scopes: ['read', 'write'] },
  ],
  credentials: readCredentials,
  verifyToken,
  problem: toProblemReply,
  serve: serveSinch,
  describe: describeSinch,
  access: ({ origin, organization, secrets }) => {
    const key = secrets[keyKind]
    const scim = secrets[scimKind]
    if (!key || !scim) throw new TypeError(`the organization was given no credentials of the kinds ${keyKind} and ${scimKind}`)
    return {
      baseUrl: `${origin}/sinch`,
      projectId: organization.id,
      keyId: key.identifier,
      keySecret: key.secret,
      scimBaseUrl: `${origin}/sinch${scimPath}/${toCustomer(organization.id)}`,
      scimToken: scim.secret,
    }
  },
  connect: connectSinch,
}
