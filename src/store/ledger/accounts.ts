import { setImmediate as nextTurn } from 'node:timers/promises'
import { sql, type SqlBool } from 'kysely'
import type { LedgerReader, LedgerWriter, Link, Snapshot } from '../../sync/ledger.ts'
import type { Account } from '../../sync/vendor.ts'
import type { Executor } from '../executor.ts'
import { decode, encode } from '../plain.ts'
import { excluded, putRow } from '../rows.ts'
import { statement } from '../statement.ts'

interface OfConnection {
  readonly organization_id: string
  readonly connection_id: string
}
type Paged = OfConnection & { readonly after: string; readonly limit: number }

/** How many accounts go to the database in one statement. */
const chunkSize = 1_000

const latest = statement((db, p: OfConnection) =>
  db
    .selectFrom('snapshots')
    .select('content')
    .where('organization_id', '=', p.organization_id)
    .where('connection_id', '=', p.connection_id)
    .orderBy('id', 'desc')
    .limit(1),
)
const putSnapshot = putRow('snapshots', { key: ['organization_id', 'id'], rest: ['connection_id', 'content'] })

const accounts = statement((db, p: Paged) =>
  db
    .selectFrom('accounts')
    .select('content')
    .where('organization_id', '=', p.organization_id)
    .where('connection_id', '=', p.connection_id)
    .where('id', '>', p.after)
    .orderBy('id')
    .limit(p.limit),
)
const countAccounts = statement((db, p: OfConnection) =>
  db
    .selectFrom('accounts')
    .select((count) => count.fn.countAll<number>().as('count'))
    .where('organization_id', '=', p.organization_id)
    .where('connection_id', '=', p.connection_id),
)
const removeOthers = statement((db, p: OfConnection & { readonly ids: string }, dialect) =>
  db
    .deleteFrom('accounts')
    .where('organization_id', '=', p.organization_id)
    .where('connection_id', '=', p.connection_id)
    .where('id', 'not in', dialect.texts(p.ids)),
)
/** `rows`: JSON array of `{id, content}`. Writes only those that differ from what stands there. */
const putAccounts = statement((db, p: OfConnection & { readonly rows: string }, dialect) =>
  db
    .insertInto('accounts')
    .columns(['organization_id', 'connection_id', 'id', 'content'])
    .expression(
      // Without a cast PostgreSQL does not know the type of a parameter that is selected; without a `where` SQLite takes `on conflict` for a join.
      sql`select cast(${p.organization_id} as text), cast(${p.connection_id} as text), r.value ->> 'id', r.value ->> 'content' from ${dialect.rows(p.rows)} where true`,
    )
    .onConflict((conflict) =>
      conflict
        .columns(['organization_id', 'connection_id', 'id'])
        .doUpdateSet({ content: excluded('content') })
        .where(sql<SqlBool>`accounts.content <> excluded.content`),
    ),
)
const removeAccount = statement((db, p: OfConnection & { readonly id: string }) =>
  db
    .deleteFrom('accounts')
    .where('organization_id', '=', p.organization_id)
    .where('connection_id', '=', p.connection_id)
    .where('id', '=', p.id),
)
const putAccount = putRow('accounts', { key: ['organization_id', 'connection_id', 'id'], rest: ['content'] })

const links = statement((db, p: Paged) =>
  db
    .selectFrom('links')
    .select('content')
    .where('organization_id', '=', p.organization_id)
    .where('connection_id', '=', p.connection_id)
    .where('membership_id', '>', p.after)
    .orderBy('membership_id')
    .limit(p.limit),
)
const linkOf = statement((db, p: OfConnection & { readonly membership_id: string }) =>
  db
    .selectFrom('links')
    .select('content')
    .where('organization_id', '=', p.organization_id)
    .where('connection_id', '=', p.connection_id)
    .where('membership_id', '=', p.membership_id),
)
const putLink = putRow('links', { key: ['organization_id', 'connection_id', 'membership_id'], rest: ['account_id', 'content'] })
const removeLink = statement((db, p: OfConnection & { readonly membership_id: string }) =>
  db
    .deleteFrom('links')
    .where('organization_id', '=', p.organization_id)
    .where('connection_id', '=', p.connection_id)
    .where('membership_id', '=', p.membership_id),
)

export function readAccounts(executor: Executor) {
  return {
    latestSnapshot: async (organizationId, connectionId) => {
      const row = await executor.first(latest, { organization_id: organizationId, connection_id: connectionId })
      return row && decode<Snapshot>(row.content)
    },
    accounts: async (organizationId, connectionId, { after, limit }) => {
      const rows = await executor.all(accounts, {
        organization_id: organizationId,
        connection_id: connectionId,
        after: after ?? '',
        limit,
      })
      return rows.map((row) => decode<Account>(row.content))
    },
    countAccounts: async (organizationId, connectionId) =>
      (await executor.first(countAccounts, { organization_id: organizationId, connection_id: connectionId }))?.count ?? 0,
    links: async (organizationId, connectionId, { after, limit }) => {
      const rows = await executor.all(links, {
        organization_id: organizationId,
        connection_id: connectionId,
        after: after ?? '',
        limit,
      })
      return rows.map((row) => decode<Link>(row.content))
    },
    linkOf: async (organizationId, connectionId, membershipId) => {
      const row = await executor.first(linkOf, {
        organization_id: organizationId,
        connection_id: connectionId,
        membership_id: membershipId,
      })
      return row && decode<Link>(row.content)
    },
  } satisfies Partial<LedgerReader>
}

export function writeAccounts(executor: Executor) {
  return {
    putSnapshot: async (snapshot) => {
      const { organizationId, connectionId, id } = snapshot
      await executor.run(putSnapshot, {
        organization_id: organizationId,
        connection_id: connectionId,
        id,
        content: encode(snapshot),
      })
    },
    replaceAccounts: async (organizationId, connectionId, replacements) => {
      const owned = { organization_id: organizationId, connection_id: connectionId }
      const byId = new Map(replacements.map((account) => [account.id, account]))
      await executor.run(removeOthers, { ...owned, ids: JSON.stringify([...byId.keys()]) })
      const unique = [...byId.values()]
      for (let start = 0; start < unique.length; start += chunkSize) {
        const rows = unique.slice(start, start + chunkSize).map((account) => ({ id: account.id, content: encode(account) }))
        await executor.run(putAccounts, { ...owned, rows: JSON.stringify(rows) })
        // A long list must not hold up whoever only reads.
        await nextTurn()
      }
    },
    putAccount: async (organizationId, connectionId, account) => {
      await executor.run(putAccount, {
        organization_id: organizationId,
        connection_id: connectionId,
        id: account.id,
        content: encode(account),
      })
    },
    removeAccount: async (organizationId, connectionId, accountId) => {
      await executor.run(removeAccount, { organization_id: organizationId, connection_id: connectionId, id: accountId })
    },
    putLink: async (link) => {
      await executor.run(putLink, {
        organization_id: link.organizationId,
        connection_id: link.connectionId,
        membership_id: link.membershipId,
        account_id: link.accountId,
        content: encode(link),
      })
    },
    removeLink: async (organizationId, connectionId, membershipId) => {
      await executor.run(removeLink, {
        organization_id: organizationId,
        connection_id: connectionId,
        membership_id: membershipId,
      })
    },
  } satisfies Partial<LedgerWriter>
}
