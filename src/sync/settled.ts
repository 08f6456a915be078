import { fold } from '../directory/fold.ts'
import { emailOf } from '../directory/membership.ts'
import { dropLapsed } from './lapsed.ts'
import { identifiedBy, identityOf } from './match.ts'
import { isInvitedTooLong } from './observe.ts'
import type { Pair } from './pair.ts'
import { difference } from './plan.ts'
import type { KnownAccount, VendorRole } from './vendor.ts'
import type { Pinned } from './view.ts'
import type { Hand } from './work.ts'
import type { Link } from './ledger.ts'

/**
 * The pairs of which a comparison would tell nothing, whoever else there is: the account stands as the directory wants it and as we wrote it, under its
 * member's own name, and nothing is open about either. User names and addresses are unique in the directory, so nobody else has a claim to it.
 */
export function settledAmong(
  { parts, connection, vendor }: Pick<Hand, 'parts' | 'connection' | 'vendor'>,
  pairs: readonly Pair[],
  { roles, pinned }: { readonly roles: readonly VendorRole[]; readonly pinned: Pinned },
): ReadonlySet<Pair> {
  const { policy } = connection
  const now = parts.clock()
  const by = identifiedBy(vendor)
  const whole = pairs.filter(isWhole)
  const links = whole.map(({ link }) => link)
  const wanted = whole.map(({ wanted: one, link }) => (link.kept ? { ...one, kept: link.kept } : one))
  const lapsed = dropLapsed(
    links,
    whole.map((pair) => pair.wanted),
    { policy, roles },
  )
  // What is left alone while drift is reported shows too when it is to be put back.
  const found = difference(
    {
      vendor: vendor.name,
      policy,
      capabilities: vendor.capabilities,
      roles,
      wanted,
      accounts: whole.map(({ account }) => account),
      links,
      conflicts: new Map(),
      whyUnwanted: () => '',
      now,
    },
    'revert',
  )
  const told = new Set([...found.steps, ...found.accepted].map(({ membershipId }) => membershipId))
  return new Set(
    whole.filter(
      ({ wanted: { member }, link, account }) =>
        !told.has(member.id) &&
        !found.drift.has(account.id) &&
        !lapsed.has(member.id) &&
        !pinned.membershipIds.has(member.id) &&
        !pinned.accountIds.has(account.id) &&
        account.roles.every(({ id }) => link.written.roleIds.includes(id)) &&
        !isInvitedTooLong(account, policy, now) &&
        fold(identityOf(account, by)) === fold(identityOf({ userName: member.userName, email: emailOf(member) }, by)),
    ),
  )
}

const isWhole = (pair: Pair): pair is Pair & { readonly link: Link; readonly account: KnownAccount } =>
  pair.link !== undefined && pair.account !== undefined
