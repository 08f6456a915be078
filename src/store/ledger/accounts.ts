import { setImmediate as nextTurn } from 'node:timers/promises'
import { sql } from 'kysely'
import type { LedgerReader, LedgerWriter, Link, Snapshot } from '../../sync/ledger.ts'
import type { Account } from '../../sync/vendor.ts'
import type { Executor } from '../executor.ts'
import { decode, encode } from '../plain.ts'
import { excluded, inChunks, putRow } from '../rows.ts'
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

/** The accounts of a connection that stand in a table, or stand aside. */
const pageOf = (table: 'accounts' | 'aside_accounts') =>
  statement((db, p: Paged) =>
    db
      .selectFrom(table)
      .select('content')
      .where('organization_id', '=', p.organization_id)
      .where('connection_id', '=', p.connection_id)
      .where('id', '>', p.after)
      .orderBy('id')
      .limit(p.limit),
  )
const idsOf = (table: 'accounts' | 'aside_accounts') =>
  statement((db, p: Paged) =>
    db
      .selectFrom(table)
      .select('id')
      .where('organization_id', '=', p.organization_id)
      .where('connection_id', '=', p.connection_id)
      .where('id', '>', p.after)
      .orderBy('id')
      .limit(p.limit),
  )
const oneOf = (table: 'accounts' | 'aside_accounts') =>
  statement((db, p: OfConnection & { readonly id: string }) =>
    db
      .selectFrom(table)
      .select('content')
      .where('organization_id', '=', p.organization_id)
      .where('connection_id', '=', p.connection_id)
      .where('id', '=', p.id),
  )
const accounts = { page: pageOf('accounts'), ids: idsOf('accounts'), one: oneOf('accounts') }
const aside = { page: pageOf('aside_accounts'), ids: idsOf('aside_accounts'), one: oneOf('aside_accounts') }
const countAccounts = statement((db, p: OfConnection) =>
  db
    .selectFrom('accounts')
    .select((count) => count.fn.countAll<number>().as('count'))
    .where('organization_id', '=', p.organization_id)
    .where('connection_id', '=', p.connection_id),
)
const removeAccounts = statement((db, p: OfConnection & { readonly ids: string }, dialect) =>
  db
    .deleteFrom('accounts')
    .where('organization_id', '=', p.organization_id)
    .where('connection_id', '=', p.connection_id)
    .where('id', 'in', dialect.texts(p.ids)),
)
const removeAccount = statement((db, p: OfConnection & { readonly id: string }) =>
  db
    .deleteFrom('accounts')
    .where('organization_id', '=', p.organization_id)
    .where('connection_id', '=', p.connection_id)
    .where('id', '=', p.id),
)
const putAccount = putRow('accounts', { key: ['organization_id', 'connection_id', 'id'], rest: ['content'] })

const clearAside = statement((db, p: OfConnection) =>
  db.deleteFrom('aside_accounts').where('organization_id', '=', p.organization_id).where('connection_id', '=', p.connection_id),
)
const removeAside = statement((db, p: OfConnection & { readonly ids: string }, dialect) =>
  db
    .deleteFrom('aside_accounts')
    .where('organization_id', '=', p.organization_id)
    .where('connection_id', '=', p.connection_id)
    .where('id', 'in', dialect.texts(p.ids)),
)
/** `rows`: JSON array of `{id, content}`, each id once. Only those that are not stored so are put aside. */
const putAside = statement((db, p: OfConnection & { readonly rows: string }, dialect) =>
  db
    .insertInto('aside_accounts')
    .columns(['organization_id', 'connection_id', 'id', 'content'])
    .expression(
      // Without a cast PostgreSQL does not know the type of a parameter that is selected.
      sql`select cast(${p.organization_id} as text), cast(${p.connection_id} as text), r.value ->> 'id', r.value ->> 'content' from ${dialect.rows(p.rows)}
        where not exists (
          select 1 from accounts as a
          where a.organization_id = ${p.organization_id} and a.connection_id = ${p.connection_id}
            and a.id = r.value ->> 'id' and a.content = r.value ->> 'content')`,
    ),
)
const nextAside = statement((db, p: OfConnection & { readonly limit: number }) =>
  db
    .selectFrom('aside_accounts')
    .leftJoin('accounts', (join) =>
      join
        .onRef('accounts.organization_id', '=', 'aside_accounts.organization_id')
        .onRef('accounts.connection_id', '=', 'aside_accounts.connection_id')
        .onRef('accounts.id', '=', 'aside_accounts.id'),
    )
    .select(['aside_accounts.content', 'accounts.content as before'])
    .where('aside_accounts.organization_id', '=', p.organization_id)
    .where('aside_accounts.connection_id', '=', p.connection_id)
    .orderBy('aside_accounts.id')
    .limit(p.limit),
)
/** Those with an id up to another. */
const keepAside = statement((db, p: OfConnection & { readonly last: string }) =>
  db
    .insertInto('accounts')
    .columns(['organization_id', 'connection_id', 'id', 'content'])
    .expression((from) =>
      from
        .selectFrom('aside_accounts')
        .select(['organization_id', 'connection_id', 'id', 'content'])
        .where('organization_id', '=', p.organization_id)
        .where('connection_id', '=', p.connection_id)
        .where('id', '<=', p.last),
    )
    .onConflict((conflict) =>
      conflict.columns(['organization_id', 'connection_id', 'id']).doUpdateSet({ content: excluded('content') }),
    ),
)
const clearAsideUpTo = statement((db, p: OfConnection & { readonly last: string }) =>
  db
    .deleteFrom('aside_accounts')
    .where('organization_id', '=', p.organization_id)
    .where('connection_id', '=', p.connection_id)
    .where('id', '<=', p.last),
)

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

