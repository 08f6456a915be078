import { fold } from '../directory/fold.ts'
import { emailOf, type Membership } from '../directory/membership.ts'
import type { Policy } from './connection.ts'
import { candidateOf, compareIdentity, ruleHolds } from './evidence.ts'
import type { Link } from './ledger.ts'
import type { Compared, Confidence, MatchRule } from './matching-rule.ts'
import { confidenceOf } from './matching-rule.ts'
import type { Candidate, Question } from './question.ts'
import type { Account } from './vendor.ts'

export interface Match {
  readonly member: Membership
  readonly account: Account
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
  readonly accounts: readonly Account[]
  readonly links: readonly Link[]
  readonly matchBy: Policy['matchBy']
  /** By what the vendor tells accounts apart: under a name that is taken there it makes no second one. */
  readonly identifiedBy?: 'userName' | 'email'
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
  const { marked = new Set<string>(), questions = new Map<string, Question>(), identifiedBy = 'userName' } = input
  const linkedMembers = new Set(input.links.map(({ membershipId }) => membershipId))
  const holders = new Map(input.links.map(({ accountId, membershipId }) => [accountId, membershipId]))
  const taken = input.accounts.filter(({ id }) => holders.has(id) || marked.has(id))
  const free = input.accounts.filter(({ id }) => !holders.has(id) && !marked.has(id))
  const freeById = new Map(free.map((account) => [account.id, account]))
  const find = finderOf(free)
  const identity = (one: { readonly userName: string; readonly email?: string | undefined }) =>
    identifiedBy === 'email' ? (one.email ?? one.userName) : one.userName
  const takenByName = index(taken, identity)
  const freeByName = index(free, identity)

  const members = input.members.filter(({ id }) => !linkedMembers.has(id))
  const fits = new Map(
    members.map((member) => {
      const ruledOut = new Set(questions.get(member.id)?.ruledOut)
      return [member.id, find(member).filter(({ id }) => !ruledOut.has(id))] as const
    }),
  )
  const claimants = new Map<string, Membership[]>()
  for (const member of members)
    for (const { id } of fits.get(member.id) ?? []) claimants.set(id, [...(claimants.get(id) ?? []), member])

  const matches: Match[] = []
  const ambiguities: Ambiguity[] = []
  const conflicts = new Map<string, string>()
  for (const member of members) {
    const asked = questions.get(member.id)
    const own = fits.get(member.id) ?? []
    const unlinked = (asked?.unlinked ?? []).flatMap((id) => freeById.get(id) ?? [])
    const accounts = [...new Map([...own, ...unlinked].map((account) => [account.id, account])).values()]
    const name = fold(identity({ userName: member.userName, email: emailOf(member) }))
    const inTheWay = takenByName.get(name)?.[0]
    if (inTheWay && !holders.has(inTheWay.id)) {
      conflicts.set(
        member.id,
        `account ${inTheWay.id} has this ${called(identifiedBy)} and is marked as nobody's: rename one of them, or take the mark away: rollcall links unlink --account ${inTheWay.id}`,
      )
      continue
    }
    const [first] = own
    if (!inTheWay && unlinked.length === 0 && first && own.length === 1 && claimants.get(first.id)?.length === 1) {
      const compared = compareIdentity(member, first)
      const rule = input.matchBy.find((one) => ruleHolds(one, compared))
      if (rule) {
        matches.push({ member, account: first, rule, confidence: confidenceOf[rule], compared })
        continue
      }
    }
    const candidates = [...accounts, ...(inTheWay ? [inTheWay] : [])]
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .map((account) =>
        candidateOf(member, account, {
          heldBy: holders.get(account.id),
          alsoFits: (claimants.get(account.id) ?? []).flatMap(({ id, userName }) => (id === member.id ? [] : [userName])),
        }),
      )
    if (candidates.length === 0) {
      const ruledOut = (freeByName.get(name) ?? []).find(({ id }) => asked?.ruledOut.includes(id))
      if (ruledOut)
        conflicts.set(
          member.id,
          `account ${ruledOut.id} has this ${called(identifiedBy)}, and somebody said that it is not theirs: rename one of them, or answer anew: rollcall questions answer ${asked?.id ?? ''}`,
        )
      continue
    }
    const reason = reasonOf({ candidates, unlinked: unlinked.length > 0, identifiedBy })
    if (asked?.answer?.kind === 'ignore' && asked.state === 'answered' && sameAccounts(asked.candidates, candidates)) {
      conflicts.set(
        member.id,
        `${asked.answer.by} left it so that nothing is linked or made: rollcall questions answer ${asked.id}`,
      )
      continue
    }
    ambiguities.push({ member, reason, candidates })
    conflicts.set(member.id, `${reason}. Somebody has to say which is theirs: rollcall questions list`)
  }
  return { matches, ambiguities, conflicts }
}

function reasonOf({
  candidates,
  unlinked,
  identifiedBy,
}: {
  readonly candidates: readonly Candidate[]
  readonly unlinked: boolean
  readonly identifiedBy: 'userName' | 'email'
}): string {
  const [first] = candidates
  if (candidates.length > 1) return `${candidates.length} accounts may be theirs: ${candidates.map(told).join(', ')}`
  if (!first) throw new TypeError('a question without an account')
  if (first.heldBy !== undefined)
    return `account ${first.accountId} has this ${called(identifiedBy)} and is linked to somebody else`
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
const called = (identifiedBy: 'userName' | 'email') => spelled[identifiedBy]
const told = ({ accountId, userName }: Candidate) => `${accountId} (${userName})`

const sameAccounts = (a: readonly Candidate[], b: readonly Candidate[]): boolean =>
  a.length === b.length && a.every(({ accountId }, at) => accountId === b[at]?.accountId)

/** The accounts that have the member's user name, external id or address, each once. */
function finderOf(accounts: readonly Account[]): (member: Membership) => readonly Account[] {
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
  accounts: readonly Account[],
  key: (account: Account) => string | undefined,
): ReadonlyMap<string, readonly Account[]> {
  const map = new Map<string, Account[]>()
  for (const account of accounts) {
    const value = key(account)
    if (!value) continue
    const list = map.get(fold(value))
    if (list) list.push(account)
    else map.set(fold(value), [account])
  }
  return map
}
