import { seededRandom } from '../../src/twin/random.ts'

/** Decisions that follow from a seed. */
export interface Dice {
  readonly random: () => number
  /** Whether something of that probability happens. */
  readonly chance: (share: number) => boolean
  /** A whole number from 0 up to but not including the limit. */
  readonly below: (limit: number) => number
  readonly pick: <T>(from: readonly T[]) => T
}

export function createDice(seed: number): Dice {
  const random = seededRandom(seed)
  const below = (limit: number) => Math.floor(random() * limit)
  return { random, chance: (share) => random() < share, below, pick: (from) => from[below(from.length)]! }
}
