import { decodeJwt, errors, jwtVerify, SignJWT } from 'jose'
import type { Credential } from '../../directory/credential.ts'
import { DirectoryError } from '../../directory/errors.ts'

/** How long a token holds, in seconds (SNCH-02). */
export const tokenLifetimeSeconds = 3600

const audience = 'sinch'
const maxLength = 2_000

/** A JWT (HS256) for a key. Clients read its `exp` to renew it in time (SNCH-P05). */
export function createToken(keyId: string, { key, now }: { readonly key: Uint8Array; readonly now: Date }): Promise<string> {
  const issuedAt = Math.floor(now.getTime() / 1000)
  return new SignJWT({ client_id: keyId })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(keyId)
    .setAudience(audience)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + tokenLifetimeSeconds)
    .sign(key)
}

/** The key that a token says it was made for, unproved; undefined for what is no JWT. */
export function readKeyId(token: string): string | undefined {
  if (token.length > maxLength) return undefined
  try {
    return decodeJwt(token).sub
  } catch {
    return undefined
  }
}

/** Throws DirectoryError `unauthenticated`, with the code `expired` when everything but the time is right. */
export async function verifyToken(
  token: string,
  {
    credential,
    keys,
    now,
  }: { readonly credential: Pick<Credential, 'identifier'>; readonly keys: readonly Uint8Array[]; readonly now: Date },
): Promise<void> {
  for (const key of keys) {
    try {
      const expected = {
        algorithms: ['HS256'],
        audience,
        subject: credential.identifier,
        requiredClaims: ['exp'],
        currentDate: now,
      }
      await jwtVerify(token, key, expected)
      return
    } catch (cause) {
      if (cause instanceof errors.JWTExpired)
        throw new DirectoryError('unauthenticated', 'The token is expired. Ask for a new one.', { code: 'expired', cause })
      if (!(cause instanceof errors.JOSEError)) throw cause
    }
  }
  throw new DirectoryError('unauthenticated', 'The token is not one of this API.')
}
