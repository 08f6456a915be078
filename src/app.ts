import { createHash, createPrivateKey, createPublicKey, randomBytes, sign } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { lockFile, forgetServer, loadConfig, recordServer, type Config, type Environment } from './config.ts'
import { connectors, dialects, dialectsWithTestResources } from './dialects/index.ts'
import { scim } from './dialects/scim/dialect.ts'
import { signEvent } from './dialects/scim/events/token.ts'
import type { Call } from './directory/call.ts'
import { scopes, type Scope } from './directory/credential.ts'
import { createDirectory, type Directory } from './directory/directory.ts'
import { ConfigError } from './directory/errors.ts'
import { createIdSource } from './directory/id.ts'
import { canonicalJson, type Json } from './directory/json.ts'
import type { Organization, OrganizationInput } from './directory/organization.ts'
import { createSealer, deriveKeys, type Sealer } from './directory/seal.ts'
import type { TokenSigner } from './directory/token-signer.ts'
import { explanationLimits } from './http/explain.ts'
import { gaugeFamilies, processFamilies } from './http/metrics/families.ts'
import { listenForMetrics, type MetricsAddress, type MetricsServer } from './http/metrics/listen.ts'
import { createRequestCounts, type RequestCounts } from './http/metrics/requests.ts'
import { createServer } from './http/server.ts'
import { tellExpiries } from './directory/tell-expiries.ts'
import { createHandOuts } from './outbox/hand-out.ts'
import { readHandOuts } from './outbox/hand-out-settings.ts'
import { createPost } from './outbox/hand-out-webhook.ts'
import { createPostman, type Postman } from './outbox/postman.ts'
import { createSafeFetch } from './outbox/safe-fetch.ts'
import { createSmtp } from './outbox/smtp.ts'
import { createTokenSigner } from './outbox/token-signer.ts'
import { createCourier, type Courier } from './outbox/webhook-courier.ts'
import { createSendMessage } from './outbox/webhook-send.ts'
import { openStore, type OpenStore } from './store/open.ts'
import { createEngine, createRunner, type SyncParts } from './sync/create.ts'
import type { Configuration } from './sync/configuration/configuration.ts'
import type { ApplyReport } from './sync/configuration/engine.ts'
import type { Engine } from './sync/engine.ts'
import type { Signer } from './sync/signed.ts'
import type { Vendor } from './sync/vendor.ts'
import type { Remote } from './wire/call.ts'
import { createPaces } from './wire/paced-fetch.ts'

const clock = () => new Date()

/** The JSON Schema of desired state, made when somebody asks for it. */
const schemaText = async () => JSON.stringify((await import('./config/schema.ts')).jsonSchema())

/** A home with its database open: what commands that work beside or without a server use. */
export interface Home {
  readonly config: Config
  readonly database: OpenStore
  readonly directory: Directory
  readonly sealer: Sealer
  readonly tokenKeys: (purpose: string) => readonly Uint8Array[]
  readonly newId: () => string
  /** Creates an organization with a credential for every dialect; answers what the caller prints, secrets included, once. */
  readonly createOrganization: (
    input: OrganizationInput,
    origin: string,
  ) => Promise<Readonly<Record<string, Record<string, string>>>>
  close(): Promise<void>
}

/** Opens the home folder and its database, and brings the schema up to date. Throws ConfigError. */
export async function openHome(home: string, environment: Environment): Promise<Home> {
  const config = loadConfig(home, environment)
  const sealer = createSealer(config.sealingKeys, randomBytes)
  const database = await openStore({ database: config.database, sealer })
  const newId = createIdSource(clock)
  const directory = createDirectory({ store: database.store, newId, randomBytes, outbound: config.outbound })
  return {
    config,
    database,
    directory,
    sealer,
    tokenKeys: (purpose) => deriveKeys(config.sealingKeys, purpose),
    newId,
    createOrganization: (input, origin) => createOrganization({ directory, newId }, input, origin),
    close: () => database.close(),
  }
}

