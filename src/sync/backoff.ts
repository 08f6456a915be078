const firstMs = 5_000
const longestMs = 3_600_000

/** When to try again after so many attempts: 5 s, doubling to 1 h. */
export const retryTime = (now: Date, attempts: number): Date =>
  new Date(now.getTime() + Math.min(longestMs, firstMs * 2 ** Math.max(0, attempts - 1)))
