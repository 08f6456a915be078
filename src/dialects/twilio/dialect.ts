import type { Operation } from '../../wire/operation.ts'
import type { Dialect } from '../dialect.ts'
import { connectTwilio } from './connect.ts'
import { apiKeyKind, authTokenKind, organizationKeyKind, readBasic, readOrganizationKey } from './credentials.ts'
import { describeTwilio } from './description.ts'
import { scimOperations } from './face.ts'
import { documentedLimits, rateHeaders } from './limits.ts'
import { toProblemReply } from './problem.ts'
import { serveTwilio } from './serve.ts'
import { toSid } from './sid.ts'
import { verifyToken } from './token.ts'
import { guideOperations } from './wire.ts'
import { publicOperations } from './wire-public.ts'

const takesBasic: ReadonlySet<Operation> = new Set(guideOperations)

/** Twilio's organization users, SCIM and subaccounts: served and called. */
export const twilio: Dialect = {
  name: 'twilio',
  basePath: '/twilio',
  hosts: { 'accounts.twilio.com': '', 'api.twilio.com': '', 'preview-iam.twilio.com': '', 'iam.twilio.com': '' },
  operations: [...guideOperations, ...scimOperations, ...publicOperations],
  startingCredentials: [
    // An account's auth token does what its owner does; a standard API key manages no subaccounts.
    { kind: authTokenKind, name: 'Twilio auth token', scopes: ['read', 'write', 'administer'] },
    { kind: apiKeyKind, name: 'Twilio API key', scopes: ['read', 'write'] },
    { kind: organizationKeyKind, name: 'Twilio organization key', scopes: ['read', 'write'] },
  ],
  credentials: ({ headers }, operation) =>
    takesBasic.has(operation) ? readBasic(headers['authorization']) : readOrganizationKey(headers['authorization']),
  verifyToken,
  problem: toProblemReply,
  serve: serveTwilio,
  describe: describeTwilio,
  rateHeaders,
  documentedLimits,
  access: ({ origin, organization, secrets }) => {
    const made = (kind: string) => {
      const credential = secrets[kind]
      if (!credential) throw new TypeError(`the organization was given no credential of kind ${kind}`)
      return credential
    }
    const organizationSid = toSid('OR', organization.id)
    return {
      baseUrl: `${origin}/twilio`,
      organizationSid,
      accountSid: toSid('AC', organization.id),
      authToken: made(authTokenKind).secret,
      apiKeySid: toSid('SK', made(apiKeyKind).id),
      apiKeySecret: made(apiKeyKind).secret,
      scimBaseUrl: `${origin}/twilio/scim/v2/Organizations/${organizationSid}`,
      orgKeySecret: made(organizationKeyKind).secret,
    }
  },
  connect: connectTwilio,
}
