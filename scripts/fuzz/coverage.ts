import type { Dialect } from '../../src/dialects/dialect.ts'
import type { Operation } from '../../src/wire/operation.ts'
import type { Case } from './case.ts'
import { targetsOf } from './cases.ts'

/** Which operations were got at. */
export interface Coverage {
  readonly note: (made: Case, status: number) => void
  readonly report: () => {
    readonly operations: number
    /** Answered by the operation itself: behind the door, by a request that was made for it. */
    readonly reached: number
    readonly succeeded: number
    readonly unreached: readonly string[]
    /** Reached, with a refusal every time; without those that only refuse. */
    readonly neverTaken: readonly string[]
  }
}

export function createCoverage(dialects: readonly Dialect[]): Coverage {
  const targets = targetsOf(dialects)
  const best = new Map<Operation, 'reached' | 'succeeded'>()
  const nameOf = ({ dialect, operation }: (typeof targets)[number]) => `${dialect.name}.${operation.name}`
  return {
    note: ({ operation, aimed }, status) => {
      const isRefusal = operation.status >= 400
      // A token endpoint answers 401 itself.
      if (!aimed || (status === 401 && !operation.open) || status === 429) return
      if (status < 400 || (isRefusal && status === operation.status)) best.set(operation, 'succeeded')
      else if (!best.has(operation)) best.set(operation, 'reached')
    },
    report: () => ({
      operations: targets.length,
      reached: best.size,
      succeeded: [...best.values()].filter((how) => how === 'succeeded').length,
      unreached: targets.filter(({ operation }) => !best.has(operation)).map(nameOf),
      neverTaken: targets.filter(({ operation }) => best.get(operation) === 'reached').map(nameOf),
    }),
  }
}
