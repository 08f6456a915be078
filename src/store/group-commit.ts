import { setImmediate as nextTurn } from 'node:timers/promises'
import { unavailableError } from './failure.ts'
import type { Driver } from './executor.ts'

/** How many works share one commit at most, and how long a commit takes further works, in milliseconds: who was first waits for the last. */
const mostWorks = 64
const takesMs = 20

/** A transaction that works share, one after the other. All but `abandon` throw DirectoryError `unavailable` when it cannot go on. */
export interface SharedTransaction {
  readonly driver: Driver
  /** The next work begins: what was done so far counts. A transaction begins with a mark. */
  mark(): void
  /** Takes back what was done since the last mark, because of this. */
  takeBack(cause: unknown): Promise<void> | void
  /** Resolves when everything that counts is durable. The transaction ends, also when this throws. */
  commit(): Promise<void> | void
  /** Ends the transaction and leaves nothing behind. Never throws. */
  abandon(): Promise<void> | void
}

export interface GroupCommit {
  /**
   * Runs the work alone inside a transaction that holds the organization, or none in particular; resolves when its changes are durable. A work that throws
   * leaves nothing behind.
   */
  run<T>(organizationId: string | undefined, work: (driver: Driver) => Promise<T>): Promise<T>
  /** Finishes what is waiting; refuses what comes later as `unavailable`. */
  close(): Promise<void>
}

interface Waiting {
  /** Does the work; answers what tells its owner that it is done. */
  readonly work: (driver: Driver) => Promise<() => void>
  readonly reject: (error: unknown) => void
}

/**
 * Works on the same organization that wait at the same time run one after the other, each behind a savepoint of its own, and are made durable by one commit.
 * Nobody is answered before it. Works on no organization in particular share nothing.
 */
export function createGroupCommit(begin: (organizationId: string | undefined) => Promise<SharedTransaction>): GroupCommit {
  const lines = new Map<string, Waiting[]>()
  const draining = new Set<Promise<void>>()
  let closed = false

  return {
    run: <T>(organizationId: string | undefined, work: (driver: Driver) => Promise<T>) =>
      new Promise<T>((resolve, reject) => {
        if (closed) return reject(unavailableError(undefined))
        const answer = async (driver: Driver) => {
          const result = await work(driver)
          return () => resolve(result)
        }
        enter(organizationId, { work: answer, reject })
      }),
    async close() {
      closed = true
      await Promise.all(draining)
    },
  }

  function enter(organizationId: string | undefined, waiting: Waiting): void {
    const line = organizationId === undefined ? undefined : lines.get(organizationId)
    if (line) return void line.push(waiting)
    const drained = drain(organizationId, [waiting])
    draining.add(drained)
    void drained.finally(() => draining.delete(drained))
  }

  async function drain(organizationId: string | undefined, line: Waiting[]): Promise<void> {
    if (organizationId !== undefined) lines.set(organizationId, line)
    // Requests that arrived in this turn of the event loop are all in line by the next.
    await nextTurn()
    while (line.length > 0) await commitTogether(organizationId, line)
    if (organizationId !== undefined) lines.delete(organizationId)
  }

  async function commitTogether(organizationId: string | undefined, line: Waiting[]): Promise<void> {
    const taken: Waiting[] = []
    const settled: (() => void)[] = []
    let transaction: SharedTransaction | undefined
    try {
      transaction = await begin(organizationId)
      const until = performance.now() + takesMs
      do {
        const next = line.shift()!
        if (taken.length > 0) transaction.mark()
        taken.push(next)
        settled.push(await attempt(transaction, next))
      } while (line.length > 0 && taken.length < mostWorks && performance.now() < until)
    } catch (error) {
      await transaction?.abandon()
      return refuse(error)
    }
    try {
      await transaction.commit()
    } catch (error) {
      return refuse(error)
    }
    for (const settle of settled) settle()

    function refuse(error: unknown): void {
      // Without a transaction nobody was taken, and whoever has come waits in vain.
      for (const { reject } of transaction ? taken : line.splice(0)) reject(error)
    }
  }
}

/** Answers what tells the owner how it went. Throws when the transaction cannot go on. */
async function attempt(transaction: SharedTransaction, { work, reject }: Waiting): Promise<() => void> {
  try {
    return await work(transaction.driver)
  } catch (error) {
    await transaction.takeBack(error)
    return () => reject(error)
  }
}
