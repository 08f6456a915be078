import type { z } from 'zod'
import type { Refusal } from '../../directory/errors.ts'
import type { Problem, ProblemReply } from '../dialect.ts'
import type { DetailedError } from './wire-record.ts'

/** [HTTP status, code] for each refusal. A refusal added to the core does not compile until it stands here. */
export const problems: Record<Refusal | 'internal', readonly [number, string]> = {
  unauthenticated: [401, 'Unauthorized'],
  wrongCredential: [401, 'Unauthorized'],
  forbidden: [403, 'Forbidden'],
  planGate: [403, 'Forbidden'],
  ssoGate: [403, 'Forbidden'],
  needsApproval: [403, 'Forbidden'],
  lastOwner: [403, 'Forbidden'],
  // Another organization's is not told from none.
  foreign: [404, 'NotFound'],
  notFound: [404, 'NotFound'],
  unsupported: [405, 'MethodNotAllowed'],
  taken: [409, 'AlreadyExists'],
  conflict: [409, 'Conflict'],
  stale: [409, 'Conflict'],
  keyReused: [409, 'Conflict'],
  unsafe: [409, 'Conflict'],
  tooLarge: [413, 'RequestTooLarge'],
  mediaType: [415, 'UnsupportedMediaType'],
  malformed: [422, 'InvalidRequest'],
  invalid: [422, 'InvalidRequest'],
  readOnly: [422, 'InvalidRequest'],
  weakPassword: [422, 'InvalidRequest'],
  limited: [429, 'TooManyRequests'],
  internal: [500, 'InternalError'],
  unavailable: [503, 'Unavailable'],
}

/** The narrower word for an e-mail domain that the organization does not allow. */
export const domainNotAllowed = 'DomainNotAllowed'

/** How Bird names the members that the directory complains about. */
const fields: ReadonlyMap<string, string> = new Map([
  ['emails', 'email'],
  ['userName', 'email'],
  ['displayName', 'name'],
  ['roles', 'roleRefs'],
  ['personId', 'userId'],
])

/** An Error, with `details` where a member of the request is to blame: a refused body, and a domain that is not allowed (BIRD-48, BIRD-51). */
export function toProblemReply({ refusal, message, field, code }: Problem): ProblemReply {
  const [status, general] = problems[refusal]
  const shown = refusal === 'internal' ? 'An error occurred that is not yours. Try again later.' : message
  // The list, not the place in it.
  const named = fields.get(field ?? '') ?? field?.replace(/\.[0-9]+$/, '') ?? 'body'
  const body: z.output<typeof DetailedError> = {
    code: code ?? general,
    message: shown,
    ...((status === 422 || code === domainNotAllowed) && { details: { [named]: [shown] } }),
  }
  return {
    status,
    headers: status === 401 ? { 'www-authenticate': 'AccessKey' } : {},
    type: 'application/json',
    text: JSON.stringify(body),
  }
}
