import { sql, type SqlBool } from 'kysely'
import type { Sealer } from '../directory/seal.ts'
import type { Reader, Writer } from '../directory/store.ts'
import type { ClaimedWebhook, Webhook, WebhookClaim, WebhookKey, WebhookQueue } from '../directory/webhook.ts'
import type { Database } from './database.ts'
import type { Executor } from './executor.ts'
import { dateOf, dateOrNone, msOf, msOrNull } from './rows.ts'
import type { WebhookRow } from './schema.ts'
import { statement } from './statement.ts'

interface Keyed {
  readonly organization_id: string
  readonly id: string
}
interface Held extends Keyed {
  readonly holder: string
  readonly fence: number
}
/** What a caller sees of a row; the rest is who works on it, and its secrets. */
type Shown = Omit<WebhookRow, 'sealed_secret' | 'sealed_previous' | 'worked_at' | 'lease_until' | 'holder' | 'fence'>

const insert = statement((db, p: Shown & Pick<WebhookRow, 'sealed_secret'>) =>
  db.insertInto('webhooks').values({
    organization_id: p.organization_id,
    id: p.id,
    ...changing(p),
    created_at: p.created_at,
    sealed_secret: p.sealed_secret,
    sealed_previous: null,
    worked_at: 0,
    lease_until: null,
    holder: null,
    fence: 0,
  }),
)
const update = statement((db, p: Shown) => db.updateTable('webhooks').set(changing(p)).where(isKeyed(p)))
const replaceSecret = statement((db, p: Keyed & Pick<WebhookRow, 'sealed_secret'>) =>
  db
    .updateTable('webhooks')
    .set({ sealed_previous: sql<string>`sealed_secret`, sealed_secret: p.sealed_secret })
    .where(isKeyed(p)),
)
const remove = statement((db, p: Keyed) => db.deleteFrom('webhooks').where(isKeyed(p)))
const byId = statement((db, p: Keyed) => db.selectFrom('webhooks').selectAll().where(isKeyed(p)))
const all = statement((db, p: Pick<Keyed, 'organization_id'>) =>
  db.selectFrom('webhooks').selectAll().where('organization_id', '=', p.organization_id).orderBy('id'),
)

interface Moment {
  readonly now: number
}
/** Free, and with something to send: a delivery that is due, or facts that it has not been sent. */
const isReady = (now: number) => sql<SqlBool>`w.enabled = 1 and (w.lease_until is null or w.lease_until <= ${now}) and (
  exists (select 1 from deliveries as d where d.organization_id = w.organization_id and d.webhook_id = w.id and d.due_at <= ${now})
  or ((w.resume_at is null or w.resume_at <= ${now})
    and exists (select 1 from chain_heads as h where h.organization_id = w.organization_id and h.sequence > w.position)))`
const ready = statement((db, p: Moment) => db.selectFrom('webhooks as w').select('w.id').where(isReady(p.now)).limit(1))
const claim = statement((db, p: Moment & { readonly lease_until: number; readonly holder: string }, dialect) => {
  // Whoever has waited longest for their turn goes first: a busy one holds nobody up.
  const first = db
    .selectFrom('webhooks as w')
    .select(['w.organization_id', 'w.id'])
    .where(isReady(p.now))
    .orderBy('w.worked_at')
    .limit(1)
  const next = dialect.name === 'postgres' ? first.forUpdate('w').skipLocked() : first
  return db
    .updateTable('webhooks')
    .set({ worked_at: p.now, lease_until: p.lease_until, holder: p.holder, fence: sql<number>`fence + 1` })
    .where(sql<SqlBool>`(organization_id, id) = (${next})`)
    .returningAll()
})
const renew = statement((db, p: Held & { readonly lease_until: number }) =>
  db.updateTable('webhooks').set({ lease_until: p.lease_until }).where(isHeld(p)),
)
const release = statement((db, p: Held) => db.updateTable('webhooks').set({ lease_until: null, holder: null }).where(isHeld(p)))
const abandon = statement((db, p: Keyed & { readonly holder: string }) =>
  db.updateTable('webhooks').set({ lease_until: null, holder: null }).where(isKeyed(p)).where('holder', '=', p.holder),
)
const releaseAll = statement((db, _p: object) =>
  db.updateTable('webhooks').set({ lease_until: null, holder: null }).where('lease_until', 'is not', null),
)
const fence = statement((db, p: Keyed) =>
  db
    .updateTable('webhooks')
    .set({ fence: sql<number>`fence + 1` })
    .where(isKeyed(p)),
)
/** Locks the row where other processes may write: nobody claims the webhook while this transaction is open. */
const held = statement((db, p: Held, dialect) => {
  const query = db.selectFrom('webhooks').select('fence').where(isHeld(p))
  return dialect.name === 'postgres' ? query.forUpdate() : query
})
const pruneSettled = statement((db, p: { readonly delivered: number; readonly dead: number }) =>
  db
    .deleteFrom('deliveries')
    .where(sql<SqlBool>`(state = 'delivered' and settled_at < ${p.delivered}) or (state = 'dead' and settled_at < ${p.dead})`),
)

export function readWebhookRows(executor: Executor) {
  return {
    webhook: async (organizationId, id) => {
      const row = await executor.first(byId, { organization_id: organizationId, id })
      return row && toWebhook(row)
    },
    webhooks: async (organizationId) => (await executor.all(all, { organization_id: organizationId })).map(toWebhook),
  } satisfies Partial<Reader>
}

