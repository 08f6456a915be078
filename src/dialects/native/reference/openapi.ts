import { describe as describeOperations, type OpenApi } from '../../../wire/describe.ts'
import type { Operation } from '../../../wire/operation.ts'
import type { Example } from '../examples.ts'
import { problems } from '../problem.ts'
import { operations } from '../wire.ts'
import { Problem } from '../wire/problem.ts'

/** Describes every operation of `/api/v1` from the very values that serve it. */
export const describe = (version: string, examples: Readonly<Record<string, Example>>): OpenApi =>
  describeOperations(Object.values<Operation>(operations), {
    info: {
      title: 'Rollcall',
      version,
      summary: 'One directory for who has access at your communications vendors',
      description:
        'Every request carries a native key: Authorization: Bearer rc_native_…. Lists answer items and, but on the last page, nextCursor. ' +
        'A write may carry an Idempotency-Key; repeated within 24 hours with the same content it answers what it answered first. ' +
        'Refusals are application/problem+json (RFC 9457).',
    },
    serverUrl: '/api/v1',
    securityScheme: { type: 'http', scheme: 'bearer' },
    problem: {
      mediaTypes: ['application/problem+json'],
      schema: Problem,
      statuses: [...new Set(Object.values(problems).map(([status]) => status))],
    },
    headersOf,
    examples,
  })

function headersOf({ method, summary }: Operation) {
  if (method === 'GET') return []
  const key = {
    name: 'Idempotency-Key',
    description: 'A repetition with the same key and content answers what the first one answered.',
  }
  return summary.includes('If-Match') ? [key, { name: 'If-Match', description: 'The ETag that was read.' }] : [key]
}
