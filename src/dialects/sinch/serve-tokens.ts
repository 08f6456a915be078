import type { Call } from '../../directory/call.ts'
import type { Presented } from '../../directory/credential.ts'
import { DirectoryError } from '../../directory/errors.ts'
import type { Mount } from '../../wire/serve.ts'
import type { Value } from '../../wire/operation.ts'
import type { ServeServices } from '../dialect.ts'
import { keyKind, readBasic } from './credentials.ts'
import { createToken, tokenLifetimeSeconds } from './token.ts'
import { issueToken } from './wire.ts'

/** Serves the token endpoint: client credentials in the form, or in Basic as the vendor's own client sends them (SNCH-Q13). */
export function serveTokens(mount: Mount<Call>, { authenticate, tokenKeys }: ServeServices): void {
  mount(issueToken, async (call, { body, headers }) => {
    if (body.grant_type === undefined)
      throw new DirectoryError('invalid', 'Send grant_type=client_credentials.', { field: 'grant_type' })
    if (body.grant_type !== 'client_credentials')
      throw new DirectoryError('invalid', 'The only grant_type here is client_credentials.', { code: 'unsupported_grant_type' })
    const client = clientIn(body, headers['authorization'])
    await authenticate(client, call)
    const [key] = tokenKeys
    if (!key) throw new DirectoryError('unavailable', 'This server makes no tokens. Send the key as Basic.')
    const access_token = await createToken(client.identifier, { key, now: call.now })
    return { value: { access_token, token_type: 'bearer', expires_in: tokenLifetimeSeconds, scope: '' } }
  })
}

/** The one client that the request names; two ways at once are refused (RFC 6749 §2.3). */
function clientIn(form: Value<typeof issueToken.request>, authorization: string | undefined): Presented {
  const { client_id = '', client_secret = '' } = form
  if (authorization === undefined) return { kind: keyKind, identifier: client_id, secret: client_secret }
  const client = readBasic(authorization)
  if (!client) throw new DirectoryError('unauthenticated', 'Send the key id and its secret as Basic, or in the form.')
  if (client_secret !== '' || (client_id !== '' && client_id !== client.identifier))
    throw new DirectoryError('invalid', 'Send the key id and its secret once: as Basic, or in the form.', { field: 'client_id' })
  return client
}
