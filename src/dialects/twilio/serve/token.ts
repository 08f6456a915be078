import type { Call } from '../../../directory/call.ts'
import { DirectoryError } from '../../../directory/errors.ts'
import type { Mount } from '../../../wire/serve.ts'
import type { ServeServices } from '../../dialect.ts'
import { readClientSecret } from '../credentials.ts'
import { signToken, tokenSeconds } from '../token.ts'
import { createToken } from '../wire-public.ts'

/** Serves access tokens for the organization's key by the client-credentials grant. The secret tells which key it is; client_id is asked for and decides nothing. */
export function serveToken(mount: Mount<Call>, { authenticate, tokenKeys }: ServeServices): void {
  mount(createToken, async (call, { body }) => {
    if (body.grant_type !== 'client_credentials')
      throw new DirectoryError('invalid', 'Only the grant_type client_credentials is offered.', { field: 'grant_type' })
    const [key] = tokenKeys
    if (!key) throw new DirectoryError('unsupported', 'Access tokens are not given here. Send the organization key itself.')
    const presented = readClientSecret(body.client_secret)
    await authenticate(presented, call)
    if (!presented) throw new DirectoryError('unauthenticated', 'client_secret must be the secret of the organization key.')
    return {
      value: {
        access_token: await signToken(presented, { key, now: call.now }),
        token_type: 'Bearer',
        expires_in: tokenSeconds,
      },
    }
  })
}
