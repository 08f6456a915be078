import { fold } from '../directory/fold.ts'
import { emailOf, type Membership } from '../directory/membership.ts'
import type { Compared, MatchRule } from './matching-rule.ts'
import type { Candidate } from './question.ts'
import type { KnownAccount } from './vendor.ts'

/** A member held against an account, attribute by attribute; what either lacks is left out. */
export function compareIdentity(member: Membership, account: KnownAccount): readonly Compared[] {
  const pairs: readonly (readonly [Compared['attribute'], string | undefined, string | undefined])[] = [
    ['userName', member.userName, account.userName],
    ['externalId', member.externalId, account.externalId],
    ['email', emailOf(member), account.email],
    ['name', nameOf(member.name), nameOf(account)],
  ]
  return pairs.flatMap(([attribute, ours, theirs]) =>
    ours && theirs
      ? [
          {
            attribute,
            member: ours,
            account: theirs,
            agrees: attribute === 'externalId' ? ours === theirs : fold(ours) === fold(theirs),
          },
        ]
      : [],
  )
}

/** Whether a rule, by what was compared, would link the two. */
export function ruleHolds(rule: MatchRule, compared: readonly Compared[]): boolean {
  const agrees = (attribute: Compared['attribute']) => compared.some((one) => one.attribute === attribute && one.agrees)
  return rule === 'emailAndName' ? agrees('email') && agrees('name') : agrees(rule)
}

export const candidateOf = (
  member: Membership,
  account: KnownAccount,
  { heldBy, alsoFits = [] }: { readonly heldBy?: string | undefined; readonly alsoFits?: readonly string[] } = {},
): Candidate => ({
  accountId: account.id,
  userName: account.userName,
  email: account.email,
  name: nameOf(account),
  compared: compareIdentity(member, account),
  heldBy,
  alsoFits: alsoFits.toSorted(),
})

/** Given name and family name; a person with only one of the two is too easily somebody else. */
function nameOf({
  givenName,
  familyName,
}: {
  readonly givenName?: string | undefined
  readonly familyName?: string | undefined
}): string | undefined {
  const [given, family] = [givenName?.trim(), familyName?.trim()]
  return given && family ? `${given} ${family}` : undefined
}
