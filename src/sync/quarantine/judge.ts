import { quarantineLimits, type Health, type HealthPolicy, type Quarantine, type Side, type Streak } from './health.ts'
import type { Attempt } from './watch.ts'

/** The health with what was noted since. Pure. */
export function withAttempts(health: Health, attempts: readonly Attempt[], policy: HealthPolicy): Health {
  const window = 4 * Math.max(1, quarantineLimits(policy).failures)
  const failed = attempts.findLast(({ failure }) => failure)
  const done = attempts.findLast(({ side, failure }) => side === 'writes' && !failure)
  return {
    ...health,
    reads: streakOf(health.reads, attempts, { side: 'reads', window }),
    writes: streakOf(health.writes, attempts, { side: 'writes', window }),
    ...(failed?.failure && { lastFailure: { at: failed.at, side: failed.side, ...failed.failure } }),
    ...(done && { lastSuccessAt: latest(health.lastSuccessAt, done.at) }),
  }
}

/** The health with a complete read. Pure. */
export const withRead = (health: Health, readAt: Date): Health => ({
  ...health,
  lastReadAt: latest(health.lastReadAt, readAt),
  lastSuccessAt: latest(health.lastSuccessAt, readAt),
})

const latest = (a: Date | undefined, b: Date): Date => (a && a > b ? a : b)

function streakOf(
  before: Streak,
  attempts: readonly Attempt[],
  { side, window }: { readonly side: Side; readonly window: number },
): Streak {
  let { failures, since, recent } = before
  for (const attempt of attempts) {
    if (attempt.side !== side) continue
    if (attempt.failure && failures === 0) since = attempt.at
    if (!attempt.failure) since = undefined
    failures = attempt.failure ? failures + 1 : 0
    recent = `${recent}${attempt.failure ? '0' : '1'}`
  }
  return { failures, recent: recent.slice(-window), ...(since && { since }) }
}

/** What else is known of a vendor that refuses: what its check says. */
export interface Refused {
  readonly status: number
  readonly side: Side
  /** The refusal itself. */
  readonly message: string
  /** What to do about it. */
  readonly advice: string
}

type Sentence = Pick<Quarantine, 'cause' | 'reason'>

/** So long after it came back by itself a connection is on trial: few failures are enough. */
const trialMs = 60 * 60_000
const trialFailures = 3

/** Why a connection has to go into quarantine; undefined while it need not. `refused` is a refusal that a check has confirmed. Pure. */
export function verdictOn(
  health: Health,
  {
    policy,
    name,
    refused,
    now,
  }: { readonly policy: HealthPolicy; readonly name: string; readonly refused: Refused | undefined; readonly now: Date },
): Sentence | undefined {
  const { failures: limit } = quarantineLimits(policy)
  if (limit === 0) return undefined
  if (refused) return onRefusal(refused, name)
  const onTrial = health.cameBackAt !== undefined && now.getTime() - health.cameBackAt.getTime() < trialMs
  for (const side of ['writes', 'reads'] as const) {
    const { failures, since, recent } = health[side]
    const failed = recent.replaceAll('1', '').length
    const last = `the last with: ${health.lastFailure?.side === side ? health.lastFailure.message : 'no answer'}`
    const end = `Look at it with: rollcall connection check ${name}. It comes back by itself once the vendor works.`
    if (failures >= (onTrial ? Math.min(limit, trialFailures) : limit))
      return {
        cause: 'failures',
        reason: `${failures} ${failures === 1 ? side.slice(0, -1) : `${side} in a row`} failed since ${since?.toISOString()}${onTrial ? ', soon after it had come back' : ''}, ${last.replace(/\.$/, '')}. ${end}`,
      }
    if (failures > 0 && recent.length >= 4 * limit && failed >= 3 * limit)
      return {
        cause: 'failures',
        reason: `${failed} of the last ${recent.length} ${side} failed, ${last.replace(/\.$/, '')}. ${end}`,
      }
  }
  return undefined
}

function onRefusal({ status, message, advice }: Refused, name: string): Sentence {
  const told = message.replace(/\.$/, '')
  return status === 401
    ? {
        cause: 'credentials',
        reason: `The vendor refuses the credentials: ${told}. ${advice} Renew them: rollcall connection renew ${name} --credentials FILE`,
      }
    : {
        cause: 'planGate',
        reason: `The vendor does not allow this plan or these credentials what they were allowed: ${told}. ${advice} It comes back by itself once the vendor allows it again.`,
      }
}

/** A second stay within so long a time after the first is a relapse, and is longer. */
const relapseMs = 24 * 60 * 60_000
const longestProbeMs = 60 * 60_000

export const isRelapse = ({ cameBackAt }: Health, now: Date): boolean =>
  cameBackAt !== undefined && now.getTime() - cameBackAt.getTime() < relapseMs

/** When the next probe is sent, after so many in a row that did not go well. */
export function probeTime(
  policy: HealthPolicy,
  input: { readonly now: Date; readonly failed: number; readonly relapses: number },
): Date {
  const { now, failed, relapses } = input
  const firstMs = quarantineLimits(policy).probeMinutes * 60_000
  return new Date(now.getTime() + Math.max(firstMs, Math.min(longestProbeMs, firstMs * 2 ** (failed + relapses))))
}
