import { sql, type SqlBool } from 'kysely'
import type { AccessLedgerReader, HeldAccount } from '../../sync/access/ledger.ts'
import type { Person } from '../../sync/access/row.ts'
import type { Link } from '../../sync/ledger.ts'
import type { Account } from '../../sync/vendor.ts'
import { emailOf } from '../../directory/membership.ts'
import type { Executor } from '../executor.ts'
import { readGroups } from '../groups.ts'
import { membershipColumns, toMembership } from '../memberships.ts'
import { decode } from '../plain.ts'
import { statement } from '../statement.ts'

interface Page {
  readonly organization_id: string
  readonly connection_id: string
  readonly account_id: string
  readonly after_membership_id: string
  readonly limit: number
}

const heldColumns = [
  'accounts.id as account_id',
  'accounts.content as account',
  'links.membership_id',
  'links.content as link',
  'exclusions.membership_id as excluded_id',
] as const

const held = statement((db, p: Page) =>
  db
    .selectFrom('accounts')
    .leftJoin('links', (join) =>
      join
        .onRef('links.organization_id', '=', 'accounts.organization_id')
        .onRef('links.connection_id', '=', 'accounts.connection_id')
        .onRef('links.account_id', '=', 'accounts.id'),
    )
    .leftJoin('exclusions', (join) =>
      join
        .onRef('exclusions.organization_id', '=', 'links.organization_id')
        .onRef('exclusions.connection_id', '=', 'links.connection_id')
        .onRef('exclusions.membership_id', '=', 'links.membership_id'),
    )
    .select(heldColumns)
    .where('accounts.organization_id', '=', p.organization_id)
    .where('accounts.connection_id', '=', p.connection_id)
    .where('accounts.id', '>=', p.account_id)
    .where(sql<SqlBool>`(accounts.id > ${p.account_id} or coalesce(links.membership_id, '') > ${p.after_membership_id})`)
    .orderBy('accounts.id')
    .orderBy('links.membership_id')
    .limit(p.limit),
)
const heldBy = statement(
  (db, p: { readonly organization_id: string; readonly connection_id: string; readonly membership_id: string }) =>
    db
      .selectFrom('links')
      .innerJoin('accounts', (join) =>
        join
          .onRef('accounts.organization_id', '=', 'links.organization_id')
          .onRef('accounts.connection_id', '=', 'links.connection_id')
          .onRef('accounts.id', '=', 'links.account_id'),
      )
      .leftJoin('exclusions', (join) =>
        join
          .onRef('exclusions.organization_id', '=', 'links.organization_id')
          .onRef('exclusions.connection_id', '=', 'links.connection_id')
          .onRef('exclusions.membership_id', '=', 'links.membership_id'),
      )
      .select(heldColumns)
      .where('links.organization_id', '=', p.organization_id)
      .where('links.connection_id', '=', p.connection_id)
      .where('links.membership_id', '=', p.membership_id),
)
interface OfMembers {
  readonly organization_id: string
  /** JSON array. */
  readonly ids: string
}
const members = statement((db, p: OfMembers, dialect) =>
  db
    .selectFrom('memberships')
    .select(membershipColumns)
    .where('organization_id', '=', p.organization_id)
    .where('id', 'in', dialect.texts(p.ids)),
)
const former = statement((db, p: OfMembers, dialect) =>
  db
    .selectFrom('tombstones')
    .select(['membership_id', 'user_name'])
    .where('organization_id', '=', p.organization_id)
    .where('membership_id', 'in', dialect.texts(p.ids)),
)

export function readAccess(executor: Executor): AccessLedgerReader {
  return {
    heldAccounts: async (organizationId, connectionId, { after, limit }) => {
      const rows = await executor.all(held, {
        organization_id: organizationId,
        connection_id: connectionId,
        account_id: after?.accountId ?? '',
        after_membership_id: after?.membershipId ?? '',
        limit,
      })
      return withPeople(executor, organizationId, rows)
    },
    accountHeldBy: async (organizationId, connectionId, membershipId) => {
      const owned = { organization_id: organizationId, connection_id: connectionId, membership_id: membershipId }
      return (await withPeople(executor, organizationId, await executor.all(heldBy, owned)))[0]
    },
  }
}

async function withPeople(
  executor: Executor,
  organizationId: string,
  rows: readonly {
    readonly account: string
    readonly membership_id: string | null
    readonly link: string | null
    readonly excluded_id: string | null
  }[],
): Promise<readonly HeldAccount[]> {
  const ids = [...new Set(rows.flatMap(({ membership_id: id }) => (id === null ? [] : [id])))]
  const people = await peopleOf(executor, organizationId, ids)
  const groups = await readGroups(executor).groupsOf(organizationId, ids)
  return rows.map(({ account, link, membership_id: id, excluded_id: excludedId }) => ({
    account: decode<Account>(account),
    link: link === null ? undefined : decode<Link>(link),
    person: id === null ? undefined : (people.get(id) ?? { id, userName: undefined, email: undefined, status: 'unknown' }),
    groups: new Map((groups.get(id ?? '') ?? []).map((group) => [group.id, group.displayName])),
    excluded: excludedId !== null,
  }))
}

async function peopleOf(
  executor: Executor,
  organizationId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Person>> {
  if (ids.length === 0) return new Map()
  const asked = { organization_id: organizationId, ids: JSON.stringify(ids) }
  const found = new Map<string, Person>()
  for (const { membership_id: id, user_name: userName } of await executor.all(former, asked))
    found.set(id, { id, userName, email: undefined, status: 'removed' })
  for (const row of await executor.all(members, asked)) {
    const { id, userName, emails, status } = toMembership(row)
    found.set(id, { id, userName, email: emailOf({ emails }), status })
  }
  return found
}
