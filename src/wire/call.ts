import type { Operation, Value } from './operation.ts'

/** Where and how a vendor is called. Everything that is not a function of the arguments comes in here. */
export interface Remote {
  /** Without a trailing slash; the operation's path follows it. */
  readonly baseUrl: string
  /** Sent with every request: authorization and media types. */
  readonly headers: Readonly<Record<string, string>>
  readonly fetch: typeof fetch
  /** Resolves after so many milliseconds. */
  readonly sleep: (ms: number) => Promise<void>
  /** In [0, 1). */
  readonly random: () => number
  /** How long one request may take, in milliseconds. */
  readonly timeoutMs: number
  /** Told of each exchange, without headers or bodies that hold secrets. */
  readonly trace?: (exchange: Exchange) => void
}

/** One request and its answer, as a log may keep it: bodies have their secrets struck out. */
export interface Exchange {
  readonly operation: string
  readonly method: string
  readonly url: string
  readonly attempt: number
  /** 0 when no answer came. */
  readonly status: number
  readonly durationMs: number
  readonly sent: string | undefined
  readonly answered: string | undefined
}

/**
 * A vendor said no, said something we cannot read, or said nothing. `effect` tells whether the request may have been carried out: `none` when the
 * vendor refused it or never got it, `unknown` when a write was sent and no readable success came back. Carries neither request bodies nor headers.
 */
export class RemoteError extends Error {
  override name = 'RemoteError'
  /** 0 when no answer came. */
  readonly status: number
  readonly retryable: boolean
  readonly effect: 'none' | 'unknown'
  constructor(status: number, message: string, detail: { readonly retryable: boolean; readonly effect: 'none' | 'unknown'; readonly cause?: unknown }) {
    super(message, { cause: detail.cause })
    this.status = status
    this.retryable = detail.retryable
    this.effect = detail.effect
  }
}

export interface Answer<V> {
  readonly value: V
  /** The parsed body before the codec, with the keys that the codec does not know. */
  readonly raw: unknown
  readonly status: number
  readonly headers: Headers
}

/**
 * Calls one operation. Reads are tried again on 429, 5xx and lost connections, writes on 429 alone: a write whose answer was lost is never sent
 * again. Waits with full jitter, or as long as Retry-After says. Redirects are not followed. Throws RemoteError.
 */
export async function call<Op extends Operation>(
  remote: Remote,
  operation: Op,
  input: { readonly params?: Readonly<Record<string, string>>; readonly query?: Readonly<Record<string, string>>; readonly body?: Value<Op['request']> },
): Promise<Answer<Value<Op['reply']>>> {
  throw new Error(`not yet written: ${remote.baseUrl} ${operation.name} ${Object.keys(input).length}`)
}
