import { hash, timingSafeEqual } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** What a caller may do. A credential carries some of these; a command or query names the one it needs. */
export const scopes = [
  'read', // people, groups, roles, connections, plans, findings
  'write', // people, groups, roles
  'administer', // the organization's settings and its credentials
  'operate', // connections, plans, applying, offboarding
  'approve', // decide on a plan
  'audit', // facts and receipts
] as const
export type Scope = (typeof scopes)[number]

/** The duties that a native key can be made for, and the scopes each carries. No duty both asks for and decides on the same plan. */
export const duties = {
  owner: scopes,
  operator: ['read', 'write', 'operate', 'audit'],
  approver: ['read', 'approve', 'audit'],
  auditor: ['read', 'audit'],
} as const satisfies Record<string, readonly Scope[]>
export type Duty = keyof typeof duties

/** What a caller proves itself with. The secret is handed out once; only its SHA-256 is kept. */
export interface Credential {
  readonly id: string
  readonly organizationId: string
  /** The dialect's own kind, in lower-case letters and digits: one kind never stands in for another. */
  readonly kind: string
  readonly name: string
  /** The public part by which the credential is found: a token's first ten characters, or a user name. */
  readonly identifier: string
  readonly secretHash: string
  readonly scopes: readonly Scope[]
  readonly createdAt: Date
  readonly expiresAt: Date | undefined
  readonly lastUsedAt: Date | undefined
  readonly revokedAt: Date | undefined
  /** The workspace that it is confined to; absent where it is the organization's own. */
  readonly workspaceId?: string
  /** The connection that it is confined to; absent where it is the organization's own. */
  readonly connectionId?: string
  /** Present where the holder signs assertions with keys of its own and has no secret. */
  readonly assertion?: AssertionRule
  /** When the facts told that the end is near; absent while they have not. */
  readonly expiryToldAt?: Date
}

/** What assertions may be signed with: a key whose public half is published. With a shared key, whoever reads the published one could sign. */
export const assertionAlgorithms: readonly string[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
]

/** What a client's assertion must say, and where the keys that it is signed with are published (RFC 7523 §3). */
export interface AssertionRule {
  readonly issuer: string
  readonly subject: string
  readonly audience: string
  /** URL of a JSON Web Key Set (RFC 7517 §5). */
  readonly keysUrl: string
}

/** What a request carries, as its dialect found it. Nothing here has been checked. */
export interface Presented {
  /** The kind that the operation asks for. */
  readonly kind: string
  readonly identifier: string
  readonly secret: string
  /**
   * `secret` is no secret: `token` is a short-lived token that was made for the credential, verified by its dialect (Dialect.verifyToken); `assertion` is
   * a statement that the holder signed, verified by the credential's rule.
   */
  readonly proof?: 'token' | 'assertion'
  /** The scopes that a token is confined to; those of the credential where it is not given. */
  readonly scopes?: readonly Scope[]
}

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const identifierLength = 10
const secretLength = 32
const checksumLength = 6

/**
 * Makes a secret `rc_<kind>_<identifier 10><secret 32><checksum 6>` in base 62: 190 random bits, and a CRC-32 by which a scanner or a typing
 * error is recognised without a look-up. `randomBytes` must be cryptographically strong.
 */
export function createSecret(
  kind: string,
  randomBytes: (size: number) => Uint8Array,
): { readonly identifier: string; readonly secret: string } {
  if (!/^[a-z][a-z0-9]*$/.test(kind)) throw new TypeError(`a credential kind is lower-case letters and digits, not "${kind}"`)
  const identifier = `r${randomText(identifierLength - 1, randomBytes)}`
  const body = `rc_${kind}_${identifier}${randomText(secretLength, randomBytes)}`
  return { identifier, secret: body + checksum(body) }
}

/** Kind and identifier of a well-formed secret; undefined for anything that this product never issued. */
export function parseSecret(secret: string): { readonly kind: string; readonly identifier: string } | undefined {
  if (secret.length > 200) return undefined
  const match = /^rc_([a-z][a-z0-9]*)_([0-9A-Za-z]{10})[0-9A-Za-z]{32}([0-9A-Za-z]{6})$/.exec(secret)
  if (!match) return undefined
  const [, kind, identifier, sum] = match
  return checksum(secret.slice(0, -checksumLength)) === sum ? { kind: kind!, identifier: identifier! } : undefined
}

/** Hex SHA-256. A plain hash is enough for 190 random bits (OWASP ASVS 5.0 §6.5.2 asks for 112). */
export const hashSecret = (secret: string): string => hash('sha256', secret)

/** Compares in constant time: both sides are hashes of equal length. */
export const secretMatches = (credential: Pick<Credential, 'secretHash'>, secret: string): boolean =>
  timingSafeEqual(Buffer.from(credential.secretHash), Buffer.from(hashSecret(secret)))

function checksum(text: string): string {
  let value = crc32(text)
  let digits = ''
  for (let index = 0; index < checksumLength; index++) {
    digits = alphabet[value % 62]! + digits
    value = Math.floor(value / 62)
  }
  return digits
}

function randomText(length: number, randomBytes: (size: number) => Uint8Array): string {
  let text = ''
  while (text.length < length)
    for (const byte of randomBytes(length)) if (byte < 248 && text.length < length) text += alphabet[byte % 62]
  return text
}
