import { sql, type SqlBool } from 'kysely'
import type { Claim, LedgerReader, LedgerWriter, Queue, Work } from '../../sync/ledger.ts'
import type { Database } from '../database.ts'
import type { Executor } from '../executor.ts'
import { toFact } from '../facts.ts'
import { excluded, msOf, msOrNull } from '../rows.ts'
import type { WorkRow } from './schema.ts'
import { statement } from '../statement.ts'

/*
 * A row of work is due (`due_at`), claimed (`lease_until`), both (asked for again while claimed) or idle (neither). It stays when it is
 * idle, so that the fence never starts again.
 */

interface Named {
  readonly organization_id: string
  readonly kind: Work['kind']
  readonly subject: string
}
interface Held extends Named {
  readonly holder: string
  readonly fence: number
}

const schedule = statement((db, p: Named & { readonly due_at: number }) =>
  db
    .insertInto('work')
    .values({
      organization_id: p.organization_id,
      kind: p.kind,
      subject: p.subject,
      due_at: p.due_at,
      lease_until: null,
      holder: null,
      fence: 0,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['organization_id', 'kind', 'subject'])
        .doUpdateSet({ due_at: excluded('due_at') })
        .where(sql<SqlBool>`(work.due_at is null or work.due_at > excluded.due_at)`),
    ),
)

interface Moment {
  readonly now: number
}
type Claiming = Moment & { readonly lease_until: number; readonly holder: string }

const isFree = (now: number) => sql<SqlBool>`((lease_until is null and due_at <= ${now}) or lease_until <= ${now})`
const waiting = statement((db, p: Moment) => db.selectFrom('work').select('fence').where(isFree(p.now)).limit(1))
const waitingOne = statement((db, p: Moment & Named) =>
  db.selectFrom('work').select('fence').where(isNamed(p)).where(isFree(p.now)),
)
const claim = statement((db, p: Claiming, dialect) => {
  const earliest = db
    .selectFrom('work')
    .select(['organization_id', 'kind', 'subject'])
    .where(isFree(p.now))
    .orderBy(sql`coalesce(due_at, lease_until)`)
    .limit(1)
  const next = dialect.name === 'postgres' ? earliest.forUpdate().skipLocked() : earliest
  return db
    .updateTable('work')
    .set(toClaimed(p))
    .where(sql<SqlBool>`(organization_id, kind, subject) = (${next})`)
    .returning(['organization_id', 'kind', 'subject', 'fence'])
})
const claimOne = statement((db, p: Claiming & Named) =>
  db
    .updateTable('work')
    .set(toClaimed(p))
    .where(isNamed(p))
    .where(isFree(p.now))
    .returning(['organization_id', 'kind', 'subject', 'fence']),
)
/** Due or not. */
const takeOne = statement((db, p: Claiming & Named) =>
  db
    .updateTable('work')
    .set(toClaimed(p))
    .where(isNamed(p))
    .where(sql<SqlBool>`(lease_until is null or lease_until <= ${p.now})`)
    .returning(['organization_id', 'kind', 'subject', 'fence']),
)
const renew = statement((db, p: Held & { readonly lease_until: number }) =>
  db.updateTable('work').set({ lease_until: p.lease_until }).where(isHeld(p)),
)
const finish = statement((db, p: Held & { readonly due_at: number | null }) =>
  db
    .updateTable('work')
    .set({
      lease_until: null,
      holder: null,
      due_at: sql<number | null>`case when due_at <= ${p.due_at} then due_at else coalesce(${p.due_at}, due_at) end`,
    })
    .where(isHeld(p)),
)
const releaseAll = statement((db, _p: object) =>
  db
    .updateTable('work')
    .set({ due_at: sql<number>`coalesce(due_at, 0)`, lease_until: null, holder: null })
    .where('lease_until', 'is not', null),
)
/** Locks the row where other processes may write: nobody claims the work while this transaction is open. */
const held = statement((db, p: Held, dialect) => {
  const query = db.selectFrom('work').select('fence').where(isHeld(p))
  return dialect.name === 'postgres' ? query.forUpdate() : query
})

