import { duties, type Duty, type Scope } from '../directory/credential.ts'
import type { Policy } from './connection.ts'
import type { Approval, Link, Plan, RiskKind, Step, StepKind } from './ledger.ts'
import { isHeldLongEnough, isProtected, takesAway } from './plan.ts'
import { expiryHours, expiryOf, holdMs } from './policy.ts'

const additions: ReadonlySet<StepKind> = new Set<StepKind>(['create', 'invite'])

/** What removes or suspends, and what takes the last of a role that matters, always waits for a person; the rest as the policy says. */
export function needsApproval(
  { kind, risks }: Pick<Step, 'kind' | 'risks'>,
  policy: Pick<Policy, 'additions' | 'changes'>,
): boolean {
  if (takesAway(kind) || kind === 'deleteKey' || graveRisks([{ ...(risks && { risks }) }]).length > 0) return true
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

/** The kinds of grave risk among the steps, each once. */
export const graveRisks = (steps: readonly Pick<Step, 'risks'>[]): readonly RiskKind[] =>
  [
    ...new Set(steps.flatMap(({ risks = [] }) => risks.filter(({ weight }) => weight === 'grave').map(({ kind }) => kind))),
  ].toSorted()

/** The duties that somebody with these scopes could be on. */
export const dutiesOf = (scopes: ReadonlySet<Scope>): readonly Duty[] =>
  (['owner', 'operator', 'approver', 'auditor'] as const).filter((duty) => duties[duty].every((scope) => scopes.has(scope)))

/** Whether the policy lets somebody approve; the scope is asked for elsewhere. */
export const mayApprove = (
  { approvers = [] }: Pick<Policy, 'approvers'>,
  { actor, duties: held = [] }: Pick<Approval, 'actor' | 'duties'>,
): boolean => approvers.length === 0 || approvers.includes(actor) || held.some((duty) => approvers.includes(duty))

type Rules = Pick<Policy, 'removalLimit' | 'approvers' | 'quorum' | 'planExpiryHours'>

/**
 * The approvals that let a plan, or one step of it, be carried out now, one for each person: of this digest, by somebody who did not ask for it and may approve,
 * not expired, naming the number where the limit is exceeded, and naming each grave risk.
 */
export function countedApprovals(
  plan: Plan,
  approvals: readonly Approval[],
  { policy, risks, now }: { readonly policy: Rules; readonly risks: readonly RiskKind[]; readonly now: Date },
): readonly Approval[] {
  const counted = approvals.filter(
    (approval) =>
      approval.planId === plan.id &&
      approval.digest === plan.digest &&
      !plan.authors.includes(approval.actor) &&
      mayApprove(policy, approval) &&
      now < expiryOf(policy, approval.at) &&
      (!exceedsLimit(plan, policy) || approval.removals === plan.removals) &&
      risks.every((risk) => approval.accepted?.includes(risk)),
  )
  return [...new Map(counted.map((approval) => [approval.actor, approval])).values()]
}

/** Whether as many people as the policy asks for have approved the step. */
export const isApproved = (
  plan: Plan,
  approvals: readonly Approval[],
  { step, policy, now }: { readonly step: Pick<Step, 'risks'>; readonly policy: Rules; readonly now: Date },
): boolean => countedApprovals(plan, approvals, { policy, risks: graveRisks([step]), now }).length >= (policy.quorum ?? 1)

/** Whether it is too late to approve a plan. */
export const isExpired = ({ createdAt }: Pick<Plan, 'createdAt'>, policy: Pick<Policy, 'planExpiryHours'>, now: Date): boolean =>
  now >= expiryOf(policy, createdAt)

/** Why a plan can be approved no more, with what to do. */
export const expiryMessage = (
  plan: Pick<Plan, 'createdAt'>,
  policy: Pick<Policy, 'planExpiryHours'>,
  connection: string,
): string =>
  `The plan expired at ${expiryOf(policy, plan.createdAt).toISOString()}, ${expiryHours(policy)} hours after it was made. Plan anew and decide on that one: rollcall plan --connection ${connection}`

/** Why a step may not be sent now; undefined when it may. Asked in the transaction that sends it. */
export function refusalToSend(input: {
  readonly step: Step
  readonly plan: Plan
  readonly approvals: readonly Approval[]
  readonly policy: Policy
  readonly now: Date
  /** The link by which the account is its member's; undefined for an account that they have beside that one. */
  readonly link: Pick<Link, 'heldSince'> | undefined
  /** Whether the vendor can suspend, so that the policy's hold is for it. */
  readonly suspends: boolean
}): string | undefined {
  const { step, plan, approvals, policy, now } = input
  if (needsApproval(step, policy) && !isApproved(plan, approvals, { step, policy, now }))
    return whatIsLacking(step, plan, { approvals, policy, now })
  if (takesAway(step.kind) && isProtected(policy, { id: step.accountId ?? '', userName: step.subject }))
    return 'the account is protected: no plan takes it away'
  const hold = input.suspends && step.kind === 'remove' ? holdMs(policy) : undefined
  if (hold !== undefined && input.link && !isHeldLongEnough(input.link, hold, now))
    return `the policy holds the account for ${hold / 86_400_000} days suspended before it is removed`
  return undefined
}

function whatIsLacking(
  step: Step,
  plan: Plan,
  { approvals, policy, now }: { readonly approvals: readonly Approval[]; readonly policy: Policy; readonly now: Date },
): string {
  const given = approvals.filter(({ digest, actor }) => digest === plan.digest && !plan.authors.includes(actor))
  if (exceedsLimit(plan, policy) && !given.some(({ removals }) => removals === plan.removals)) return limitMessage(plan, policy)
  if (given.length > 0 && given.every(({ at }) => now >= expiryOf(policy, at)))
    return `the approval expired ${expiryHours(policy)} hours after it was given: approve again`
  const unnamed = graveRisks([step]).filter((risk) => !given.some(({ accepted }) => accepted?.includes(risk)))
  if (given.length > 0 && unnamed.length > 0)
    return `the approval does not name what is grave about it now: approve again with --accept ${unnamed.join(',')}`
  const quorum = policy.quorum ?? 1
  const counted = countedApprovals(plan, approvals, { policy, risks: graveRisks([step]), now }).length
  if (quorum > 1) return `no valid approval: ${counted} of ${quorum} people who did not ask for the plan have approved its digest`
  return 'no valid approval: somebody who did not ask for the plan has to approve its digest'
}
