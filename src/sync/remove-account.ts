import { retryTime } from './backoff.ts'
import type { Ending } from './ending.ts'
import type { Step } from './ledger.ts'
import { checkObserved } from './update-account.ts'
import { isRemoteFailure, type Account } from './vendor.ts'
import { LostClaim, type Hand } from './work.ts'

/**
 * Removes an account and makes sure: asked for by id right before, it must be the one of the plan; right after, there must be none. The account of somebody
 * who is only invited goes by withdrawing the invitation where the vendor can, so that an acceptance in between is noticed: then nothing is sent, and the
 * step is tried again as the removal that was approved.
 */
export async function removeAccount(hand: Hand, step: Step): Promise<Ending> {
  const { vendor, parts, claim } = hand
  const accountId = idOf(step)
  const now = () => parts.clock()
  const at = now()
  const before = await readFirst(hand, step)
  if ('ending' in before) return before.ending
  // Who is only missing from a list may be there: the removal by id tells.
  if (!before.account && vendor.reader.absence !== 'list')
    return {
      state: 'done',
      reason: `was gone already: ${vendor.name} answers that there is no account ${accountId}`,
      gone: { before: { at, account: undefined }, sentAt: undefined, answer: 'goneBefore', verifiedAt: at },
    }
  const found = before.account && checkObserved(step, before.account, hand.connection.policy)
  if (found && 'ending' in found) return found.ending
  // A process that stood still meanwhile sends nothing: what it was allowed to do may be forbidden by now.
  if (!(await parts.queue.renew(claim, new Date(now().getTime() + parts.leaseMs))))
    throw new LostClaim('another process has taken this work over')
  const sentAt = now()
  const { writer } = vendor
  const isInvitation = before.account?.status === 'invited' && writer.cancelInvitation !== undefined
  let answer: 'accepted' | 'lost' = 'accepted'
  try {
    await (isInvitation ? writer.cancelInvitation?.(accountId) : writer.remove(accountId))
  } catch (error) {
    if (!isRemoteFailure(error) || error.effect === 'none') throw error
    answer = 'lost'
  }
  let after: Account | undefined
  try {
    after = await vendor.reader.read(accountId)
  } catch (error) {
    if (!isRemoteFailure(error)) throw error
    return {
      state: 'unknown',
      reason: `the removal was sent, but whether the account is gone could not be read: ${error.message}`,
    }
  }
  if (!after)
    return {
      state: 'done',
      reason: `${isInvitation ? 'the invitation was withdrawn' : 'removed'}; ${vendor.name} answers that there is no account ${accountId}`,
      gone: { before: { at, account: before.account }, sentAt, answer, verifiedAt: now() },
    }
  if (answer === 'accepted')
    return { state: 'unknown', reason: `${vendor.name} accepted the removal but still shows the account` }
  return {
    state: 'failed',
    reason: 'it did not happen: the answer was lost, and the vendor still has the account',
    retryAt: retryTime(now(), step.attempts),
    found: after,
  }
}

/** Finds out by reading what became of a removal whose answer was lost. Never sends it again; a removal that did not happen may be tried again, its approval stands. */
export async function resolveRemoval({ vendor, parts }: Hand, step: Step): Promise<Ending> {
  const accountId = idOf(step)
  const account = await vendor.reader.read(accountId)
  if (!account)
    return {
      state: 'done',
      reason: `the answer was lost; ${vendor.name} answers that there is no account ${accountId}`,
      gone: { before: undefined, sentAt: step.updatedAt, answer: 'lost', verifiedAt: parts.clock() },
    }
  return {
    state: 'failed',
    reason: 'it did not happen: the answer was lost, and the vendor still has the account',
    retryAt: retryTime(parts.clock(), step.attempts),
    found: account,
  }
}

async function readFirst(
  { vendor, parts }: Hand,
  step: Step,
): Promise<{ readonly account: Account | undefined } | { readonly ending: Ending }> {
  try {
    return { account: await vendor.reader.read(idOf(step)) }
  } catch (error) {
    if (!isRemoteFailure(error)) throw error
    const reason = `nothing was sent: the account could not be read by id first: ${error.message}`
    return { ending: { state: 'failed', reason, retryAt: retryTime(parts.clock(), step.attempts) } }
  }
}

function idOf({ accountId }: Step): string {
  if (accountId === undefined) throw new TypeError('a removal without an account')
  return accountId
}
