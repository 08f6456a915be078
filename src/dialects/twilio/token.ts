import { jwtVerify, SignJWT } from 'jose'
import type { Credential } from '../../directory/credential.ts'
import { DirectoryError } from '../../directory/errors.ts'

/** How long a token holds, in seconds. */
export const tokenSeconds = 3600
const issuer = 'rollcall'

/** A signed token for an organization key: it holds an hour, and no longer than the key itself. */
export async function signToken(
  { identifier }: Pick<Credential, 'identifier'>,
  { key, now }: { readonly key: Uint8Array; readonly now: Date },
): Promise<string> {
  const seconds = Math.floor(now.getTime() / 1000)
  return new SignJWT()
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(issuer)
    .setSubject(identifier)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + tokenSeconds)
    .sign(key)
}

/** Throws `unauthenticated` for a token that no key here signed, that was made for another credential, or whose hour is over. */
export async function verifyToken(
  token: string,
  { credential, keys, now }: { readonly credential: Credential; readonly keys: readonly Uint8Array[]; readonly now: Date },
): Promise<void> {
  for (const key of keys)
    try {
      await jwtVerify(token, key, {
        issuer,
        subject: credential.identifier,
        algorithms: ['HS256'],
        currentDate: now,
        requiredClaims: ['exp'],
      })
      return
    } catch {
      // Signed with another key of the list, or by nobody here.
    }
  throw new DirectoryError('unauthenticated', 'The access token is not valid, or no longer. Ask for a new one.')
}
