import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Dialect, Problem, ProblemReply, RequestHead } from '../dialects/dialect.ts'
import { DirectoryError, type Refusal } from '../directory/errors.ts'
import { WireError } from '../wire/operation.ts'
import { singleHeaders } from '../wire/serve.ts'

/** Anything that was thrown, as a problem. What is neither a refusal nor a request that cannot be read is `internal`, and its message stays here. */
export function toProblem(error: unknown, requestId: string): Problem {
  if (error instanceof DirectoryError) {
    const { refusal, message, field, code, retryAfterSeconds } = error
    return { refusal, message, field, code, retryAfterSeconds, requestId }
  }
  if (error instanceof WireError) return plainProblem(wireRefusals[error.kind], error.message, { field: error.field, requestId })
  const [refusal, message] = serverRefusal(error) ?? ['internal', 'Something went wrong here. Report it with the request id.']
  return plainProblem(refusal, message, { field: undefined, requestId })
}

export const plainProblem = (
  refusal: Problem['refusal'],
  message: string,
  detail: { readonly field?: string | undefined; readonly requestId: string },
): Problem => ({
  refusal,
  message,
  field: detail.field,
  code: undefined,
  retryAfterSeconds: undefined,
  requestId: detail.requestId,
})

const wireRefusals = { syntax: 'malformed', shape: 'invalid', mediaType: 'mediaType' } as const satisfies Record<
  WireError['kind'],
  Refusal
>

/** What the HTTP server itself refuses, before any operation sees it. */
function serverRefusal(error: unknown): readonly [Refusal, string] | undefined {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number') return undefined
  const code = 'code' in error ? error.code : undefined
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return ['tooLarge', 'The body is too large. Send at most 1 MiB.']
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return ['mediaType', 'The Content-Type cannot be read, or is not spoken here.']
  if (code === 'FST_ERR_MAX_PARAM_LENGTH') return ['notFound', 'There is nothing at this address.']
  if (code === 'FST_ERR_BAD_URL') return ['malformed', 'The address cannot be decoded.']
  if (error.statusCode >= 400 && error.statusCode < 500)
    return ['malformed', 'The request cannot be read. Check Content-Length and the body.']
  return undefined
}

/** The request as a dialect sees it. */
export const headOf = (request: FastifyRequest, dialect: Dialect): RequestHead => ({
  method: request.method,
  url: request.url.slice(dialect.basePath.length) || '/',
  headers: singleHeaders(request.headers),
})

/** Sends a problem in the shape of the dialect, or, outside every dialect, as RFC 9457 has it. */
export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  detail: { readonly dialect: Dialect | undefined; readonly problem: Problem },
): FastifyReply {
  const { dialect, problem } = detail
  const { status, headers, type, text } = dialect ? dialect.problem(problem, headOf(request, dialect)) : problemDetails(problem)
  // As bytes, since Fastify adds a charset to JSON that is sent as text.
  return reply.code(status).headers(headers).header('content-type', type).send(Buffer.from(text))
}

function problemDetails(problem: Problem): ProblemReply {
  const status = statuses[problem.refusal]
  return {
    status,
    headers: problem.retryAfterSeconds === undefined ? {} : { 'retry-after': String(problem.retryAfterSeconds) },
    type: 'application/problem+json',
    text: JSON.stringify({
      type: 'about:blank',
      title: titles[status],
      status,
      detail: problem.message,
      requestId: problem.requestId,
    }),
  }
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

const statuses = {
  unauthenticated: 401,
  wrongCredential: 401,
  forbidden: 403,
  foreign: 403,
  notFound: 404,
  taken: 409,
  malformed: 400,
  mediaType: 415,
  invalid: 400,
  readOnly: 400,
  weakPassword: 400,
  lastOwner: 409,
  conflict: 409,
  stale: 412,
  keyReused: 422,
  planGate: 403,
  ssoGate: 403,
  needsApproval: 409,
  unsafe: 409,
  limited: 429,
  tooLarge: 413,
  unsupported: 405,
  unavailable: 503,
  internal: 500,
} as const satisfies Record<Problem['refusal'], number>
