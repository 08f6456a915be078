import type { Refusal } from '../../directory/errors.ts'
import { encodeBody } from '../../wire/body.ts'
import { mediaTypes } from '../../wire/media.ts'
import type { Problem, ProblemReply, RequestHead } from '../dialect.ts'
import { scimFaceProblem } from '../scim/face.ts'
import { scimFace } from './scim.ts'
import { errorReply } from './wire.ts'

/**
 * [HTTP status, code] for each refusal of `/users`. A refusal added to the core does not compile until it stands here. Codes 2, 9, 10, 20 and 25 are
 * those of MessageBird's clients; it publishes none for the rest, and 99 is its internal error.
 */
export const problems: Record<Refusal | 'internal', readonly [number, number]> = {
  unauthenticated: [401, 2],
  wrongCredential: [401, 2],
  forbidden: [403, 2],
  foreign: [403, 2],
  planGate: [403, 2],
  ssoGate: [403, 2],
  needsApproval: [403, 2],
  notFound: [404, 20],
  unsupported: [405, 20],
  taken: [409, 10],
  conflict: [409, 10],
  lastOwner: [409, 10],
  stale: [409, 10],
  keyReused: [409, 10],
  unsafe: [409, 10],
  malformed: [400, 10],
  tooLarge: [413, 10],
  mediaType: [415, 10],
  invalid: [422, 10],
  readOnly: [422, 10],
  weakPassword: [422, 10],
  limited: [429, 2],
  internal: [500, 99],
  unavailable: [503, 99],
}

/** Refusals that the vendor does not explain (MBRD-03): the same words whatever was wrong. */
const unexplained: ReadonlySet<string> = new Set<Refusal>([
  'unauthenticated',
  'wrongCredential',
  'forbidden',
  'foreign',
  'planGate',
  'ssoGate',
])

/** In the shape of the API that was asked. A 429 has no Retry-After (MBRD-42). */
export function toProblemReply(problem: Problem, head: RequestHead): ProblemReply {
  return isScim(head) ? toScimReply(problem) : toRestReply(problem)
}

/** Whether a path below the dialect's base is SCIM's. */
export const isScim = ({ url }: Pick<RequestHead, 'url'>): boolean => /^\/scim(?:[/?]|$)/.test(url)

function toRestReply({ refusal, message, field }: Problem): ProblemReply {
  const [status, code] = problems[refusal]
  const hidden = unexplained.has(refusal)
  const description = hidden
    ? 'Request not allowed (incorrect access_key)'
    : refusal === 'internal'
      ? 'An error occurred that is not yours. Try again later.'
      : message
  const parameter = hidden ? 'access_key' : parameterOf(field)
  return {
    status,
    headers: status === 401 ? { 'www-authenticate': 'AccessKey realm="MessageBird"' } : {},
    type: mediaTypes.json,
    text: encodeBody(errorReply, 'json', { errors: [{ code, description, parameter }] }),
  }
}

function toScimReply(problem: Problem): ProblemReply {
  const message = unexplained.has(problem.refusal) ? 'Request not allowed.' : problem.message
  const reply = scimFaceProblem({ ...problem, message, retryAfterSeconds: undefined }, scimFace)
  return problem.refusal === 'unsupported' ? withStatus(reply, 405) : reply
}

/** An operation that MessageBird does not have is 405 here (MBRD-40), where SCIM servers that speak of themselves say 501. */
function withStatus(reply: ProblemReply, status: number): ProblemReply {
  return { ...reply, status, text: JSON.stringify({ ...JSON.parse(reply.text), status: String(status) }) }
}

/** The directory's names of attributes as MessageBird's parameters. */
function parameterOf(field: string | undefined): string | null {
  if (field === undefined) return null
  if (field === 'userName' || field === 'emails') return 'email'
  return field === 'roles' ? 'role' : field
}