async function createOrganization(
  { directory, newId }: Pick<Home, 'directory' | 'newId'>,
  input: OrganizationInput,
  origin: string,
): Promise<Readonly<Record<string, Record<string, string>>>> {
  const call: Call = {
    organizationId: newId(),
    actor: 'system:cli',
    scopes: new Set(scopes),
    now: clock(),
    requestId: newId(),
    via: 'cli.organizationCreate',
  }
  const starting = dialects.flatMap((dialect) => dialect.startingCredentials)
  const { organization, credentials } = await directory.createOrganization(call, { ...input, credentials: starting })
  const secrets = Object.fromEntries(
    credentials.map(({ credential, secret }) => [
      credential.kind,
      { id: credential.id, identifier: credential.identifier, secret },
    ]),
  )
  return {
    organization: { id: organization.id, name: organization.name },
    ...Object.fromEntries(dialects.map((dialect) => [dialect.name, dialect.access({ origin, organization, secrets })])),
  }
}

export interface HubOptions {
  readonly home: string
  readonly environment: Environment
  readonly host: string
  /** 0 picks a free one. */
  readonly port: number
  readonly log: Logger | undefined
  /** How long a process may be silent before another takes its work, in milliseconds. */
  readonly leaseMs?: number
  /** What stands around the parts of the background work, for who watches it or ends the process in the midst of it. */
  readonly around?: (parts: SyncParts) => SyncParts
  /** Serves SCIM's TestResources too, for conformance runs. */
  readonly scimTestResources?: true | undefined
  /** Where metrics are served; nowhere without it. */
  readonly metrics?: MetricsAddress | undefined
  /** Reads desired state: applied before anything is served, and whenever it is asked for again. */
  readonly readConfiguration?: () => Promise<NamedFile>
}

/** A file of desired state, its references resolved. */
export interface NamedFile {
  readonly file: string
  readonly configuration: Configuration
}

export interface Hub {
  readonly home: Home
  readonly app: FastifyInstance
  readonly url: string
  /** Where metrics are served, if they are. */
  readonly metricsUrl: string | undefined
  /** Reads desired state again and applies it; what came of it, or undefined where no file is served with. */
  applyConfiguration(): Promise<ApplyReport | undefined>
  /** Answers what is under way, gives its work back, closes the database. */
  close(): Promise<void>
}

/** Composes the whole product and listens. Throws ConfigError when the home is being served already, or the port is taken. */
export async function openHub(options: HubOptions): Promise<Hub> {
  const home = await openHome(options.home, options.environment)
  const unlock = home.config.database.startsWith('postgres') ? undefined : lockHome(home.config.home)
  try {
    const parts = (options.around ?? ((own) => own))(syncParts(home, options))
    if (unlock) await Promise.all([home.database.queue.releaseAll(), home.database.webhookQueue.releaseAll()])
    const engine = createEngine(parts)
    const runner = createRunner(parts)
    const requests = createRequestCounts()
    const tokenSigner = createTokenSigner(home.config.receiptKey)
    const applyConfiguration = async () => {
      if (!options.readConfiguration) return undefined
      const report = await applyFile(home, engine, await options.readConfiguration())
      options.log?.[report.kept.length > 0 ? 'warn' : 'info'](report, 'configuration applied')
      return report
    }
    await applyConfiguration()
    const app = createServer({
      directory: home.directory,
      store: home.database.store,
      dialects: options.scimTestResources ? dialectsWithTestResources : dialects,
      engine,
      settings: home.config.dialectSettings,
      clock,
      newId: home.newId,
      log: options.log,
      check: () => home.database.check(),
      limits: home.config.limits,
      trustedProxies: home.config.trustedProxies,
      tokenKeys: home.tokenKeys,
      tokenSigner,
      explanations: home.database.explanations,
      ...(options.metrics && { requests }),
      onFacts: (listener) => home.database.onFacts(listener),
      safeFetch: createSafeFetch({ outbound: home.config.outbound, ...keysRequest }),
      documents: { '/schemas/rollcall.json': schemaText },
      ...(home.config.publicUrl && { publicUrl: home.config.publicUrl }),
    })
    const metrics = options.metrics && (await openMetrics(home, options.metrics, { requests, log: options.log }))
    const url = await listen(app, options).catch(async (error: unknown) => {
      await metrics?.close()
      throw error
    })
    recordServer(home.config.home, url)
    const postman = openPostman(home, { origin: home.config.publicUrl ?? url, log: options.log })
    const courier = openCourier(home, { log: options.log, tokenSigner, origin: home.config.publicUrl ?? url })
    home.database.onFacts((organizationId) => {
      runner.wake(organizationId)
      postman?.wake()
      courier.wake()
    })
    runner.start()
    postman?.start()
    courier.start()
    const stopHousekeeping = startHousekeeping(home, engine, options.log)
    return {
      home,
      app,
      url,
      metricsUrl: metrics?.url,
      applyConfiguration,
      close: async () => {
        forgetServer(home.config.home)
        await Promise.all([app.close(), metrics?.close()])
        await stopHousekeeping()
        await Promise.all([runner.stop(), postman?.stop(), courier.stop()])
        await home.close()
        unlock?.()
      },
    }
  } catch (error) {
    await home.close()
    unlock?.()
    throw error
  }
}

