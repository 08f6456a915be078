import { createPrivateKey, createPublicKey, randomBytes, sign } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { lockFile, forgetServer, loadConfig, recordServer, type Config, type Environment } from './config.ts'
import { dialects } from './dialects/index.ts'
import { registerReference } from './dialects/native/reference.ts'
import type { Call } from './directory/call.ts'
import { scopes } from './directory/credential.ts'
import { createDirectory, type Directory } from './directory/directory.ts'
import { ConfigError } from './directory/errors.ts'
import { createIdSource } from './directory/id.ts'
import type { Json } from './directory/json.ts'
import type { OrganizationInput } from './directory/organization.ts'
import { createSealer, type Sealer } from './directory/seal.ts'
import { createServer } from './http/server.ts'
import { openStore, type OpenStore } from './store/open.ts'
import { createEngine, createRunner, type SyncParts } from './sync/create.ts'
import type { Signer } from './sync/receipt.ts'
import type { Vendor } from './sync/vendor.ts'
import type { Remote } from './wire/call.ts'

const clock = () => new Date()

/** A home with its database open: what commands that work beside or without a server use. */
export interface Home {
  readonly config: Config
  readonly database: OpenStore
  readonly directory: Directory
  readonly sealer: Sealer
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
  const directory = createDirectory({ store: database.store, newId, randomBytes })
  return {
    config,
    database,
    directory,
    sealer,
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
    credentials.map(({ credential, secret }) => [credential.kind, { identifier: credential.identifier, secret }]),
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
}

export interface Hub {
  readonly home: Home
  readonly app: FastifyInstance
  readonly url: string
  /** Answers what is under way, gives its work back, closes the database. */
  close(): Promise<void>
}

/** Composes the whole product and listens. Throws ConfigError when the home is being served already, or the port is taken. */
export async function openHub(options: HubOptions): Promise<Hub> {
  const home = await openHome(options.home, options.environment)
  const unlock = home.config.database.startsWith('postgres') ? undefined : lockHome(home.config.home)
  try {
    const parts = syncParts(home, options)
    if (unlock) await home.database.queue.releaseAll()
    const engine = createEngine(parts)
    const runner = createRunner(parts)
    home.database.onFacts((organizationId) => runner.wake(organizationId))
    const app = createServer({
      directory: home.directory,
      store: home.database.store,
      dialects,
      engine,
      settings: home.config.dialectSettings,
      clock,
      newId: home.newId,
      log: options.log,
      check: () => home.database.check(),
      limits: home.config.limits,
      ...(home.config.publicUrl && { publicUrl: home.config.publicUrl }),
    })
    registerReference(app)
    const url = await listen(app, options)
    recordServer(home.config.home, url)
    runner.start()
    return {
      home,
      app,
      url,
      close: async () => {
        forgetServer(home.config.home)
        await app.close()
        await runner.stop()
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

/** What the engine and its runner are made of, over an open home. */
export function syncParts(home: Home, options: Pick<HubOptions, 'log' | 'leaseMs'>): SyncParts {
  return {
    ledger: home.database.ledger,
    queue: home.database.queue,
    directory: home.directory,
    sealer: home.sealer,
    connect: (vendor, remote) => connectVendor(vendor, remote, options.log),
    signer: createSigner(home.config.receiptKey),
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
  log: Logger | undefined,
): Vendor {
  const connectors = dialects.filter((dialect) => dialect.connect)
  const connect = connectors.find((dialect) => dialect.name === vendor)?.connect
  if (!connect)
    throw new ConfigError(
      `There is no connector for "${vendor}". There is one for: ${connectors.map(({ name }) => name).join(', ')}.`,
    )
  const trace: Remote['trace'] = log && ((exchange) => log.debug({ vendor, exchange }, 'vendor exchange'))
  return connect({
    baseUrl,
    credentials,
    fetch,
    sleep: async (ms) => sleep(ms),
    random: Math.random,
    randomBytes,
    ...(trace && { trace }),
  })
}

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
