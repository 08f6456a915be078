import { json } from '../../wire/operation.ts'
import type { DialectDescription } from '../dialect.ts'
import { readExamples } from './examples.ts'
import { explanations, problems, problemType, refusals } from './problem.ts'
import { readVersion } from './version.ts'
import { adoptFinding, ignoreFinding, revertFinding } from './wire/findings.ts'
import { applyPlan, approvePlan } from './wire/plans.ts'
import { Problem } from './wire/problem.ts'
import { answerQuestion } from './wire/questions.ts'

const decisions: ReadonlySet<string> = new Set(
  [approvePlan, applyPlan, adoptFinding, revertFinding, ignoreFinding, answerQuestion].map(({ name }) => name),
)

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
  // A decision names what it was made on, by digest or version, and that may have changed or been replaced.
  refusalsOf: ({ name }, usual) => (decisions.has(name) ? [...usual, 'stale'] : usual),
  examples: readExamples(),
  glossary: refusals.map((refusal) => {
    const type = problemType(refusal)
    const [status, title] = problems[refusal]
    return { anchor: type.slice(type.indexOf('#') + 1), type, status, meaning: `${title}. ${explanations[refusal]}` }
  }),
})
