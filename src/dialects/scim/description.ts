import { describedError } from './errors.ts'
import type { DialectDescription } from '../dialect.ts'
import { isOAuthPath, oauthError } from './oauth-problem.ts'
import { issueToken } from './oauth-wire.ts'

export const describeScim = (): DialectDescription => ({
  title: 'SCIM 2.0',
  version: '2.0',
  summary: 'What identity providers provision people through (RFC 7643, RFC 7644)',
  description:
    'Every request carries the SCIM token, or an access token from /oauth2/token, as a bearer; discovery needs none. Names of attributes are case-insensitive, shown as the RFC spells them. ' +
    'What is not offered (/Me) answers 501.',
  securitySchemes: {
    token: { type: 'http', scheme: 'bearer' },
    oauth: {
      type: 'oauth2',
      flows: { clientCredentials: { tokenUrl: issueToken.path, scopes: { read: 'to read', write: 'to change' } } },
    },
  },
  problems: { Error: describedError, TokenError: oauthError },
  problemOf: ({ path }) => (isOAuthPath(path) ? 'TokenError' : 'Error'),
  // Discovery refuses a filter (RFC 7644 §4), open as it is.
  refusalsOf: ({ open, path }, usual) => (open && !isOAuthPath(path) ? [...usual, 'forbidden'] : usual),
})
