import { sql, type SqlBool } from 'kysely'
import type { Reader, Writer } from '../directory/store.ts'
import type { Delivery, WebhookKey } from '../directory/webhook.ts'
import type { Executor } from './executor.ts'
import { dateOf, dateOrNone, msOf, msOrNull, putRow } from './rows.ts'
import type { DeliveryRow } from './schema.ts'
import { statement } from './statement.ts'

/*
 * A waiting delivery has a row in `delivery_holds` for each of its keys. Its `due_at` is set exactly while no earlier row has one of them, so that
 * whatever is due may be sent, and what is held back costs nothing to pass over.
 */

interface Keyed {
  readonly organization_id: string
  readonly webhook_id: string
}
interface One extends Keyed {
  readonly sequence: number
}

const put = putRow('deliveries', {
  key: ['organization_id', 'webhook_id', 'sequence'],
  rest: ['message_id', 'action', 'at', 'state', 'attempts', 'due_at', 'reason', 'settled_at'],
})
const addHolds = statement((db, p: One & { readonly keys: string }, dialect) => ({
  compile: () =>
    sql<never>`insert into delivery_holds (organization_id, webhook_id, key, sequence)
      select cast(${p.organization_id} as text), cast(${p.webhook_id} as text), r.value ->> 'key', cast(${p.sequence} as bigint)
      from ${dialect.rows(p.keys)} where true on conflict do nothing`.compile(db),
}))
const removeHolds = statement((db, p: One) => db.deleteFrom('delivery_holds').where(isOne(p)))
const hold = statement((db, p: One) =>
  db
    .updateTable('deliveries')
    .set({ due_at: null })
    .where(isOne(p))
    .where(
      sql<SqlBool>`exists (select 1 from delivery_holds as mine join delivery_holds as other on ${sharesKey}
        and other.sequence < mine.sequence where ${isMine(p)})`,
    ),
)
const holdLater = statement((db, p: One) =>
  db
    .updateTable('deliveries')
    .set({ due_at: null })
    .where(isKeyed(p))
    .where('due_at', 'is not', null)
    .where(
      sql<SqlBool>`sequence in (select other.sequence from delivery_holds as mine join delivery_holds as other on ${sharesKey}
        and other.sequence > mine.sequence where ${isMine(p)})`,
    ),
)
/** Of each key the next in line, unless another of its keys is held by something else. */
const freeNext = statement((db, p: One & { readonly now: number }) =>
  db
    .updateTable('deliveries')
    .set({ due_at: p.now })
    .where(isKeyed(p))
    .where(
      sql<SqlBool>`state = 'waiting' and due_at is null
        and sequence in (select min(other.sequence) from delivery_holds as mine join delivery_holds as other on ${sharesKey}
          and other.sequence > mine.sequence where ${isMine(p)} group by mine.key)
        and not exists (select 1 from delivery_holds as own join delivery_holds as earlier on earlier.organization_id = own.organization_id
          and earlier.webhook_id = own.webhook_id and earlier.key = own.key and earlier.sequence < own.sequence and earlier.sequence <> ${p.sequence}
          where own.organization_id = deliveries.organization_id and own.webhook_id = deliveries.webhook_id and own.sequence = deliveries.sequence)`,
    ),
)
const settle = statement((db, p: One & Omit<DeliveryRow, keyof One | 'message_id' | 'action' | 'at'>) =>
  db
    .updateTable('deliveries')
    .set({ state: p.state, attempts: p.attempts, due_at: p.due_at, reason: p.reason, settled_at: p.settled_at })
    .where(isOne(p)),
)
const wake = statement((db, p: Keyed & { readonly now: number }) =>
  db.updateTable('deliveries').set({ due_at: p.now }).where(isKeyed(p)).where('due_at', '>', p.now),
)
const removeAll = statement((db, p: One) => db.deleteFrom('deliveries').where(isKeyed(p)).where('sequence', '>=', p.sequence))
const removeAllHolds = statement((db, p: One) =>
  db.deleteFrom('delivery_holds').where(isKeyed(p)).where('sequence', '>=', p.sequence),
)

const one = statement((db, p: One) => db.selectFrom('deliveries').selectAll().where(isOne(p)))
const due = statement((db, p: Keyed & { readonly now: number; readonly limit: number }) =>
  db.selectFrom('deliveries').selectAll().where(isKeyed(p)).where('due_at', '<=', p.now).orderBy('sequence').limit(p.limit),
)
const page = statement((db, p: Keyed & { readonly before: number; readonly state: string; readonly limit: number }) =>
  db
    .selectFrom('deliveries')
    .selectAll()
    .where(isKeyed(p))
    .where('sequence', '<', p.before)
    .where(sql<SqlBool>`${p.state} in ('', case when state = 'waiting' and due_at is null then 'held' else state end)`)
    .orderBy('sequence', 'desc')
    .limit(p.limit),
)
const standing = statement((db, p: Keyed) =>
  db
    .selectFrom('deliveries')
    .select([
      sql<number>`coalesce(sum(case when state = 'waiting' then 1 else 0 end), 0)`.as('pending'),
      sql<number>`coalesce(sum(case when state = 'dead' then 1 else 0 end), 0)`.as('dead'),
      sql<number | null>`min(case when state = 'waiting' then at end)`.as('oldest'),
    ])
    .where(isKeyed(p)),
)
const heldKeys = statement((db, p: Keyed & { readonly keys: string }, dialect) =>
  db.selectFrom('delivery_holds').select('key').distinct().where(isKeyed(p)).where('key', 'in', dialect.texts(p.keys)),
)

