import type { Dialect } from '../dialect.ts'
import { connectBandwidth } from './connect.ts'
import { credentialKind, readBasic } from './credentials.ts'
import { describeBandwidth } from './description.ts'
import { toProblemReply } from './problem.ts'
import { serveBandwidth } from './serve.ts'
import { toAccountId } from './translate.ts'
import { operations } from './wire.ts'

/** Bandwidth's users and roles: the Dashboard API, served and called. */
export const bandwidth: Dialect = {
  name: 'bandwidth',
  basePath: '/bandwidth/api',
  hosts: { 'dashboard.bandwidth.com': '/api' },
  operations,
  startingCredentials: [{ kind: credentialKind, name: 'Bandwidth Dashboard user', scopes: ['read', 'write'] }],
  credentials: (head) => readBasic(head.headers['authorization']),
  problem: toProblemReply,
  serve: serveBandwidth,
  describe: describeBandwidth,
  access: ({ origin, organization, secrets }) => {
    const credential = secrets[credentialKind]
    if (!credential) throw new TypeError(`the organization was given no credential of kind ${credentialKind}`)
    return {
      baseUrl: `${origin}/bandwidth/api`,
      accountId: toAccountId(organization.id),
      username: credential.identifier,
      password: credential.secret,
    }
  },
  connect: connectBandwidth,
}