export function writeWebhookRows(executor: Executor, sealer: Sealer) {
  const seal = (key: WebhookKey, secret: string) => sealer.seal(secret, contextOf(keyed(key)))
  return {
    addWebhook: async (webhook, secret) => {
      const key = { organizationId: webhook.organizationId, webhookId: webhook.id }
      await executor.run(insert, { ...toRow(webhook), sealed_secret: seal(key, secret) })
    },
    putWebhook: async (webhook) => {
      await executor.run(update, toRow(webhook))
    },
    replaceWebhookSecret: async (key, secret) => {
      await executor.run(replaceSecret, { ...keyed(key), sealed_secret: seal(key, secret) })
    },
    removeWebhookRow: async (key: WebhookKey) => {
      await executor.run(remove, keyed(key))
    },
    fenceWebhook: async (key) => {
      await executor.run(fence, keyed(key))
    },
    holdsWebhook: async (inHand) => (await executor.first(held, heldRow(inHand))) !== undefined,
    releaseWebhook: async (inHand) => {
      await executor.run(release, heldRow(inHand))
    },
  } satisfies Partial<Writer> & { readonly removeWebhookRow: Writer['removeWebhook'] }
}

export function createWebhookQueue(database: Database, sealer: Sealer): WebhookQueue {
  return {
    claim: async ({ holder, now, leaseMs }) => {
      // Asking first costs no transaction; most of the time there is nothing.
      if (!(await database.reader.first(ready, { now: msOf(now) }))) return undefined
      const row = await database.write(undefined, (executor) =>
        executor.first(claim, { now: msOf(now), lease_until: msOf(now) + leaseMs, holder }),
      )
      return row && toClaimed(row, { holder, sealer })
    },
    renew: async (inHand, until) =>
      (await database.write(undefined, (executor) => executor.run(renew, { ...heldRow(inHand), lease_until: msOf(until) }))) > 0,
    abandon: async (inHand) => {
      await database.write(undefined, (executor) => executor.run(abandon, { ...keyed(inHand), holder: inHand.holder }))
    },
    releaseAll: async () => {
      await database.write(undefined, (executor) => executor.run(releaseAll, {}))
    },
    prune: async ({ delivered, dead }) => {
      await database.write(undefined, (executor) => executor.run(pruneSettled, { delivered: msOf(delivered), dead: msOf(dead) }))
    },
  }
}

const changing = (p: Shown) => ({
  url: p.url,
  format: p.format,
  actions: p.actions,
  enabled: p.enabled,
  disabled_reason: p.disabled_reason,
  position: p.position,
  failures: p.failures,
  failing_since: p.failing_since,
  resume_at: p.resume_at,
  last_delivered_at: p.last_delivered_at,
  previous_secret_until: p.previous_secret_until,
  updated_at: p.updated_at,
})
const isKeyed = (p: Keyed) => sql<SqlBool>`organization_id = ${p.organization_id} and id = ${p.id}`
const isHeld = (p: Held) => sql<SqlBool>`${isKeyed(p)} and holder = ${p.holder} and fence = ${p.fence}`
const keyed = ({ organizationId, webhookId }: WebhookKey): Keyed => ({ organization_id: organizationId, id: webhookId })
const heldRow = (inHand: WebhookClaim): Held => ({ ...keyed(inHand), holder: inHand.holder, fence: inHand.fence })
const contextOf = ({ organization_id, id }: Keyed): string => `webhook ${organization_id} ${id}`

function toClaimed(row: WebhookRow, { holder, sealer }: { readonly holder: string; readonly sealer: Sealer }): ClaimedWebhook {
  const open = (sealed: string) => sealer.open(sealed, contextOf(row))
  return {
    claim: { organizationId: row.organization_id, webhookId: row.id, holder, fence: row.fence },
    webhook: toWebhook(row),
    secrets: () => [open(row.sealed_secret), row.sealed_previous === null ? undefined : open(row.sealed_previous)],
  }
}

const toWebhook = (row: Shown): Webhook => ({
  id: row.id,
  organizationId: row.organization_id,
  url: row.url,
  format: row.format,
  actions: row.actions === null ? undefined : JSON.parse(row.actions),
  enabled: row.enabled === 1,
  disabledReason: row.disabled_reason ?? undefined,
  position: row.position,
  failures: row.failures,
  failingSince: dateOrNone(row.failing_since),
  resumeAt: dateOrNone(row.resume_at),
  lastDeliveredAt: dateOrNone(row.last_delivered_at),
  previousSecretUntil: dateOrNone(row.previous_secret_until),
  createdAt: dateOf(row.created_at),
  updatedAt: dateOf(row.updated_at),
})

const toRow = (webhook: Webhook): Shown => ({
  organization_id: webhook.organizationId,
  id: webhook.id,
  url: webhook.url,
  format: webhook.format,
  actions: webhook.actions === undefined ? null : JSON.stringify(webhook.actions),
  enabled: webhook.enabled ? 1 : 0,
  disabled_reason: webhook.disabledReason ?? null,
  position: webhook.position,
  failures: webhook.failures,
  failing_since: msOrNull(webhook.failingSince),
  resume_at: msOrNull(webhook.resumeAt),
  last_delivered_at: msOrNull(webhook.lastDeliveredAt),
  previous_secret_until: msOrNull(webhook.previousSecretUntil),
  created_at: msOf(webhook.createdAt),
  updated_at: msOf(webhook.updatedAt),
})
