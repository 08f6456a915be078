import { fold } from '../directory/fold.ts'
import { emailOf, type Membership } from '../directory/membership.ts'
import type { Policy } from './connection.ts'
import { candidateOf, compareIdentity, ruleHolds } from './evidence.ts'
import type { Link } from './ledger.ts'
import type { Compared, Confidence, MatchRule } from './matching-rule.ts'
import { confidenceOf } from './matching-rule.ts'
import type { Candidate, Question } from './question.ts'
import type { KnownAccount, Vendor } from './vendor.ts'

export interface Match {
  readonly member: Membership
  readonly account: KnownAccount
  readonly rule: MatchRule
  readonly confidence: Confidence
  readonly compared: readonly Compared[]
}

/** What a person has to be asked about a member. */
export interface Ambiguity {
  readonly member: Membership
  readonly reason: string
  /** By account id. */
  readonly candidates: readonly Candidate[]
}

export interface Matching {
  /** Members and accounts that belong together and are not linked yet. */
  readonly matches: readonly Match[]
  readonly ambiguities: readonly Ambiguity[]
  /** By membership id: why nobody may be linked and nothing made for the member until a person decides. */
  readonly conflicts: ReadonlyMap<string, string>
}

export interface MatchInput {
  readonly members: readonly Membership[]
  readonly accounts: readonly KnownAccount[]
  readonly links: readonly Link[]
  readonly matchBy: Policy['matchBy']
  /** By what the vendor tells accounts apart: under a name that is taken there it makes no second one. */
  readonly identifiedBy?: IdentifiedBy
  /** Accounts that a person marked: nobody's, or on their way out. */
  readonly marked?: ReadonlySet<string>
  /** What was asked so far, by membership id. */
  readonly questions?: ReadonlyMap<string, Question>
}

/**
 * Pairs members that have no link with accounts that have none: where exactly one account fits exactly one member, and the first rule of the policy
 * that fits says so. Everything else is a question: two accounts for one member, two members for one account, an address that fits one account while
 * the user name fits another, an address alone where the policy does not link by it. Pure; the order of the input does not matter.
 */
export function matchAccounts(input: MatchInput): Matching {
  const { marked = new Set<string>(), questions = new Map<string, Question>(), identifiedBy: by = 'userName' } = input
  const linkedMembers = new Set(input.links.map(({ membershipId }) => membershipId))
  const holders = new Map(input.links.map(({ accountId, membershipId }) => [accountId, membershipId]))
  const members = input.members.filter(({ id }) => !linkedMembers.has(id))
  if (members.length === 0) return { matches: [], ambiguities: [], conflicts: new Map() }
  const free = input.accounts.filter(({ id }) => !holders.has(id) && !marked.has(id))
  const freeById = new Map(free.map((account) => [account.id, account]))
  const byName = index(input.accounts, (account) => identityOf(account, by))
  const find = finderOf(free)
  const fits = new Map(
    members.map((member) => {
      const ruledOut = new Set(questions.get(member.id)?.ruledOut)
      return [member.id, find(member).filter(({ id }) => !ruledOut.has(id))] as const
    }),
  )
  const claimants = claimantsOf(members, fits)

  const matches: Match[] = []
  const ambiguities: Ambiguity[] = []
  const conflicts = new Map<string, string>()
  for (const member of members) {
    const asked = questions.get(member.id)
    const own = fits.get(member.id) ?? []
    const unlinked = (asked?.unlinked ?? []).flatMap((id) => freeById.get(id) ?? [])
    const ruledOut = new Set(asked?.ruledOut)
    const sameName = byName.get(fold(identityOf({ userName: member.userName, email: emailOf(member) }, by))) ?? []
    const known = sameName.find(({ id }) => marked.has(id) && !holders.has(id))
    if (known) {
      conflicts.set(
        member.id,
        `account ${known.id} has this ${spelled[by]} and is marked as nobody's: rename one of them, or take the mark away: rollcall links unlink --account ${known.id}`,
      )
      continue
    }
    const held = sameName.filter(({ id }) => holders.has(id) && !ruledOut.has(id))
    const [first] = own
    if (first && own.length === 1 && held.length + unlinked.length === 0 && claimants.get(first.id)?.length === 1) {
      const compared = compareIdentity(member, first)
      const rule = input.matchBy.find((one) => ruleHolds(one, compared))
      if (rule) {
        matches.push({ member, account: first, rule, confidence: confidenceOf[rule], compared })
        continue
      }
    }
    const possible = [...new Map([...own, ...unlinked, ...held].map((account) => [account.id, account])).values()]
    if (possible.length === 0) {
      const refused = sameName.find(({ id }) => ruledOut.has(id))
      if (refused)
        conflicts.set(
          member.id,
          `account ${refused.id} has this ${spelled[by]}, and somebody said that it is not theirs: rename one of them, or answer anew: rollcall questions answer ${asked?.id ?? ''}`,
        )
      continue
    }
    const candidates = possible
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .slice(0, mostCandidates)
      .map((account) =>
        candidateOf(member, account, {
          heldBy: holders.get(account.id),
          alsoFits: (claimants.get(account.id) ?? []).flatMap(({ id, userName }) => (id === member.id ? [] : [userName])),
        }),
      )
    if (asked?.state === 'answered' && asked.answer?.kind === 'ignore' && sameAccounts(asked.candidates, candidates)) {
      conflicts.set(
        member.id,
        `${asked.answer.by} left it so that nothing is linked or made: rollcall questions answer ${asked.id}`,
      )
      continue
    }
    const reason = reasonOf(candidates, { count: possible.length, unlinked: unlinked.length > 0, by })
    ambiguities.push({ member, reason, candidates })
    conflicts.set(member.id, `${reason}. Somebody has to say which is theirs: rollcall questions list`)
  }
  return { matches, ambiguities, conflicts }
}

