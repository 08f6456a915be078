import type { Dialect, LimitRule, RateState } from '../dialects/dialect.ts'
import { ConfigError } from '../directory/errors.ts'
import type { PlanTier } from '../directory/organization.ts'

export interface Limit {
  readonly requests: number
  readonly perSeconds: number
}

/** What holds for a dialect: one limit for everything, rules, none of which holds up nobody, or the figures that the dialect knows of its vendor. */
export type LimitSetting = Limit | readonly LimitRule[] | 'documented'

export interface RateRequest {
  readonly dialect: string
  readonly organizationId: string
  readonly of: 'reads' | 'writes'
  /** Without it no rule for plans holds. */
  readonly plan: PlanTier | undefined
}

export interface RateLimiter {
  /** Whether a rule of the dialect holds for some plans alone. */
  readonly asksForPlan: (dialect: string) => boolean
  /** Takes one request out of the bucket of every rule that holds, or out of none when one is empty. Undefined where no rule holds. */
  readonly take: (request: RateRequest, now: Date) => RateState | undefined
}

interface Bucket {
  tokens: number
  atMs: number
  readonly fullAfterMs: number
}

const manyBuckets = 10_000
/** How often full buckets are looked for at most. */
const sweepEveryMs = 1_000

/** A token bucket for each rule and organization, full at first, of as many requests as the rule names. A dialect without rules is never held up. */
export function createRateLimiter(rulesOf: ReadonlyMap<string, readonly LimitRule[]>): RateLimiter {
  const buckets = new Map<string, Bucket>()
  let sweptAtMs = 0

  const fill = (key: string, { requests, perSeconds }: Limit, nowMs: number): Bucket => {
    let bucket = buckets.get(key)
    if (!bucket) {
      if (buckets.size >= manyBuckets && nowMs - sweptAtMs >= sweepEveryMs) {
        sweptAtMs = nowMs
        forgetIdle(buckets, nowMs)
      }
      buckets.set(key, (bucket = { tokens: requests, atMs: nowMs, fullAfterMs: perSeconds * 1_000 }))
    }
    const perMs = requests / (perSeconds * 1_000)
    bucket.tokens = Math.min(requests, bucket.tokens + Math.max(0, nowMs - bucket.atMs) * perMs)
    bucket.atMs = nowMs
    return bucket
  }

  return {
    asksForPlan: (dialect) => (rulesOf.get(dialect) ?? []).some(({ plans }) => plans !== undefined),
    take: ({ dialect, organizationId, of, plan }, now) => {
      const nowMs = now.getTime()
      const held = (rulesOf.get(dialect) ?? []).flatMap((rule, index) =>
        holds(rule, { of, plan }) ? [{ rule, bucket: fill(`${dialect} ${index} ${organizationId}`, rule, nowMs) }] : [],
      )
      if (held.length === 0) return undefined
      const isLimited = held.some(({ bucket }) => isEmpty(bucket.tokens))
      if (!isLimited) for (const { bucket } of held) bucket.tokens = Math.max(0, bucket.tokens - 1)
      const states = held.map(({ rule, bucket }) => stateOf(rule, bucket.tokens, { nowMs, isLimited }))
      // The rule that will be felt first speaks for all of them.
      return states.toSorted((a, b) => (b.waitSeconds ?? 0) - (a.waitSeconds ?? 0) || a.remaining - b.remaining)[0]
    },
  }
}

/** The rules of each dialect. Throws ConfigError for a dialect that is not served, or has no figures of its own. */
export function limitRules(
  settings: Readonly<Record<string, LimitSetting>>,
  dialects: readonly Pick<Dialect, 'name' | 'documentedLimits'>[],
): ReadonlyMap<string, readonly LimitRule[]> {
  return new Map(
    Object.entries(settings).map(([name, setting]) => {
      const dialect = dialects.find((served) => served.name === name)
      if (!dialect)
        throw new ConfigError(
          `"limits" names "${name}", and there is no such API. There are: ${dialects.map((served) => served.name).join(', ')}.`,
        )
      if (setting !== 'documented') return [name, isRules(setting) ? setting : [setting]]
      if (!dialect.documentedLimits) throw new ConfigError(`The vendor of "${name}" documents no figures. Name some in "limits".`)
      return [name, dialect.documentedLimits]
    }),
  )
}

/** Tokens are fractions: who waited as long as they were told is not refused for the last digit. */
const rounding = 1e-6
const isEmpty = (tokens: number): boolean => tokens < 1 - rounding

const isRules = (setting: Limit | readonly LimitRule[]): setting is readonly LimitRule[] => Array.isArray(setting)

const holds = (rule: LimitRule, { of, plan }: Pick<RateRequest, 'of' | 'plan'>): boolean =>
  (rule.of === undefined || rule.of === of) && (rule.plans === undefined || (plan !== undefined && rule.plans.includes(plan)))

function stateOf(
  { requests, perSeconds }: Limit,
  tokens: number,
  { nowMs, isLimited }: { readonly nowMs: number; readonly isLimited: boolean },
): RateState {
  const msPerRequest = (perSeconds * 1_000) / requests
  return {
    limit: requests,
    remaining: Math.floor(tokens + rounding),
    fullAt: new Date(nowMs + Math.round((requests - tokens) * msPerRequest)),
    waitSeconds:
      isLimited && isEmpty(tokens) ? Math.max(1, Math.ceil(Math.round((1 - tokens) * msPerRequest) / 1_000)) : undefined,
  }
}

/** A bucket that has filled up since is the same as none. */
function forgetIdle(buckets: Map<string, Bucket>, nowMs: number): void {
  for (const [key, { atMs, fullAfterMs }] of buckets) if (nowMs - atMs >= fullAfterMs) buckets.delete(key)
}
