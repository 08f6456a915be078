import type { Membership } from '../directory/membership.ts'
import { withDecided } from './decided-steps.ts'
import { dropLapsed } from './lapsed.ts'
import { explainLeavers } from './leavers.ts'
import type { Finding, LedgerReader, Link, Step, Wanted } from './ledger.ts'
import type { Departed } from './link.ts'
import { linkOfMatch, linkOfReturn } from './made-links.ts'
import type { Matching } from './match.ts'
import { systemCall } from './parts.ts'
import { difference, type Difference } from './plan.ts'
import { holdMs } from './policy.ts'
import { causesAfter, type Cause } from './raising.ts'
import type { Known } from './read-vendor.ts'
import { findReturning } from './returning.ts'
import { matchBySaid, readSaid, type Said } from './said.ts'
import { isInFlight } from './step-state.ts'
import type { KnownAccount, VendorRole } from './vendor.ts'
import { viewOf, type Pinned, type Settled } from './view.ts'
import type { Hand } from './work.ts'

/** A connection compared: what is, what should be, and the way from one to the other, without those who are settled (view.ts). Nothing of it is stored yet. */
export interface Survey extends Said {
  readonly known: Known
  readonly settled: Settled
  readonly accounts: readonly KnownAccount[]
  readonly wanted: readonly Wanted[]
  /** Whoever was matched: those who are wanted, and a leaver. */
  readonly members: readonly Membership[]
  readonly links: readonly Link[]
  readonly newLinks: readonly Link[]
  /** Links that pass to somebody who came back, as they were. */
  readonly passedOn: readonly Link[]
  /** Links with what a person accepted and the directory has changed since taken out. */
  readonly lapsed: readonly Link[]
  readonly matching: Matching
  readonly roles: readonly VendorRole[]
  /** What the policy lets happen without anybody asking, beside approvals. */
  readonly own: Difference
  /** With what was changed at the vendor put back, and what a person decided. */
  readonly full: Difference
  /** The facts up to this sequence show in what is wanted. */
  readonly sequence: number
  readonly causes: readonly Cause[]
}

/** How many accounts the connection has, as far as is known. */
export const countAccounts = ({ settled, accounts }: Pick<Survey, 'settled' | 'accounts'>): number =>
  settled.count + accounts.length

/** Compares the directory with what is known of the vendor. A `leaver` is matched although nobody wants an account for them any more. */
export async function survey(hand: Hand, known: Known, leaver?: Membership): Promise<Survey> {
  const { parts, connection, vendor } = hand
  const { organizationId, id: connectionId, policy } = connection
  const system = systemCall(parts, organizationId)
  const { sequence } = await parts.directory.chainHead(system, undefined)
  const stored = await parts.ledger.read((tx) => readStored(tx, hand))
  const causes = await causesAfter(parts, system, { connectionId, after: stored.plannedUpTo })
  const roles = await vendor.reader.roles()
  const view = await viewOf(hand, { known, roles, pinned: pinnedBy(stored, leaver) })
  const { complete } = known.snapshot.certificate
  const wantedMembers = view.wanted.map(({ member }) => member)
  const members = leaver && !wantedMembers.some(({ id }) => id === leaver.id) ? [...wantedMembers, leaver] : wantedMembers
  const returns = complete
    ? findReturning({
        members,
        departed: stored.departed,
        links: view.links,
        present: new Set(view.accounts.map(({ id }) => id)),
        busy: new Set(stored.openSteps.filter(isInFlight).flatMap(({ accountId }) => accountId ?? [])),
        matchBy: policy.matchBy,
      })
    : []
  const passedOn = new Set(returns.map(({ link }) => link))
  const returned = returns.map((one) => linkOfReturn(hand, one))
  const kept = [...view.links.filter((link) => !passedOn.has(link)), ...returned]
  const matching = matchBySaid(hand, stored, { members, accounts: view.accounts, links: kept })
  // Of an incomplete list nobody knows whether a second account fits: nothing is linked by it, and nothing made beside what fits.
  const matched = complete ? matching.matches.map((match) => linkOfMatch(hand, match)) : []
  const conflicts = new Map(matching.conflicts)
  if (!complete)
    for (const { member, account } of matching.matches)
      conflicts.set(member.id, `account ${account.id} seems to be theirs; that shows in a complete read`)
  const lapsed = dropLapsed(kept, view.wanted, { policy, roles })
  const links = [...kept.map((link) => lapsed.get(link.membershipId) ?? link), ...matched]
  const linkOf = new Map(links.map((link) => [link.membershipId, link]))
  const wanted = view.wanted.map((one) => {
    const values = linkOf.get(one.member.id)?.kept
    return values ? { ...one, kept: values } : one
  })
  const basis = {
    vendor: vendor.name,
    policy,
    capabilities: vendor.capabilities,
    roles,
    wanted,
    accounts: view.accounts,
    links,
    conflicts,
    now: parts.clock(),
    whyUnwanted: await explainLeavers(parts, { organizationId, wanted, links }),
  }
  return {
    known,
    ...view,
    wanted,
    members,
    links,
    newLinks: [...returned, ...matched],
    passedOn: [...passedOn],
    lapsed: [...lapsed.values()],
    matching,
    questions: stored.questions,
    markings: stored.markings,
    roles,
    own: difference(basis, policy.drift),
    // Whoever is offboarded is removed, whatever leavers are let keep; where the policy holds accounts, they are held like any other.
    full: withDecided(
      difference(
        leaver && holdMs(policy) === undefined ? { ...basis, policy: { ...policy, deletion: { onLeave: 'remove' } } } : basis,
        'revert',
      ),
      basis,
      { markings: [...stored.markings.values()], findings: stored.findings },
    ),
    sequence,
    causes,
  }
}

interface Stored extends Said {
  readonly departed: readonly Departed[]
  /** Those that a person decided to put back. */
  readonly findings: readonly Finding[]
  readonly openSteps: readonly Step[]
  readonly plannedUpTo: number
}

async function readStored(tx: LedgerReader, { connection }: Pick<Hand, 'connection'>): Promise<Stored> {
  const { organizationId, id: connectionId } = connection
  const rights = await tx.findings(organizationId, { connectionId, open: true, kind: 'extraRight', limit: 1_000_000 })
  return {
    ...(await readSaid(tx, { connection })),
    departed: await tx.departed(organizationId, connectionId),
    findings: rights.filter(({ decision }) => decision?.kind === 'revert'),
    openSteps: await tx.openSteps(organizationId, connectionId),
    plannedUpTo: await tx.plannedUpTo(organizationId, connectionId),
  }
}

/** Whatever a person was asked or said something about, and whatever a plan that is open does. */
function pinnedBy({ questions, markings, findings, openSteps }: Stored, leaver: Membership | undefined): Pinned {
  const membershipIds = new Set(leaver && [leaver.id])
  const accountIds = new Set(findings.map(({ subject }) => subject))
  for (const { membershipId, state } of questions.values()) if (state === 'open') membershipIds.add(membershipId)
  for (const marking of markings.values()) {
    accountIds.add(marking.accountId)
    if (marking.kind === 'outside') continue
    accountIds.add(marking.keptAccountId)
    membershipIds.add(marking.membershipId)
  }
  for (const { membershipId, accountId } of openSteps) {
    if (membershipId !== undefined) membershipIds.add(membershipId)
    if (accountId !== undefined) accountIds.add(accountId)
  }
  return { membershipIds, accountIds }
}
