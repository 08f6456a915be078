import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { decodeBody, decodeValue, encodeBody, textOf } from './body.ts'
import { isJson, mediaOf, mediaTypes, negotiate } from './media.ts'
import { type Body, type Media, type Operation, type Value, WireError } from './operation.ts'

/** What a handler gets beside its context: decoded values, never bytes. */
export interface Incoming<Op extends Operation> {
  readonly params: Readonly<Record<string, string>>
  readonly query: Value<Op['query']>
  readonly body: Value<Op['request']>
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Path and query as received, for links back. */
  readonly url: string
}

/**
 * What a handler answers: a value; or the text of its JSON, where that was at hand; or that text in portions, where it is too large to be made at once, and
 * half of which never passes for the whole. `status` is the operation's own unless another declared one is named.
 */
export type Outgoing<V> = (
  | { readonly value: V; readonly text?: never; readonly portions?: never }
  | { readonly text: string; readonly value?: never; readonly portions?: never }
  | { readonly portions: AsyncIterable<string>; readonly value?: never; readonly text?: never }
) & {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

/** The request is taken on and will be answered in another way: 202, without a body. */
export interface Accepted {
  readonly status: 202
  readonly value: undefined
  readonly text?: never
  readonly portions?: never
  readonly headers: Readonly<Record<string, string>>
}

export type Handler<Context, Op extends Operation> = (
  context: Context,
  incoming: Incoming<Op>,
) => Promise<Outgoing<Value<Op['reply']>> | Accepted>

/** Mounts one operation. `contextOf` runs first (it authenticates); errors go to the app's error handler. */
export type Mount<Context> = <Op extends Operation>(operation: Op, handle: Handler<Context, Op>) => void

const bodiless: ReadonlySet<number> = new Set([204, 304])

interface Route {
  Params: Record<string, string>
  Querystring: Record<string, string | string[]>
  Body: Buffer | undefined
}

type Headers = Readonly<Record<string, string>>

export interface MountOptions {
  /** What an answer has beside its own headers where Fastify does not send it: no hook sees it. */
  readonly headersOf?: (request: FastifyRequest) => Headers
  /** Is told of answers that ended before their last portion. */
  readonly broken?: (error: unknown, request: FastifyRequest) => void
}

/**
 * A Mount on a Fastify app. From then on the app's bodies of every media type arrive as bytes, up to its `bodyLimit`. Answers with a status that
 * the operation declares, anything else is a bug and throws; 202 without a value, 204 and 304 are sent without a body.
 */
export function mountOn<Context>(
  app: FastifyInstance,
  contextOf: (request: FastifyRequest, operation: Operation) => Promise<Context>,
  { headersOf = () => ({}), broken = () => {} }: MountOptions = {},
): Mount<Context> {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  return (operation, handle) => {
    const readQuery = queryReader(operation)
    const readBody = bodyReader(operation)
    const mediumOf = operation.reply && mediumChooser(operation.reply.media)
    const statuses = new Set([operation.status, ...(operation.alsoStatus ?? [])])
    app.route<Route>({
      method: operation.method,
      url: operation.path,
      config: { operation: operation.name },
      handler: async (request, reply) => {
        const context = await contextOf(request, operation)
        const {
          status = operation.status,
          value,
          text,
          portions,
          headers = {},
        } = await handle(context, {
          params: request.params,
          query: readQuery(request.query),
          body: readBody(request.body, request.headers['content-type']),
          headers: singleHeaders(request.headers),
          url: request.originalUrl,
        })
        if (!statuses.has(status)) throw new TypeError(`${operation.name} does not declare the status ${status}`)
        if (!operation.reply || !mediumOf || bodiless.has(status) || (status === 202 && value === undefined))
          return reply.code(status).headers(headers).send()
        const media = mediumOf(request.headers.accept)
        if ((text !== undefined || portions) && !isJson(media)) throw new TypeError(`${operation.name} is not only JSON`)
        if (portions)
          return reply
            .code(status)
            .headers(headers)
            .header('content-type', mediaTypes[media])
            .send(streamOf(portions, reply, broken))
        const heads = [headers, headersOf(request)]
        return sendText(reply.raw, text ?? encodeBody(operation.reply, media, value), { status, media, heads })
      },
    })
  }
}

/** In one write with its head, and past Fastify, whose way of sending costs as much as looking up a row; it leaves alone what it finds sent. */
function sendText(
  raw: ServerResponse,
  text: string,
  { status, media, heads }: { readonly status: number; readonly media: Media; readonly heads: readonly Headers[] },
): void {
  // A list: Node is slower with an object, and slower still with one that was put together from others.
  const head = ['content-type', mediaTypes[media], 'content-length', String(Buffer.byteLength(text))]
  for (const headers of heads) for (const name of Object.keys(headers)) head.push(name, headers[name] ?? '')
  raw.writeHead(status, head).end(text)
}

/**
 * The portions as they are taken: the next one is made when the client has taken the last. When one cannot be made, Fastify breaks off the connection, so that
 * the chunk that ends an answer is never sent.
 */
function streamOf(
  text: AsyncIterable<string>,
  { request, raw }: FastifyReply,
  broken: (error: unknown, request: FastifyRequest) => void,
): Readable {
  return Readable.from(inTurns(text), { objectMode: false }).on('error', (error) => {
    // Before the first portion it is an error like any other.
    if (raw.headersSent) broken(error, request)
  })
}

/** Between portions whoever else waits has a turn. */
async function* inTurns(text: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const portion of text) {
    yield portion
    await setImmediate()
  }
}

