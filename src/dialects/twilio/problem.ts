import type { Refusal } from '../../directory/errors.ts'
import type { Problem, ProblemReply, RequestHead } from '../dialect.ts'
import { scimProblem } from '../scim/errors.ts'

/** The HTTP status of each refusal. A refusal added to the core does not compile until it stands here. */
export const statuses: Record<Refusal | 'internal', number> = {
  unauthenticated: 401,
  wrongCredential: 401,
  forbidden: 403,
  // Whether another organization exists is not told.
  foreign: 404,
  planGate: 403,
  ssoGate: 403,
  needsApproval: 403,
  notFound: 404,
  unsupported: 405,
  taken: 409,
  conflict: 409,
  lastOwner: 409,
  // The public SCIM specification answers a wrong If-Match with 409 (TWIL-P07).
  stale: 409,
  keyReused: 409,
  unsafe: 409,
  malformed: 400,
  invalid: 400,
  readOnly: 400,
  weakPassword: 400,
  tooLarge: 413,
  mediaType: 415,
  limited: 429,
  internal: 500,
  unavailable: 503,
}

/** Twilio's codes: 20003 and 20004 for these two, and for the rest 20000 and the status, as 20403, 20404 and 20429 are (TWIL-P04). */
const codeOf = (status: number): number => (status === 401 ? 20003 : status === 405 ? 20004 : 20000 + status)

/**
 * A problem as the part of the API spells it: SCIM's, the public organization API's, or that of everything else. A 429 does not say when to come back
 * (TWIL-59).
 */
export function toProblemReply(problem: Problem, head: RequestHead): ProblemReply {
  const status = statuses[problem.refusal]
  const part = partOf(head.url)
  const code = codeOf(status)
  const message = messageOf(problem, status)
  const moreInfo = `https://www.twilio.com/docs/errors/${code}`
  const headers: Record<string, string> =
    status === 401 ? { 'www-authenticate': `${part === 'rest' ? 'Basic' : 'Bearer'} realm="Twilio API"` } : {}
  if (part === 'rest')
    return { status, headers, type: 'application/json', text: JSON.stringify({ code, message, more_info: moreInfo, status }) }
  // The client twilio 6.2.0 reads message, code and more_info of every error (TWIL-P10).
  const readable = { code, message, moreInfo, more_info: moreInfo }
  const type = 'application/scim+json'
  if (part === 'organizations') return { status, headers, type, text: JSON.stringify({ ...readable, status }) }
  const { schemas, scimType }: { schemas?: unknown; scimType?: unknown } = JSON.parse(scimProblem(problem).text)
  const body = { schemas, detail: message, ...(scimType !== undefined && { scimType }), status: String(status), ...readable }
  return { status, headers, type, text: JSON.stringify(body) }
}

/** Which part of the API a path belongs to. */
export function partOf(url: string): 'rest' | 'scim' | 'organizations' {
  if (/^\/scim\/v2(?:[/?]|$)/.test(url) || /^\/Organizations\/[^/]*\/scim(?:[/?]|$)/.test(url)) return 'scim'
  return url.startsWith('/Organizations/') ? 'organizations' : 'rest'
}

/** Why a credential is refused is never told (TWIL-34): unknown, of another kind, and expired look the same. */
function messageOf({ refusal, message }: Problem, status: number): string {
  if (refusal === 'internal') return 'An internal error occurred. Try again later.'
  return status === 401 ? 'Authenticate' : message
}
