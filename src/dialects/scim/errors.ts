import { z } from 'zod'
import type { Problem, ProblemReply } from '../dialect.ts'
import { DirectoryError, type Refusal } from '../../directory/errors.ts'
import { scim, type Operation } from '../../wire/operation.ts'

/** RFC 7644 §3.12, table 9; RFC 9865 §2.1. */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'
  | 'invalidVers'
  | 'sensitive'
  // RFC 9865 §2.1.
  | 'invalidCursor'
  | 'expiredCursor'
  | 'invalidCount'

const scimTypes: readonly string[] = [
  'invalidFilter',
  'tooMany',
  'uniqueness',
  'mutability',
  'invalidSyntax',
  'invalidPath',
  'noTarget',
  'invalidValue',
  'invalidVers',
  'sensitive',
  'invalidCursor',
  'expiredCursor',
  'invalidCount',
] satisfies ScimType[]

/** The members of every error. */
export const errorMembers = {
  schemas: z.array(z.literal('urn:ietf:params:scim:api:messages:2.0:Error')),
  /** The HTTP status, as text. */
  status: z.string().regex(/^[45][0-9]{2}$/),
  scimType: z.enum(scimTypes).optional(),
  detail: z.string(),
}

/** How errors are described, here and by the faces that add nothing to them. */
export const describedError = scim(z.object(errorMembers))

/** A 400 with its scimType. `field` is the attribute in question. */
export function refusal(scimType: ScimType, message: string, field?: string): DirectoryError {
  return new DirectoryError('invalid', message, { code: scimType, ...(field !== undefined && { field }) })
}

/** The code of operations that RFC 7644 knows and this server does not offer. */
const notImplemented = 'notImplemented'

export const notOffered = ({ method, path }: Pick<Operation, 'method' | 'path'>): DirectoryError =>
  new DirectoryError('unsupported', `${method} ${path} is not offered here. See /ServiceProviderConfig.`, {
    code: notImplemented,
  })

/** Status, and scimType where the RFC has one. */
const replies: Readonly<Record<Refusal | 'internal', readonly [number, ScimType?]>> = {
  unauthenticated: [401],
  wrongCredential: [401],
  forbidden: [403],
  foreign: [403],
  notFound: [404],
  taken: [409, 'uniqueness'],
  malformed: [400, 'invalidSyntax'],
  mediaType: [415],
  invalid: [400, 'invalidValue'],
  readOnly: [400, 'mutability'],
  weakPassword: [400, 'invalidValue'],
  lastOwner: [409],
  conflict: [409],
  stale: [412],
  keyReused: [409],
  planGate: [403],
  ssoGate: [403],
  needsApproval: [409],
  unsafe: [409],
  limited: [429],
  tooLarge: [413],
  // The method, where the path has others; a whole operation that is not built is `notImplemented`.
  unsupported: [405],
  unavailable: [503],
  internal: [500],
}

/** A client that reads `invalid_token` asks for a new one (RFC 6750 §3.1). */
const challengeOf = ({ code }: Problem): string =>
  `Bearer realm="scim"${code === 'expired' ? ', error="invalid_token", error_description="The access token is expired"' : ''}`

/** Every refusal as a SCIM error (RFC 7644 §3.12). A bug of ours shows its request id and nothing else. */
export function scimProblem(problem: Problem): ProblemReply {
  const [status, usual]: (typeof replies)[Refusal] = problem.code === notImplemented ? [501] : replies[problem.refusal]
  const scimType = problem.code !== undefined && scimTypes.includes(problem.code) ? problem.code : usual
  const headers: Record<string, string> = {}
  if (status === 401) headers['WWW-Authenticate'] = challengeOf(problem)
  if (problem.retryAfterSeconds !== undefined) headers['Retry-After'] = String(Math.max(1, Math.ceil(problem.retryAfterSeconds)))
  const detail =
    problem.refusal === 'internal' ? `An internal error. Quote request ${problem.requestId} when you report it.` : problem.message
  const body = {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: String(status),
    ...(scimType !== undefined && { scimType }),
    detail,
  }
  return { status, headers, type: 'application/scim+json', text: JSON.stringify(body) }
}
