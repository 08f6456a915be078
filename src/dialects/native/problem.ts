import type { Refusal } from '../../directory/errors.ts'
import type { Problem, ProblemReply, RequestHead } from '../dialect.ts'

/** Status and title of each refusal. A refusal added to the core does not compile until it is here. */
export const problems: Readonly<Record<Refusal | 'internal', readonly [number, string]>> = {
  unauthenticated: [401, 'No valid key'],
  wrongCredential: [401, 'A credential of another kind'],
  forbidden: [403, 'Not allowed'],
  foreign: [404, 'Not found'],
  notFound: [404, 'Not found'],
  taken: [409, 'Already in use'],
  malformed: [400, 'Cannot be read'],
  mediaType: [415, 'Format not spoken here'],
  invalid: [422, 'Not valid'],
  readOnly: [422, 'Cannot be changed'],
  weakPassword: [422, 'Password too weak'],
  lastOwner: [409, 'The last owner'],
  conflict: [409, 'Not in this state'],
  stale: [412, 'Changed meanwhile'],
  keyReused: [422, 'Idempotency-Key used before'],
  planGate: [403, 'Not on this plan'],
  ssoGate: [403, 'Needs single sign-on'],
  needsApproval: [409, 'Needs approval'],
  unsafe: [409, 'Refused by a guard'],
  limited: [429, 'Too many requests'],
  tooLarge: [413, 'Too large'],
  unsupported: [405, 'Not possible here'],
  unavailable: [503, 'Not available now'],
  internal: [500, 'A fault of ours'],
}

/** What each refusal means and what helps, for the reference page. */
export const explanations: Readonly<Record<Refusal | 'internal', string>> = {
  unauthenticated: 'Send Authorization: Bearer with a native key that is neither revoked nor expired.',
  wrongCredential: 'The credential is valid, but for another API. Use a key made with rollcall credential create.',
  forbidden: 'The key lacks the scope, or its holder may not decide this. An author of a plan cannot approve it.',
  foreign: 'The thing belongs to another organization, or does not exist.',
  notFound: 'There is no such thing in this organization.',
  taken: 'A value that has to be unique is in use; field names it.',
  malformed: 'The body, the query or the cursor cannot be read at all. Nothing was changed.',
  mediaType: 'Send and accept application/json.',
  invalid: 'A member of the request is missing, unknown or out of range; field names it.',
  readOnly: 'The member that field names cannot be changed.',
  weakPassword: 'Choose a stronger password.',
  lastOwner: 'An organization keeps at least one active owner. Make somebody else an owner first.',
  conflict: 'The thing is in a state that does not allow this.',
  stale: 'The thing, or the plan, was changed since it was read. Read it again and decide anew.',
  keyReused: 'An Idempotency-Key stands for one request. Send a new key with a new request.',
  planGate: 'The plan of the organization does not include this.',
  ssoGate: 'Configure single sign-on for the organization first.',
  needsApproval: 'Nothing of the plan may be carried out before somebody who did not ask for it approves it.',
  unsafe:
    'Carrying this out could do harm: the read was incomplete, or more would be removed than the limit allows. The detail says what to check.',
  limited: 'Wait as long as Retry-After says.',
  tooLarge: 'The body is larger than 1 MiB. Send less at once.',
  unsupported: 'The address exists, the method does not. Allow names those that do.',
  unavailable: 'The database cannot be reached. Nothing was changed; try again.',
  internal: 'A bug of Rollcall. Report it with the requestId; the log holds the rest.',
}

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** The `type` of a problem: a place on the reference page, and the name by which programs tell refusals apart. */
export const problemType = (refusal: Refusal | 'internal'): string => `/docs#problem-${kebab(refusal)}`

/** The refusal of a problem's `type`; undefined for any other text. */
export const refusalOfType = (type: string): Refusal | 'internal' | undefined => byType.get(type)

const isRefusal = (name: string): name is Refusal | 'internal' => Object.hasOwn(problems, name)

/** Every refusal, in the order of the reference. */
export const refusals: readonly (Refusal | 'internal')[] = Object.keys(problems).filter(isRefusal)

const byType: ReadonlyMap<string, Refusal | 'internal'> = new Map(refusals.map((refusal) => [problemType(refusal), refusal]))

/** The core's names for members of a request that have another name here. */
const fieldNames: ReadonlyMap<string, string> = new Map([
  ['membershipId', 'memberId'],
  ['members', 'memberIds'],
  ['roles', 'roleIds'],
])

/** RFC 9457, for every refusal. */
export function toProblem(problem: Problem, _head: RequestHead): ProblemReply {
  const [status, title] = problems[problem.refusal]
  const headers: Record<string, string> = {}
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="rollcall"'
  if (problem.retryAfterSeconds !== undefined) headers['retry-after'] = String(problem.retryAfterSeconds)
  return {
    status,
    headers,
    type: 'application/problem+json',
    text: JSON.stringify({
      type: problemType(problem.refusal),
      title,
      status,
      detail: problem.refusal === 'internal' ? 'Something went wrong on our side. Report the requestId.' : problem.message,
      requestId: problem.requestId,
      field: problem.field === undefined ? undefined : (fieldNames.get(problem.field) ?? problem.field),
    }),
  }
}
