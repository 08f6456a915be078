import { retryTime } from './backoff.ts'
import type { Ending } from './ending.ts'
import type { Step } from './ledger.ts'
import { isRemoteFailure } from './vendor.ts'
import { LostClaim, type Hand } from './work.ts'

/** A failure; `unread` when it was the vendor that failed, so that it says nothing about what was sent before. */
export type Failure = Extract<Ending, { readonly state: 'failed' }> & { readonly unread?: true }

/** What the vendor's refusals and silences mean for a step. A bug of ours leaves it unknown: whether something was sent is then not known either. */
export async function attempt(
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
      ...(error.status >= 400 && { refusedWith: error.status }),
      unread: true,
    }
  }
}

/** A read that fails before anything was sent leaves nothing unknown. */
export async function readBefore({ vendor }: Hand, accountId: string) {
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
