import { ConfigError } from '../directory/errors.ts'

/** What came of one attempt. `reason` is ours: a status or the name of an error, nothing that the receiver wrote. */
export type Sent =
  | { readonly kind: 'delivered' }
  /** Another attempt may succeed, not before so many milliseconds if the receiver said so. */
  | { readonly kind: 'failed'; readonly reason: string; readonly waitMs?: number }
  /** The receiver wants no more of this. */
  | { readonly kind: 'gone'; readonly reason: string }

export interface Message {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Posts a message and takes any 2xx for its receipt. Never throws: whatever goes wrong is an attempt that failed. */
export type SendMessage = (message: Message) => Promise<Sent>

/** The longest wait that a receiver's Retry-After is believed, in milliseconds. */
const longestWaitMs = 60 * 60 * 1_000

/** `fetch` must be safe for URLs that a customer chose (safe-fetch.ts), and end in its own time. */
export const createSendMessage =
  (fetch: typeof globalThis.fetch): SendMessage =>
  async ({ url, headers, body }) => {
    try {
      const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual' })
      await response.body?.cancel()
      return outcomeOf(response)
    } catch (error) {
      return { kind: 'failed', reason: reasonOf(error) }
    }
  }

function outcomeOf({ status, headers }: Response): Sent {
  if (status < 300) return { kind: 'delivered' }
  if (status === 410) return { kind: 'gone', reason: 'The receiver answered 410: it is gone for good.' }
  if (status < 400)
    return {
      kind: 'failed',
      reason: `The receiver answered ${status}. Redirects are not followed: set the URL that it leads to.`,
    }
  const seconds = headers.get('retry-after')
  const waitMs = seconds !== null && /^[0-9]{1,9}$/.test(seconds) ? Math.min(longestWaitMs, Number(seconds) * 1_000) : 0
  return { kind: 'failed', reason: `The receiver answered ${status}.`, ...(waitMs > 0 && { waitMs }) }
}

function reasonOf(error: unknown): string {
  if (error instanceof ConfigError) return error.message
  const names = error instanceof Error ? [error.name, codeOf(error), error.cause instanceof Error && error.cause.name] : []
  if (names.includes('TimeoutError')) return 'The receiver did not answer in time.'
  const code = error instanceof Error ? codeOf(error) : undefined
  return code === undefined ? 'The receiver gave no answer that can be read.' : `The receiver cannot be reached (${code}).`
}

/** Node's and OpenSSL's names for what failed, such as `ECONNREFUSED` and `CERT_HAS_EXPIRED`. */
const codeOf = (error: Error): string | undefined =>
  'code' in error && typeof error.code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(error.code) ? error.code : undefined
