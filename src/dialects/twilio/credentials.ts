import { decodeJwt } from 'jose'
import type { Call } from '../../directory/call.ts'
import { parseSecret, type Presented } from '../../directory/credential.ts'
import { DirectoryError } from '../../directory/errors.ts'
import { toSid } from './sid.ts'

/** The three kinds, none of which stands in for another: an account's auth token, an API key of the account, and the organization's key. */
export const authTokenKind = 'twilioauth'
export const apiKeyKind = 'twilioapikey'
export const organizationKeyKind = 'twilioorgkey'

/** What the guide's REST operations take: Basic with an account's SID or an API key's. A bearer is looked up to tell what it is, and refused (TWIL-36). */
export function readBasic(authorization: string | undefined): Presented | undefined {
  const pair = basicPair(authorization)
  if (pair) return presented(pair.userName.startsWith('SK') ? apiKeyKind : authTokenKind, pair.secret)
  return misplaced(authTokenKind, bearerOf(authorization))
}

/** What SCIM and the public organization API take: the organization's key as a bearer, or a token that was given for it. Basic is refused (TWIL-34). */
export function readOrganizationKey(authorization: string | undefined): Presented | undefined {
  const bearer = bearerOf(authorization)
  const token = bearer === undefined ? undefined : keyInToken(bearer)
  if (bearer !== undefined && token !== undefined)
    return { kind: organizationKeyKind, identifier: token, secret: bearer, proof: 'token' }
  return bearer === undefined
    ? misplaced(organizationKeyKind, basicPair(authorization)?.secret)
    : presented(organizationKeyKind, bearer)
}

/** A secret in the body of a request for a token. */
export const readClientSecret = (secret: string | undefined): Presented | undefined =>
  secret === undefined ? undefined : presented(organizationKeyKind, secret)

/** Makes sure that the SID beside a Basic secret is the one that it belongs to: the account's, or the API key's own. */
export function checkUserName(call: Call, authorization: string | undefined): void {
  const { userName = '', secret = '' } = basicPair(authorization) ?? {}
  const expected = parseSecret(secret)?.kind === apiKeyKind ? toSid('SK', call.actor) : toSid('AC', call.organizationId)
  if (userName !== expected)
    throw new DirectoryError('unauthenticated', 'Send the SID that the secret belongs to as the user name.')
}

/** A secret in the wrong scheme: looked up to tell that it is of another kind than the one asked for, and no credential at all where it is not. */
function misplaced(kind: string, secret: string | undefined): Presented | undefined {
  if (secret === undefined || parseSecret(secret)?.kind === kind) return undefined
  return presented(kind, secret)
}

/** A secret names the credential that it belongs to, whatever stands beside it. */
function presented(kind: string, secret: string): Presented | undefined {
  const parsed = parseSecret(secret)
  return parsed && { kind, identifier: parsed.identifier, secret }
}

function basicPair(authorization: string | undefined): { readonly userName: string; readonly secret: string } | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization?.trim() ?? '') ?? []
  if (encoded === undefined || encoded.length > 1000) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 1 ? undefined : { userName: text.slice(0, colon), secret: text.slice(colon + 1) }
}

const bearerOf = (authorization: string | undefined): string | undefined =>
  /^bearer +(\S+)$/i.exec(authorization?.trim() ?? '')?.[1]

/** The identifier of the key that a token says it was given for; undefined for what is no token. Nothing is believed before it is verified. */
function keyInToken(text: string): string | undefined {
  try {
    const { sub } = decodeJwt(text)
    return typeof sub === 'string' && sub !== '' ? sub : undefined
  } catch {
    return undefined
  }
}
