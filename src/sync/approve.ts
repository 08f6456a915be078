import type { Call, Outcome } from '../directory/call.ts'
import { DirectoryError } from '../directory/errors.ts'
import { exceedsLimit, limitMessage } from './guard.ts'
import type { Approval, LedgerReader, LedgerWriter, Plan } from './ledger.ts'
import { digestOf } from './plan.ts'

export interface Decision {
  readonly id: string
  readonly digest: string
  readonly removals?: number | undefined
  readonly reason: string
}

/** Stores the decision of somebody who did not ask for the plan, on exactly what the plan holds, and lets its steps go. */
export const approve =
  (newId: () => string) =>
  async (tx: LedgerWriter, call: Call, { id, digest, removals, reason }: Decision): Promise<Outcome<Approval>> => {
    const { organizationId, actor, now } = call
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
    if (!reason.trim()) throw new DirectoryError('invalid', 'Give a reason for the approval.', { field: 'reason' })
    if (removals !== undefined && removals !== plan.removals)
      throw new DirectoryError('unsafe', `The plan removes ${plan.removals} of ${plan.accounts} accounts, not ${removals}.`, {
        field: 'removals',
      })
    if (exceedsLimit(plan, connection.policy) && removals === undefined)
      throw new DirectoryError('unsafe', limitMessage(plan, connection.policy), { field: 'removals' })
    const approval: Approval = {
      id: newId(),
      organizationId,
      planId: id,
      digest,
      actor,
      at: now,
      removals,
      reason: reason.trim(),
    }
    await tx.putApproval(approval)
    for (const step of steps) if (step.state === 'planned') await tx.putStep({ ...step, state: 'approved', updatedAt: now })
    if (connection.writesEnabled) await tx.schedule({ organizationId, kind: 'reconcile', subject: connection.id, dueAt: now })
    return [
      approval,
      {
        action: 'plan.approved',
        subject: id,
        detail: { connectionId: plan.connectionId, digest, removals: plan.removals, named: removals, reason: approval.reason },
      },
    ]
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
