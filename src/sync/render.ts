import type { ConnectionView } from './connection.ts'
import type { PlanView } from './engine.ts'
import { exceedsLimit, needsApproval, validApproval } from './guard.ts'
import type { Plan, Step } from './ledger.ts'

/** A plan for a terminal: a line for each step with what it changes, where it stands and why; then what it removes, and what to do next. Ends without a line break. */
export function planAsText(
  { plan, steps, approvals }: PlanView,
  connection: Pick<ConnectionView, 'name' | 'vendor' | 'writesEnabled' | 'policy'>,
): string {
  const open = steps.filter(({ state }) => state !== 'done' && state !== 'superseded')
  const waiting = open.filter(({ kind, state }) => state === 'planned' && needsApproval(kind, connection.policy))
  const approved = validApproval(plan, approvals, connection.policy) !== undefined
  return [
    `Plan ${plan.id} for ${connection.name} (${connection.vendor}): ${plan.state}`,
    `  ${plan.reason}`,
    ...(steps.length === 0 ? ['  nothing to do'] : steps.map(stepAsText)),
    ...(plan.removals > 0 ? [blastRadius(plan)] : []),
    ...next(plan, { waiting, approved, connection, open }),
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

function stepAsText({ kind, subject, changes, state, reason, attempts, retryAt }: Step): string {
  const told = kind === 'create' ? changes.filter(({ attribute }) => attribute !== 'userName') : changes
  const what = told
    .map(({ attribute, from, to }) =>
      from === undefined ? `${attribute} ${to ?? '(none)'}` : `${attribute} ${from || '(none)'} → ${to ?? '(none)'}`,
    )
    .join(', ')
  const again = state === 'failed' && retryAt !== undefined ? `; tried again at ${new Date(retryAt).toISOString()}` : ''
  const count = attempts > 1 ? ` after ${attempts} attempts` : ''
  return `  ${signs[kind]} ${kind} ${subject}${what ? ` (${what})` : ''}: ${state}${count}, ${reason}${again}`
}

const blastRadius = ({ removals, accounts }: Plan): string =>
  `  removes ${removals} of ${accounts} accounts (${accounts > 0 ? Math.round((removals * 1000) / accounts) / 10 : 0} %)`

function next(
  plan: Plan,
  {
    waiting,
    approved,
    connection,
    open,
  }: {
    readonly waiting: readonly Step[]
    readonly approved: boolean
    readonly connection: Pick<ConnectionView, 'name' | 'writesEnabled' | 'policy'>
    readonly open: readonly Step[]
  },
): readonly string[] {
  if (plan.supersededBy) return [`Next: rollcall plan; this one was replaced by ${plan.supersededBy}.`]
  if (plan.state !== 'open' || open.length === 0) return []
  const lines: string[] = []
  if (waiting.length > 0 && !approved) {
    const number = exceedsLimit(plan, connection.policy) ? ` --removals ${plan.removals}` : ''
    lines.push(
      `Next: somebody other than ${plan.authors.join(', ')} approves:`,
      `  rollcall approve ${plan.id} --digest ${plan.digest}${number} --reason TEXT`,
    )
  }
  if (!connection.writesEnabled) lines.push(`Next: rollcall connection enable-writes ${connection.name}`)
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
