import { unchanged } from '../directory/call.ts'
import { refusalToSend } from './guard.ts'
import type { LedgerReader, Link, Step } from './ledger.ts'
import { commit, type Hand } from './work.ts'

/** What keeps a step from being sent, beside the guards. */
export interface Obstacle {
  readonly reason: string
  readonly retryAt: Date | undefined
}

/** Marks the step as being sent before anything is sent, and asks every guard once more in the same transaction. Undefined when it may not be sent any more. */
export async function beginStep(hand: Hand, id: string, obstacle: Obstacle | undefined): Promise<Step | undefined> {
  const { organizationId, id: connectionId } = hand.connection
  return commit(hand, async (tx, call) => {
    const step = await tx.step(organizationId, id)
    const plan = step && (await tx.plan(organizationId, step.planId))
    const connection = await tx.connection(organizationId, connectionId)
    const startable = step && (step.state === 'planned' || step.state === 'approved' || (step.state === 'failed' && step.retryAt))
    if (!startable || plan?.state !== 'open' || !connection?.writesEnabled || connection.health?.quarantine)
      return unchanged(undefined)
    const refusal = refusalToSend({
      step,
      plan,
      approvals: await tx.approvals(organizationId, plan.id),
      policy: connection.policy,
      now: call.now,
      link: await linkOf(tx, step),
      suspends: hand.vendor.capabilities.suspend,
    })
    const inTheWay: Obstacle | undefined = refusal === undefined ? obstacle : { reason: refusal, retryAt: undefined }
    if (inTheWay) {
      const held: Step = { ...step, state: 'failed', ...inTheWay, updatedAt: call.now }
      await tx.putStep(held)
      if (step.state === 'failed' && step.reason === held.reason) return unchanged(held)
      const { kind, subject, accountId, attempts, reason } = held
      const detail = { connectionId, planId: plan.id, kind, subject, accountId, attempt: attempts, reason }
      return [held, { action: 'step.failed', subject: id, detail }]
    }
    const sending: Step = { ...step, state: 'sending', attempts: step.attempts + 1, retryAt: undefined, updatedAt: call.now }
    await tx.putStep(sending)
    return unchanged(sending)
  })
}

/** The link by which the step's account is its member's: an account that somebody has beside that one is nobody's to be held. */
async function linkOf(
  tx: LedgerReader,
  { organizationId, connectionId, membershipId, accountId }: Step,
): Promise<Link | undefined> {
  const link = membershipId === undefined ? undefined : await tx.linkOf(organizationId, connectionId, membershipId)
  return link?.accountId === accountId ? link : undefined
}