/** The lifecycle engine of a home that nobody has to serve for it. */
export const engineOf = (home: Home): Engine => createEngine(syncParts(home, { log: undefined }))

const openMetrics = (
  { database }: Pick<Home, 'database'>,
  address: MetricsAddress,
  { requests, log }: { readonly requests: RequestCounts; readonly log: Logger | undefined },
): Promise<MetricsServer> =>
  listenForMetrics(address, {
    collect: async () => {
      const now = clock()
      const { rss } = process.memoryUsage()
      return [
        ...gaugeFamilies(await database.gauges.read(now), now),
        ...requests.families(),
        ...processFamilies(process.uptime(), { rss, now }),
      ]
    },
    failed: (error) => log?.error({ error: error instanceof Error ? error.message : 'unknown' }, 'the metrics could not be read'),
  })
/** What applies a file that the hub is served with. */
const fileScopes: ReadonlySet<Scope> = new Set<Scope>(['read', 'operate'])

async function applyFile({ database, newId }: Home, engine: Engine, { file, configuration }: NamedFile): Promise<ApplyReport> {
  const organizationId = await organizationOf(database, file, configuration)
  const call: Call = {
    organizationId,
    actor: 'system:file',
    scopes: fileScopes,
    now: clock(),
    requestId: newId(),
    via: 'cli.serve',
  }
  return engine.applyConfiguration(call, { file, configuration })
}

/** The organization that the file names by name or id, or the only one there is. */
async function organizationOf({ store }: OpenStore, file: string, { organization: wanted }: Configuration): Promise<string> {
  const found: Organization[] = []
  for (let after: string | undefined; ;) {
    const page = await store.read((reader) => reader.organizations({ after, limit: 100 }))
    found.push(...page.filter(({ id, name }) => wanted === undefined || wanted === id || wanted === name))
    after = page.at(-1)?.id
    if (after === undefined || found.length > 1) break
  }
  const [organization, another] = found
  if (organization && !another) return organization.id
  if (another)
    throw new ConfigError(
      `${file} does not say which organization it is for, and there are several. Name one by its id: organization: ${another.id}`,
    )
  throw new ConfigError(
    wanted === undefined
      ? `${file} is for an organization, and there is none yet. Make one: rollcall organization create --name NAME`
      : `${file} is for ${wanted}, and there is no such organization here. Check "organization", or make it: rollcall organization create --name NAME`,
  )
}

const dayMs = 24 * 60 * 60 * 1_000
const mailLifetimeMs = 30 * dayMs
const deliveredLifetimeMs = 7 * dayMs
const deadLifetimeMs = 30 * dayMs

