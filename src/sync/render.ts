import type { ConnectionView } from './connection.ts'
import type { PlanView } from './engine.ts'
import type { Plan, Step } from './ledger.ts'
import { quarantineNote } from './quarantine/health.ts'
import type { Standing } from './standing.ts'

/** A plan for a terminal: a line for each step with what it changes, where it stands and why; then what it removes, and what to do next. Ends without a line break. */
export function planAsText(
  view: PlanView,
  connection: Pick<ConnectionView, 'name' | 'vendor' | 'writesEnabled' | 'health'>,
): string {
  const { plan, steps } = view
  return [
    `Plan ${plan.id} for ${connection.name} (${connection.vendor}): ${plan.state}`,
    `  ${plan.reason}`,
    ...(steps.length === 0 ? ['  nothing to do'] : steps.flatMap(stepAsText)),
    ...(plan.removals > 0 ? [`  ${removalsOf(plan)}`] : []),
    ...nextSteps(view, connection),
  ].join('\n')
}

const signs: Readonly<Record<Step['kind'], string>> = {
  invite: '+',
  create: '+',
  createKey: '+',
  update: '~',
  setRoles: '~',
  suspend: '~',
  resume: '~',
  remove: '-',
  cancelInvitation: '-',
  deleteKey: '-',
}

function stepAsText({ kind, subject, changes, risks = [], state, reason, attempts, retryAt }: Step): readonly string[] {
  const told = kind === 'create' ? changes.filter(({ attribute }) => attribute !== 'userName') : changes
  const what = told
    .map(({ attribute, from, to }) =>
      from === undefined ? `${attribute} ${to ?? '(none)'}` : `${attribute} ${from || '(none)'} → ${to ?? '(none)'}`,
    )
    .join(', ')
  const again = state === 'failed' && retryAt !== undefined ? `; tried again at ${new Date(retryAt).toISOString()}` : ''
  const count = attempts > 1 ? ` after ${attempts} attempts` : ''
  return [
    `  ${signs[kind]} ${kind} ${subject}${what ? ` (${what})` : ''}: ${state}${count}, ${reason}${again}`,
    ...risks.map(({ weight, message }) => `    ${weight === 'grave' ? '!!' : '!'} ${message}`),
  ]
}

const removalsOf = ({ removals, accounts }: Plan): string =>
  `removes ${removals} of ${accounts} accounts (${accounts > 0 ? Math.round((removals * 1000) / accounts) / 10 : 0} %)`

/** What there is to do with a plan, a line for each thing; a command stands on a line of its own, indented. */
export function nextSteps(
  { plan, steps, standing }: PlanView,
  connection: Pick<ConnectionView, 'name' | 'writesEnabled' | 'health'>,
): readonly string[] {
  const open = steps.filter(({ state }) => state !== 'done' && state !== 'superseded')
  if (plan.supersededBy) return [`Next: rollcall plan; this one was replaced by ${plan.supersededBy}.`]
  if (plan.state !== 'open' || open.length === 0) return []
  const lines: string[] = []
  if (standing?.decision === 'waits') {
    const { quorum, approvedBy } = standing
    const others = [...plan.authors, ...approvedBy].join(', ')
    lines.push(
      quorum > 1
        ? `Next: ${quorum - approvedBy.length} of ${quorum} people other than ${others} approve:`
        : `Next: somebody other than ${others} approves:`,
      `  ${approveCommand(plan, standing)}`,
    )
  }
  if (standing?.decision === 'expired')
    lines.push(`Next: this plan expired at ${standing.expiresAt.toISOString()}: rollcall plan --connection ${connection.name}`)
  if (!connection.writesEnabled) lines.push(`Next: rollcall connection enable-writes ${connection.name}`)
  const { quarantine } = connection.health ?? {}
  if (quarantine)
    lines.push(
      `Next: ${quarantineNote(connection.name, quarantine)}. Without waiting: rollcall connection release ${connection.name} --reason TEXT`,
    )
  const people = open.filter(
    ({ state, attempts, retryAt }) => state === 'unsupported' || (state === 'failed' && retryAt === undefined && attempts === 0),
  ).length
  if (people > 0)
    lines.push(
      `For a person: ${people} ${people === 1 ? 'step' : 'steps'} above cannot be carried out as things stand; each says what to do.`,
    )
  if (lines.length === 0) lines.push(`Next: rollcall apply ${plan.id}`)
  return lines
}

/** The command that approves a plan, with everything that has to be named. */
export function approveCommand(
  { id, digest }: Pick<Plan, 'id' | 'digest'>,
  { removalsToName, risksToName }: Pick<Standing, 'removalsToName' | 'risksToName'>,
): string {
  const number = removalsToName === undefined ? '' : ` --removals ${removalsToName}`
  const risks = risksToName.length > 0 ? ` --accept ${risksToName.join(',')}` : ''
  return `rollcall approve ${id} --digest ${digest}${number}${risks} --reason TEXT`
}
