import type { DatabaseSync } from 'node:sqlite'
import type { Driver } from '../executor.ts'
import { createDriver } from './connection.ts'
import { guarded } from './failure.ts'

export interface TurnReader {
  readonly driver: Driver
  /** From here on what was committed meanwhile is seen. To be called after each commit of this process. */
  readonly refresh: () => void
}

/**
 * Statements of one turn of the event loop read from one transaction: taking the lock anew for each costs as much as reading a row. It ends with
 * the turn, so that no request sees less than what was committed before it arrived.
 */
export function createTurnReader(db: DatabaseSync): TurnReader {
  const driver = createDriver(db)
  const [begin, end] = [db.prepare('begin'), db.prepare('commit')]
  let turn: NodeJS.Immediate | undefined
  const refresh = (): void => {
    if (!turn) return
    clearImmediate(turn)
    turn = undefined
    if (db.isOpen && db.isTransaction) end.run()
  }
  const enter = (): void => {
    if (turn) return
    guarded(() => begin.run())
    turn = setImmediate(refresh)
  }
  return {
    driver: {
      all: (prepared, values) => {
        enter()
        return driver.all(prepared, values)
      },
      run: (prepared, values) => {
        enter()
        return driver.run(prepared, values)
      },
    },
    refresh,
  }
}