const newFacts = statement((db, p: { readonly organization_id: string; readonly limit: number }) =>
  db
    .selectFrom('facts')
    .selectAll()
    .where('organization_id', '=', p.organization_id)
    .where(
      sql<SqlBool>`sequence > coalesce((select c.sequence from cursors as c where c.organization_id = ${p.organization_id}), 0)`,
    )
    .orderBy('sequence')
    .limit(p.limit),
)
const moveCursor = statement((db, p: { readonly organization_id: string; readonly sequence: number }) =>
  db
    .insertInto('cursors')
    .values({ organization_id: p.organization_id, sequence: p.sequence })
    .onConflict((conflict) =>
      conflict
        .column('organization_id')
        .doUpdateSet({ sequence: excluded('sequence') })
        .where(sql<SqlBool>`excluded.sequence > cursors.sequence`),
    ),
)
/** A cursor exists only where a connection was added. */
const behind = statement((db, _p: object) =>
  db
    .selectFrom('cursors as c')
    .innerJoin('chain_heads as h', 'h.organization_id', 'c.organization_id')
    .select('c.organization_id')
    .where(
      sql<SqlBool>`h.sequence > c.sequence and exists (select 1 from connections as n where n.organization_id = c.organization_id)`,
    )
    .orderBy('c.organization_id'),
)

export function readWork(executor: Executor) {
  return {
    newFacts: async (organizationId, limit) =>
      (await executor.all(newFacts, { organization_id: organizationId, limit })).map(toFact),
  } satisfies Partial<LedgerReader>
}

export function writeWork(executor: Executor) {
  return {
    moveCursor: async (organizationId, sequence) => {
      await executor.run(moveCursor, { organization_id: organizationId, sequence })
    },
    schedule: async (work) => {
      await executor.run(schedule, { ...named(work), due_at: msOf(work.dueAt) })
    },
    holds: async (inHand) => (await executor.first(held, heldRow(inHand))) !== undefined,
  } satisfies Partial<LedgerWriter>
}

export function createQueue(database: Database): Queue {
  return {
    claim: async ({ holder, now, leaseMs, only }) => {
      const moment = { now: msOf(now) }
      const claiming = { ...moment, holder, lease_until: msOf(now) + leaseMs }
      // Asking first costs no transaction; most of the time there is nothing.
      const found = only
        ? await database.reader.first(waitingOne, { ...moment, ...named(only) })
        : await database.reader.first(waiting, moment)
      if (!found) return undefined
      const row = await database.write(undefined, (executor) =>
        only ? executor.first(claimOne, { ...claiming, ...named(only) }) : executor.first(claim, claiming),
      )
      return row && toClaim(row, holder)
    },
    take: async ({ holder, now, leaseMs, work }) => {
      const taking = { now: msOf(now), holder, lease_until: msOf(now) + leaseMs, ...named(work) }
      const row = await database.write(undefined, (executor) => executor.first(takeOne, taking))
      return row && toClaim(row, holder)
    },
    renew: async (inHand, until) =>
      (await database.write(undefined, (executor) => executor.run(renew, { ...heldRow(inHand), lease_until: msOf(until) }))) > 0,
    finish: async (inHand, dueAt) => {
      await database.write(undefined, (executor) => executor.run(finish, { ...heldRow(inHand), due_at: msOrNull(dueAt) }))
    },
    organizationsWithNewFacts: async () => (await database.reader.all(behind, {})).map((row) => row.organization_id),
    releaseAll: async () => {
      await database.write(undefined, (executor) => executor.run(releaseAll, {}))
    },
  }
}

const toClaim = (
  { organization_id: organizationId, kind, subject, fence }: Pick<WorkRow, 'organization_id' | 'kind' | 'subject' | 'fence'>,
  holder: string,
): Claim => ({ organizationId, kind, subject, holder, fence })
const toClaimed = (p: Claiming) => ({ due_at: null, lease_until: p.lease_until, holder: p.holder, fence: sql<number>`fence + 1` })
const isNamed = (p: Named) => sql<SqlBool>`organization_id = ${p.organization_id} and kind = ${p.kind} and subject = ${p.subject}`
const isHeld = (p: Held) => sql<SqlBool>`${isNamed(p)} and holder = ${p.holder} and fence = ${p.fence}`

const named = ({ organizationId, kind, subject }: Work): Named => ({ organization_id: organizationId, kind, subject })
const heldRow = (inHand: Claim): Held => ({ ...named(inHand), holder: inHand.holder, fence: inHand.fence })