/** Takes away, at once and every hour, what is kept for a time only. Answers how to stop it. */
function startHousekeeping({ database, directory, newId }: Home, engine: Engine, log: Logger | undefined): () => Promise<void> {
  const { outbox, webhookQueue, explanations, store } = database
  const keepHouse = async () => {
    await tellExpiries({ store, directory, newId, clock })
    const before = (ms: number) => new Date(clock().getTime() - ms)
    await outbox.prune(before(mailLifetimeMs))
    await webhookQueue.prune({ delivered: before(deliveredLifetimeMs), dead: before(deadLifetimeMs) })
    await explanations.prune({ before: before(explanationLimits.lifetimeMs), keep: explanationLimits.keep })
  }
  const run = () =>
    keepHouse().catch((error: unknown) =>
      log?.error({ error: error instanceof Error ? error.message : 'unknown' }, 'housekeeping failed'),
    )
  const sign = () =>
    takeCheckpoints({ database, newId }, engine).catch((error: unknown) =>
      log?.error({ error: error instanceof Error ? error.message : 'unknown' }, 'the facts could not be signed'),
    )
  let running = run().then(sign)
  const timers = [
    setInterval(() => void (running = running.then(run)), 60 * 60 * 1_000).unref(),
    setInterval(() => void (running = running.then(sign)), checkpointMs).unref(),
  ]
  return async () => {
    for (const timer of timers) clearInterval(timer)
    await running
  }
}

/** How often it is signed where the facts of each organization stand. */
const checkpointMs = 10 * 60_000

async function takeCheckpoints({ database, newId }: Pick<Home, 'database' | 'newId'>, engine: Engine): Promise<void> {
  for (let after: string | undefined; ;) {
    const organizations = await database.store.read((reader) => reader.organizations({ after, limit: 100 }))
    for (const { id } of organizations) await engine.takeCheckpoint(checkpointCall(id, newId))
    after = organizations.at(-1)?.id
    if (after === undefined) return
  }
}

const checkpointCall = (organizationId: string, newId: () => string): Call => ({
  organizationId,
  actor: 'system:record',
  scopes: new Set(['audit'] as const),
  now: clock(),
  requestId: newId(),
  via: 'record.checkpoint',
})

/** Sends what the outbox holds; undefined where no mail server is set, and mails are kept. */
export function openPostman(
  { config, database, directory }: Pick<Home, 'config' | 'database' | 'directory'>,
  { origin, log }: { readonly origin: string; readonly log: Logger | undefined },
): Postman | undefined {
  if (!config.mail) return undefined
  return createPostman({
    outbox: database.outbox,
    directory,
    send: createSmtp(config.mail),
    origin,
    clock,
    sleep: async (ms) => sleep(ms, undefined, { ref: false }),
    holder: `${process.pid}.${randomBytes(6).toString('hex')}`,
    pollMs: 1_000,
    log: (event, message) => log?.info(event, message),
  })
}

/** How long the published keys of a client may take to come, and how long they may be. */
const keysRequest = { timeoutMs: 5_000, maxBytes: 256 * 1024 }

/** How long one attempt at a webhook may take, in milliseconds. */
const webhookTimeoutMs = 15_000

/** Sends facts to the webhooks of every organization. */
function openCourier(
  { config, database, newId }: Pick<Home, 'config' | 'database' | 'newId'>,
  { log, tokenSigner, origin }: { readonly log: Logger | undefined; readonly tokenSigner: TokenSigner; readonly origin: string },
): Courier {
  const safeFetch = createSafeFetch({ outbound: config.outbound, timeoutMs: webhookTimeoutMs, maxBytes: 64 * 1024 })
  return createCourier({
    store: database.store,
    queue: database.webhookQueue,
    send: createSendMessage(safeFetch),
    signEvent: (fact, detail) => signEvent(tokenSigner, fact, { ...detail, issuer: origin + scim.basePath }),
    clock,
    random: Math.random,
    newId,
    sleep: async (ms) => sleep(ms, undefined, { ref: false }),
    holder: `${process.pid}.${randomBytes(6).toString('hex')}`,
    leaseMs: 4 * webhookTimeoutMs,
    sendMs: webhookTimeoutMs + 1_000,
    pollMs: 1_000,
    log: (event, message) => log?.info(event, message),
  })
}

