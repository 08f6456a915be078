import { decodeJwt, errors, jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'
import type { Presented, Scope } from '../../directory/credential.ts'
import { DirectoryError } from '../../directory/errors.ts'

/** How long an access token holds, in seconds. */
export const tokenLifetimeSeconds = 3600

/** The kind of a client that asks for tokens. Its secret is no bearer token, and a bearer token is no secret of a client. */
export const clientKind = 'scimclient'

/** What a client may ask for by `scope`. */
export const clientScopes = ['read', 'write'] as const satisfies readonly Scope[]

const audience = 'scim'
const type = 'at+jwt'
const longest = 2_000

/** A JWT (HS256, RFC 9068 in its shape) for a client. It dies with the client. */
export function createAccessToken(
  clientId: string,
  { scopes, key, now }: { readonly scopes: readonly Scope[]; readonly key: Uint8Array; readonly now: Date },
): Promise<string> {
  const issuedAt = Math.floor(now.getTime() / 1_000)
  return new SignJWT({ client_id: clientId, scope: scopes.join(' ') })
    .setProtectedHeader({ alg: 'HS256', typ: type })
    .setSubject(clientId)
    .setAudience(audience)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + tokenLifetimeSeconds)
    .sign(key)
}

const Claims = z.object({ sub: z.string().min(1), scope: z.string() })

/** What a bearer presents that has the form of an access token; nothing of it is proven. Undefined for anything else. */
export function readAccessToken(token: string): Presented | undefined {
  if (token.length > longest || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return undefined
  try {
    const { sub, scope } = Claims.parse(decodeJwt(token))
    const asked = scope.split(' ')
    return {
      kind: clientKind,
      identifier: sub,
      secret: token,
      proof: 'token',
      scopes: clientScopes.filter((each) => asked.includes(each)),
    }
  } catch {
    return undefined
  }
}

/** Throws DirectoryError `unauthenticated`, with the code `expired` when everything but the time is right. */
export async function verifyAccessToken(
  token: string,
  {
    credential,
    keys,
    now,
  }: { readonly credential: { readonly identifier: string }; readonly keys: readonly Uint8Array[]; readonly now: Date },
): Promise<void> {
  const { identifier: subject } = credential
  for (const key of keys) {
    try {
      await jwtVerify(token, key, {
        algorithms: ['HS256'],
        typ: type,
        audience,
        subject,
        requiredClaims: ['exp'],
        currentDate: now,
      })
      return
    } catch (cause) {
      if (cause instanceof errors.JWTExpired)
        throw new DirectoryError('unauthenticated', 'The access token is expired. Ask for a new one.', { code: 'expired', cause })
      if (!(cause instanceof errors.JOSEError)) throw cause
    }
  }
  throw new DirectoryError('unauthenticated', 'The access token is not one of this server.')
}

/** The client that an assertion says it is, unproved. */
export function readSubject(assertion: string): string | undefined {
  try {
    return decodeJwt(assertion).sub
  } catch {
    return undefined
  }
}
