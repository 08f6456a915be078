import { json } from '../../wire/operation.ts'
import type { DialectDescription } from '../dialect.ts'
import { readExamples } from './examples.ts'
import { explanations, problems, problemType, refusals } from './problem.ts'
import { readVersion } from './version.ts'
import { Problem } from './wire/problem.ts'

export const describeNative = (): DialectDescription => ({
  title: 'Rollcall',
  version: readVersion(),
  summary: 'One directory for who has access at your communications vendors',
  description:
    'Every request carries a native key: Authorization: Bearer rc_native_…. Lists answer items and, but on the last page, nextCursor. ' +
    'A write may carry an Idempotency-Key; repeated within 24 hours with the same content it answers what it answered first. ' +
    'Refusals are application/problem+json (RFC 9457).',
  securitySchemes: { key: { type: 'http', scheme: 'bearer' } },
  problems: { Problem: json(Problem) },
  examples: readExamples(),
  glossary: refusals.map((refusal) => {
    const type = problemType(refusal)
    const [status, title] = problems[refusal]
    return { anchor: type.slice(type.indexOf('#') + 1), type, status, meaning: `${title}. ${explanations[refusal]}` }
  }),
})
