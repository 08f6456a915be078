import { z } from 'zod'
import { json } from '../../wire/operation.ts'
import type { Problem, ProblemReply, RequestHead } from '../dialect.ts'
import { scimProblem } from './errors.ts'
import { oauthOperations } from './oauth-wire.ts'

/** The code of a grant, and of a scope, that there is not. */
export const unsupportedGrant = 'unsupported_grant_type'
export const invalidScope = 'invalid_scope'

/** RFC 6749 §5.2, and the two of §4.1.2.1 for what is not the client's fault. */
const errors = [
  'invalid_request',
  'invalid_client',
  unsupportedGrant,
  invalidScope,
  'server_error',
  'temporarily_unavailable',
] as const

export const oauthError = json(z.object({ error: z.enum(errors), error_description: z.string() }))

export const isOAuthPath = (url: string): boolean => oauthOperations.some(({ path }) => path === url.split('?', 1)[0])

/** A problem of the token endpoint as RFC 6749 §5.2 spells it. Status and Retry-After are as everywhere in SCIM. */
export function oauthProblem(problem: Problem, { headers }: RequestHead): ProblemReply {
  const { status, headers: usual, text } = scimProblem(problem)
  const detail = z.object({ detail: z.string() }).parse(JSON.parse(text))
  const { 'WWW-Authenticate': _, ...kept } = usual
  return {
    status,
    headers: {
      ...kept,
      ...(status === 401 && headers['authorization'] !== undefined && { 'WWW-Authenticate': 'Basic realm="scim"' }),
    },
    type: 'application/json',
    text: JSON.stringify({ error: errorOf(problem, status), error_description: detail.detail }),
  }
}

function errorOf({ refusal, code }: Problem, status: number): (typeof errors)[number] {
  if (code === unsupportedGrant || code === invalidScope) return code
  if (status === 401) return 'invalid_client'
  if (refusal === 'internal') return 'server_error'
  return status === 429 || status === 503 ? 'temporarily_unavailable' : 'invalid_request'
}
