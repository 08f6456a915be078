import { AnswerTooLarge, decodeAnswer, decodePortions, readContent, readVendorWord, type Received } from './answer.ts'
import { encodeBody, textOf } from './body.ts'
import { bytesOf } from './content.ts'
import { essenceOf, mediaOf, mediaTypes } from './media.ts'
import { type Body, type Media, type Operation, type Value, WireError } from './operation.ts'
import { createRedaction, redactUrl, type Redaction } from './redact.ts'
import { delayMs, lostOutcome, maxAttempts, neverSent, NotSent, outcomeOf, type Outcome } from './retry.ts'
import { vendorMessage } from './vendor-message.ts'

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
  /**
   * Whose word it is: `vendor` when the answer's body is in a media type that the operation speaks and parses as such, `other` for anything else
   * (a proxy's HTML page, an empty body, no answer). A 404 counts as absence only from the vendor.
   */
  readonly from: 'vendor' | 'other'
  constructor(
    status: number,
    message: string,
    detail: {
      readonly retryable: boolean
      readonly effect: 'none' | 'unknown'
      readonly from?: 'vendor' | 'other'
      readonly cause?: unknown
    },
  ) {
    super(message, { cause: detail.cause })
    this.status = status
    this.from = detail.from ?? 'other'
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

/** The answer to a call of an operation that lists people. */
export interface ListAnswer<V> {
  /**
   * The answer cut into several, each with some of the people: a list that comes in one piece may be long. To be walked once; throws RemoteError where the
   * list cannot be read any further.
   */
  readonly portions: Iterable<Pick<Answer<V>, 'value' | 'raw'>>
  readonly status: number
  readonly headers: Headers
}

interface Input<B> {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly body?: B
}

/**
 * Calls one operation. Reads are tried again on 429, 5xx and lost connections, writes on 429 and on connections that never came about: a write
 * whose answer was lost is never sent again. At most 5 attempts; waits with full jitter (200 ms doubled up to 5 s), or as long as a Retry-After of up
 * to 60 s says. Redirects are not followed. A declared 204 or 304 has the value undefined. Throws RemoteError.
 */
export function call<Op extends Operation>(
  remote: Remote,
  operation: Op,
  input: Input<Value<Op['request']>>,
): Promise<Answer<Value<Op['reply']>>>
export async function call(remote: Remote, operation: Operation, input: Input<unknown>): Promise<Answer<unknown>> {
  return attempt(remote, operation, input, ({ received, headers, unreadable }) => {
    try {
      return { ...decodeAnswer(operation, received), status: received.status, headers }
    } catch (cause) {
      throw unreadable(cause)
    }
  })
}

/** The same for a list of people that the vendor answers in one piece, however long: of its people only a portion at a time is decoded. */
export function callList<Op extends Operation>(
  remote: Remote,
  operation: Op,
  input: Input<Value<Op['request']>>,
): Promise<ListAnswer<Value<Op['reply']>>>
export async function callList(remote: Remote, operation: Operation, input: Input<unknown>): Promise<ListAnswer<unknown>> {
  function* portionsOf({ received, unreadable }: Success): Generator<Pick<Answer<unknown>, 'value' | 'raw'>, void, undefined> {
    try {
      yield* decodePortions(operation, received)
    } catch (cause) {
      throw unreadable(cause)
    }
  }
  return attempt(remote, operation, input, (success) => ({
    portions: portionsOf(success),
    status: success.received.status,
    headers: success.headers,
  }))
}

/** A declared answer before it is decoded. */
interface Success {
  readonly received: Received
  readonly headers: Headers
  /** What to throw for an answer that cannot be decoded. */
  readonly unreadable: (cause: unknown) => unknown
}

async function attempt<T>(
  remote: Remote,
  operation: Operation,
  input: Input<unknown>,
  decode: (success: Success) => T,
): Promise<T> {
  const request = prepare(remote, operation, input)
  for (let attempt = 1; ; attempt++) {
    const result = await send(remote, operation, { ...request, attempt })
    if ('received' in result) return decode(result)
    const waitMs = result.again && attempt < maxAttempts ? delayMs(attempt, remote.random(), result.retryAfter) : undefined
    if (waitMs === undefined) throw result.error
    await remote.sleep(waitMs)
  }
}

interface Prepared {
  readonly url: string
  readonly headers: Headers
  readonly text: string | undefined
  readonly redaction: Redaction
}

function prepare(remote: Remote, operation: Operation, input: Input<unknown>): Prepared {
  const query = input.query && Object.keys(input.query).length > 0 ? `?${new URLSearchParams(input.query).toString()}` : ''
  const headers = headersOf(remote)
  let text: string | undefined
  if (operation.request && input.body !== undefined) {
    const media = sendingMedia(operation, operation.request, headers.get('content-type'))
    text = encodeBody(operation.request, media, input.body)
    if (!headers.has('content-type')) headers.set('content-type', mediaTypes[media])
  }
  if (!headers.has('accept') && operation.reply)
    headers.set('accept', operation.reply.media.map((media) => essenceOf(mediaTypes[media])).join(', '))
  return {
    url: `${remote.baseUrl}${fillPath(operation, input.params ?? {})}${query}`,
    headers,
    text,
    redaction: createRedaction(headers, text),
  }
}

/** The platform's own complaint about a header repeats its value, which may be a secret. */
function headersOf(remote: Remote): Headers {
  try {
    return new Headers(remote.headers)
  } catch {
    throw new TypeError('one of the headers of this connection cannot be sent: it has a line break or a character beyond Latin-1')
  }
}

/** The medium that the connection's own Content-Type names; without one, the operation's first. */
function sendingMedia(operation: Operation, body: Body, contentType: string | null): Media {
  if (contentType === null) return body.media[0]!
  const media = mediaOf(contentType)
  if (media === undefined || !body.media.includes(media)) throw new TypeError(`${operation.name} does not speak ${contentType}`)
  return media
}

/** An empty or dotted parameter would address another resource than the one meant, such as the whole list. */
function fillPath(operation: Operation, params: Readonly<Record<string, string>>): string {
  return operation.path.replace(/:(\w+)/g, (_, name: string) => {
    const value = params[name]
    if (value === undefined || value === '' || value === '.' || value === '..')
      throw new TypeError(`${operation.name} needs the path parameter "${name}", which cannot be empty, "." or ".."`)
    return encodeURIComponent(value)
  })
}

type Result = Success | { readonly error: RemoteError; readonly again: boolean; readonly retryAfter: string | null }

async function send(
  remote: Remote,
  operation: Operation,
  { url, headers, text, redaction, attempt }: Prepared & { readonly attempt: number },
): Promise<Result> {
  const { method } = operation
  const name = `${method} ${operation.path}`
  const startedAt = performance.now()
  const report = (status: number, answer?: Received) =>
    remote.trace?.({
      operation: operation.name,
      method,
      url: redactUrl(url),
      attempt,
      status,
      durationMs: Math.round(performance.now() - startedAt),
      sent: text === undefined ? undefined : redaction.body(text, headers.get('content-type') ?? ''),
      answered: answer && shownAnswer(answer, redaction),
    })
  const failed = (
    status: number,
    message: string,
    { again, ...detail }: Outcome & { readonly from?: 'vendor' | 'other'; readonly cause?: unknown },
  ): Result => ({
    error: new RemoteError(status, message, detail),
    again,
    retryAfter: null,
  })

  let response: Response
  try {
    response = await remote.fetch(url, {
      method,
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(remote.timeoutMs),
      ...(text !== undefined && { body: text }),
    })
  } catch (cause) {
    report(0)
    if (cause instanceof NotSent)
      return failed(0, `${name} was not sent: ${cause.message}.`, { ...lostOutcome(operation, false), again: false, cause })
    const unsent = neverSent(cause)
    return failed(0, unsent ? `${name} could not be sent: there is no connection.` : `${name} got no answer.`, {
      ...lostOutcome(operation, !unsent),
      cause,
    })
  }

  const { status } = response
  const outcome = outcomeOf(operation, status)
  let answer: Received
  try {
    answer = { status, content: await readContent(response), contentType: response.headers.get('content-type') ?? '' }
  } catch (cause) {
    report(status)
    const lost = outcome === 'declared' ? lostOutcome(operation, true) : outcome
    if (!(cause instanceof AnswerTooLarge))
      return failed(status, `${name} answered ${status}, then the connection broke.`, { ...lost, cause })
    return failed(status, `${name} answered ${status} with more than 64 MiB.`, { ...lost, retryable: false, again: false, cause })
  }
  report(status, answer)

  if (outcome !== 'declared') {
    const word = readVendorWord(operation, answer)
    const message = word && vendorMessage(word.raw)
    const error = new RemoteError(status, `${name} answered ${status}${message ? `: ${redaction.line(message)}` : '.'}`, {
      ...outcome,
      from: word ? 'vendor' : 'other',
    })
    return { error, again: outcome.again, retryAfter: response.headers.get('retry-after') }
  }
  const unreadable = (cause: unknown): unknown => {
    if (!(cause instanceof WireError)) return cause
    const message = `${name} answered ${status} with something that cannot be read. ${redaction.line(cause.message)}`
    const { effect } = lostOutcome(operation, true)
    return new RemoteError(status, message, {
      effect,
      retryable: false,
      from: cause.kind === 'shape' ? 'vendor' : 'other',
      cause,
    })
  }
  return { received: answer, headers: response.headers, unreadable }
}

function shownAnswer(answer: Received, redaction: Redaction): string | undefined {
  const bytes = bytesOf(answer.content)
  if (bytes.length === 0) return undefined
  try {
    return redaction.body(textOf(bytes), answer.contentType)
  } catch {
    return `[${bytes.length} bytes that are not text]`
  }
}
