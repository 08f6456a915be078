import { DirectoryError } from '../directory/errors.ts'
import type { Membership } from '../directory/membership.ts'
import { stateOfAccount } from './account-state.ts'
import { asApplicationSays } from './application/wanted.ts'
import { collect } from './collect.ts'
import type { Link, Wanted } from './ledger.ts'
import { matchAccounts, type Matching } from './match.ts'
import { systemCall, type SyncParts } from './parts.ts'
import { difference, type Difference } from './plan.ts'
import { causesAfter, type Cause } from './raising.ts'
import type { Known } from './read-vendor.ts'
import type { VendorRole } from './vendor.ts'
import type { Hand } from './work.ts'

/** A connection seen whole: what is, what should be, and the way from one to the other. Nothing of it is stored yet. */
export interface Survey {
  readonly known: Known
  readonly wanted: readonly Wanted[]
  readonly links: readonly Link[]
  readonly newLinks: readonly Link[]
  readonly matching: Matching
  readonly roles: readonly VendorRole[]
  /** What the policy lets happen without anybody asking, beside approvals. */
  readonly own: Difference
  /** With what was changed at the vendor put back. */
  readonly full: Difference
  /** The facts up to this sequence show in what is wanted. */
  readonly sequence: number
  readonly causes: readonly Cause[]
}

/** Compares the directory with what is known of the vendor. A `leaver` is matched although nobody wants an account for them any more. */
export async function survey(hand: Hand, known: Known, leaver?: Membership): Promise<Survey> {
  const { parts, connection, vendor } = hand
  const { organizationId, id: connectionId, policy } = connection
  const system = systemCall(parts, organizationId)
  const { sequence } = await parts.directory.chainHead(system, undefined)
  const stored = await parts.ledger.read(async (tx) => ({
    wanted: (
      await collect(
        (page) => tx.wanted(organizationId, connectionId, page),
        ({ member }) => member.id,
      )
    ).map((wanted) => asApplicationSays(connection, wanted)),
    links: await collect(
      (page) => tx.links(organizationId, connectionId, page),
      ({ membershipId }) => membershipId,
    ),
    plannedUpTo: await tx.plannedUpTo(organizationId, connectionId),
  }))
  const causes = await causesAfter(parts, system, { connectionId, after: stored.plannedUpTo })
  const members = stored.wanted.map(({ member }) => member)
  const matching = matchAccounts({
    members: leaver && !members.some(({ id }) => id === leaver.id) ? [...members, leaver] : members,
    accounts: known.accounts,
    links: stored.links,
    matchBy: policy.matchBy,
  })
  const newLinks = matching.matches.map(({ member, account, rule }): Link => ({
    organizationId,
    connectionId,
    membershipId: member.id,
    accountId: account.id,
    rule,
    madeAt: parts.clock(),
    written: stateOfAccount(account),
  }))
  const links = [...stored.links, ...newLinks]
  const roles = await vendor.reader.roles()
  const basis = {
    vendor: vendor.name,
    policy,
    capabilities: vendor.capabilities,
    roles,
    wanted: stored.wanted,
    accounts: known.accounts,
    links,
    conflicts: matching.conflicts,
    whyUnwanted: await explainLeavers(parts, { organizationId, wanted: stored.wanted, links }),
  }
  return {
    known,
    wanted: stored.wanted,
    links,
    newLinks,
    matching,
    roles,
    own: difference(basis, policy.drift),
    // Whoever is offboarded is removed, whatever leavers are let keep.
    full: difference(leaver ? { ...basis, policy: { ...policy, onLeave: 'remove' } } : basis, 'revert'),
    sequence,
    causes,
  }
}

async function explainLeavers(
  parts: SyncParts,
  input: { readonly organizationId: string; readonly wanted: readonly Wanted[]; readonly links: readonly Link[] },
): Promise<(membershipId: string) => string> {
  const wanted = new Set(input.wanted.map(({ member }) => member.id))
  const reasons = new Map<string, string>()
  for (const { membershipId } of input.links) {
    if (wanted.has(membershipId)) continue
    const member = await memberOrNone(parts, input.organizationId, membershipId)
    if (!member) reasons.set(membershipId, 'was removed from the directory')
    else if (member.status === 'active') reasons.set(membershipId, 'is no longer assigned to the connection')
    else reasons.set(membershipId, `is ${member.status} in the directory`)
  }
  return (membershipId) => reasons.get(membershipId) ?? 'is no longer wanted'
}

/** A member as the directory has them; undefined when they were removed from it. */
export async function memberOrNone(parts: SyncParts, organizationId: string, id: string): Promise<Membership | undefined> {
  try {
    return await parts.directory.getMember(systemCall(parts, organizationId), { id })
  } catch (error) {
    if (error instanceof DirectoryError && error.refusal === 'notFound') return undefined
    throw error
  }
}
