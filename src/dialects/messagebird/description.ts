import { lastNoun } from '../../wire/describe.ts'
import type { DialectDescription } from '../dialect.ts'
import { describedError } from '../scim/errors.ts'
import { isScim } from './problem.ts'
import { errorReply } from './wire.ts'

export const describeMessageBird = (): DialectDescription => ({
  title: 'MessageBird users',
  version: '1',
  summary: "MessageBird's users by REST, and by SCIM 2.0 on the plan Enterprise, as Rollcall serves them",
  description:
    'Two credentials that never stand in for each other: an access key (Authorization: AccessKey …) opens /users, a SCIM token (Bearer) opens /scim/v2. ' +
    'Lists are read by offset, and nothing holds them still between pages.',
  securitySchemes: { accessKey: { type: 'http', scheme: 'AccessKey' }, scimToken: { type: 'http', scheme: 'bearer' } },
  securityOf: (operation) => [isScim({ url: operation.path }) ? 'scimToken' : 'accessKey'],
  problems: { Errors: errorReply, ScimError: describedError },
  problemOf: (operation) => (isScim({ url: operation.path }) ? 'ScimError' : 'Errors'),
  tagOf: lastNoun,
})
