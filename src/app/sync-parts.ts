import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { connectors } from '../dialects/index.ts'
import { ConfigError } from '../directory/errors.ts'
import { type Json, canonicalJson } from '../directory/json.ts'
import { readHandOuts } from '../outbox/hand-out-settings.ts'
import { createPost } from '../outbox/hand-out-webhook.ts'
import { createHandOuts } from '../outbox/hand-out.ts'
import { type SyncParts, createEngine } from '../sync/create.ts'
import type { Engine } from '../sync/engine.ts'
import type { Vendor } from '../sync/vendor.ts'
import type { Remote } from '../wire/call.ts'
import { createPaces } from '../wire/paced-fetch.ts'
import { clock } from './clock.ts'
import type { Home } from './home.ts'
import type { HubOptions } from './hub.ts'
import { checkpointSigners, createSigner } from './signers.ts'

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

/** The lifecycle engine of a home that nobody has to serve for it. */
export const engineOf = (home: Home): Engine => createEngine(syncParts(home, { log: undefined }))

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
