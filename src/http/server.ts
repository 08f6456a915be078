import type { Socket } from 'node:net'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { Dialect, Problem, RateState, ServeServices } from '../dialects/dialect.ts'
import type { Call } from '../directory/call.ts'
import type { Directory } from '../directory/directory.ts'
import { DirectoryError } from '../directory/errors.ts'
import type { Explanations } from '../directory/explanation.ts'
import type { Json } from '../directory/json.ts'
import type { TokenSigner } from '../directory/token-signer.ts'
import type { Store } from '../directory/store.ts'
import type { Engine } from '../sync/engine.ts'
import type { Operation } from '../wire/operation.ts'
import { mountOn } from '../wire/serve.ts'
import { allowedMethods } from './allowed-methods.ts'
import { createAuthenticator, RefusedCredential, type VerifyToken } from './authenticate.ts'
import { createBell } from './bell.ts'
import { createRecorder } from './explain.ts'
import { addHealth } from './health.ts'
import { refuseClearText } from './clear-text.ts'
import { drain } from './drain.ts'
import { createAssertionVerifier } from './client-assertion.ts'
import { createHosts, isBelow } from './hosts.ts'
import { addInvitations } from './invitations.ts'
import { idempotencyOf } from './idempotency.ts'
import { isLogged, logFailure, logRequest } from './log.ts'
import { headOf, plainProblem, sendProblem, toProblem } from './problem.ts'
import { holdUp } from './hold-up.ts'
import { createPublishedKeys } from './published-keys.ts'
import { limitRules, type LimitSetting } from './limit-rules.ts'
import type { RequestCounts } from './metrics/requests.ts'
import { addReference } from './reference.ts'

export interface ServerOptions {
  readonly directory: Directory
  readonly store: Store
  readonly dialects: readonly Dialect[]
  /** Absent where only the APIs are served. */
  readonly engine: Engine | undefined
  /** By dialect name; each dialect parses its own. */
  readonly settings: Readonly<Record<string, Json>>
  readonly clock: () => Date
  readonly newId: () => string
  readonly log: Logger | undefined
  /** Throws with a reason when the server is not ready. */
  readonly check: () => Promise<void>
  /** By dialect name; a dialect without one is limited only where it checks secrets at an open operation. */
  readonly limits?: Readonly<Record<string, LimitSetting>>
  /** Proxies whose X-Forwarded headers are believed; without any the peer's own address counts. */
  readonly trustedProxies?: readonly string[]
  /** Keys of 32 bytes for a purpose, the same in every process of an installation (directory/seal.ts); without them no dialect makes tokens. */
  readonly tokenKeys?: (purpose: string) => readonly Uint8Array[]
  /** Signs what is told to others; absent where nothing is. */
  readonly tokenSigner?: TokenSigner
  /** Where the causes of refusals are kept; without it they are not. */
  readonly explanations?: Explanations
  /** Counts every answer; without it nobody does. */
  readonly requests?: Pick<RequestCounts, 'count'>
  /** Calls the listener after each commit of this process that appended facts; without it those who wait for facts look once a second. */
  readonly onFacts?: (listener: (organizationId: string) => void) => void
  /** For URLs that a customer named (createSafeFetch); without it nobody proves themselves by what they sign. */
  readonly safeFetch?: typeof fetch
  /** JSON documents beside the APIs', by path, open to everybody: made when they are first asked for. */
  readonly documents?: Readonly<Record<string, () => Promise<string>>>
  /** Under which callers reach the server, where it is not the URL that they name. */
  readonly publicUrl?: string
}

const bodyLimit = 1024 * 1024

/** The request that a call came by; it stays with copies of the call. */
const cameBy = Symbol('cameBy')
interface ServedCall extends Call {
  readonly [cameBy]: FastifyRequest
}
const isServed = (call: Call): call is ServedCall => cameBy in call
const requestOf = (call: Call): FastifyRequest | undefined => (isServed(call) ? call[cameBy] : undefined)

/** The slot on a request where its call is kept for the log. */
const served = 'rollcallServed'
interface Served {
  readonly operation: string
  readonly call: Call | undefined
  readonly rateHeaders?: Readonly<Record<string, string>> | undefined
}

/**
 * The server of every dialect, each under its base path and its vendor's host names, with its own errors. Outside of them `/livez`, `/readyz`, the
 * reference at `/docs` and `/openapi`, and a plain problem for anything else. Closing it lets what is under way finish and stores what is left to store. A dialect's ConfigError comes out of
 * `ready` and `listen`.
 */
