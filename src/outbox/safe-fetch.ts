import { lookup as lookUp } from 'node:dns/promises'
import type { IncomingMessage } from 'node:http'
import { isIP, type LookupFunction } from 'node:net'
import { Readable } from 'node:stream'
import { ConfigError } from '../directory/errors.ts'
import { hostOf, type Outbound } from '../directory/outbound.ts'

export interface Address {
  readonly address: string
  readonly family: number
}

export interface SafeFetchOptions {
  readonly outbound: Outbound
  /** The system's own where it is not given. */
  readonly lookup?: (host: string) => Promise<readonly Address[]>
  /** How long the whole of a request may take, from the look-up to the end of the answer, in milliseconds. */
  readonly timeoutMs: number
  /** How much of an answer's body is read. */
  readonly maxBytes: number
}

/**
 * A `fetch` for URLs that somebody else chose. A name is looked up once, each of its addresses must be one that requests may go to, and the connection
 * goes to those and no other. No redirect is followed, no proxy of the environment is used, no connection is shared. What may not be reached is refused
 * with ConfigError, and nothing is sent. An answer's body that is longer than `maxBytes` breaks off with an error.
 */
export function createSafeFetch({ outbound, lookup = allAddresses, timeoutMs, maxBytes }: SafeFetchOptions): typeof fetch {
  return async (input, init = {}) => {
    if (input instanceof Request) throw new TypeError('a safe fetch takes a URL and its options apart')
    const url = new URL(input)
    const body = bodyOf(init.body)
    refuse(outbound.refusalOfUrl(url))
    const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(init.signal ? [init.signal] : [])])
    const addresses = await addressesOf(url, { lookup, signal })
    for (const { address } of addresses) refuse(outbound.refusalOfAddress(url, address))
    const headers = new Headers(init.headers)
    headers.delete('host')
    const incoming = await send(url, { method: init.method ?? 'GET', headers, body, signal, addresses })
    return toResponse(incoming, maxBytes)
  }
}

const allAddresses = (host: string) => lookUp(host, { all: true })

function refuse(refusal: string | undefined): void {
  if (refusal !== undefined) throw new ConfigError(refusal)
}

function bodyOf(body: RequestInit['body']): string | Uint8Array | undefined {
  if (body === undefined || body === null) return undefined
  if (typeof body === 'string' || body instanceof Uint8Array) return body
  throw new TypeError('a safe fetch sends text or bytes')
}

async function addressesOf(
  url: URL,
  { lookup, signal }: { readonly lookup: NonNullable<SafeFetchOptions['lookup']>; readonly signal: AbortSignal },
): Promise<readonly Address[]> {
  const host = hostOf(url)
  const family = isIP(host)
  if (family !== 0) return [{ address: host, family }]
  const late = Promise.withResolvers<never>()
  const stop = () => late.reject(signal.reason)
  signal.throwIfAborted()
  signal.addEventListener('abort', stop, { once: true })
  try {
    const found = await Promise.race([lookup(host), late.promise])
    if (found.length === 0) throw Object.assign(new Error(`${host} has no address`), { code: 'ENOTFOUND' })
    return found
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

function send(
  url: URL,
  {
    method,
    headers,
    body,
    signal,
    addresses,
  }: {
    readonly method: string
    readonly headers: Headers
    readonly body: string | Uint8Array | undefined
    readonly signal: AbortSignal
    readonly addresses: readonly Address[]
  },
): Promise<IncomingMessage> {
  const pinned: LookupFunction = (_host, options, done) => {
    const [first] = addresses
    if (options.all) done(null, [...addresses])
    else done(null, first!.address, first!.family)
  }
  return new Promise((resolve, reject) => {
    // Not imported: as a module, node:http builds all that it offers, and takes 20 MB.
    const { request } = process.getBuiltinModule(url.protocol === 'https:' ? 'node:https' : 'node:http')
    // An agent of its own: the global one may be told by the environment to use a proxy, and would keep the connection for another request.
    const outgoing = request(url, { method, headers: Object.fromEntries(headers), agent: false, lookup: pinned, signal })
    outgoing.on('response', resolve).on('error', reject)
    // Where the answer is none, such as an upgrade that nobody asked for.
    outgoing.on('close', () => reject(new Error('the connection was closed without an answer')))
    outgoing.end(body)
  })
}

function toResponse(incoming: IncomingMessage, maxBytes: number): Response {
  const status = incoming.statusCode ?? 0
  if (status < 200 || status > 599) {
    incoming.destroy()
    throw new Error('the answer has no status that HTTP knows')
  }
  const headers = new Headers()
  for (const [name, values = []] of Object.entries(incoming.headersDistinct))
    for (const value of values) headers.append(name, value)
  if (status === 204 || status === 205 || status === 304) {
    incoming.destroy()
    return new Response(null, { status, headers })
  }
  return new Response(Readable.toWeb(incoming).pipeThrough(upTo(maxBytes)), { status, headers })
}

function upTo(maxBytes: number): TransformStream<Uint8Array, Uint8Array> {
  let length = 0
  return new TransformStream({
    transform: (chunk, controller) => {
      length += chunk.length
      if (length > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`)
      controller.enqueue(chunk)
    },
  })
}
