import { emailOf } from '../directory/membership.ts'
import { fold } from '../directory/fold.ts'
import { asApplicationSays } from './application/wanted.ts'
import { partsOf } from './collect.ts'
import { withoutRecords } from './known-accounts.ts'
import type { Link, Wanted } from './ledger.ts'
import { identifiedBy, identityOf } from './match.ts'
import type { LastRead, Pair } from './pair.ts'
import type { Known } from './read-vendor.ts'
import { settledAmong } from './settled.ts'
import type { KnownAccount, VendorRole } from './vendor.ts'
import type { Hand } from './work.ts'

/**
 * The part of a connection that has to be looked at together: whoever is not settled, links of people who are not wanted, accounts that are linked to nobody,
 * what something is open about, and whoever bears the name of any of them. The rest is only counted, so that memory grows with what is out of line.
 */
export interface View {
  /** By membership id. */
  readonly wanted: readonly Wanted[]
  readonly links: readonly Link[]
  /** By account id, without the vendor's own records. */
  readonly accounts: readonly KnownAccount[]
  readonly settled: Settled
}

/** People who were left out, since each has their account and it is as it should be. */
export interface Settled {
  readonly count: number
  /** Roles that the active ones of them hold. */
  readonly roleIds: ReadonlySet<string>
}

/** What is looked at although nothing is out of line, since something is open about it. */
export interface Pinned {
  readonly membershipIds: ReadonlySet<string>
  readonly accountIds: ReadonlySet<string>
}

/** How many names are looked for at once. */
const namesAtOnce = 500

/** Holds directory, links and accounts against each other, a part at a time. */
export async function viewOf(
  hand: Hand,
  { known, roles, pinned }: { readonly known: Known; readonly roles: readonly VendorRole[]; readonly pinned: Pinned },
): Promise<View> {
  const { parts, connection } = hand
  const { organizationId, id: connectionId } = connection
  const read: LastRead = known.snapshot.certificate.complete ? 'complete' : 'incomplete'
  const toKnown = withoutRecords()
  const wanted = new Map<string, Wanted>()
  const links = new Map<string, Link>()
  const accounts = new Map<string, KnownAccount>()
  const settled = { count: 0, roleIds: new Set<string>() }
  const add = ({ link, account }: Pick<Pair, 'link' | 'account'>) => {
    if (link) links.set(link.membershipId, link)
    if (account) accounts.set(account.id, toKnown(account))
  }
  const addPair = (pair: Pair) => {
    wanted.set(pair.wanted.member.id, pair.wanted)
    add(pair)
  }

  for await (const found of partsOf((part) =>
    parts.ledger.read((tx) => tx.pairs(organizationId, connectionId, { ...part, read })),
  )) {
    const pairs = found.map((pair) => ({ ...pair, wanted: asApplicationSays(connection, pair.wanted) }))
    const quiet = settledAmong(hand, pairs, { roles, pinned })
    for (const pair of pairs)
      if (!quiet.has(pair)) addPair(pair)
      else {
        settled.count++
        if (pair.account?.status === 'active') for (const { id } of pair.account.roles) settled.roleIds.add(id)
      }
  }
  const left = partsOf((part) => parts.ledger.read((tx) => tx.leftLinks(organizationId, connectionId, { ...part, read })))
  for await (const items of left) items.forEach(add)
  for (const of of read === 'complete' ? (['stored'] as const) : (['stored', 'aside'] as const)) {
    const loose = partsOf((part) => parts.ledger.read((tx) => tx.looseAccounts(organizationId, connectionId, { ...part, of })))
    for await (const items of loose) for (const account of items) add({ link: undefined, account })
  }

  const names = namesIn(hand, { wanted: [...wanted.values()], links, accounts })
  for (let start = 0; start < names.length; start += namesAtOnce) {
    const some = names.slice(start, start + namesAtOnce)
    const found = await parts.ledger.read((tx) => tx.pairsNamed(organizationId, connectionId, { names: some, read }))
    for (const pair of found) {
      if (wanted.has(pair.wanted.member.id)) continue
      addPair({ ...pair, wanted: asApplicationSays(connection, pair.wanted) })
      settled.count--
    }
  }
  return { wanted: inOrder(wanted), links: inOrder(links), accounts: inOrder(accounts), settled }
}

/** The names under which somebody settled may stand in the way: those of people without an account, and those of accounts that are linked to nobody. */
function namesIn(
  { vendor }: Hand,
  {
    wanted,
    links,
    accounts,
  }: {
    readonly wanted: readonly Wanted[]
    readonly links: ReadonlyMap<string, Link>
    readonly accounts: ReadonlyMap<string, KnownAccount>
  },
): readonly string[] {
  const by = identifiedBy(vendor)
  const linked = new Set<string>()
  const names = new Set<string>()
  for (const { accountId } of links.values()) linked.add(accountId)
  for (const { member } of wanted)
    if (!accounts.has(links.get(member.id)?.accountId ?? ''))
      names.add(fold(identityOf({ userName: member.userName, email: emailOf(member) }, by)))
  for (const { id, userName, email } of accounts.values()) {
    if (linked.has(id)) continue
    names.add(fold(userName))
    if (email) names.add(fold(email))
  }
  return [...names]
}

const inOrder = <T>(items: ReadonlyMap<string, T>): readonly T[] =>
  [...items].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item)
