import { fold } from '../directory/fold.ts'
import { emailOf, type Membership } from '../directory/membership.ts'
import type { Policy } from './connection.ts'
import type { Link } from './ledger.ts'
import type { KnownAccount } from './vendor.ts'

export interface Match {
  readonly member: Membership
  readonly account: KnownAccount
  readonly rule: 'userName' | 'email'
}

export interface Matching {
  /** Members and accounts that belong together and are not linked yet. */
  readonly matches: readonly Match[]
  /** By membership id: why nobody may be linked and nothing made for the member until a person decides. */
  readonly conflicts: ReadonlyMap<string, string>
  /** By account id: why it is in the way of a member. */
  readonly duplicates: ReadonlyMap<string, string>
}

/**
 * Pairs members that have no link with accounts that have none: by the policy's rules in their order, never by a guess. Two candidates, or an equal
 * e-mail address where the policy does not match by it, make a conflict. Pure; the same input gives the same pairs.
 */
export function matchAccounts(input: {
  readonly members: readonly Membership[]
  readonly accounts: readonly KnownAccount[]
  readonly links: readonly Link[]
  readonly matchBy: Policy['matchBy']
}): Matching {
  const linkedMembers = new Set(input.links.map(({ membershipId }) => membershipId))
  const linkedAccounts = new Set(input.links.map(({ accountId }) => accountId))
  const unlinked = input.members.filter(({ id }) => !linkedMembers.has(id))
  const byUserName = index(
    input.accounts,
    ({ userName }) => userName,
    unlinked.map(({ userName }) => userName),
  )
  const freeByEmail = index(
    input.accounts.filter(({ id }) => !linkedAccounts.has(id)),
    ({ email }) => email,
    unlinked.map(emailOf),
  )
  const taken = new Set<string>()
  const matches: Match[] = []
  const conflicts = new Map<string, string>()
  const duplicates = new Map<string, string>()

  const conflict = (member: Membership, candidates: readonly KnownAccount[], reason: string) => {
    conflicts.set(member.id, reason)
    for (const account of candidates) duplicates.set(account.id, `may belong to ${member.userName}: ${reason}`)
  }

  for (const member of unlinked) {
    const email = emailOf(member)
    const sameName = byUserName.get(fold(member.userName)) ?? []
    const sameEmail = email === undefined ? [] : (freeByEmail.get(fold(email)) ?? [])
    const held = sameName.find(({ id }) => linkedAccounts.has(id))
    if (held) {
      conflicts.set(
        member.id,
        `account ${held.id} has this user name and is linked to somebody else. Remove that account first, or ${byHand(held)}.`,
      )
      continue
    }
    const candidates = { userName: sameName, email: sameEmail }
    const rule = input.matchBy.find((name) => candidates[name].length > 0)
    const [account, ...others] = rule ? candidates[rule].filter(({ id }) => !taken.has(id)) : []
    if (rule && account && others.length === 0) {
      taken.add(account.id)
      matches.push({ member, account, rule })
    } else if (rule && !account)
      conflict(
        member,
        candidates[rule],
        `the account with the same ${rule} matches another member too. Link one of them by hand.`,
      )
    else if (account)
      conflict(member, [account, ...others], `${others.length + 1} accounts have the same ${rule}. Choose: ${byHand(account)}.`)
    else if (sameName[0])
      conflict(
        member,
        sameName,
        `account ${sameName[0].id} has this user name, and the policy does not match by it. Allow it in matchBy, or ${byHand(sameName[0])}.`,
      )
    else if (sameEmail[0])
      conflict(
        member,
        sameEmail,
        `account ${sameEmail[0].id} (${sameEmail[0].userName}) has the same e-mail address under another user name. Allow matchBy "email", or ${byHand(sameEmail[0])}.`,
      )
  }
  return { matches, conflicts, duplicates }
}

const byHand = (account: KnownAccount) => `link by hand with POST /api/v1/connections/{id}/links and accountId ${account.id}`

/** The accounts by what they are looked for by, of those values alone that somebody looks for. */
function index(
  accounts: readonly KnownAccount[],
  key: (account: KnownAccount) => string | undefined,
  asked: readonly (string | undefined)[],
): ReadonlyMap<string, readonly KnownAccount[]> {
  const map = new Map<string, KnownAccount[]>()
  for (const value of asked) if (value) map.set(fold(value), [])
  if (map.size > 0)
    for (const account of accounts) {
      const value = key(account)
      if (value) map.get(fold(value))?.push(account)
    }
  return map
}
