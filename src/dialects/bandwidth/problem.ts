import type { Refusal } from '../../directory/errors.ts'
import { encodeBody } from '../../wire/body.ts'
import { mediaTypes, negotiate } from '../../wire/media.ts'
import type { Problem, ProblemReply, RequestHead } from '../dialect.ts'
import { errorReply } from './wire.ts'

/** [HTTP status, ErrorCode] for each refusal. A refusal added to the core does not compile until it stands here. */
export const problems: Record<Refusal | 'internal', readonly [number, string]> = {
  unauthenticated: [401, '40101'],
  wrongCredential: [401, '40102'],
  forbidden: [403, '40301'],
  foreign: [403, '40302'],
  planGate: [403, '40303'],
  ssoGate: [403, '40304'],
  needsApproval: [403, '40305'],
  notFound: [404, '40401'],
  unsupported: [404, '40402'],
  taken: [409, '40901'],
  conflict: [409, '40902'],
  lastOwner: [409, '40903'],
  stale: [409, '40904'],
  keyReused: [409, '40905'],
  unsafe: [409, '40906'],
  malformed: [400, '40001'],
  invalid: [400, '40002'],
  readOnly: [400, '40003'],
  weakPassword: [400, '40004'],
  tooLarge: [413, '41301'],
  mediaType: [415, '41501'],
  limited: [429, '42901'],
  internal: [500, '50001'],
  unavailable: [503, '50301'],
}

/** The problem in XML, or in JSON where that is accepted. A 429 tells neither when to come back nor what the limit is (BAND-34). */
export function toProblemReply({ refusal, message }: Problem, head: RequestHead): ProblemReply {
  const [status, code] = problems[refusal]
  const description = refusal === 'internal' ? 'An error occurred that is not yours. Try again later.' : message
  const media = negotiate(head.headers['accept'], errorReply.media)
  return {
    status,
    headers: status === 401 ? { 'www-authenticate': 'Basic realm="Bandwidth", charset="UTF-8"' } : {},
    type: mediaTypes[media],
    text: encodeBody(errorReply, media, { ResponseStatus: { ErrorCode: code, Description: description } }),
  }
}
