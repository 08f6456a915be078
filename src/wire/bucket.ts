/** How fast one credential is used. Nothing is held back until the other side says that it was too much; from then on the limit is learnt. */
export interface Bucket {
  /** Takes a place in the queue; answers how long to wait before sending, in milliseconds. */
  take(nowMs: number): number
  /** Something was answered: the limit may be a little higher. */
  succeeded(): void
  /** It was too much (429): half as fast from now on, and nothing before the time that the answer names. */
  limited(nowMs: number, retryAfterMs: number | undefined): void
  /** Requests a second; undefined while nothing is held back. */
  readonly rate: number | undefined
}

/** Never slower than a request in five seconds: a call that waits must still end within its own time. */
const leastRate = 0.2
/** Beyond so many requests a second nothing is held back any more. */
const mostRate = 500
/** How much faster it becomes with each second in which all went well. */
const gainPerSecond = 0.5
/** What went out in so long a time is the first guess of what is too much. */
const windowMs = 10_000
/** Answers to what had been sent before a slow-down say nothing about it. */
const settleMs = 1_000
const maxSent = 1_000

/** A token bucket with a learnt rate: additive increase, multiplicative decrease. */
export function createBucket(): Bucket {
  let rate: number | undefined
  let nextAtMs = 0
  let slowedAtMs = -Infinity
  let sentAtMs: number[] = []
  return {
    get rate() {
      return rate
    },
    take(nowMs) {
      const atMs = Math.max(nowMs, nextAtMs)
      if (rate === undefined) {
        sentAtMs = [...sentAtMs.slice(1 - maxSent), nowMs].filter((sent) => nowMs - sent < windowMs)
        return atMs - nowMs
      }
      nextAtMs = atMs + 1_000 / rate
      return atMs - nowMs
    },
    succeeded() {
      if (rate === undefined) return
      rate += gainPerSecond / rate
      if (rate > mostRate) rate = undefined
    },
    limited(nowMs, retryAfterMs) {
      nextAtMs = Math.max(nextAtMs, nowMs + (retryAfterMs ?? 0))
      if (nowMs - slowedAtMs < settleMs) return
      slowedAtMs = nowMs
      const spanMs = Math.max(1_000, nowMs - (sentAtMs[0] ?? nowMs))
      const before = rate ?? (sentAtMs.length * 1_000) / spanMs
      rate = Math.max(leastRate, before / 2)
      nextAtMs = Math.max(nextAtMs, nowMs + 1_000 / rate)
    },
  }
}
