import { DirectoryError } from '../directory/errors.ts'
import type { Membership } from '../directory/membership.ts'
import { stateOfAccount } from './account-state.ts'
import { asApplicationSays } from './application/wanted.ts'
import { collect } from './collect.ts'
import { withDecided } from './decided-steps.ts'
import { desireOf } from './desired.ts'
import { stillStands } from './kept.ts'
import type { Finding, LedgerReader, Link, Step, Wanted } from './ledger.ts'
import type { Departed, Marking } from './link.ts'
import { matchAccounts, type Match, type Matching } from './match.ts'
import { systemActor, systemCall, type SyncParts } from './parts.ts'
import { difference, type Difference } from './plan.ts'
import { isInFlight } from './planning.ts'
import { holdMs } from './policy.ts'
import type { Question } from './question.ts'
import { whyUnassigned } from './reviews/why-excluded.ts'
import { causesAfter, type Cause } from './raising.ts'
import { knownAccounts } from './known-accounts.ts'
import type { Known } from './read-vendor.ts'
import { findReturning, type Return } from './returning.ts'
import type { KnownAccount, VendorRole } from './vendor.ts'
import type { Hand } from './work.ts'

/** A connection seen whole: what is, what should be, and the way from one to the other. Nothing of it is stored yet. */
export interface Survey {
  readonly known: Known
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
  /** What was asked so far, and what a person said of accounts. */
  readonly questions: ReadonlyMap<string, Question>
  readonly markings: ReadonlyMap<string, Marking>
  readonly roles: readonly VendorRole[]
  /** What the policy lets happen without anybody asking, beside approvals. */
  readonly own: Difference
  /** With what was changed at the vendor put back, and what a person decided. */
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
  const stored = await parts.ledger.read((tx) => readStored(tx, hand))
  const causes = await causesAfter(parts, system, { connectionId, after: stored.plannedUpTo })
  const { complete } = known.snapshot.certificate
  const accounts = await knownAccounts(hand, known)
  const wantedMembers = stored.wanted.map(({ member }) => member)
  const members = leaver && !wantedMembers.some(({ id }) => id === leaver.id) ? [...wantedMembers, leaver] : wantedMembers
  const returns = complete
    ? findReturning({
        members,
        departed: stored.departed,
        links: stored.links,
        present: new Set(accounts.map(({ id }) => id)),
        busy: new Set(stored.openSteps.filter(isInFlight).flatMap(({ accountId }) => accountId ?? [])),
        matchBy: policy.matchBy,
      })
    : []
  const passedOn = new Set(returns.map(({ link }) => link))
  const returned = returns.map((one) => linkOfReturn(hand, one))
  const kept = [...stored.links.filter((link) => !passedOn.has(link)), ...returned]
  const matching = matchBySaid(hand, stored, { members, accounts, links: kept })
  // Of an incomplete list nobody knows whether a second account fits: nothing is linked by it, and nothing made beside what fits.
  const matched = complete ? matching.matches.map((match) => linkOfMatch(hand, match)) : []
  const conflicts = new Map(matching.conflicts)
  if (!complete)
    for (const { member, account } of matching.matches)
      conflicts.set(member.id, `account ${account.id} seems to be theirs; that shows in a complete read`)
  const roles = await vendor.reader.roles()
  const lapsed = dropLapsed(kept, stored.wanted, { policy, roles })
  const newLinks = [...returned, ...matched]
  const links = [...kept.map((link) => lapsed.get(link.membershipId) ?? link), ...matched]
  const linkOf = new Map(links.map((link) => [link.membershipId, link]))
  const wanted = stored.wanted.map((one) => {
    const values = linkOf.get(one.member.id)?.kept
    return values ? { ...one, kept: values } : one
  })
  const basis = {
    vendor: vendor.name,
    policy,
    capabilities: vendor.capabilities,
    roles,
    wanted,
    accounts,
    links,
    conflicts,
    now: parts.clock(),
    whyUnwanted: await explainLeavers(parts, { organizationId, wanted, links }),
  }
  return {
    known,
    accounts,
    wanted,
    members,
    links,
    newLinks,
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

/** What people said of accounts and of whose they are. */
export interface Said {
  readonly markings: ReadonlyMap<string, Marking>
  readonly questions: ReadonlyMap<string, Question>
}

export async function readSaid(tx: LedgerReader, { connection }: Pick<Hand, 'connection'>): Promise<Said> {
  const { organizationId, id: connectionId } = connection
  const markings = await collect(
    (page) => tx.markings(organizationId, connectionId, page),
    ({ accountId }) => accountId,
  )
  const questions = await tx.questions(organizationId, { connectionId, limit: 1_000_000 })
  return {
    markings: new Map(markings.map((marking) => [marking.accountId, marking])),
    questions: new Map(questions.map((question) => [question.membershipId, question])),
  }
}

/** Pairs members with accounts by the rules of the policy, without going against what people said. */
export const matchBySaid = (
  { connection, vendor }: Pick<Hand, 'connection' | 'vendor'>,
  said: Said,
  input: { readonly members: readonly Membership[]; readonly accounts: readonly KnownAccount[]; readonly links: readonly Link[] },
): Matching =>
  matchAccounts({
    ...input,
    matchBy: connection.policy.matchBy,
    identifiedBy: vendor.capabilities.attributes?.includes('userName') === false ? 'email' : 'userName',
    marked: new Set(said.markings.keys()),
    questions: said.questions,
  })

/** The link that a match makes. */
export const linkOfMatch = (
  { parts, connection }: Pick<Hand, 'parts' | 'connection'>,
  { member, account, rule, confidence, compared }: Match,
): Link => ({
  organizationId: connection.organizationId,
  connectionId: connection.id,
  membershipId: member.id,
  accountId: account.id,
  rule,
  confidence,
  compared,
  madeBy: systemActor,
  madeAt: parts.clock(),
  written: stateOfAccount(account),
})

interface Stored extends Said {
  readonly wanted: readonly Wanted[]
  readonly links: readonly Link[]
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
    departed: await tx.departed(organizationId, connectionId),
    findings: rights.filter(({ decision }) => decision?.kind === 'revert'),
    openSteps: await tx.openSteps(organizationId, connectionId),
    plannedUpTo: await tx.plannedUpTo(organizationId, connectionId),
  }
}

/** The link goes on as it was, under the membership that the person has now. */
const linkOfReturn = ({ parts }: Hand, { member, link, confidence, compared }: Return): Link => ({
  ...link,
  membershipId: member.id,
  rule: 'returning',
  confidence,
  compared,
  madeBy: systemCall(parts, link.organizationId).actor,
  madeAt: parts.clock(),
})

/** What was accepted goes for good once the directory wants something else: coming back to the old value must not bring it back. */
function dropLapsed(
  links: readonly Link[],
  wanted: readonly Wanted[],
  { policy, roles }: { readonly policy: Hand['connection']['policy']; readonly roles: readonly VendorRole[] },
): ReadonlyMap<string, Link> {
  const keeping = new Map(links.flatMap((link) => (link.kept ? [[link.membershipId, link] as const] : [])))
  const lapsed = new Map<string, Link>()
  if (keeping.size === 0) return lapsed
  for (const one of wanted) {
    const link = keeping.get(one.member.id)
    if (!link?.kept) continue
    const desire = desireOf(one, policy, roles)
    const standing = link.kept.filter((value) => stillStands(desire, value))
    if (standing.length === link.kept.length) continue
    const { kept: _, ...rest } = link
    lapsed.set(one.member.id, standing.length > 0 ? { ...rest, kept: standing } : rest)
  }
  return lapsed
}

async function explainLeavers(
  parts: SyncParts,
  input: { readonly organizationId: string; readonly wanted: readonly Wanted[]; readonly links: readonly Link[] },
): Promise<(membershipId: string) => string> {
  const wanted = new Set(input.wanted.map(({ member }) => member.id))
  const reasons = new Map<string, string>()
  for (const link of input.links) {
    const { membershipId } = link
    if (wanted.has(membershipId)) continue
    const member = await memberOrNone(parts, input.organizationId, membershipId)
    if (!member) reasons.set(membershipId, 'was removed from the directory')
    else if (member.status === 'active') reasons.set(membershipId, await whyUnassigned(parts, link))
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
