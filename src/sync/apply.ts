import { unchanged } from '../directory/call.ts'
import { attempt, readBefore } from './attempt.ts'
import { retryTime } from './backoff.ts'
import { beginStep } from './begin-step.ts'
import { createAccount, resolveCreation, type Holdings } from './create-account.ts'
import { endStep, type Ending } from './ending.ts'
import { takesAway } from './plan.ts'
import type { Link, Step } from './ledger.ts'
import { knownAccounts } from './known-accounts.ts'
import { noteHealth } from './quarantine/note.ts'
import type { Known } from './read-vendor.ts'
import { readySteps, type Ready } from './ready-steps.ts'
import { removeAccount, resolveRemoval } from './remove-account.ts'
import { changeStatus, isStatusStep, resolveStatus } from './change-status.ts'
import type { Survey } from './survey.ts'
import { checkObserved, resolveChange, updateAccount } from './update-account.ts'
import { commit, type Hand } from './work.ts'

/** How many steps one turn of work carries out, and how long it may take; the rest waits for the next turn, which sees what came in meanwhile. */
const stepsPerTurn = 200
const turnMs = 10_000
/** After so many failures in a row that may pass by themselves, the vendor is left alone. */
const failuresInARow = 5
/** How soon a removal that wants a complete read is looked at again. */
const rereadMs = 30_000

/** Carries out, one after another, what may be carried out now. Answers whether something was left for the next turn. */
export async function applySteps(hand: Hand, seen: Survey): Promise<'all' | 'more'> {
  if (!hand.connection.writesEnabled || hand.connection.health?.quarantine) return 'all'
  const ready = await readySteps(hand, seen)
  const holdings = holdingsOf(seen)
  const startedAt = hand.parts.clock().getTime()
  let failures = 0
  for (const [index, next] of ready.entries()) {
    if (hand.halting() || index >= stepsPerTurn || hand.parts.clock().getTime() - startedAt >= turnMs) return 'more'
    const ended = await carryOut(hand, next, { seen, holdings })
    const passing = ended?.state === 'unknown' || (ended?.state === 'failed' && ended.retryAt !== undefined)
    failures = passing ? failures + 1 : 0
    // Before the next one is sent: what is refused for us is refused for everybody.
    if (ended !== undefined && ended.state !== 'done' && (await noteHealth(hand))) return 'all'
    if (failures >= failuresInARow) {
      await postpone(
        hand,
        ready.slice(index + 1).map(({ step }) => step.id),
        ended?.reason ?? '',
      )
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
  const accounts = await knownAccounts(hand, known)
  for (const step of steps) {
    const ending = await attempt(hand, step, async (): Promise<Ending> => {
      if (step.kind === 'create' || step.kind === 'invite') return resolveCreation(hand, step, { known, accounts, holdings })
      if (step.kind === 'remove') return resolveRemoval(hand, step)
      const link = links.find(({ membershipId }) => membershipId === step.membershipId)
      return isStatusStep(step) ? resolveStatus(hand, step, link) : resolveChange(hand, step, link)
    })
    if (ending.state === 'unknown' && step.state === 'unknown' && step.reason === ending.reason) continue
    // A failed read says nothing about what was sent before it.
    await endStep(hand, step, ending.state === 'failed' && ending.unread ? { state: 'unknown', reason: ending.reason } : ending)
  }
}

/** One step from where it stands to its end. Undefined when it may not be sent any more. */
async function carryOut(
  hand: Hand,
  { step, refusal }: Ready,
  { seen, holdings }: { readonly seen: Survey; readonly holdings: Holdings },
): Promise<Step | undefined> {
  const { complete, reasons } = seen.known.snapshot.certificate
  const later = new Date(hand.parts.clock().getTime() + rereadMs)
  const obstacle =
    refusal !== undefined
      ? { reason: refusal, retryAt: undefined }
      : takesAway(step.kind) && !complete
        ? { reason: `nothing is taken away on a read that is not complete: ${reasons.join('; ')}`, retryAt: later }
        : undefined
  const begun = await beginStep(hand, step.id, obstacle)
  if (begun?.state !== 'sending') return begun
  const ending = await attempt(hand, begun, () => send(hand, begun, { seen, holdings }))
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
  const found = checkObserved(step, await readBefore(hand, step.accountId), hand.connection.policy)
  if ('ending' in found) return found.ending
  return isStatusStep(step) ? changeStatus(hand, step, link) : updateAccount(hand, step, link)
}

/** Leaves the rest for later when the vendor fails again and again: each step says so. */
async function postpone(hand: Hand, ids: readonly string[], reason: string): Promise<void> {
  if (ids.length === 0) return
  const { organizationId } = hand.connection
  await commit(hand, async (tx, call) => {
    for (const id of ids) {
      const step = await tx.step(organizationId, id)
      if (!step || (step.state !== 'planned' && step.state !== 'approved' && step.state !== 'failed')) continue
      await tx.putStep({
        ...step,
        state: 'failed',
        reason:
          step.attempts > 0 ? step.reason : `not tried: the vendor failed ${failuresInARow} times in a row, last with: ${reason}`,
        retryAt: retryTime(call.now, step.attempts + 1),
        updatedAt: call.now,
      })
    }
    return unchanged(undefined)
  })
}

const holdingsOf = ({ accounts, links }: Survey): Holdings => ({
  accounts: new Map(accounts.map((account) => [account.id, account])),
  holders: new Map(links.map((link) => [link.accountId, link.membershipId])),
})
