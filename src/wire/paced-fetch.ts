import { createBreaker } from './breaker.ts'
import { createBucket } from './bucket.ts'
import { maxRetryAfterSeconds, NotSent } from './retry.ts'

export interface PaceOptions {
  readonly clock: () => Date
  /** Resolves after so many milliseconds. */
  readonly sleep: (ms: number) => Promise<void>
}

/** The `fetch` of one credential at one place: as fast as the other side allows, which it learns from 429s, and not at all for a while when nobody answers. */
export type PacedFetch = (inner: typeof fetch) => typeof fetch

/** What it holds back it refuses with NotSent: nothing went out, and the call may come again later. */
export function createPace({ clock, sleep }: PaceOptions): PacedFetch {
  const bucket = createBucket()
  const breaker = createBreaker()
  const now = () => clock().getTime()
  return (inner) => async (input, init) => {
    const waitMs = bucket.take(now())
    if (waitMs > 0) await sleep(waitMs)
    if (init?.signal?.aborted)
      throw new NotSent('it had to wait for longer than a request may take: the vendor limits this credential')
    if (!breaker.admit(now())) throw new NotSent('the vendor has not answered for a while and is left alone for half a minute')
    let response: Response
    try {
      response = await inner(input, init)
    } catch (error) {
      breaker.failed(now())
      throw error
    }
    if (response.status >= 500) breaker.failed(now())
    else breaker.succeeded()
    if (response.status === 429) bucket.limited(now(), retryAfterMs(response.headers.get('retry-after')))
    else if (response.status < 500) bucket.succeeded()
    return response
  }
}

/** Paces by key, the least used forgotten beyond a thousand: the same credential is paced alike wherever it is used in this process. */
export function createPaces(options: PaceOptions): (key: string) => PacedFetch {
  const paces = new Map<string, PacedFetch>()
  return (key) => {
    const pace = paces.get(key) ?? createPace(options)
    paces.delete(key)
    paces.set(key, pace)
    const [oldest] = paces.keys()
    if (paces.size > 1_000 && oldest !== undefined) paces.delete(oldest)
    return pace
  }
}

function retryAfterMs(header: string | null): number | undefined {
  const seconds = header !== null && /^[0-9]{1,9}$/.test(header) ? Number(header) : undefined
  return seconds === undefined || seconds > maxRetryAfterSeconds ? undefined : seconds * 1_000
}