/** The headers as single strings: Node joins what is repeated, but for Set-Cookie, which no request has business to carry. */
export function singleHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string | undefined>> {
  if (isSingle(headers)) return headers
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  )
}

const isSingle = (headers: IncomingHttpHeaders): headers is Readonly<Record<string, string | undefined>> =>
  headers['set-cookie'] === undefined

/** Most requests have the Accept header of the one before. */
function mediumChooser(spoken: readonly Media[]): (accept: string | undefined) => Media {
  const first = spoken[0]!
  if (spoken.length === 1) return () => first
  let last = { accept: '*/*', media: first }
  return (accept) => {
    if (accept === undefined) return first
    if (accept !== last.accept) last = { accept, media: negotiate(accept, spoken) }
    return last.media
  }
}

// The codec of the operation makes the value: the overloads say of what type, since nothing else can know it.

function queryReader<Op extends Operation>(operation: Op): (query: Route['Querystring']) => Value<Op['query']>
function queryReader({ query: codec, repeated = [] }: Operation): (query: Route['Querystring']) => unknown {
  if (!codec) return () => undefined
  return (query) => {
    const names = Object.keys(query)
    if (names.every((name) => typeof query[name] === 'string' && !repeated.includes(name))) return decodeValue(codec, query)
    const read = names.map((name) => {
      const values = [query[name] ?? []].flat()
      return [name, repeated.includes(name) ? values : (values.at(-1) ?? '')]
    })
    return decodeValue(codec, Object.fromEntries(read))
  }
}

function bodyReader<Op extends Operation>(
  operation: Op,
): (bytes: Buffer | undefined, contentType: string | undefined) => Value<Op['request']>
function bodyReader({ request: body }: Operation): (bytes: Buffer | undefined, contentType: string | undefined) => unknown {
  if (!body) return () => undefined
  return (bytes, contentType) => {
    const media = contentType === undefined ? body.media[0]! : spokenMedia(body, contentType)
    return decodeBody(body, media, bytes ? textOf(bytes) : '').value
  }
}

function spokenMedia(body: Body, contentType: string): Media {
  const media = mediaOf(contentType)
  if (media !== undefined && body.media.includes(media)) return media
  throw new WireError(
    'mediaType',
    `Send the body as ${body.media.map((spoken) => mediaTypes[spoken].split(';', 1)[0]).join(' or ')}.`,
  )
}
