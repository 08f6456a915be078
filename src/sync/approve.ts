import type { Call, Outcome } from '../directory/call.ts'
import { DirectoryError } from '../directory/errors.ts'
import type { Policy } from './connection.ts'
import {
  countedApprovals,
  dutiesOf,
  exceedsLimit,
  expiryMessage,
  graveRisks,
  isApproved,
  isExpired,
  limitMessage,
  mayApprove,
} from './guard.ts'
import type { Approval, LedgerReader, LedgerWriter, Plan, RiskKind, Step } from './ledger.ts'
import { digestOf } from './plan.ts'

export interface Decision {
  readonly id: string
  readonly digest: string
  readonly removals?: number | undefined
  /** The grave risks that are meant. */
  readonly accept?: readonly RiskKind[] | undefined
  readonly reason: string
}

/** Stores the decision of somebody who did not ask for the plan, on exactly what the plan holds, and lets its steps go once enough people have decided so. */
export const approve =
  (newId: () => string) =>
  async (tx: LedgerWriter, call: Call, decision: Decision): Promise<Outcome<Approval>> => {
    const { organizationId, actor, now } = call
    const { id, digest, removals } = decision
    const plan = await findPlan(tx, call, id)
    const steps = await tx.steps(organizationId, id)
    refuseEnded(plan)
    if (digest !== plan.digest || digestOf(plan.connectionId, steps) !== plan.digest)
      throw new DirectoryError(
        'stale',
        `This is not the digest of plan ${id}, which is ${plan.digest}. Look at the plan again and approve what it shows now.`,
        { field: 'digest' },
      )
    if (plan.authors.includes(actor))
      throw new DirectoryError(
        'forbidden',
        'Two people are needed: whoever asked for a plan, or caused it, cannot approve it. Let somebody else decide.',
      )
    const connection = await tx.connection(organizationId, plan.connectionId)
    if (!connection) throw new DirectoryError('notFound', 'The connection of this plan was removed.')
    const { policy } = connection
    const held = dutiesOf(call.scopes)
    if (!mayApprove(policy, { actor, duties: held }))
      throw new DirectoryError(
        'forbidden',
        `The policy of connection ${connection.name} names who approves: ${policy.approvers?.join(', ')}. Let one of them decide.`,
      )
    if (isExpired(plan, policy, now)) throw new DirectoryError('stale', expiryMessage(plan, policy, connection.name))
    const open = steps.filter(({ state }) => state !== 'done' && state !== 'superseded')
    const risks = graveRisks(open)
    refuseUnnamed(plan, { decision, policy, risks, steps: open })
    const before = await tx.approvals(organizationId, id)
    const counted = countedApprovals(plan, before, { policy, risks, now })
    const quorum = policy.quorum ?? 1
    // An approval that counts by now, such as under a lower quorum, may be given again: it lets the steps go that still wait.
    const changesNothing = counted.length < quorum || !open.some(({ state }) => state === 'planned')
    if (changesNothing && counted.some((approval) => approval.actor === actor))
      throw new DirectoryError(
        'conflict',
        `You have approved this plan already. ${counted.length < quorum ? `${quorum - counted.length} more of ${quorum} people have to.` : 'It needs no further approval.'}`,
      )
    const approval: Approval = {
      id: newId(),
      organizationId,
      planId: id,
      digest,
      actor,
      at: now,
      removals,
      ...(risks.length > 0 && { accepted: risks }),
      duties: held,
      reason: decision.reason.trim(),
    }
    await tx.putApproval(approval)
    const all = [...before, approval]
    for (const step of open)
      if (step.state === 'planned' && isApproved(plan, all, { step, policy, now }))
        await tx.putStep({ ...step, state: 'approved', updatedAt: now })
    if (connection.writesEnabled) await tx.schedule({ organizationId, kind: 'reconcile', subject: connection.id, dueAt: now })
    return [
      approval,
      {
        action: 'plan.approved',
        subject: id,
        detail: {
          connectionId: plan.connectionId,
          digest,
          removals: plan.removals,
          named: removals,
          reason: approval.reason,
          ...(quorum > 1 && { approvals: counted.length + 1, quorum }),
          ...(risks.length > 0 && { accepted: [...risks] }),
        },
      },
    ]
  }

/** Refuses a decision that does not name what has to be named. */
function refuseUnnamed(
  plan: Plan,
  {
    decision: { removals, accept = [], reason },
    policy,
    risks,
    steps,
  }: {
    readonly decision: Decision
    readonly policy: Policy
    readonly risks: readonly RiskKind[]
    readonly steps: readonly Step[]
  },
): void {
  if (!reason.trim()) throw new DirectoryError('invalid', 'Give a reason for the approval.', { field: 'reason' })
  if (removals !== undefined && removals !== plan.removals)
    throw new DirectoryError('unsafe', `The plan removes ${plan.removals} of ${plan.accounts} accounts, not ${removals}.`, {
      field: 'removals',
    })
  if (exceedsLimit(plan, policy) && removals === undefined)
    throw new DirectoryError('unsafe', limitMessage(plan, policy), { field: 'removals' })
  const unnamed = risks.filter((risk) => !accept.includes(risk))
  if (unnamed.length === 0) return
  const messages = steps.flatMap(({ risks: own = [] }) =>
    own.filter(({ kind }) => unnamed.includes(kind)).map(({ message }) => message),
  )
  throw new DirectoryError('unsafe', `${messages.join('. ')}. If that is meant, approve it with --accept ${risks.join(',')}.`, {
    field: 'accept',
  })
}

export async function findPlan(tx: LedgerReader, call: Call, id: string): Promise<Plan> {
  const plan = await tx.plan(call.organizationId, id)
  if (!plan) throw new DirectoryError('notFound', 'There is no such plan in this organization.', { field: 'id' })
  return plan
}

/** Refuses a plan that another one has replaced or of which nothing is left. */
export function refuseEnded(plan: Plan): void {
  if (plan.supersededBy)
    throw new DirectoryError('stale', `A newer plan has replaced this one: ${plan.supersededBy}. Look at that one.`)
  if (plan.state !== 'open')
    throw new DirectoryError('stale', 'Nothing of this plan is left to be done. Plan anew to see what is.')
}
