import type { LimitRule, RateState } from '../dialect.ts'

/**
 * The guide says "typically 20–100 requests a second" of each endpoint below Enterprise, where limits are negotiated (TWIL-61), and not which endpoint
 * has which: reads get the upper end, writes the lower. It names no figure for requests at once: the operator does, by `atOnce`.
 */
export const documentedLimits: readonly LimitRule[] = [
  { requests: 100, perSeconds: 1, of: 'reads', each: 'operation', plans: ['free', 'starter', 'pro'] },
  { requests: 20, perSeconds: 1, of: 'writes', each: 'operation', plans: ['free', 'starter', 'pro'] },
]

/** On every answer where a limit holds; the guide says that there are headers, and not their names (TWIL-Q07). Reset is in seconds since 1970. */
export const rateHeaders = ({ limit, remaining, fullAt }: RateState): Readonly<Record<string, string>> => ({
  'x-ratelimit-limit': String(limit),
  'x-ratelimit-remaining': String(remaining),
  'x-ratelimit-reset': String(Math.ceil(fullAt.getTime() / 1_000)),
})
