import { z } from 'zod'
import { lastNoun } from '../../wire/describe.ts'
import { json, scim, type Operation } from '../../wire/operation.ts'
import type { DialectDescription } from '../dialect.ts'
import { errorMembers } from '../scim/errors.ts'
import { partOf } from './problem.ts'
import { guideOperations } from './wire.ts'
import { createToken } from './wire-public.ts'

const takesBasic: ReadonlySet<Operation> = new Set(guideOperations)

const readable = { code: z.int(), message: z.string(), more_info: z.string() }
const camelCased = { ...readable, moreInfo: z.string() }

export const describeTwilio = (): DialectDescription => ({
  title: 'Twilio organizations',
  version: 'v1',
  summary: "Twilio's organization users, SCIM, role assignments and subaccounts, as Rollcall serves them",
  description:
    'Bodies of REST come as forms and are answered in JSON. REST takes Basic with an account SID and its auth token, or an API key SID and its secret; ' +
    'SCIM and the paths of the public organization API take the organization key as a bearer, or a token given for it. Neither stands in for the other.',
  securitySchemes: {
    basic: { type: 'http', scheme: 'basic' },
    organizationKey: { type: 'http', scheme: 'bearer' },
    token: { type: 'oauth2', flows: { clientCredentials: { tokenUrl: '/twilio/v1/token', scopes: {} } } },
  },
  securityOf: (operation) => (takesBasic.has(operation) ? ['basic'] : ['organizationKey', 'token']),
  problems: {
    Error: json(z.object({ ...readable, status: z.int() })),
    ScimError: scim(z.object({ ...errorMembers, ...camelCased })),
    OrganizationError: scim(z.object({ ...camelCased, status: z.int() })),
  },
  problemOf: ({ path }) => ({ rest: 'Error', scim: 'ScimError', organizations: 'OrganizationError' })[partOf(path)],
  // Where the installation makes no tokens.
  refusalsOf: ({ name }, usual) => (name === createToken.name ? [...usual, 'unsupported'] : usual),
  tagOf: lastNoun,
})
