import { sql, type SqlBool } from 'kysely'
import type { Departed, LinkLedgerReader, LinkLedgerWriter, Marking } from '../../sync/link.ts'
import type { Link } from '../../sync/ledger.ts'
import type { Account } from '../../sync/vendor.ts'
import type { Executor } from '../executor.ts'
import { toFact } from '../facts.ts'
import { decode, encode } from '../plain.ts'
import { putRow } from '../rows.ts'
import { statement } from '../statement.ts'

interface OfConnection {
  readonly organization_id: string
  readonly connection_id: string
}
type OfAccount = OfConnection & { readonly account_id: string }

/** A tombstone is never taken away: whose link it is has left, unless a membership of that id is there, which no new one ever gets. */
const departed = statement((db, p: OfConnection) =>
  db
    .selectFrom('links as l')
    .innerJoin('tombstones as t', (join) =>
      join.onRef('t.organization_id', '=', 'l.organization_id').onRef('t.membership_id', '=', 'l.membership_id'),
    )
    .select(['t.membership_id', 't.person_id', 't.user_name', 't.external_id'])
    .where('l.organization_id', '=', p.organization_id)
    .where('l.connection_id', '=', p.connection_id)
    .orderBy('t.membership_id'),
)
const linkOfAccount = statement((db, p: OfAccount) =>
  db
    .selectFrom('links')
    .select('content')
    .where('organization_id', '=', p.organization_id)
    .where('connection_id', '=', p.connection_id)
    .where('account_id', '=', p.account_id)
    .orderBy('membership_id')
    .limit(1),
)
const account = statement((db, p: OfAccount) =>
  db
    .selectFrom('accounts')
    .select('content')
    .where('organization_id', '=', p.organization_id)
    .where('connection_id', '=', p.connection_id)
    .where('id', '=', p.account_id),
)
const markings = statement((db, p: OfConnection & { readonly after: string; readonly limit: number }) =>
  db
    .selectFrom('markings')
    .select('content')
    .where('organization_id', '=', p.organization_id)
    .where('connection_id', '=', p.connection_id)
    .where('account_id', '>', p.after)
    .orderBy('account_id')
    .limit(p.limit),
)
const marking = statement((db, p: OfAccount) =>
  db
    .selectFrom('markings')
    .select('content')
    .where('organization_id', '=', p.organization_id)
    .where('connection_id', '=', p.connection_id)
    .where('account_id', '=', p.account_id),
)
const put = putRow('markings', { key: ['organization_id', 'connection_id', 'account_id'], rest: ['content'] })
const remove = statement((db, p: OfAccount) =>
  db
    .deleteFrom('markings')
    .where('organization_id', '=', p.organization_id)
    .where('connection_id', '=', p.connection_id)
    .where('account_id', '=', p.account_id),
)
/** The actions stand as constants, as in the index that covers them. */
const linkFacts = statement((db, p: { readonly organization_id: string; readonly subject: string }) =>
  db
    .selectFrom('facts')
    .selectAll()
    .where('organization_id', '=', p.organization_id)
    .where('subject', '=', p.subject)
    .where(sql<SqlBool>`action in ('link.made', 'link.removed')`)
    .orderBy('sequence'),
)

export function readLinks(executor: Executor) {
  return {
    departed: async (organizationId, connectionId) =>
      (await executor.all(departed, { organization_id: organizationId, connection_id: connectionId })).map((row): Departed => ({
        membershipId: row.membership_id,
        personId: row.person_id,
        userName: row.user_name,
        externalId: row.external_id ?? undefined,
      })),
    linkOfAccount: async (organizationId, connectionId, accountId) => {
      const row = await executor.first(linkOfAccount, ofAccount(organizationId, connectionId, accountId))
      return row && decode<Link>(row.content)
    },
    account: async (organizationId, connectionId, accountId) => {
      const row = await executor.first(account, ofAccount(organizationId, connectionId, accountId))
      return row && decode<Account>(row.content)
    },
    markings: async (organizationId, connectionId, { after, limit }) =>
      (
        await executor.all(markings, {
          organization_id: organizationId,
          connection_id: connectionId,
          after: after ?? '',
          limit,
        })
      ).map((row) => decode<Marking>(row.content)),
    marking: async (organizationId, connectionId, accountId) => {
      const row = await executor.first(marking, ofAccount(organizationId, connectionId, accountId))
      return row && decode<Marking>(row.content)
    },
    linkFacts: async (organizationId, accountId) =>
      (await executor.all(linkFacts, { organization_id: organizationId, subject: accountId })).map(toFact),
  } satisfies LinkLedgerReader
}

export function writeLinks(executor: Executor) {
  return {
    putMarking: async (value) => {
      const { organizationId, connectionId, accountId } = value
      await executor.run(put, { ...ofAccount(organizationId, connectionId, accountId), content: encode(value) })
    },
    removeMarking: async (organizationId, connectionId, accountId) => {
      await executor.run(remove, ofAccount(organizationId, connectionId, accountId))
    },
  } satisfies LinkLedgerWriter
}

const ofAccount = (organizationId: string, connectionId: string, accountId: string): OfAccount => ({
  organization_id: organizationId,
  connection_id: connectionId,
  account_id: accountId,
})
