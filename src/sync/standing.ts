import type { Policy } from './connection.ts'
import { countedApprovals, exceedsLimit, graveRisks, isApproved, isExpired, needsApproval } from './guard.ts'
import type { Approval, Plan, RiskKind, Step } from './ledger.ts'
import { expiryOf } from './policy.ts'
import { isInFlight } from './step-state.ts'

/** Where a plan stands with those who decide on it. */
export interface Standing {
  /** `none`: no step left waits for anybody. */
  readonly decision: 'none' | 'waits' | 'approved' | 'expired'
  /** How many people have to approve it, and who has so that it counts. */
  readonly quorum: number
  readonly approvedBy: readonly string[]
  /** Until when it may be approved or, approved, carried out. */
  readonly expiresAt: Date
  /** What an approval has to name. */
  readonly removalsToName: number | undefined
  readonly risksToName: readonly RiskKind[]
}

export function standingOf(
  { plan, steps, approvals }: { readonly plan: Plan; readonly steps: readonly Step[]; readonly approvals: readonly Approval[] },
  policy: Policy,
  now: Date,
): Standing {
  const open = steps.filter(({ state }) => state !== 'done' && state !== 'superseded' && state !== 'unsupported')
  const waiting = open.filter((step) => needsApproval(step, policy) && !isInFlight(step))
  const risks = graveRisks(waiting)
  const quorum = policy.quorum ?? 1
  const counted = countedApprovals(plan, approvals, { policy, risks, now })
  const approved = waiting.every((step) => isApproved(plan, approvals, { step, policy, now }))
  const decisive = counted.toSorted((a, b) => b.at.getTime() - a.at.getTime())[quorum - 1]
  return {
    decision:
      plan.state !== 'open' || waiting.length === 0
        ? 'none'
        : approved
          ? 'approved'
          : isExpired(plan, policy, now)
            ? 'expired'
            : 'waits',
    quorum,
    approvedBy: counted.map(({ actor }) => actor),
    expiresAt: expiryOf(policy, approved && decisive ? decisive.at : plan.createdAt),
    removalsToName: exceedsLimit(plan, policy) ? plan.removals : undefined,
    risksToName: risks,
  }
}
