import { z } from 'zod'
import { form, json, operation } from '../../wire/operation.ts'

// RFC 6749 §4.4, RFC 7521 §4.2, RFC 7523 §2.2, RFC 8414 §2.

export const issueToken = operation({
  name: 'issueToken',
  summary: 'Hands out an access token for an hour to a client that proves itself by its secret or by an assertion',
  method: 'POST',
  path: '/oauth2/token',
  request: form(
    z.object({
      grant_type: z.string().optional(),
      client_id: z.string().optional(),
      client_secret: z.string().optional(),
      client_assertion_type: z.string().optional(),
      client_assertion: z.string().optional(),
      scope: z.string().optional(),
    }),
  ),
  status: 200,
  reply: json(z.object({ access_token: z.string(), token_type: z.string(), expires_in: z.int(), scope: z.string() })),
  open: true,
})

export const readOAuthMetadata = operation({
  name: 'readOAuthMetadata',
  summary: 'What the token endpoint can do (RFC 8414)',
  method: 'GET',
  path: '/.well-known/oauth-authorization-server',
  status: 200,
  reply: json(
    z.object({
      issuer: z.string(),
      token_endpoint: z.string(),
      grant_types_supported: z.array(z.string()),
      response_types_supported: z.array(z.string()),
      scopes_supported: z.array(z.string()),
      token_endpoint_auth_methods_supported: z.array(z.string()),
      token_endpoint_auth_signing_alg_values_supported: z.array(z.string()),
    }),
  ),
  open: true,
})

export const oauthOperations = [issueToken, readOAuthMetadata] as const
