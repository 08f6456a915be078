import type { Presented } from '../../directory/credential.ts'
import { DirectoryError } from '../../directory/errors.ts'
import type { Value } from '../../wire/operation.ts'
import { clientKind, readSubject } from './oauth-token.ts'
import type { issueToken } from './oauth-wire.ts'

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** The one way in which a request proves its client: Basic, a secret in the form, or an assertion. Two at once are refused (RFC 6749 §2.3). */
export function clientOf(
  { client_id, client_secret, client_assertion, client_assertion_type }: Value<typeof issueToken.request>,
  authorization: string | undefined,
): Presented {
  if ([authorization, client_secret, client_assertion].filter((way) => way !== undefined).length > 1)
    throw invalid('Prove the client once: as Basic, by client_secret, or by client_assertion.', 'client_id')
  if (authorization !== undefined) {
    const client = readBasic(authorization)
    if (!client)
      throw new DirectoryError('unauthenticated', 'Send client id and secret as Basic, or in the form.', { code: 'basic' })
    if (client_id !== undefined && client_id !== client.identifier)
      throw invalid('client_id is another one than that of Basic.', 'client_id')
    return client
  }
  if (client_assertion === undefined) return { kind: clientKind, identifier: client_id ?? '', secret: client_secret ?? '' }
  if (client_assertion_type !== assertionType)
    throw invalid(`client_assertion_type must be ${assertionType}.`, 'client_assertion_type')
  const identifier = client_id ?? readSubject(client_assertion) ?? ''
  return { kind: clientKind, identifier, secret: client_assertion, proof: 'assertion' }
}

/** Both parts are form-encoded before they are put together (RFC 6749 §2.3.1). */
function readBasic(authorization: string): Presented | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(authorization) ?? []
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  const parts = [text.slice(0, Math.max(colon, 0)), text.slice(colon + 1)].map(decoded)
  const [identifier, secret] = parts
  return colon < 1 || identifier === undefined || secret === undefined ? undefined : { kind: clientKind, identifier, secret }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

const invalid = (message: string, field: string) => new DirectoryError('invalid', message, { field })
