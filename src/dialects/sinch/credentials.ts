import { parseSecret, type Presented } from '../../directory/credential.ts'
import type { RequestHead } from '../dialect.ts'
import { readBearerOf } from '../scim/credentials.ts'
import { readKeyId } from './token.ts'

/** An access key: sent as Basic, or to ask for tokens. */
export const keyKind = 'sinchkey'
export const scimKind = 'sinchscim'

/** Where SCIM answers, below the dialect's base. */
export const scimPath = '/scim/v2'
export const isScimPath = (url: string): boolean => /^\/scim\/v2(?:[/?]|$)/.test(url)

/** What a request proves itself with: on SCIM's path its own token, elsewhere Basic with a key or Bearer with a token made from one. */
export function readCredentials({ url, headers }: RequestHead): Presented | undefined {
  const { authorization } = headers
  if (isScimPath(url)) return readBearerOf(scimKind, authorization)
  return readBasic(authorization) ?? readToken(authorization)
}

/** Key id and secret of a Basic header; undefined for another scheme or what is not base64 of `id:secret`. */
export function readBasic(authorization: string | undefined): Presented | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization?.trim() ?? '') ?? []
  if (encoded === undefined || encoded.length > 1000) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 1) return undefined
  return { kind: keyKind, identifier: text.slice(0, colon), secret: text.slice(colon + 1) }
}

/** A key's secret is no token; a secret of another kind is recognised, and refused for what it is. */
function readToken(authorization: string | undefined): Presented | undefined {
  const [, token] = /^bearer +([^\s]+) *$/i.exec(authorization ?? '') ?? []
  if (token === undefined) return undefined
  const parsed = parseSecret(token)
  if (parsed) return parsed.kind === keyKind ? undefined : { kind: keyKind, identifier: parsed.identifier, secret: token }
  const keyId = readKeyId(token)
  return keyId === undefined ? undefined : { kind: keyKind, identifier: keyId, secret: token, proof: 'token' }
}
