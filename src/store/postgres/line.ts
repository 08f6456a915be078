export interface Line {
  /** Runs the work when every earlier one of the same key has ended. */
  run<T>(key: string, work: () => Promise<T>): Promise<T>
  /** Resolves when nothing is under way. */
  idle(): Promise<void>
}

/** Lets one at a time pass per key, in the order of arrival. */
export function createLine(): Line {
  const last = new Map<string, Promise<unknown>>()
  return {
    async run(key, work) {
      const before = last.get(key)
      const mine = (async () => {
        await before?.catch(() => {})
        return work()
      })()
      last.set(key, mine)
      try {
        return await mine
      } finally {
        if (last.get(key) === mine) last.delete(key)
      }
    },
    async idle() {
      while (last.size > 0) await Promise.allSettled(last.values())
    },
  }
}
