import type { Refusal } from '../../directory/errors.ts'
import type { Problem, ProblemReply, RequestHead } from '../dialect.ts'
import { scimFaceProblem } from '../scim/face.ts'
import { isScimPath } from './credentials.ts'
import { face } from './face.ts'
import { issueToken } from './wire.ts'

/** [HTTP status, status word] for each refusal (SNCH-Q01). A refusal added to the core does not compile until it stands here. */
export const problems: Record<Refusal | 'internal', readonly [number, string]> = {
  unauthenticated: [401, 'UNAUTHENTICATED'],
  wrongCredential: [401, 'UNAUTHENTICATED'],
  forbidden: [403, 'PERMISSION_DENIED'],
  foreign: [403, 'PERMISSION_DENIED'],
  planGate: [403, 'PERMISSION_DENIED'],
  ssoGate: [403, 'PERMISSION_DENIED'],
  needsApproval: [403, 'PERMISSION_DENIED'],
  notFound: [404, 'NOT_FOUND'],
  unsupported: [405, 'UNIMPLEMENTED'],
  taken: [409, 'ALREADY_EXISTS'],
  conflict: [409, 'FAILED_PRECONDITION'],
  lastOwner: [409, 'FAILED_PRECONDITION'],
  unsafe: [409, 'FAILED_PRECONDITION'],
  stale: [409, 'ABORTED'],
  keyReused: [409, 'ABORTED'],
  malformed: [400, 'INVALID_ARGUMENT'],
  invalid: [400, 'INVALID_ARGUMENT'],
  readOnly: [400, 'INVALID_ARGUMENT'],
  weakPassword: [400, 'INVALID_ARGUMENT'],
  tooLarge: [413, 'INVALID_ARGUMENT'],
  mediaType: [415, 'INVALID_ARGUMENT'],
  limited: [429, 'RESOURCE_EXHAUSTED'],
  internal: [500, 'INTERNAL'],
  unavailable: [503, 'UNAVAILABLE'],
}

/**
 * The problem as the path's readers know it: RFC 6749 at the token endpoint, SCIM's on SCIM's path, else the API's own. A 429 tells neither when to
 * come back nor what the limit is (SNCH-34).
 */
export function toProblemReply(problem: Problem, head: RequestHead): ProblemReply {
  if (isScimPath(head.url)) return scimReply(problem)
  const message = problem.refusal === 'internal' ? 'An error occurred that is not yours. Try again later.' : problem.message
  const [code, status] = problems[problem.refusal]
  if (head.url.split('?', 1)[0] === issueToken.path) return tokenReply({ ...problem, message }, { code, head })
  return {
    status: code,
    headers: code === 401 ? { 'www-authenticate': challenge(problem) } : {},
    type: 'application/json',
    text: JSON.stringify({ error: { code, message, status } }),
  }
}

/** Clients ask for a new token only where they read "expired" (SNCH-46, SNCH-P05). */
const challenge = ({ code }: Problem): string =>
  code === 'expired' ? 'Bearer error="invalid_token", error_description="token is expired"' : 'Bearer realm="sinch"'

/** Every status word. */
export const statusWords: readonly string[] = [...new Set(Object.values(problems).map(([, word]) => word))]

/** RFC 6749 §5.2, and the two of §4.1.2.1 for what is not the client's fault. */
export const tokenErrors = [
  'invalid_request',
  'invalid_client',
  'unsupported_grant_type',
  'server_error',
  'temporarily_unavailable',
] as const

function tokenReply(
  { refusal, message, code: word }: Problem,
  { code, head }: { readonly code: number; readonly head: RequestHead },
): ProblemReply {
  const error: (typeof tokenErrors)[number] =
    word === 'unsupported_grant_type'
      ? word
      : code === 401
        ? 'invalid_client'
        : refusal === 'internal'
          ? 'server_error'
          : code === 429 || code === 503
            ? 'temporarily_unavailable'
            : 'invalid_request'
  return {
    status: code,
    headers: code === 401 && head.headers['authorization'] !== undefined ? { 'www-authenticate': 'Basic realm="sinch"' } : {},
    type: 'application/json',
    text: JSON.stringify({ error, error_description: message }),
  }
}

/** Nobody is told why SCIM is not there: without Enterprise and single sign-on no URL was issued (SNCH-37, SNCH-38). */
function scimReply(problem: Problem): ProblemReply {
  const { refusal } = problem
  const isHidden = refusal === 'planGate' || refusal === 'ssoGate' || refusal === 'foreign'
  const shown: Problem = isHidden ? { ...problem, refusal: 'notFound', message: 'There is nothing at this address.' } : problem
  return scimFaceProblem({ ...shown, retryAfterSeconds: undefined }, face)
}
