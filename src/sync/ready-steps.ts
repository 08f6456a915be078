import { isApproved, needsApproval } from './guard.ts'
import { contentOf, digestOf } from './plan.ts'
import type { Approval, Plan, Step } from './ledger.ts'
import type { Survey } from './survey.ts'
import type { Hand } from './work.ts'

interface Held {
  readonly plan: Plan
  readonly approvals: readonly Approval[]
  /** Whether its steps are those of its digest. */
  readonly intact: boolean
}

export interface Ready {
  readonly step: Step
  /** Why the step ends without being sent, whatever was approved. */
  readonly refusal: string | undefined
}

/** The steps that the policy lets happen by themselves, those that were approved, and failed ones whose time has come, in the order of their plans. */
export async function readySteps(hand: Hand, { own }: Survey): Promise<readonly Ready[]> {
  const { parts, connection } = hand
  const now = parts.clock()
  const automatic = new Set(own.steps.map(contentOf))
  const { plans, steps } = await readOpen(hand)
  const isReady = (step: Step, { plan, approvals }: Held): boolean => {
    if (step.state === 'approved') return true
    const { policy } = connection
    const allowed = !needsApproval(step, policy)
    const approved = !allowed && isApproved(plan, approvals, { step, policy, now })
    // A guard may have held back what has been approved anew since.
    if (step.state === 'planned') return allowed ? automatic.has(contentOf(step)) : approved
    return step.state === 'failed' && step.retryAt !== undefined && step.retryAt <= now && (allowed || approved)
  }
  return steps
    .toSorted((a, b) => (a.planId < b.planId ? -1 : a.planId > b.planId ? 1 : a.position - b.position))
    .flatMap((step) => {
      const held = plans.get(step.planId)
      if (!held || !isReady(step, held)) return []
      return [{ step, refusal: held.intact ? undefined : 'the plan was changed in the database after it was made. Plan anew' }]
    })
}

async function readOpen({
  parts,
  connection,
}: Hand): Promise<{ readonly plans: ReadonlyMap<string, Held>; readonly steps: readonly Step[] }> {
  const { organizationId, id: connectionId } = connection
  return parts.ledger.read(async (tx) => {
    const plans = new Map<string, Held>()
    for (const plan of await tx.plans(organizationId, { connectionId, state: 'open', limit: 10_000 })) {
      const intact = digestOf(connectionId, await tx.steps(organizationId, plan.id)) === plan.digest
      plans.set(plan.id, { plan, approvals: await tx.approvals(organizationId, plan.id), intact })
    }
    return { plans, steps: await tx.openSteps(organizationId, connectionId) }
  })
}
