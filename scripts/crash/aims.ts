import { killPoints, type KillPoint } from './kill-points.ts'

/** Which named kill point is aimed at next, and which were reached. */
export interface Aims {
  readonly next: () => KillPoint
  readonly reached: (point: KillPoint) => void
  /** How often each was reached. */
  readonly counts: () => Readonly<Record<string, number>>
  readonly unreached: () => readonly KillPoint[]
}

export function createAims(): Aims {
  const tallies = new Map(killPoints.map((point) => [point, { tried: 0, reached: 0 }]))
  const of = (point: KillPoint) => tallies.get(point) ?? { tried: 0, reached: 0 }
  // Some can be reached only when somebody has left: whoever was tried in vain comes again later, and keeps nobody else from their turn.
  const rank = (point: KillPoint) => of(point).reached + of(point).tried / 2
  return {
    next: () => {
      const point = killPoints.reduce((first, each) => (rank(each) < rank(first) ? each : first))
      of(point).tried++
      return point
    },
    reached: (point) => void of(point).reached++,
    counts: () => Object.fromEntries(killPoints.map((point) => [point, of(point).reached])),
    unreached: () => killPoints.filter((point) => of(point).reached === 0),
  }
}
