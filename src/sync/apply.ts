import { unchanged } from '../directory/call.ts'
import { retryTime } from './backoff.ts'
import { createAccount, resolveCreation, type Holdings } from './create-account.ts'
import { endStep, type Ending } from './ending.ts'
import { needsApproval, refusalToSend, validApproval } from './guard.ts'
import type { Approval, Link, Plan, Step } from './ledger.ts'
import { contentOf, digestOf, takesAway } from './plan.ts'
import type { Known } from './read-vendor.ts'
import { removeAccount, resolveRemoval } from './remove-account.ts'
import { changeStatus, isStatusStep, resolveStatus } from './change-status.ts'
import type { Survey } from './survey.ts'
import { checkObserved, resolveChange, updateAccount } from './update-account.ts'
import { isRemoteFailure } from './vendor.ts'
import { commit, LostClaim, type Hand } from './work.ts'

/** How many steps one turn of work carries out, and how long it may take; the rest waits for the next turn, which sees what came in meanwhile. */
const stepsPerTurn = 200
const turnMs = 10_000
/** After so many failures in a row that may pass by themselves, the vendor is left alone. */
const failuresInARow = 5

/** Carries out, one after another, what may be carried out now. Answers whether something was left for the next turn. */
export async function applySteps(hand: Hand, seen: Survey): Promise<'all' | 'more'> {
  if (!hand.connection.writesEnabled) return 'all'
  const ready = await readySteps(hand, seen)
  const holdings = holdingsOf(seen)
  const startedAt = hand.parts.clock().getTime()
  let failures = 0
  for (const [index, step] of ready.entries()) {
    if (hand.halting() || index >= stepsPerTurn || hand.parts.clock().getTime() - startedAt >= turnMs) return 'more'
    const ended = await carryOut(hand, step, { seen, holdings })
    const passing = ended?.state === 'unknown' || (ended?.state === 'failed' && ended.retryAt !== undefined)
    failures = passing ? failures + 1 : 0
    if (failures >= failuresInARow) {
      await postpone(hand, ready.slice(index + 1), ended?.reason ?? '')
      return 'all'
    }
  }
  return 'all'
}

/** Finds out by reading what became of the steps that were sent and whose answer never came. */
export async function resolveSteps(
  hand: Hand,
  steps: readonly Step[],
  { known, links }: { readonly known: Known; readonly links: readonly Link[] },
): Promise<void> {
  const holdings: Holdings = { accounts: new Map(), holders: new Map(links.map((link) => [link.accountId, link.membershipId])) }
  for (const step of steps) {
    const ending = await guarded(hand, step, async (): Promise<Ending> => {
      if (step.kind === 'create' || step.kind === 'invite') return resolveCreation(hand, step, { known, holdings })
      if (step.kind === 'remove') return resolveRemoval(hand, step)
      const link = links.find(({ membershipId }) => membershipId === step.membershipId)
      return isStatusStep(step) ? resolveStatus(hand, step, link) : resolveChange(hand, step, link)
    })
    if (ending.state === 'unknown' && step.state === 'unknown' && step.reason === ending.reason) continue
    // A failed read says nothing about what was sent before it.
    await endStep(hand, step, ending.state === 'failed' && ending.unread ? { state: 'unknown', reason: ending.reason } : ending)
  }
}

/** The steps that the policy lets happen by themselves, those that were approved, and failed ones whose time has come, in the order of their plans. */
async function readySteps({ parts, connection }: Hand, { own }: Survey): Promise<readonly Step[]> {
  const { organizationId, id: connectionId, policy } = connection
  const now = parts.clock()
  const automatic = new Set(own.steps.map(contentOf))
  const { plans, steps } = await parts.ledger.read(async (tx) => {
    const open = await tx.plans(organizationId, { connectionId, state: 'open', limit: 10_000 })
    const all = new Map<string, { plan: Plan; whole: readonly Step[]; approvals: readonly Approval[] }>()
    for (const plan of open)
      all.set(plan.id, {
        plan,
        whole: await tx.steps(organizationId, plan.id),
        approvals: await tx.approvals(organizationId, plan.id),
      })
    return { plans: all, steps: await tx.openSteps(organizationId, connectionId) }
  })
  const intact = new Set(
    [...plans.values()].filter(({ plan, whole }) => digestOf(connectionId, whole) === plan.digest).map(({ plan }) => plan.id),
  )
  const isReady = (step: Step): boolean => {
    const held = plans.get(step.planId)
    if (!held || !intact.has(step.planId)) return false
    if (step.state === 'approved') return true
    const allowed = !needsApproval(step.kind, policy)
    if (step.state === 'planned') return allowed && automatic.has(contentOf(step))
    if (step.state !== 'failed' || step.retryAt === undefined || step.retryAt > now) return false
    return allowed || validApproval(held.plan, held.approvals, policy) !== undefined
  }
  return steps.filter(isReady).toSorted((a, b) => (a.planId < b.planId ? -1 : a.planId > b.planId ? 1 : a.position - b.position))
}

/** One step from where it stands to its end. Undefined when it may not be sent any more. */
async function carryOut(
  hand: Hand,
  step: Step,
  { seen, holdings }: { readonly seen: Survey; readonly holdings: Holdings },
): Promise<Step | undefined> {
  const { complete, reasons } = seen.known.snapshot.certificate
  const begun = await begin(
    hand,
    step,
    takesAway(step.kind) && !complete ? `nothing is taken away on a read that is not complete: ${reasons.join('; ')}` : undefined,
  )
  if (!begun || begun.state !== 'sending') return begun
  const ending = await guarded(hand, begun, () => send(hand, begun, { seen, holdings }))
  const ended = await endStep(hand, begun, ending)
  if ('account' in ending) {
    holdings.accounts.set(ending.account.id, ending.account)
    holdings.holders.set(ending.account.id, ending.link.membershipId)
  }
  return ended
}