const toAccount = ({ content }: { readonly content: string }): Account => decode<Account>(content)

const paged = (
  organizationId: string,
  connectionId: string,
  { after, limit }: Parameters<LedgerReader['accounts']>[2],
): Paged => ({
  organization_id: organizationId,
  connection_id: connectionId,
  after: after ?? '',
  limit,
})

export function readAccounts(executor: Executor) {
  return {
    latestSnapshot: async (organizationId, connectionId) => {
      const row = await executor.first(latest, { organization_id: organizationId, connection_id: connectionId })
      return row && decode<Snapshot>(row.content)
    },
    accounts: async (organizationId, connectionId, page) =>
      (await executor.all(accounts.page, paged(organizationId, connectionId, page))).map(toAccount),
    accountIds: async (organizationId, connectionId, page) =>
      (await executor.all(accounts.ids, paged(organizationId, connectionId, page))).map(({ id }) => id),
    account: async (organizationId, connectionId, id) => {
      const row = await executor.first(accounts.one, { organization_id: organizationId, connection_id: connectionId, id })
      return row && toAccount(row)
    },
    aside: async (organizationId, connectionId, page) =>
      (await executor.all(aside.page, paged(organizationId, connectionId, page))).map(toAccount),
    asideAccount: async (organizationId, connectionId, id) => {
      const row = await executor.first(aside.one, { organization_id: organizationId, connection_id: connectionId, id })
      return row && toAccount(row)
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
    clearAside: async (organizationId, connectionId) => {
      await executor.run(clearAside, { organization_id: organizationId, connection_id: connectionId })
    },
    putAside: async (organizationId, connectionId, shown) => {
      const owned = { organization_id: organizationId, connection_id: connectionId }
      const contents = new Map(shown.map((account) => [account.id, encode(account)]))
      for (const part of inChunks([...contents])) {
        await executor.run(removeAside, { ...owned, ids: JSON.stringify(part.map(([id]) => id)) })
        await executor.run(putAside, { ...owned, rows: JSON.stringify(part.map(([id, content]) => ({ id, content }))) })
      }
    },
    removeAside: async (organizationId, connectionId, id) => {
      await executor.run(removeAside, {
        organization_id: organizationId,
        connection_id: connectionId,
        ids: JSON.stringify([id]),
      })
    },
    nextAside: async (organizationId, connectionId) => {
      const owned = { organization_id: organizationId, connection_id: connectionId }
      return (await executor.all(nextAside, { ...owned, limit: chunkSize })).map(({ content, before }) => ({
        account: decode<Account>(content),
        before: before === null ? undefined : decode<Account>(before),
      }))
    },
    keepAside: async (organizationId, connectionId) => {
      const owned = { organization_id: organizationId, connection_id: connectionId }
      const ids = await executor.all(aside.ids, { ...owned, after: '', limit: chunkSize })
      const last = ids.at(-1)?.id
      if (last === undefined) return 'all'
      await executor.run(keepAside, { ...owned, last })
      await executor.run(clearAsideUpTo, { ...owned, last })
      return ids.length < chunkSize ? 'all' : 'more'
    },
    keepListed: async (organizationId, connectionId, listed) => {
      const owned = { organization_id: organizationId, connection_id: connectionId }
      const taken: string[] = []
      for (let after = ''; ;) {
        const ids = (await executor.all(accounts.ids, { ...owned, after, limit: chunkSize })).map(({ id }) => id)
        const gone = ids.filter((id) => !listed.has(id))
        if (gone.length > 0) await executor.run(removeAccounts, { ...owned, ids: JSON.stringify(gone) })
        taken.push(...gone)
        after = ids.at(-1) ?? ''
        if (ids.length < chunkSize) return taken
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
      await executor.run(removeAside, {
        organization_id: organizationId,
        connection_id: connectionId,
        ids: JSON.stringify([account.id]),
      })
    },
    removeAccount: async (organizationId, connectionId, accountId) => {
      const owned = { organization_id: organizationId, connection_id: connectionId }
      await executor.run(removeAccount, { ...owned, id: accountId })
      await executor.run(removeAside, { ...owned, ids: JSON.stringify([accountId]) })
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
