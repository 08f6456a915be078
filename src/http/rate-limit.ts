export interface Limit {
  readonly requests: number
  readonly perSeconds: number
}

export interface RateLimiter {
  /** Takes one request out of the bucket; answers how many seconds to wait when it is empty. */
  readonly take: (dialect: string, organizationId: string, now: Date) => number | undefined
}

interface Bucket {
  tokens: number
  atMs: number
}

const manyBuckets = 10_000
/** How often full buckets are looked for at most. */
const sweepEveryMs = 1_000

/** A token bucket for each dialect and organization, full at first, of as many requests as the limit names. Dialects without a limit are never held up. */
export function createRateLimiter(limits: Readonly<Record<string, Limit>>): RateLimiter {
  const limitOf = new Map(Object.entries(limits))
  const buckets = new Map<string, Bucket>()
  let sweptAtMs = 0
  return {
    take: (dialect, organizationId, now) => {
      const limit = limitOf.get(dialect)
      if (!limit) return undefined
      const nowMs = now.getTime()
      const perMs = limit.requests / (limit.perSeconds * 1_000)
      const key = `${dialect} ${organizationId}`
      const bucket = buckets.get(key) ?? { tokens: limit.requests, atMs: nowMs }
      bucket.tokens = Math.min(limit.requests, bucket.tokens + Math.max(0, nowMs - bucket.atMs) * perMs)
      bucket.atMs = nowMs
      if (!buckets.has(key)) {
        if (buckets.size >= manyBuckets && nowMs - sweptAtMs >= sweepEveryMs) {
          sweptAtMs = nowMs
          forgetIdle(buckets, limitOf, nowMs)
        }
        buckets.set(key, bucket)
      }
      if (bucket.tokens < 1) return Math.max(1, Math.ceil((1 - bucket.tokens) / perMs / 1_000))
      bucket.tokens -= 1
      return undefined
    },
  }
}

/** A bucket that has filled up since is the same as none. */
function forgetIdle(buckets: Map<string, Bucket>, limitOf: ReadonlyMap<string, Limit>, nowMs: number): void {
  for (const [key, bucket] of buckets) {
    const limit = limitOf.get(key.slice(0, key.indexOf(' ')))
    if (!limit || nowMs - bucket.atMs >= limit.perSeconds * 1_000) buckets.delete(key)
  }
}
