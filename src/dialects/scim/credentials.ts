import { parseSecret, type Presented } from '../../directory/credential.ts'

export const credentialKind = 'scim'

/** The bearer token of an Authorization header (RFC 6750 §2.1); undefined where there is none that this product could have issued. */
export const readBearer = (header: string | undefined): Presented | undefined => readBearerOf(credentialKind, header)

/** The same where another kind of credential is asked for. */
export function readBearerOf(kind: string, header: string | undefined): Presented | undefined {
  const secret = header === undefined ? undefined : /^Bearer +([^\s]+) *$/i.exec(header)?.[1]
  const parsed = secret === undefined ? undefined : parseSecret(secret)
  return secret !== undefined && parsed ? { kind, identifier: parsed.identifier, secret } : undefined
}
