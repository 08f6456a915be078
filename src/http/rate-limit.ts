import type { LimitRule, RateRule, RateState } from '../dialects/dialect.ts'
import type { PlanTier } from '../directory/organization.ts'

export interface RateRequest {
  readonly dialect: string
  /** Whose requests are counted together: an organization's, an address's, a client's. */
  readonly who: string
  /** The credential that came; counted by itself where a rule says so. */
  readonly credential?: string
  readonly operation: string
  readonly of: NonNullable<LimitRule['of']>
  /** Without it no rule for plans holds. */
  readonly plan: PlanTier | undefined
  /** How many times what the rules name is allowed; once where it is not said. */
  readonly times?: number
}

export interface RateLimiter {
  /** Whether a rule of the dialect holds for some plans alone. */
  readonly asksForPlan: (dialect: string) => boolean
  /** Takes one request out of the bucket of every rule that holds, or out of none when one is empty. Undefined where no rule holds. */
  readonly take: (request: RateRequest, now: Date) => RateState | undefined
  /** Takes a place under every concurrency rule that holds, and answers how to give it back; undefined where one has none left. */
  readonly enter: (request: RateRequest) => (() => void) | undefined
}

interface Bucket {
  tokens: number
  atMs: number
  readonly fullAfterMs: number
}

const manyBuckets = 10_000
/** How often full buckets are looked for at most. */
const sweepEveryMs = 1_000

/** A token bucket for each rule and whoever it counts, full at first, of as many requests as the rule names. A dialect without rules is never held up. */
export function createRateLimiter(rulesOf: ReadonlyMap<string, readonly LimitRule[]>): RateLimiter {
  const buckets = new Map<string, Bucket>()
  const entered = new Map<string, number>()
  let sweptAtMs = 0

  const fill = (key: string, { requests, perSeconds }: RateRule, nowMs: number): Bucket => {
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

  const holding = (request: RateRequest) =>
    (rulesOf.get(request.dialect) ?? []).flatMap((rule, index) =>
      holds(rule, request)
        ? [
            {
              rule,
              key: `${request.dialect} ${index} ${rule.each === 'operation' ? request.operation : ''} ${whoOf(rule, request)}`,
            },
          ]
        : [],
    )

  return {
    asksForPlan: (dialect) => (rulesOf.get(dialect) ?? []).some(({ plans }) => plans !== undefined),
    take: (request, now) => {
      const nowMs = now.getTime()
      const held = holding(request).flatMap(({ rule, key }) => {
        if (!('requests' in rule)) return []
        const allowed = { ...rule, requests: rule.requests * (request.times ?? 1) }
        return [{ rule: allowed, bucket: fill(key, allowed, nowMs) }]
      })
      if (held.length === 0) return undefined
      const isLimited = held.some(({ bucket }) => isEmpty(bucket.tokens))
      if (!isLimited) for (const { bucket } of held) bucket.tokens = Math.max(0, bucket.tokens - 1)
      const states = held.map(({ rule, bucket }) => stateOf(rule, bucket.tokens, { nowMs, isLimited }))
      // The rule that will be felt first speaks for all of them.
      return states.toSorted((a, b) => (b.waitSeconds ?? 0) - (a.waitSeconds ?? 0) || a.remaining - b.remaining)[0]
    },
    enter: (request) => {
      const held = holding(request).flatMap(({ rule, key }) => ('atOnce' in rule ? [{ key, atOnce: rule.atOnce }] : []))
      if (held.some(({ key, atOnce }) => (entered.get(key) ?? 0) >= atOnce)) return undefined
      for (const { key } of held) entered.set(key, (entered.get(key) ?? 0) + 1)
      return () => {
        for (const { key } of held) {
          const left = (entered.get(key) ?? 0) - 1
          if (left > 0) entered.set(key, left)
          else entered.delete(key)
        }
      }
    },
  }
}

const whoOf = ({ per }: LimitRule, { who, credential = '' }: RateRequest): string =>
  per === 'credential' ? `${who} ${credential}` : who

/** Tokens are fractions: who waited as long as they were told is not refused for the last digit. */
const rounding = 1e-6
const isEmpty = (tokens: number): boolean => tokens < 1 - rounding

/** What is asked for with a secret in the body is nobody's yet: only rules that name it hold. */
const holds = (rule: LimitRule, { of, plan }: Pick<RateRequest, 'of' | 'plan'>): boolean =>
  (rule.of === undefined ? of !== 'tokens' : rule.of === of) &&
  (rule.plans === undefined || (plan !== undefined && rule.plans.includes(plan)))

function stateOf(
  { requests, perSeconds }: RateRule,
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
