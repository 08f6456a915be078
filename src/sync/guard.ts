import type { Policy } from './connection.ts'
import type { Approval, Plan, Step, StepKind } from './ledger.ts'
import { isProtected, takesAway } from './plan.ts'

const additions: ReadonlySet<StepKind> = new Set<StepKind>(['create', 'invite'])

/** What removes or suspends always waits for a person; the rest as the policy says. */
export function needsApproval(kind: StepKind, policy: Pick<Policy, 'additions' | 'changes'>): boolean {
  if (takesAway(kind) || kind === 'deleteKey') return true
  return (additions.has(kind) ? policy.additions : policy.changes) === 'approval'
}

/** Whether so many removals are more than the policy allows without being named: more than the number or more than the share. One is always allowed. */
export const exceedsLimit = (
  { removals, accounts }: Pick<Plan, 'removals' | 'accounts'>,
  { removalLimit }: Pick<Policy, 'removalLimit'>,
): boolean => removals > 1 && (removals > removalLimit.accounts || removals * 100 > accounts * removalLimit.percent)

/** The limit that a plan exceeds, with what to do. */
export const limitMessage = (plan: Pick<Plan, 'removals' | 'accounts'>, { removalLimit }: Pick<Policy, 'removalLimit'>): string =>
  `The plan removes ${plan.removals} of ${plan.accounts} accounts; the limit is ${removalLimit.accounts} accounts or ${removalLimit.percent} %. If that is meant, approve it with --removals ${plan.removals}.`

/** The approval by which a plan may be carried out: of this digest, by somebody who did not ask for it, and naming the number where the limit is exceeded. */
export const validApproval = (
  plan: Plan,
  approvals: readonly Approval[],
  policy: Pick<Policy, 'removalLimit'>,
): Approval | undefined =>
  approvals.find(
    (approval) =>
      approval.planId === plan.id &&
      approval.digest === plan.digest &&
      !plan.authors.includes(approval.actor) &&
      (!exceedsLimit(plan, policy) || approval.removals === plan.removals),
  )

/** Why a step may not be sent now; undefined when it may. Asked in the transaction that sends it. */
export function refusalToSend(input: {
  readonly step: Step
  readonly plan: Plan
  readonly approvals: readonly Approval[]
  readonly policy: Policy
}): string | undefined {
  const { step, plan, approvals, policy } = input
  if (needsApproval(step.kind, policy) && !validApproval(plan, approvals, policy))
    return exceedsLimit(plan, policy)
      ? limitMessage(plan, policy)
      : 'no valid approval: somebody who did not ask for the plan has to approve its digest'
  if (takesAway(step.kind) && isProtected(policy, { id: step.accountId ?? '', userName: step.subject }))
    return 'the account is protected: no plan takes it away'
  return undefined
}
