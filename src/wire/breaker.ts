/** Keeps from calling somebody who does not answer. */
export interface Breaker {
  /** Whether a request may go out. After the pause one may, to find out; the others wait for what becomes of it. */
  admit(nowMs: number): boolean
  succeeded(): void
  /** No answer, or one that says that the other side is broken. */
  failed(nowMs: number): void
}

/** More than two calls with all their attempts. */
const failuresToOpen = 11
const pauseMs = 30_000
/** A probe of which nothing was heard for so long counts as lost. */
const probeMs = 60_000

export function createBreaker(): Breaker {
  let failures = 0
  let opensAtMs: number | undefined
  let probedAtMs: number | undefined
  return {
    admit(nowMs) {
      if (opensAtMs === undefined) return true
      if (nowMs < opensAtMs || (probedAtMs !== undefined && nowMs - probedAtMs < probeMs)) return false
      probedAtMs = nowMs
      return true
    },
    succeeded() {
      failures = 0
      opensAtMs = undefined
      probedAtMs = undefined
    },
    failed(nowMs) {
      failures++
      if (failures < failuresToOpen && probedAtMs === undefined) return
      opensAtMs = nowMs + pauseMs
      probedAtMs = undefined
    },
  }
}