/** An address that very many accounts share makes no longer question than this. */
const mostCandidates = 100
const mostNamed = 5

type IdentifiedBy = 'userName' | 'email'

/** By what a vendor tells accounts apart. */
export const identifiedBy = ({ capabilities }: Pick<Vendor, 'capabilities'>): IdentifiedBy =>
  capabilities.attributes?.includes('userName') === false ? 'email' : 'userName'

export const identityOf = (one: { readonly userName: string; readonly email?: string | undefined }, by: IdentifiedBy): string =>
  by === 'email' ? (one.email ?? one.userName) : one.userName

/** By account id: the members whose account it may be. */
function claimantsOf(
  members: readonly Membership[],
  fits: ReadonlyMap<string, readonly KnownAccount[]>,
): ReadonlyMap<string, readonly Membership[]> {
  const claimants = new Map<string, Membership[]>()
  for (const member of members)
    for (const { id } of fits.get(member.id) ?? []) {
      const list = claimants.get(id)
      if (list) list.push(member)
      else claimants.set(id, [member])
    }
  return claimants
}

function reasonOf(
  candidates: readonly Candidate[],
  { count, unlinked, by }: { readonly count: number; readonly unlinked: boolean; readonly by: IdentifiedBy },
): string {
  const [first] = candidates
  if (!first) throw new TypeError('a question without an account')
  const named = candidates.slice(0, mostNamed).map(told).join(', ')
  if (count > 1) return `${count} accounts may be theirs: ${named}${count > mostNamed ? ' …' : ''}`
  if (first.heldBy !== undefined) return `account ${first.accountId} has this ${spelled[by]} and is linked to somebody else`
  if (unlinked) return `account ${told(first)} was unlinked from them by hand`
  if (first.alsoFits.length > 0) return `account ${told(first)} may be theirs or that of ${first.alsoFits.join(', ')}`
  const agreeing = first.compared.filter(({ agrees }) => agrees).map(({ attribute }) => spelled[attribute])
  return `account ${told(first)} has the same ${agreeing.join(' and ')}, by which the policy links nobody`
}

const spelled: Readonly<Record<Compared['attribute'], string>> = {
  userName: 'user name',
  externalId: 'external id',
  email: 'e-mail address',
  name: 'name',
  personId: 'person',
}
const told = ({ accountId, userName }: Candidate) => `${accountId} (${userName})`

const sameAccounts = (a: readonly Candidate[], b: readonly Candidate[]): boolean =>
  a.length === b.length && a.every(({ accountId }, at) => accountId === b[at]?.accountId)

/** The accounts that have the member's user name, external id or address, each once. */
function finderOf(accounts: readonly KnownAccount[]): (member: Membership) => readonly KnownAccount[] {
  const byUserName = index(accounts, ({ userName }) => userName)
  const byEmail = index(accounts, ({ email }) => email)
  const byExternalId = Map.groupBy(
    accounts.filter(({ externalId }) => externalId),
    ({ externalId }) => externalId,
  )
  return (member) => {
    const email = emailOf(member)
    return [
      ...new Set([
        ...(byUserName.get(fold(member.userName)) ?? []),
        ...((member.externalId && byExternalId.get(member.externalId)) || []),
        ...((email && byEmail.get(fold(email))) || []),
      ]),
    ]
  }
}

function index(
  accounts: readonly KnownAccount[],
  key: (account: KnownAccount) => string | undefined,
): ReadonlyMap<string, readonly KnownAccount[]> {
  const map = new Map<string, KnownAccount[]>()
  for (const account of accounts) {
    const value = key(account)
    if (!value) continue
    const list = map.get(fold(value))
    if (list) list.push(account)
    else map.set(fold(value), [account])
  }
  return map
}
