import type { CrashTwin } from './twins.ts'

export interface Verdict {
  /** Accepted creations and removals. */
  readonly steps: number
  /** People who should have an account and have none, and people who left and have one. */
  readonly lost: number
  /** Creations and removals of the same name at the same vendor beyond the first. */
  readonly duplicated: number
  /** Removals of accounts that nobody asked to remove. */
  readonly wronglyRemoved: number
}

/** Judges by the vendors alone: what they accepted, and who stands there now. */
export async function judge(
  twins: readonly CrashTwin[],
  who: { readonly stay: readonly string[]; readonly leave: readonly string[] },
): Promise<Verdict> {
  const verdicts = await Promise.all(twins.map((twin) => judgeOne(twin, who)))
  const sum = (name: keyof Verdict) => verdicts.reduce((total, verdict) => total + verdict[name], 0)
  return { steps: sum('steps'), lost: sum('lost'), duplicated: sum('duplicated'), wronglyRemoved: sum('wronglyRemoved') }
}

async function judgeOne(
  twin: CrashTwin,
  { stay, leave }: { readonly stay: readonly string[]; readonly leave: readonly string[] },
): Promise<Verdict> {
  const { created, deleted } = twin.deeds()
  const standing = await twin.standing()
  const left = new Set(leave)
  const sum = (counts: ReadonlyMap<string, number>, value: (count: number) => number) =>
    [...counts.values()].reduce((total, count) => total + value(count), 0)
  return {
    steps: sum(created, (count) => count) + sum(deleted, (count) => count),
    lost:
      stay.filter((name) => !standing.has(name)).length + leave.filter((name) => standing.has(name) || !created.has(name)).length,
    duplicated: sum(created, (count) => count - 1) + sum(deleted, (count) => count - 1),
    wronglyRemoved: [...deleted.keys()].filter((name) => !left.has(name)).length,
  }
}
