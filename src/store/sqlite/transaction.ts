import type { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { unavailableError } from '../failure.ts'
import type { Driver } from '../executor.ts'
import type { SharedTransaction } from '../group-commit.ts'
import { resultCode } from './failure.ts'

/** The result code for a database that another connection is writing to. */
const busy = 5

/** What begins transactions on the connection. Another process may write to the same file; it is waited for up to `busyTimeoutMs`. */
export function createBegin(
  db: DatabaseSync,
  { driver, busyTimeoutMs }: { readonly driver: Driver; readonly busyTimeoutMs: number },
): () => Promise<SharedTransaction> {
  const transaction: SharedTransaction = {
    driver,
    mark: () => guarded(() => db.exec('release work; savepoint work')),
    takeBack: (cause) => {
      // On a full disk and the like SQLite takes the whole transaction back by itself.
      if (!db.isTransaction) throw unavailableError(cause)
      guarded(() => db.exec('rollback to work'))
    },
    commit: () => {
      try {
        guarded(() => db.exec('commit'))
      } catch (error) {
        takeAllBack(db)
        throw error
      }
    },
    abandon: () => takeAllBack(db),
  }
  return async () => {
    const deadline = performance.now() + busyTimeoutMs
    for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, 20)) {
      try {
        db.exec('begin immediate; savepoint work')
        return transaction
      } catch (error) {
        if (resultCode(error) !== busy || performance.now() > deadline) throw unavailableError(error)
      }
      await sleep(waitMs)
    }
  }
}

function guarded(work: () => void): void {
  try {
    work()
  } catch (error) {
    throw unavailableError(error)
  }
}

function takeAllBack(db: DatabaseSync): void {
  try {
    if (db.isOpen && db.isTransaction) db.exec('rollback')
  } catch {
    // What made the commit fail is told; SQLite ends a transaction that it cannot roll back.
  }
}
