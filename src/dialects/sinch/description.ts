import { z } from 'zod'
import { lastNoun } from '../../wire/describe.ts'
import { json, type Operation } from '../../wire/operation.ts'
import type { DialectDescription } from '../dialect.ts'
import { describedError } from '../scim/errors.ts'
import { isScimPath } from './credentials.ts'
import { statusWords, tokenErrors } from './problem.ts'
import { issueToken } from './wire.ts'

export const describeSinch = (): DialectDescription => ({
  title: 'Sinch members and access keys',
  version: 'v1',
  summary: "Sinch's members of projects, their access keys, tokens and SCIM, as Rollcall serves them",
  description:
    'An access key as Basic, or a token made from one at /oauth2/token, valid for an hour and dead the moment its key is. ' +
    'SCIM answers at a URL that is issued to each customer, and takes its own token.',
  securitySchemes: {
    accessKey: { type: 'http', scheme: 'basic' },
    token: { type: 'oauth2', flows: { clientCredentials: { tokenUrl: '/sinch/oauth2/token', scopes: {} } } },
    scimToken: { type: 'http', scheme: 'bearer' },
  },
  securityOf: ({ path }) => (isScimPath(path) ? ['scimToken'] : ['accessKey', 'token']),
  problems: {
    Error: json(z.object({ error: z.object({ code: z.int(), message: z.string(), status: z.enum(statusWords) }) })),
    TokenError: json(z.object({ error: z.enum(tokenErrors), error_description: z.string() })),
    ScimError: describedError,
  },
  problemOf,
  tagOf: lastNoun,
})

const problemOf = ({ name, path }: Operation): string =>
  name === issueToken.name ? 'TokenError' : isScimPath(path) ? 'ScimError' : 'Error'
