import type { LimitRule, RateState } from '../dialect.ts'

/**
 * The guide's figures, which it calls estimated (MBRD-44). Enterprise is negotiated, and limits by the day exist without a figure: the operator
 * names those that should hold.
 */
export const documentedLimits: readonly LimitRule[] = [
  { requests: 100, perSeconds: 1, plans: ['free'] },
  { requests: 300, perSeconds: 1, plans: ['starter', 'pro'] },
]

/** The guide says that there are headers and not how they are named (MBRD-Q05). Reset is in whole seconds since 1970. */
export const rateHeaders = ({ limit, remaining, fullAt }: RateState): Readonly<Record<string, string>> => ({
  'x-ratelimit-limit': String(limit),
  'x-ratelimit-remaining': String(remaining),
  'x-ratelimit-reset': String(Math.ceil(fullAt.getTime() / 1_000)),
})
