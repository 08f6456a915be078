import { sql, type Kysely, type SqlBool } from 'kysely'
import type { Link } from '../../sync/ledger.ts'
import type { Found, LastRead, PairLedgerReader } from '../../sync/pair.ts'
import type { Account } from '../../sync/vendor.ts'
import type { Executor } from '../executor.ts'
import type { StoredMembership } from '../memberships.ts'
import { decode } from '../plain.ts'
import type { Schema } from '../schema.ts'
import { statement } from '../statement.ts'
import { isWanted, toWanted, wantedMembers, type OfConnection } from './wanted.ts'

/** `aside`: 1 where accounts that stand aside come first. */
type Joined = OfConnection & { readonly aside: number; readonly after: string }
type Paged = OfConnection & { readonly after: string; readonly limit: number }

const withAccounts = (db: Kysely<Schema>, p: Joined) =>
  wantedMembers(db, p)
    .leftJoin('links as l', (join) =>
      join
        .on('l.organization_id', '=', p.organization_id)
        .on('l.connection_id', '=', p.connection_id)
        .onRef('l.membership_id', '=', 'memberships.id')
        // PostgreSQL does not conclude it from the other side, and would merge from the beginning for each part.
        .on('l.membership_id', '>', p.after),
    )
    .leftJoin('accounts as a', (join) =>
      join
        .on('a.organization_id', '=', p.organization_id)
        .on('a.connection_id', '=', p.connection_id)
        .onRef('a.id', '=', 'l.account_id'),
    )
    .leftJoin('aside_accounts as x', (join) =>
      join
        .on(sql<SqlBool>`${p.aside} = 1`)
        .on('x.organization_id', '=', p.organization_id)
        .on('x.connection_id', '=', p.connection_id)
        .onRef('x.id', '=', 'l.account_id'),
    )
    .select(['l.content as link', sql<string | null>`coalesce(x.content, a.content)`.as('account')])

const pairs = statement((db, p: Joined & Paged) =>
  withAccounts(db, p).where('memberships.id', '>', p.after).orderBy('memberships.id').limit(p.limit),
)
const pairsNamed = statement((db, p: Joined & { readonly names: string }, dialect) =>
  withAccounts(db, p).where(
    sql<SqlBool>`memberships.id in (
      select id from memberships where organization_id = ${p.organization_id} and user_name_key in ${dialect.texts(p.names)}
      union select id from memberships where organization_id = ${p.organization_id} and email_key in ${dialect.texts(p.names)})`,
  ),
)
// The next rows in order, without the contents of those that have a counterpart: so a part ends soon although hardly any lacks one. It is asked for with a limit,
// row by row, since PostgreSQL would otherwise look through everything that it may find for each part.

const leftLinks = statement((db, p: Joined & Paged) =>
  db
    .selectFrom(
      db
        .selectFrom('links')
        .select(['membership_id', 'account_id'])
        .select(
          sql<string | null>`case when (
            select 1 from memberships
            where memberships.organization_id = ${p.organization_id} and memberships.id = links.membership_id
              and memberships.status = 'active' and ${isWanted(p)} limit 1) is null then content end`.as('link'),
        )
        .where('organization_id', '=', p.organization_id)
        .where('connection_id', '=', p.connection_id)
        .where('membership_id', '>', p.after)
        .orderBy('membership_id')
        .limit(p.limit)
        .as('l'),
    )
    .leftJoin('accounts as a', (join) =>
      join
        .on('l.link', 'is not', null)
        .on('a.organization_id', '=', p.organization_id)
        .on('a.connection_id', '=', p.connection_id)
        .onRef('a.id', '=', 'l.account_id'),
    )
    .leftJoin('aside_accounts as x', (join) =>
      join
        .on('l.link', 'is not', null)
        .on(sql<SqlBool>`${p.aside} = 1`)
        .on('x.organization_id', '=', p.organization_id)
        .on('x.connection_id', '=', p.connection_id)
        .onRef('x.id', '=', 'l.account_id'),
    )
    .select(['l.membership_id', 'l.link', sql<string | null>`coalesce(x.content, a.content)`.as('account')])
    .orderBy('l.membership_id'),
)
const looseIn = (table: 'accounts' | 'aside_accounts') =>
  statement((db, p: Paged) =>
    db
      .selectFrom(`${table} as t`)
      .select([
        't.id',
        sql<string | null>`case when (
          select 1 from links as l
          where l.organization_id = ${p.organization_id} and l.connection_id = ${p.connection_id} and l.account_id = t.id limit 1)
          is null then t.content end`.as('content'),
      ])
      .where('t.organization_id', '=', p.organization_id)
      .where('t.connection_id', '=', p.connection_id)
      .where('t.id', '>', p.after)
      .orderBy('t.id')
      .limit(p.limit),
  )
const loose = { stored: looseIn('accounts'), aside: looseIn('aside_accounts') }

export function readPairs(executor: Executor) {
  const toPairs = async (organizationId: string, rows: readonly (StoredMembership & Contents)[]) =>
    (await toWanted(executor, organizationId, rows)).map((wanted, index) => ({ wanted, ...toLinked(rows[index]!) }))
  return {
    pairs: async (organizationId, connectionId, { after = '', limit, read }) => {
      const rows = await executor.all(pairs, { ...joined(organizationId, connectionId, read), after, limit })
      return foundIn(await toPairs(organizationId, rows), rows.length < limit ? undefined : rows.at(-1)?.id)
    },
    pairsNamed: async (organizationId, connectionId, { names, read }) => {
      if (names.length === 0) return []
      const values = { ...joined(organizationId, connectionId, read), after: '', names: JSON.stringify(names) }
      return toPairs(organizationId, await executor.all(pairsNamed, values))
    },
    leftLinks: async (organizationId, connectionId, { after = '', limit, read }) => {
      const rows = await executor.all(leftLinks, { ...joined(organizationId, connectionId, read), after, limit })
      const left = rows.map(toLinked).flatMap(({ link, account }) => (link ? [{ link, account }] : []))
      return foundIn(left, rows.length < limit ? undefined : rows.at(-1)?.membership_id)
    },
    looseAccounts: async (organizationId, connectionId, { after = '', limit, of }) => {
      const owned = { organization_id: organizationId, connection_id: connectionId }
      const rows = await executor.all(loose[of], { ...owned, after, limit })
      const accounts = rows.flatMap(({ content }) => (content === null ? [] : [decode<Account>(content)]))
      return foundIn(accounts, rows.length < limit ? undefined : rows.at(-1)?.id)
    },
  } satisfies PairLedgerReader
}

interface Contents {
  readonly link: string | null
  readonly account: string | null
}

const toLinked = ({ link, account }: Contents) => ({
  link: link === null ? undefined : decode<Link>(link),
  account: account === null ? undefined : decode<Account>(account),
})

const foundIn = <T>(items: readonly T[], next: string | undefined): Found<T> => ({ items, next })

const joined = (organizationId: string, connectionId: string, read: LastRead) => ({
  organization_id: organizationId,
  connection_id: connectionId,
  aside: read === 'incomplete' ? 1 : 0,
})
