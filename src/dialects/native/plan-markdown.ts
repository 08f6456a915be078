import { cell, code, oneLine, plain } from './markdown.ts'
import type { PlanBody } from './wire/plans.ts'

type Step = PlanBody['steps'][number]

/** A plan for a pull request or a ticket: a table of its steps, per attribute, what they bring with them, and what to do next. No value in it is read as Markdown. */
export function planAsMarkdown(plan: PlanBody): string {
  const { connection, steps, standing, next = [] } = plan
  const open = steps.filter(({ state }) => state !== 'done' && state !== 'superseded')
  const grave = open.flatMap((step) => risksOf(step, 'grave'))
  const notes = open.flatMap((step) => risksOf(step, 'note'))
  return [
    connection ? `## Plan for ${code(connection.name)} (${plain(connection.vendor)})` : '## Plan',
    `${countOf(steps)}${removalsOf(plan)} ${plain(capital(plan.reason))}.`,
    ...(steps.length > 0 ? [table(steps)] : []),
    ...(grave.length > 0 ? [`### Grave\n\n${grave.join('\n')}`] : []),
    ...(notes.length > 0 ? [`### What it brings with it\n\n${notes.join('\n')}`] : []),
    ...(standing && standing.decision !== 'none' ? [`### Decision\n\n${decisionOf(standing)}`] : []),
    ...(next.length > 0 ? [`### Next\n\n${next.map(lineOf).join('\n')}`] : []),
    `Plan ${code(plan.id)}, ${plan.state}, digest ${code(plan.digest)}`,
  ].join('\n\n')
}

const countOf = ({ length }: readonly Step[]): string =>
  length === 0 ? 'Nothing to do.' : `${length} ${length === 1 ? 'step' : 'steps'}.`

const removalsOf = ({ removals, accounts }: PlanBody): string =>
  removals === 0
    ? ''
    : ` **Removes ${removals} of ${accounts} accounts** (${accounts > 0 ? Math.round((removals * 1000) / accounts) / 10 : 0} %).`

const table = (steps: readonly Step[]): string =>
  ['| Step | Who | Change | Where it stands |', '| --- | --- | --- | --- |', ...steps.map(rowOf)].join('\n')

const rowOf = ({ kind, subject, changes, state, reason }: Step): string =>
  `| ${kind} | ${cell(code(subject))} | ${changes.map(changeOf).join('<br>')} | ${state}: ${cell(plain(reason))} |`

const changeOf = ({ attribute, from, to }: Step['changes'][number]): string =>
  cell(`${plain(attribute)}: ${from ? `${code(from)} → ` : ''}${to ? code(to) : 'none'}`)

const risksOf = ({ subject, risks = [] }: Step, weight: 'grave' | 'note'): readonly string[] =>
  risks
    .filter((risk) => risk.weight === weight)
    .map(({ message }) => `- ${message.startsWith(subject) ? '' : `${code(subject)}: `}${plain(message)}`)

function decisionOf({ decision, quorum, approvedBy, expiresAt }: NonNullable<PlanBody['standing']>): string {
  const by = approvedBy.length > 0 ? ` by ${approvedBy.map(code).join(', ')}` : ''
  const people = `${approvedBy.length} of ${quorum} ${quorum === 1 ? 'approval' : 'approvals'}${by}`
  if (decision === 'expired') return `Expired at ${expiresAt.toISOString()}.`
  return `${decision === 'approved' ? 'Approved' : 'Waits'}: ${people}. ${decision === 'approved' ? 'To be carried out' : 'To be decided'} before ${expiresAt.toISOString()}.`
}

/** A command stands indented (see render.ts of sync). */
const lineOf = (line: string): string => (line.startsWith(' ') ? `\n    ${oneLine(line.trim())}\n` : plain(line))

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`
