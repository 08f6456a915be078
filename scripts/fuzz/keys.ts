import { credentialKind as birdKind } from '../../src/dialects/bird/credentials.ts'
import { credentialKind as bandwidthKind } from '../../src/dialects/bandwidth/credentials.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { liveKeyKind, scimTokenKind } from '../../src/dialects/messagebird/credentials.ts'
import { credentialKind as scimKind } from '../../src/dialects/scim/credentials.ts'
import { clientKind } from '../../src/dialects/scim/oauth-token.ts'
import { keyKind, scimKind as sinchScimKind } from '../../src/dialects/sinch/credentials.ts'
import { apiKeyKind, authTokenKind, organizationKeyKind } from '../../src/dialects/twilio/credentials.ts'
import { toSid } from '../../src/dialects/twilio/sid.ts'
import type { Operation } from '../../src/wire/operation.ts'
import { deafWebhook, ownDecision, ownExtension, ownReview, toItself, type Tenant } from './world.ts'

/** A valid Authorization header, with the kind of credential in it. */
export interface Key {
  readonly kind: string
  readonly authorization: string
}

type Printed = Readonly<Record<string, string>>

const basic = (user = '', password = '') => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

const spelled: Readonly<Record<string, (printed: Printed) => readonly Key[]>> = {
  native: ({ key }) => [{ kind: 'native', authorization: `Bearer ${key}` }],
  scim: ({ token }) => [{ kind: scimKind, authorization: `Bearer ${token}` }],
  bird: ({ accessKey }) => [{ kind: birdKind, authorization: `AccessKey ${accessKey}` }],
  messagebird: ({ accessKey, scimToken }) => [
    { kind: liveKeyKind, authorization: `AccessKey ${accessKey}` },
    { kind: scimTokenKind, authorization: `Bearer ${scimToken}` },
  ],
  twilio: ({ accountSid, authToken, apiKeySid, apiKeySecret, orgKeySecret }) => [
    { kind: authTokenKind, authorization: basic(accountSid, authToken) },
    { kind: apiKeyKind, authorization: basic(apiKeySid, apiKeySecret) },
    { kind: organizationKeyKind, authorization: `Bearer ${orgKeySecret}` },
  ],
  bandwidth: ({ username, password }) => [{ kind: bandwidthKind, authorization: basic(username, password) }],
  sinch: ({ keyId, keySecret, scimToken }) => [
    { kind: keyKind, authorization: basic(keyId, keySecret) },
    { kind: sinchScimKind, authorization: `Bearer ${scimToken}` },
  ],
}

/** The keys of an organization by dialect, with a token for each of them that buys one. Throws for a dialect whose keys are not spelled here. */
export async function keysOf(
  url: string,
  dialects: readonly Dialect[],
  { access }: Tenant,
): Promise<Readonly<Record<string, readonly Key[]>>> {
  const { sinch = {}, twilio = {}, oauth = {} } = access
  const tokens: Readonly<Record<string, Key>> = {
    scim: { kind: clientKind, authorization: await tokenFrom(`${url}/oauth2/token`, oauth['clientId'], oauth['clientSecret']) },
    sinch: {
      kind: keyKind,
      authorization: await tokenFrom(`${url}/sinch/oauth2/token`, sinch['keyId'], sinch['keySecret']),
    },
    twilio: {
      kind: organizationKeyKind,
      authorization: await tokenFrom(`${url}/twilio/v1/token`, 'OQ1', twilio['orgKeySecret']),
    },
  }
  return Object.fromEntries(
    dialects.map(({ name }) => {
      const spell = spelled[name]
      if (!spell) throw new TypeError(`the fuzzer does not know how ${name} spells its keys: add it to scripts/fuzz/keys.ts`)
      const token = tokens[name]
      return [name, [...spell(access[name] ?? {}), ...(token ? [token] : [])]]
    }),
  )
}

/** Bodies that an organization may send where no schema leads to one, by dialect and operation. */
export const soundBodies = (url: string, { access, roles, members, owner }: Tenant): Readonly<Record<string, unknown>> => ({
  'native.createConnection': { ...toItself(url, access), name: 'another' },
  'twilio.createRoleAssignment': {
    role_sid: toSid('IX', roles[0] ?? ''),
    scope: access['twilio']?.['organizationSid'],
    identity: toSid('US', members[0] ?? ''),
  },
  'scim.issueToken': { ...grant, client_id: access['oauth']?.['clientId'], client_secret: access['oauth']?.['clientSecret'] },
  'native.createAssertingClient': { name: 'fuzzed', issuer: 'fuzz', keysUrl: 'https://keys.example.com/' },
  'sinch.issueToken': { ...grant, client_id: access['sinch']?.['keyId'], client_secret: access['sinch']?.['keySecret'] },
  'twilio.createToken': { ...grant, client_id: 'OQ1', client_secret: access['twilio']?.['orgKeySecret'] },
  'sinch.changeMember': { role: 'MEMBER' },
  'messagebird.updateUser': { firstName: 'A' },
  'native.changeMember': { displayName: 'A' },
  'native.createWebhook': deafWebhook,
  'native.createExtension': ownExtension('another'),
  'native.replaceExtension': ownExtension('caller'),
  'native.createReview': ownReview(owner),
  'native.decideReview': ownDecision,
  'scim.pollEvents': { returnImmediately: true },
  'bird.updateOrganizationUser': { attributes: { team: 'x' } },
  'bandwidth.createUser': {
    Username: 'fuzzed',
    FirstName: 'F',
    LastName: 'Uzzed',
    Email: 'fuzzed@example.com',
    Password: 'Correct-Horse-9',
  },
  'bandwidth.updateUser': { FirstName: 'A', LastName: 'B', Email: 'fuzzed.too@example.com' },
})
const grant = { grant_type: 'client_credentials' }

async function tokenFrom(url: string, client_id = '', client_secret = ''): Promise<string> {
  const body = new URLSearchParams({ ...grant, client_id, client_secret })
  const response = await fetch(url, { method: 'POST', body })
  const answer: unknown = await response.json()
  if (typeof answer !== 'object' || answer === null || !('access_token' in answer)) throw new Error(`no token from ${url}`)
  return `Bearer ${String(answer.access_token)}`
}

/** The keys that an operation takes: those in which its dialect finds a credential of the very kind. */
export const keysFor = (dialect: Dialect, operation: Operation, keys: readonly Key[]): readonly Key[] =>
  keys.filter(({ kind, authorization }) => {
    const head = { method: operation.method, url: operation.path, headers: { authorization } }
    return dialect.credentials(head, operation)?.kind === kind
  })
