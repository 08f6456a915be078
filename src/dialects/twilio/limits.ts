import type { RateState } from '../dialect.ts'

/** On every answer where a limit holds; the guide says that there are headers, and not their names (TWIL-Q07). Reset is in seconds since 1970. */
export const rateHeaders = ({ limit, remaining, fullAt }: RateState): Readonly<Record<string, string>> => ({
  'x-ratelimit-limit': String(limit),
  'x-ratelimit-remaining': String(remaining),
  'x-ratelimit-reset': String(Math.ceil(fullAt.getTime() / 1_000)),
})
