import { parseSecret, type Presented } from '../../directory/credential.ts'

export const credentialKind = 'scim'

/** The bearer token of an Authorization header (RFC 6750 §2.1); undefined where there is none that this product could have issued. */
export const readBearer = (header: string | undefined): Presented | undefined => readBearerOf(credentialKind, header)

/** The same where another kind of credential is asked for. */
export function readBearerOf(kind: string, header: string | undefined): Presented | undefined {
  const secret = readToken(header)
  const parsed = parseSecret(secret)
  return parsed && { kind, identifier: parsed.identifier, secret }
}

/** What stands after `Bearer`; empty where nothing does. */
export const readToken = (header: string | undefined): string => /^Bearer +([^\s]+) *$/i.exec(header ?? '')?.[1] ?? ''
