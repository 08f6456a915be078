import { parseSecret, type Presented } from '../../directory/credential.ts'

export const credentialKind = 'scim'

/** The bearer token of an Authorization header (RFC 6750 §2.1); undefined where there is none that this product could have issued. */
export function readBearer(header: string | undefined): Presented | undefined {
  const secret = header === undefined ? undefined : /^Bearer +([^\s]+) *$/i.exec(header)?.[1]
  const parsed = secret === undefined ? undefined : parseSecret(secret)
  return secret !== undefined && parsed ? { kind: credentialKind, identifier: parsed.identifier, secret } : undefined
}
