import { sql } from 'kysely'
import type { FactAction } from '../directory/fact.ts'
import type { ConnectionGauge, GaugeReader, Waiting } from '../directory/gauges.ts'
import { actionsWanted } from '../directory/webhook.ts'
import type { Connection } from '../sync/connection.ts'
import type { Database } from './database.ts'
import { decode } from './plain.ts'
import { dateOrNone, msOf } from './rows.ts'
import { statement } from './statement.ts'

const connections = statement((db, _p: object) =>
  db.selectFrom('connections').select('content').orderBy('organization_id').orderBy('id'),
)
const dueWork = statement((db, p: { readonly now: number }) =>
  db
    .selectFrom('work')
    .select([sql<number>`count(*)`.as('count'), sql<number | null>`min(coalesce(due_at, lease_until))`.as('since')])
    .where(sql<boolean>`((lease_until is null and due_at <= ${p.now}) or lease_until <= ${p.now})`),
)
const workInHand = statement((db, p: { readonly now: number }) =>
  db
    .selectFrom('work')
    .select(sql<number>`count(*)`.as('count'))
    .where('lease_until', '>', p.now),
)
const mails = statement((db, _p: object) =>
  db
    .selectFrom('mails')
    .select([sql<number>`count(*)`.as('count'), sql<number | null>`min(created_at)`.as('since')])
    .where('state', '=', 'waiting')
    .where('recipient', 'is not', null),
)
const deliveries = statement((db, _p: object) =>
  db
    .selectFrom('deliveries')
    .select([
      sql<number>`coalesce(sum(case when state = 'waiting' then 1 else 0 end), 0)`.as('count'),
      sql<number>`coalesce(sum(case when state = 'dead' then 1 else 0 end), 0)`.as('dead'),
      sql<number | null>`min(case when state = 'waiting' then at end)`.as('since'),
    ])
    .where('state', '<>', 'delivered'),
)

const behind = statement((db, _p: object) =>
  db
    .selectFrom('webhooks as w')
    .innerJoin('chain_heads as h', 'h.organization_id', 'w.organization_id')
    .select(['w.organization_id', 'w.position', 'w.actions', 'w.format'])
    .where('w.enabled', '=', 1)
    .whereRef('h.sequence', '>', 'w.position'),
)
interface Behind {
  readonly organization_id: string
  readonly position: number
  readonly actions: string
}
/** Of somebody who is far behind it is enough to know that. */
const mostBehind = 100_000
const wanted = statement((db, p: Behind, dialect) =>
  db
    .selectFrom(
      db
        .selectFrom('facts')
        .select('sequence')
        .where('organization_id', '=', p.organization_id)
        .where('sequence', '>', p.position)
        .where('action', 'in', sql<FactAction>`${dialect.texts(p.actions)}`)
        .limit(mostBehind)
        .as('w'),
    )
    .select(sql<number>`count(*)`.as('count')),
)

export function createGauges({ reader }: Pick<Database, 'reader'>): GaugeReader {
  return {
    read: async (now) => {
      const moment = { now: msOf(now) }
      const rows = await reader.all(connections, {})
      const sent = await reader.first(deliveries, {})
      return {
        connections: rows.map(({ content }) => toGauge(decode<Connection>(content))),
        work: {
          due: toWaiting(await reader.first(dueWork, moment)),
          inHand: (await reader.first(workInHand, moment))?.count ?? 0,
        },
        mails: toWaiting(await reader.first(mails, {})),
        deliveries: {
          ...toWaiting(sent),
          dead: sent?.dead ?? 0,
          behind: await countBehind(reader),
        },
      }
    },
  }
}

async function countBehind(reader: Database['reader']): Promise<number> {
  let count = 0
  for (const { organization_id, position, actions, format } of await reader.all(behind, {})) {
    const asked = actionsWanted({ actions: actions === null ? undefined : JSON.parse(actions), format })
    count += (await reader.first(wanted, { organization_id, position, actions: JSON.stringify(asked) }))?.count ?? 0
  }
  return count
}

const toWaiting = (row: { readonly count: number; readonly since: number | null } | undefined): Waiting => ({
  count: row?.count ?? 0,
  since: dateOrNone(row?.since ?? null),
})

const toGauge = ({ organizationId, name, vendor, writesEnabled, health }: Connection): ConnectionGauge => ({
  organizationId,
  name,
  vendor,
  writesEnabled,
  lastSuccessAt: health?.lastSuccessAt,
  lastReadAt: health?.lastReadAt,
  failedReads: health?.reads.failures ?? 0,
  failedWrites: health?.writes.failures ?? 0,
  quarantinedAt: health?.quarantine?.since,
  silentSince: health?.silentSince,
})