async function send(
  hand: Hand,
  step: Step,
  { seen, holdings }: { readonly seen: Survey; readonly holdings: Holdings },
): Promise<Ending> {
  if (step.kind === 'create') return createAccount(hand, step, holdings)
  if (step.kind === 'remove') return removeAccount(hand, step)
  if (step.kind !== 'update' && step.kind !== 'setRoles' && !isStatusStep(step))
    return {
      state: 'unsupported',
      reason: `${hand.vendor.name} cannot ${step.kind} through its API: do it in the vendor's console`,
    }
  const link = seen.links.find(
    ({ membershipId, accountId }) => membershipId === step.membershipId && accountId === step.accountId,
  )
  if (!link || step.accountId === undefined)
    return { state: 'failed', reason: 'nothing was sent: the account is no longer linked. Plan anew', retryAt: undefined }
  const found = checkObserved(step, await readBefore(hand, step.accountId))
  if ('ending' in found) return found.ending
  return isStatusStep(step) ? changeStatus(hand, step, link) : updateAccount(hand, step, link)
}

/** A read that fails before anything was sent leaves nothing unknown. */
async function readBefore({ vendor }: Hand, accountId: string) {
  try {
    return await vendor.reader.read(accountId)
  } catch (error) {
    if (isRemoteFailure(error)) throw new UnsentError(error.message, { cause: error })
    throw error
  }
}

class UnsentError extends Error {
  override name = 'UnsentError'
}

/** Marks the step as being sent before anything is sent, and asks every guard once more in the same transaction. */
async function begin(hand: Hand, { id }: Step, hindrance: string | undefined): Promise<Step | undefined> {
  const { organizationId, id: connectionId } = hand.connection
  return commit(hand, async (tx, call) => {
    const step = await tx.step(organizationId, id)
    const plan = step && (await tx.plan(organizationId, step.planId))
    const connection = await tx.connection(organizationId, connectionId)
    const startable = step && (step.state === 'planned' || step.state === 'approved' || (step.state === 'failed' && step.retryAt))
    if (!startable || plan?.state !== 'open' || !connection?.writesEnabled) return unchanged(undefined)
    const refusal =
      refusalToSend({ step, plan, approvals: await tx.approvals(organizationId, plan.id), policy: connection.policy }) ??
      hindrance
    if (refusal !== undefined) {
      const held: Step = {
        ...step,
        state: 'failed',
        reason: refusal,
        retryAt: refusal === hindrance ? retryTime(call.now, step.attempts + 1) : undefined,
        updatedAt: call.now,
      }
      if (step.state === 'failed' && step.reason === refusal) {
        await tx.putStep(held)
        return unchanged(held)
      }
      await tx.putStep(held)
      const { kind, subject, accountId, attempts } = step
      return [
        held,
        {
          action: 'step.failed',
          subject: id,
          detail: { connectionId, planId: plan.id, kind, subject, accountId, attempt: attempts, reason: refusal },
        },
      ]
    }
    const sending: Step = { ...step, state: 'sending', attempts: step.attempts + 1, retryAt: undefined, updatedAt: call.now }
    await tx.putStep(sending)
    return unchanged(sending)
  })
}

type Failure = Extract<Ending, { readonly state: 'failed' }> & { readonly unread?: true }

/** What the vendor's refusals and silences mean for a step. A bug of ours leaves it unknown: whether something was sent is then not known either. */
async function guarded(
  { parts }: Hand,
  step: Step,
  work: () => Promise<Ending>,
): Promise<Exclude<Ending, { readonly state: 'failed' }> | Failure> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof LostClaim) throw error
    const now = parts.clock()
    if (error instanceof UnsentError)
      return {
        state: 'failed',
        reason: `nothing was sent: ${error.message}`,
        retryAt: retryTime(now, step.attempts),
        unread: true,
      }
    if (!isRemoteFailure(error)) {
      parts.log({ error, step: step.id }, 'a step was interrupted by a bug')
      return { state: 'unknown', reason: 'interrupted by an error of this product; the log has it' }
    }
    if (error.effect === 'unknown') return { state: 'unknown', reason: error.message }
    return {
      state: 'failed',
      reason: error.message,
      retryAt: error.retryable ? retryTime(now, step.attempts) : undefined,
      unread: true,
    }
  }
}

/** Leaves the rest for later when the vendor fails again and again: each step says so. */
async function postpone(hand: Hand, steps: readonly Step[], reason: string): Promise<void> {
  if (steps.length === 0) return
  const { organizationId } = hand.connection
  await commit(hand, async (tx, call) => {
    for (const { id } of steps) {
      const step = await tx.step(organizationId, id)
      if (!step || (step.state !== 'planned' && step.state !== 'approved' && step.state !== 'failed')) continue
      await tx.putStep({
        ...step,
        state: 'failed',
        reason: `not tried: the vendor failed ${failuresInARow} times in a row, last with: ${reason}`,
        retryAt: retryTime(call.now, step.attempts + 1),
        updatedAt: call.now,
      })
    }
    return unchanged(undefined)
  })
}

const holdingsOf = ({ known, links }: Survey): Holdings => ({
  accounts: new Map(known.accounts.map((account) => [account.id, account])),
  holders: new Map(links.map((link) => [link.accountId, link.membershipId])),
})