export function createServer(options: ServerOptions): FastifyInstance {
  const { dialects, clock, newId, log, store } = options
  const hosts = createHosts(dialects, options.publicUrl)
  const limits = holdUp(limitRules(options.limits ?? {}, dialects), store)
  const dialectAt = (url: string) => dialects.find(({ basePath }) => isBelow(url, basePath))
  const authenticator = createAuthenticator({
    store,
    failed: (error) => log && logFailure(log, error, { requestId: 'lastUse', dialect: undefined, operation: undefined }),
    verifyAssertion:
      options.safeFetch && createAssertionVerifier({ store, keys: createPublishedKeys({ fetch: options.safeFetch }) }),
  })

  const bell = createBell(options.onFacts)
  const recorder =
    options.explanations &&
    createRecorder({
      explanations: options.explanations,
      newId,
      clock,
      lost: (count, error) =>
        log &&
        logFailure(log, new Error(`${count} explanations of refusals were lost`, { cause: error }), {
          requestId: 'explanations',
          dialect: undefined,
          operation: undefined,
        }),
    })
  const explain = (
    request: FastifyRequest,
    dialect: Dialect,
    { error, problem }: { readonly error?: unknown; readonly problem: Problem },
  ) => {
    const known = servedOf(request)
    const hidden = error instanceof DirectoryError && error.cause instanceof RefusedCredential ? error.cause : undefined
    recorder?.note({
      requestId: request.id,
      at: clock(),
      dialect: dialect.name,
      operation: known?.operation,
      organizationId: hidden ? hidden.organizationId : known?.call?.organizationId,
      refusal: problem.refusal,
      field: problem.field,
      code: problem.code,
      message: hidden?.message ?? problem.message,
    })
  }

  const isTlsDemanded = Boolean(options.trustedProxies?.length && options.publicUrl?.startsWith('https:'))
  const app = Fastify({
    logger: false,
    bodyLimit,
    trustProxy: options.trustedProxies?.length ? [...options.trustedProxies] : false,
    genReqId: (raw) => requestIdOf(raw.headers['x-request-id']) ?? newId(),
    rewriteUrl: (raw) => hosts.route(raw.headers.host, raw.url ?? '/'),
    frameworkErrors: (error, request, reply) => {
      const problem = toProblem(error, request.id)
      void drain(request.raw, bodyLimit).then(() =>
        sendProblem(request, reply.headers(commonHeaders(request.id)), { dialect: dialectAt(request.url), problem }),
      )
    },
    clientErrorHandler: refuseUnreadable,
    forceCloseConnections: 'idle',
    keepAliveTimeout: 72_000,
    requestTimeout: 30_000,
    routerOptions: { maxParamLength: 500 },
    http: { headersTimeout: 10_000, maxHeaderSize: 16 * 1024, connectionsCheckingInterval: 2_000 },
  })
  app.server.maxConnections = 10_000
  app.decorateRequest(served, null)

  app.addHook('onSend', (request, reply, payload, done) => {
    reply.headers(headersOf(request))
    done(null, payload)
  })
  const { requests } = options
  app.addHook('onResponse', (request, reply, done) => {
    const { method } = request
    const { statusCode: status } = reply
    const dialect = dialectAt(request.url)
    requests?.count(dialect?.name, status)
    if (log && (dialect || status >= 400) && isLogged(log, { method, status })) {
      const known = servedOf(request)
      logRequest(log, {
        requestId: request.id,
        dialect: dialect?.name,
        operation: known?.operation,
        organization: known?.call?.organizationId,
        actor: known?.call?.actor,
        method,
        status,
        durationMs: Math.round(reply.elapsedTime * 10) / 10,
      })
    }
    done()
  })
  app.addHook('preClose', async () => {
    bell.close()
    // A connection that falls idle while the server closes would otherwise hold it until the client lets go.
    const closing = setInterval(() => app.server.closeIdleConnections(), 50)
    app.server.once('close', () => clearInterval(closing))
  })
  app.addHook('onClose', async () => {
    await Promise.all([authenticator.flush(), recorder?.flush()])
  })

  const addErrors = (scope: FastifyInstance, dialect: Dialect | undefined) => {
    scope.setErrorHandler((error, request, reply) => {
      const problem = toProblem(error, request.id)
      if (problem.refusal === 'internal' && log)
        logFailure(log, error, { requestId: request.id, dialect: dialect?.name, operation: servedOf(request)?.operation })
      if (dialect) explain(request, dialect, { error, problem })
      return sendProblem(request, reply, { dialect, problem })
    })
    scope.setNotFoundHandler((request, reply) => {
      const allowed = dialect ? allowedMethods(dialect.operations, headOf(request, dialect).url) : []
      const requestId = request.id
      const problem =
        allowed.length === 0
          ? plainProblem('notFound', 'There is nothing at this address.', { requestId })
          : plainProblem('unsupported', `${request.method} is not possible here. Possible are ${allowed.join(', ')}.`, {
              requestId,
            })
      if (dialect) explain(request, dialect, { problem })
      return sendProblem(request, allowed.length === 0 ? reply : reply.header('allow', allowed.join(', ')), { dialect, problem })
    })
  }

  const callOf = async (dialect: Dialect, request: FastifyRequest, operation: Operation): Promise<ServedCall> => {
    setServed(request, { operation: operation.name, call: undefined })
    if (isTlsDemanded) refuseClearText(request.headers['x-forwarded-proto'])
    const now = clock()
    const basics = { now, requestId: request.id, via: `${dialect.name}.${operation.name}` }
    if (operation.open) return { ...basics, organizationId: '', actor: 'system:anonymous', scopes: new Set(), [cameBy]: request }
    const head = headOf(request, dialect)
    const call = await authenticator.authenticate(dialect.credentials(head, operation), basics, verifiers.get(dialect.name))
    setServed(request, { operation: operation.name, call })
    const counting = limits.count(dialect, operation, call)
    if (counting) tellRate(request, dialect, { rate: await counting, now })
    const idempotency = dialect.idempotent ? idempotencyOf({ ...head, body: request.body }) : undefined
    return { ...call, idempotency, [cameBy]: request }
  }

  /** Notes the headers of the answer. Throws DirectoryError `limited` where the request is one too many. */
  const tellRate = (
    request: FastifyRequest,
    dialect: Dialect,
    { rate, now }: { readonly rate: RateState | undefined; readonly now: Date },
  ) => {
    const known = servedOf(request)
    if (rate && known) setServed(request, { ...known, rateHeaders: dialect.rateHeaders?.(rate, now) })
    if (rate?.waitSeconds !== undefined)
      throw new DirectoryError('limited', 'Too many requests. Send them more slowly.', { retryAfterSeconds: rate.waitSeconds })
  }

  const tokenKeys = new Map(dialects.map(({ name }) => [name, options.tokenKeys?.(`${name} tokens`) ?? []]))
  const verifiers = new Map(
    dialects.map(({ name, verifyToken }): [string, VerifyToken | undefined] => [
      name,
      verifyToken && ((token, credential, now) => verifyToken(token, { credential, keys: tokenKeys.get(name) ?? [], now })),
    ]),
  )

  addErrors(app, undefined)
  addHealth(app, options.check)
  addReference(app, dialects)
  for (const [path, text] of Object.entries(options.documents ?? {}))
    app.get(path, async (_request, reply) => reply.type('application/json; charset=utf-8').send(await text()))
  addInvitations(app, {
    directory: options.directory,
    clock,
    failed: (error, requestId) => log && logFailure(log, error, { requestId, dialect: undefined, operation: 'invitations' }),
  })
  for (const dialect of dialects) {
    const services: ServeServices = {
      directory: options.directory,
      baseUrlOf: (call) => {
        const request = requestOf(call)
        return hosts.linkBase(dialect, { protocol: request?.protocol ?? 'http', host: request?.headers.host })
      },
      engine: options.engine,
      settings: options.settings[dialect.name] ?? {},
      startingCredentials: dialects.flatMap(({ startingCredentials, furtherCredentials = [] }) =>
        startingCredentials.concat(furtherCredentials),
      ),
      authenticate: (presented, call) => {
        const { now, requestId, via } = call
        const request = requestOf(call)
        if (request) {
          const client = presented?.identifier
          for (const rate of limits.countAttempt(dialect, { address: request.ip, client, now }))
            tellRate(request, dialect, { rate, now })
        }
        return authenticator.authenticate(presented, { now, requestId, via })
      },
      identify: (presented, { now, requestId, via }) =>
        authenticator.authenticate(presented, { now, requestId, via }, verifiers.get(dialect.name)),
      tokenKeys: tokenKeys.get(dialect.name) ?? [],
      tokenSigner: options.tokenSigner,
      explained: async () => recorder?.flush(),
      nextFacts: (organizationId, ms) => bell.wait(organizationId, ms),
    }
    void app.register(
      async (scope) => {
        addErrors(scope, dialect)
        const mount = mountOn<Call>(scope, (request, operation) => callOf(dialect, request, operation), {
          headersOf,
          broken: (error, request) =>
            log &&
            logFailure(log, error, { requestId: request.id, dialect: dialect.name, operation: servedOf(request)?.operation }),
        })
        dialect.serve(limits.holding(dialect, mount), services)
      },
      { prefix: dialect.basePath },
    )
  }
  return app
}

const setServed = (request: FastifyRequest, value: Served): void => request.setDecorator<Served | null>(served, value)
const servedOf = (request: FastifyRequest): Served | null => request.getDecorator<Served | null>(served)

/** A caller's own request id, when it is one that may stand in a log and a header. */
const requestIdOf = (header: string | readonly string[] | undefined): string | undefined =>
  typeof header === 'string' && /^[\w.-]{1,64}$/.test(header) ? header : undefined

const commonHeaders = (requestId: string) => ({
  'x-request-id': requestId,
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
})

/** The headers that an answer has whatever it is. */
const headersOf = (request: FastifyRequest): Readonly<Record<string, string>> => {
  const rateHeaders = servedOf(request)?.rateHeaders
  return rateHeaders ? { ...commonHeaders(request.id), ...rateHeaders } : commonHeaders(request.id)
}

/** Answers what is not HTTP at all, or came too slowly, and hangs up. */
function refuseUnreadable(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return void socket.destroy()
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request'
  const text = JSON.stringify({ type: 'about:blank', title: status.slice(4), status: Number(status.slice(0, 3)) })
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/problem+json\r\ncontent-length: ${text.length}\r\nconnection: close\r\n\r\n${text}`,
  )
}
