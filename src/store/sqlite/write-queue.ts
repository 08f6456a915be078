import type { DatabaseSync } from 'node:sqlite'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { unavailableError } from '../failure.ts'
import { resultCode, translate } from './failure.ts'

/** The result code for a database that another connection is writing to. */
const busy = 5

/** How many works share one commit at most. */
const batchSize = 128

interface Waiting {
  /** Does the work; answers what tells its owner that it is done. */
  readonly work: () => Promise<() => void>
  readonly reject: (error: unknown) => void
}

export interface WriteQueue {
  /** Runs the work alone inside a transaction; resolves when its changes are on disk. A work that throws leaves nothing behind. */
  run<T>(work: () => Promise<T>): Promise<T>
  /** Finishes what is waiting; refuses what comes later as `unavailable`. */
  close(): Promise<void>
}

/**
 * Group commit: works that wait at the same time run one after the other, each in a savepoint of its own, and are made durable by one commit.
 * Nobody is answered before it. Another process may write to the same file; it is waited for up to `busyTimeoutMs`.
 */
export function createWriteQueue(db: DatabaseSync, busyTimeoutMs: number): WriteQueue {
  const waiting: Waiting[] = []
  let draining: Promise<void> | undefined
  let closed = false

  return {
    run: <T>(work: () => Promise<T>) =>
      new Promise<T>((resolve, reject) => {
        if (closed) return reject(unavailableError(undefined))
        const answer = async () => {
          const result = await work()
          return () => resolve(result)
        }
        waiting.push({ work: answer, reject })
        draining ??= drain()
      }),
    async close() {
      closed = true
      await draining
    },
  }

  async function drain(): Promise<void> {
    // Requests that arrived in this turn of the event loop are all in line by the next.
    await nextTurn()
    while (waiting.length > 0) await commitTogether(waiting.splice(0, batchSize))
    draining = undefined
  }

  async function commitTogether(batch: readonly Waiting[]): Promise<void> {
    const settled: (() => void)[] = []
    try {
      await begin()
      for (const { work, reject } of batch) {
        db.exec('savepoint work')
        try {
          const settle = await work()
          db.exec('release work')
          settled.push(settle)
        } catch (error) {
          // On a full disk and the like SQLite takes the whole transaction back by itself.
          if (!db.isTransaction) throw error
          db.exec('rollback to work; release work')
          settled.push(() => reject(translate(error)))
        }
      }
      db.exec('commit')
    } catch (error) {
      takeBack()
      for (const { reject } of batch) reject(unavailableError(error))
      return
    }
    for (const settle of settled) settle()
  }

  function takeBack(): void {
    try {
      if (db.isOpen && db.isTransaction) db.exec('rollback')
    } catch {
      // What made the commit fail is told; SQLite ends a transaction that it cannot roll back.
    }
  }

  async function begin(): Promise<void> {
    const deadline = performance.now() + busyTimeoutMs
    for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, 20)) {
      try {
        return db.exec('begin immediate')
      } catch (error) {
        if (resultCode(error) !== busy || performance.now() > deadline) throw error
      }
      await sleep(waitMs)
    }
  }
}
