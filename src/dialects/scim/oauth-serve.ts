import type { Call } from '../../directory/call.ts'
import { assertionAlgorithms, type Scope } from '../../directory/credential.ts'
import { DirectoryError } from '../../directory/errors.ts'
import type { Mount } from '../../wire/serve.ts'
import type { ServeServices } from '../dialect.ts'
import { clientOf } from './oauth-client.ts'
import { invalidScope, unsupportedGrant } from './oauth-problem.ts'
import { clientScopes, createAccessToken, tokenLifetimeSeconds } from './oauth-token.ts'
import { issueToken, readOAuthMetadata } from './oauth-wire.ts'

/** Serves client credentials (RFC 6749 §4.4) and what there is to know of them. Both answer at the root of the server as well. */
export function serveOAuth(mount: Mount<Call>, { authenticate, tokenKeys, baseUrlOf }: ServeServices): void {
  mount(issueToken, async (call, { body, headers }) => {
    if (body.grant_type === undefined)
      throw new DirectoryError('invalid', 'Send grant_type=client_credentials.', { field: 'grant_type' })
    if (body.grant_type !== 'client_credentials')
      throw new DirectoryError('invalid', 'The only grant_type here is client_credentials.', { code: unsupportedGrant })
    const asked = scopesIn(body.scope)
    const client = clientOf(body, headers['authorization'])
    const { scopes: held } = await authenticate(client, call)
    const scopes = asked.filter((scope) => held.has(scope))
    const [key] = tokenKeys
    if (!key) throw new DirectoryError('unavailable', 'This server makes no tokens.')
    return {
      value: {
        access_token: await createAccessToken(client.identifier, { scopes, key, now: call.now }),
        token_type: 'Bearer',
        expires_in: tokenLifetimeSeconds,
        scope: scopes.join(' '),
      },
      headers: { Pragma: 'no-cache' },
    }
  })

  mount(readOAuthMetadata, async (call) => {
    const issuer = baseUrlOf(call).replace(/\/scim\/v2$/, '')
    return {
      value: {
        issuer,
        token_endpoint: issuer + issueToken.path,
        grant_types_supported: ['client_credentials'],
        response_types_supported: [],
        scopes_supported: [...clientScopes],
        token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
        token_endpoint_auth_signing_alg_values_supported: [...assertionAlgorithms],
      },
    }
  })
}

/** What `scope` asks for; everything where it says nothing. Throws DirectoryError for a scope that there is not. */
function scopesIn(text: string | undefined): readonly Scope[] {
  const names = (text ?? '').split(' ').filter((name) => name !== '')
  const unknown = names.find((name) => !clientScopes.some((scope) => scope === name))
  if (unknown !== undefined)
    throw new DirectoryError('invalid', `The scopes are ${clientScopes.join(' and ')}. Leave scope out for both.`, {
      code: invalidScope,
    })
  return names.length === 0 ? clientScopes : clientScopes.filter((scope) => names.includes(scope))
}
