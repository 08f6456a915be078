import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { scim } from '../dialects/scim/dialect.ts'
import { signEvent } from '../dialects/scim/events/token.ts'
import type { TokenSigner } from '../directory/token-signer.ts'
import { type Postman, createPostman } from '../outbox/postman.ts'
import { createSafeFetch } from '../outbox/safe-fetch.ts'
import { createSmtp } from '../outbox/smtp.ts'
import { type Courier, createCourier } from '../outbox/webhook-courier.ts'
import { createSendMessage } from '../outbox/webhook-send.ts'
import { clock } from './clock.ts'
import type { Home } from './home.ts'

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

/** How long one attempt at a webhook may take, in milliseconds. */
const webhookTimeoutMs = 15_000

/** Sends facts to the webhooks of every organization. */
export function openCourier(
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