export function readDeliveries(executor: Executor) {
  return {
    delivery: async (key, sequence) => {
      const row = await executor.first(one, { ...keyed(key), sequence })
      return row && toDelivery(row)
    },
    deliveries: async (key, { state, before, limit }) =>
      (await executor.all(page, { ...keyed(key), state: state ?? '', before: before ?? Number.MAX_SAFE_INTEGER, limit })).map(
        toDelivery,
      ),
    dueDeliveries: async (key, { now, limit }) =>
      (await executor.all(due, { ...keyed(key), now: msOf(now), limit })).map(toDelivery),
    webhookStanding: async (key) => {
      const row = await executor.first(standing, keyed(key))
      return { pending: row?.pending ?? 0, dead: row?.dead ?? 0, oldestPendingAt: dateOrNone(row?.oldest ?? null) }
    },
    heldKeys: async (key, keys) =>
      keys.length === 0
        ? new Set()
        : new Set((await executor.all(heldKeys, { ...keyed(key), keys: JSON.stringify(keys) })).map((row) => row.key)),
  } satisfies Partial<Reader>
}

export function writeDeliveries(executor: Executor) {
  const removeFrom = async (key: WebhookKey, sequence: number) => {
    await executor.run(removeAllHolds, { ...keyed(key), sequence })
    await executor.run(removeAll, { ...keyed(key), sequence })
  }
  return {
    putDelivery: async (delivery, keys) => {
      const p = oneOf(delivery)
      await executor.run(put, toRow(delivery))
      await executor.run(addHolds, { ...p, keys: JSON.stringify(keys.map((key) => ({ key }))) })
      await executor.run(hold, p)
      await executor.run(holdLater, p)
    },
    postponeDelivery: async (delivery) => {
      await executor.run(settle, toRow(delivery))
    },
    endDelivery: async (delivery, now) => {
      const p = oneOf(delivery)
      await executor.run(settle, { ...toRow(delivery), due_at: null })
      await executor.run(freeNext, { ...p, now: msOf(now) })
      await executor.run(removeHolds, p)
    },
    removeDeliveriesFrom: removeFrom,
    removeDeliveries: (key: WebhookKey) => removeFrom(key, 0),
    wakeDeliveries: async (key, now) => {
      await executor.run(wake, { ...keyed(key), now: msOf(now) })
    },
  } satisfies Partial<Writer> & { readonly removeDeliveries: (key: WebhookKey) => Promise<void> }
}

const sharesKey = sql`other.organization_id = mine.organization_id and other.webhook_id = mine.webhook_id and other.key = mine.key`
const isMine = (p: One) =>
  sql`mine.organization_id = ${p.organization_id} and mine.webhook_id = ${p.webhook_id} and mine.sequence = ${p.sequence}`
const isKeyed = (p: Keyed) => sql<SqlBool>`organization_id = ${p.organization_id} and webhook_id = ${p.webhook_id}`
const isOne = (p: One) => sql<SqlBool>`${isKeyed(p)} and sequence = ${p.sequence}`
const keyed = ({ organizationId, webhookId }: WebhookKey): Keyed => ({ organization_id: organizationId, webhook_id: webhookId })
const oneOf = (delivery: Delivery): One => ({ ...keyed(delivery), sequence: delivery.sequence })

const toDelivery = (row: DeliveryRow): Delivery => ({
  organizationId: row.organization_id,
  webhookId: row.webhook_id,
  sequence: row.sequence,
  messageId: row.message_id,
  action: row.action,
  at: dateOf(row.at),
  state: row.state,
  attempts: row.attempts,
  dueAt: dateOrNone(row.due_at),
  reason: row.reason ?? undefined,
  settledAt: dateOrNone(row.settled_at),
})

const toRow = (delivery: Delivery): DeliveryRow => ({
  ...oneOf(delivery),
  message_id: delivery.messageId,
  action: delivery.action,
  at: msOf(delivery.at),
  state: delivery.state,
  attempts: delivery.attempts,
  due_at: msOrNull(delivery.dueAt),
  reason: delivery.reason ?? null,
  settled_at: msOrNull(delivery.settledAt),
})
