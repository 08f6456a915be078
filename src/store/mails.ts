import { sql, type SqlBool } from 'kysely'
import type { ClaimedMail, Mail, MailOutcome, Outbox } from '../directory/mail.ts'
import type { Sealer } from '../directory/seal.ts'
import type { Writer } from '../directory/store.ts'
import type { Database } from './database.ts'
import type { Executor } from './executor.ts'
import { dateOf, dateOrNone, msOf, putRow } from './rows.ts'
import type { MailRow } from './schema.ts'
import { statement } from './statement.ts'

const put = putRow('mails', {
  key: ['id'],
  rest: [
    'organization_id',
    'invitation_id',
    'recipient',
    'sealed_token',
    'state',
    'attempts',
    'reason',
    'created_at',
    'due_at',
    'lease_until',
    'holder',
    'fence',
    'settled_at',
  ],
})

interface Moment {
  readonly now: number
}
const isFree = (now: number) => sql<SqlBool>`due_at <= ${now} and (lease_until is null or lease_until <= ${now})`
const waiting = statement((db, p: Moment) => db.selectFrom('mails').select('id').where(isFree(p.now)).limit(1))
const claim = statement((db, p: Moment & { readonly lease_until: number; readonly holder: string }, dialect) => {
  const first = db.selectFrom('mails').select('id').where(isFree(p.now)).orderBy('due_at').limit(1)
  const next = dialect.name === 'postgres' ? first.forUpdate().skipLocked() : first
  return db
    .updateTable('mails')
    .set({ lease_until: p.lease_until, holder: p.holder, fence: sql<number>`fence + 1`, attempts: sql<number>`attempts + 1` })
    .where(sql<SqlBool>`id = (${next})`)
    .returningAll()
})

interface Held {
  readonly id: string
  readonly holder: string
  readonly fence: number
}
const postpone = statement((db, p: Held & { readonly due_at: number; readonly reason: string }) =>
  db
    .updateTable('mails')
    .set({ due_at: p.due_at, reason: p.reason, lease_until: null, holder: null })
    .where('id', '=', p.id)
    .where('holder', '=', p.holder)
    .where('fence', '=', p.fence),
)
const end = statement((db, p: Held & Pick<MailRow, 'state' | 'reason' | 'settled_at'>) =>
  db
    .updateTable('mails')
    .set({
      state: p.state,
      reason: p.reason,
      settled_at: p.settled_at,
      sealed_token: null,
      due_at: null,
      lease_until: null,
      holder: null,
    })
    .where('id', '=', p.id)
    .where('holder', '=', p.holder)
    .where('fence', '=', p.fence),
)

const byId = statement((db, p: { readonly id: string }) => db.selectFrom('mails').selectAll().where('id', '=', p.id))
const newest = statement((db, p: { readonly limit: number }) =>
  db.selectFrom('mails').selectAll().orderBy('id', 'desc').limit(p.limit),
)
const older = statement((db, p: { readonly before: string; readonly limit: number }) =>
  db.selectFrom('mails').selectAll().where('id', '<', p.before).orderBy('id', 'desc').limit(p.limit),
)
const prune = statement((db, p: { readonly before: number }) => db.deleteFrom('mails').where('created_at', '<', p.before))

export function writeMails(executor: Executor, sealer: Sealer) {
  return {
    putMail: async ({ id, organizationId, invitationId, to, token, createdAt }) => {
      await executor.run(put, {
        organization_id: organizationId,
        id,
        invitation_id: invitationId,
        recipient: to ?? null,
        sealed_token: sealer.seal(token, contextOf({ organization_id: organizationId, id })),
        state: 'waiting',
        attempts: 0,
        reason: null,
        created_at: msOf(createdAt),
        due_at: to === undefined ? null : msOf(createdAt),
        lease_until: null,
        holder: null,
        fence: 0,
        settled_at: null,
      })
    },
  } satisfies Partial<Writer>
}

export function createOutbox(database: Database, sealer: Sealer): Outbox {
  const { reader } = database
  return {
    claim: async ({ holder, now, leaseMs }) => {
      // Asking first costs no transaction; most of the time there is nothing.
      if (!(await reader.first(waiting, { now: msOf(now) }))) return undefined
      const row = await database.write(undefined, (executor) =>
        executor.first(claim, { now: msOf(now), lease_until: msOf(now) + leaseMs, holder }),
      )
      return row && { ...toMail(row, sealer), holder, fence: row.fence }
    },
    settle: async (mail, outcome) => (await database.write(undefined, (executor) => settle(executor, mail, outcome))) > 0,
    mails: async ({ before, limit }) =>
      (before === undefined ? await reader.all(newest, { limit }) : await reader.all(older, { before, limit })).map((row) =>
        toMail(row, sealer),
      ),
    mail: async (id) => {
      const row = await reader.first(byId, { id })
      return row && toMail(row, sealer)
    },
    prune: async (before) => database.write(undefined, (executor) => executor.run(prune, { before: msOf(before) })),
  }
}

const settle = ({ run }: Executor, { id, holder, fence }: ClaimedMail, outcome: MailOutcome): Promise<number> =>
  outcome.kind === 'later'
    ? run(postpone, { id, holder, fence, due_at: msOf(outcome.dueAt), reason: outcome.reason })
    : run(end, {
        id,
        holder,
        fence,
        state: outcome.kind,
        reason: outcome.kind === 'sent' ? null : outcome.reason,
        settled_at: msOf(outcome.at),
      })

const contextOf = ({ organization_id, id }: Pick<MailRow, 'organization_id' | 'id'>): string => `mail ${organization_id} ${id}`

const toMail = (row: MailRow, sealer: Sealer): Mail => ({
  id: row.id,
  organizationId: row.organization_id,
  invitationId: row.invitation_id,
  to: row.recipient ?? undefined,
  token: row.sealed_token === null ? undefined : sealer.open(row.sealed_token, contextOf(row)),
  state: row.state,
  attempts: row.attempts,
  reason: row.reason ?? undefined,
  createdAt: dateOf(row.created_at),
  dueAt: dateOrNone(row.due_at),
  settledAt: dateOrNone(row.settled_at),
})
