import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { type Environment, forgetServer, recordServer } from '../config.ts'
import { dialects, dialectsWithTestResources } from '../dialects/index.ts'
import { ConfigError } from '../directory/errors.ts'
import { exposedWarning, isExposed } from '../http/clear-text.ts'
import { gaugeFamilies, processFamilies } from '../http/metrics/families.ts'
import { type MetricsAddress, type MetricsServer, listenForMetrics } from '../http/metrics/listen.ts'
import { type RequestCounts, createRequestCounts } from '../http/metrics/requests.ts'
import { createServer } from '../http/server.ts'
import { createSafeFetch } from '../outbox/safe-fetch.ts'
import { createTokenSigner } from '../outbox/token-signer.ts'
import type { ApplyReport } from '../sync/configuration/engine.ts'
import { type SyncParts, createEngine, createRunner } from '../sync/create.ts'
import { clock } from './clock.ts'
import { type NamedFile, applyFile } from './desired-state.ts'
import { type Home, lockHome, openHome } from './home.ts'
import { startHousekeeping } from './housekeeping.ts'
import { openCourier, openPostman } from './outgoing.ts'
import { syncParts } from './sync-parts.ts'

/** The JSON Schema of desired state, made when somebody asks for it. */
const schemaText = async () => JSON.stringify((await import('../config/schema.ts')).jsonSchema())

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
    if (isExposed({ host: options.host, publicUrl: home.config.publicUrl })) options.log?.warn({ url }, exposedWarning)
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

/** How long the published keys of a client may take to come, and how long they may be. */
const keysRequest = { timeoutMs: 5_000, maxBytes: 256 * 1024 }
