import { lastNoun } from '../../wire/describe.ts'
import { json } from '../../wire/operation.ts'
import type { DialectDescription, Problem } from '../dialect.ts'
import { createOrganizationUser } from './wire.ts'
import { DetailedError } from './wire-record.ts'

/** The document names a 409 for a creation alone, and nothing else can meet one here. */
const conflicts: ReadonlySet<Problem['refusal']> = new Set(['taken', 'conflict', 'stale', 'keyReused', 'unsafe'])

export const describeBird = (): DialectDescription => ({
  title: 'Accounts',
  version: 'v1',
  summary: "Bird's organization users, as Rollcall serves them",
  description:
    'Every request carries an access key: Authorization: AccessKey …. Lists are read by nextPageToken. ' +
    'The status of a membership and of a user are different things.',
  securitySchemes: { accessKey: { type: 'http', scheme: 'AccessKey' } },
  problems: { DetailedError: json(DetailedError) },
  refusalsOf: ({ name }, usual) =>
    name === createOrganizationUser.name ? usual : usual.filter((refusal) => !conflicts.has(refusal)),
  tagOf: lastNoun,
})
