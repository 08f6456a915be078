import type { Operation } from './operation.ts'

export const maxAttempts = 5
const baseMs = 200
const capMs = 5_000
export const maxRetryAfterSeconds = 60

/** A request that was held back on our side: nothing went out. Its message says why, as the end of a sentence. */
export class NotSent extends Error {
  override name = 'NotSent'
}

export interface Outcome {
  readonly retryable: boolean
  readonly effect: 'none' | 'unknown'
  /** Whether the same request may be sent again at once, after a wait. */
  readonly again: boolean
}

const isWrite = (operation: Operation): boolean => operation.method !== 'GET'

/** What a status says about the request: declared by the operation, or what may follow from it. A success that nobody declared may have had an effect. */
export function outcomeOf(operation: Operation, status: number): 'declared' | Outcome {
  if (status === operation.status || operation.alsoStatus?.includes(status)) return 'declared'
  const afterEffect = isWrite(operation) ? 'unknown' : 'none'
  if (status === 429) return { retryable: true, effect: 'none', again: true }
  if (status >= 500) return { retryable: true, effect: afterEffect, again: !isWrite(operation) }
  if (status === 408) return { retryable: true, effect: afterEffect, again: false }
  return { retryable: false, effect: status >= 400 ? 'none' : afterEffect, again: false }
}

/** What may follow from an answer that broke off, or never came: `sent` says whether the request can have reached the vendor. */
export function lostOutcome(operation: Operation, sent: boolean): Outcome {
  return { retryable: true, effect: isWrite(operation) && sent ? 'unknown' : 'none', again: !isWrite(operation) || !sent }
}

/**
 * How long to wait before the next attempt: full jitter over 200 ms doubled with each attempt up to 5 s, or what a Retry-After in whole seconds says.
 * Undefined when that is more than 60 s: waiting so long is the caller's business.
 */
export function delayMs(attempt: number, random: number, retryAfter: string | null): number | undefined {
  if (retryAfter !== null && /^[0-9]{1,9}$/.test(retryAfter))
    return Number(retryAfter) <= maxRetryAfterSeconds ? Number(retryAfter) * 1_000 : undefined
  return Math.floor(random * Math.min(capMs, baseMs * 2 ** (attempt - 1)))
}

/** Whether a failed fetch never got a connection, so that nothing can have been carried out. */
export function neverSent(failure: unknown): boolean {
  if (!(failure instanceof Error)) return false
  if (failure instanceof NotSent) return true
  if (failure instanceof AggregateError && failure.errors.length > 0) return failure.errors.every(neverSent)
  if ('code' in failure) {
    if (failure.code === 'UND_ERR_CONNECT_TIMEOUT') return true
    if ('syscall' in failure && (failure.syscall === 'connect' || failure.syscall === 'getaddrinfo')) return true
  }
  return neverSent(failure.cause)
}