/** What the engine and its runner are made of, over an open home. */
export function syncParts(home: Home, options: Pick<HubOptions, 'log' | 'leaseMs'>): SyncParts {
  const pace = createPaces({ clock, sleep: async (ms) => sleep(ms) })
  return {
    ledger: home.database.ledger,
    queue: home.database.queue,
    directory: home.directory,
    sealer: home.sealer,
    connect: (vendor, remote) => connectVendor(vendor, remote, { log: options.log, pace }),
    signer: createSigner(home.config.receiptKey),
    checkpointSigners: checkpointSigners(home),
    handOuts: createHandOuts(readHandOuts(home.config.handOuts, home.config.home), { post: createPost(fetch), clock }),
    clock,
    newId: home.newId,
    random: Math.random,
    sleep: async (ms) => sleep(ms),
    holder: `${process.pid}.${randomBytes(6).toString('hex')}`,
    leaseMs: options.leaseMs ?? 5_000,
    pollMs: 250,
    log: (event, message) => options.log?.info(event, message),
  }
}

function connectVendor(
  vendor: string,
  { baseUrl, credentials }: { readonly baseUrl: string; readonly credentials: Json },
  { log, pace }: { readonly log: Logger | undefined; readonly pace: ReturnType<typeof createPaces> },
): Vendor {
  const connect = Object.hasOwn(connectors, vendor) ? connectors[vendor] : undefined
  if (!connect)
    throw new ConfigError(`There is no connector for "${vendor}". There is one for: ${Object.keys(connectors).join(', ')}.`)
  // Telling of an exchange means reading its bodies a second time: only for who asks for it.
  const trace: Remote['trace'] = log?.isLevelEnabled('debug')
    ? (exchange) => log.debug({ vendor, exchange }, 'vendor exchange')
    : undefined
  const key = createHash('sha256')
    .update(canonicalJson([vendor, baseUrl, credentials]))
    .digest('base64url')
  return connect({
    baseUrl,
    credentials,
    fetch: pace(key)(fetch),
    sleep: async (ms) => sleep(ms),
    random: Math.random,
    randomBytes,
    clock,
    ...(trace && { trace }),
  })
}

/** Made of the sealing keys, so that every process of an installation has the same. */
function checkpointSigners({ tokenKeys }: Home): readonly [Signer, ...Signer[]] {
  const [first, ...rest] = tokenKeys('checkpoints').map((seed) => {
    const der = Buffer.concat([ed25519Prefix, seed])
    return createSigner(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ type: 'pkcs8', format: 'pem' }))
  })
  if (!first) throw new TypeError('a home without a sealing key')
  return [first, ...rest]
}

/** What stands before the 32 bytes of an ed25519 key in PKCS #8 (RFC 8410). */
const ed25519Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

function createSigner(privateKey: string): Signer {
  const key = createPrivateKey(privateKey)
  return {
    publicKey: createPublicKey(key).export({ type: 'spki', format: 'pem' }),
    sign: (bytes) => sign(null, bytes, key),
  }
}

/** Holds the home for this process until it ends, however it ends: the operating system gives the lock back. */
export function lockHome(home: string): () => void {
  const lock = new DatabaseSync(lockFile(home), { timeout: 2_000 })
  try {
    lock.exec('pragma locking_mode = exclusive; begin exclusive')
  } catch (cause) {
    lock.close()
    throw new ConfigError(`${home} is being served by another process. Stop that one, or use another --home.`, { cause })
  }
  return () => lock.close()
}

async function listen(app: FastifyInstance, { host, port }: Pick<HubOptions, 'host' | 'port'>): Promise<string> {
  try {
    await app.listen({ host, port })
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE')
      throw new ConfigError(`Port ${port} is in use. Choose another with --port, or 0 for a free one.`, { cause })
    throw cause
  }
  return urlOf(app.server.address())
}

function urlOf(address: string | AddressInfo | null): string {
  if (address === null || typeof address === 'string') throw new TypeError('the server listens on no port')
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return `http://${host}:${address.port}`
}
