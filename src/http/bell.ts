/** Wakes those who wait for something to happen in an organization. */
export interface Bell {
  /** Resolves when a fact was appended in this process, after so many milliseconds, or when the bell is closed: false then, and looking again is no use. */
  wait(organizationId: string, ms: number): Promise<boolean>
  /** Lets everybody go. */
  close(): void
}

/** `onFacts` names the organizations of this process's commits; without it only the time passes. */
export function createBell(onFacts?: (listener: (organizationId: string) => void) => void): Bell {
  const waiting = new Map<string, Set<() => void>>()
  let closed = false
  const ring = (organizationId: string) => {
    for (const wake of waiting.get(organizationId) ?? []) wake()
  }
  onFacts?.(ring)
  return {
    wait: (organizationId, ms) =>
      new Promise((resolve) => {
        if (closed) return resolve(false)
        const others = waiting.get(organizationId) ?? new Set()
        const wake = () => {
          clearTimeout(timer)
          others.delete(wake)
          if (others.size === 0) waiting.delete(organizationId)
          resolve(!closed)
        }
        const timer = setTimeout(wake, ms)
        waiting.set(organizationId, others.add(wake))
      }),
    close: () => {
      closed = true
      for (const organizationId of waiting.keys()) ring(organizationId)
    },
  }
}
