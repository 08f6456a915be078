import { fold } from '../directory/fold.ts'
import type { Membership } from '../directory/membership.ts'
import type { Policy } from './connection.ts'
import type { Departed } from './link.ts'
import type { Link } from './ledger.ts'
import type { Compared, Confidence } from './matching-rule.ts'

export interface Return {
  readonly member: Membership
  /** The link as the departed member held it. */
  readonly link: Link
  readonly confidence: Confidence
  readonly compared: readonly Compared[]
}

/**
 * Members without a link who are somebody that left: the same person, or the same external id, or the same user name where the policy links by it and
 * the external ids do not speak against it. They get back the link to the account that still stands. Who could be two of those who left, or of whom
 * there are two, gets nothing: matching asks about the account.
 */
export function findReturning(input: {
  readonly members: readonly Membership[]
  readonly departed: readonly Departed[]
  readonly links: readonly Link[]
  /** Ids of the accounts that stand. */
  readonly present: ReadonlySet<string>
  /** Accounts that are left alone for now, since a step on them is under way. */
  readonly busy: ReadonlySet<string>
  readonly matchBy: Policy['matchBy']
}): readonly Return[] {
  const links = new Map(input.links.map((link) => [link.membershipId, link]))
  const linkOf = ({ membershipId }: Departed) => {
    const link = links.get(membershipId)
    return link && input.present.has(link.accountId) && !input.busy.has(link.accountId) ? link : undefined
  }
  const standing = input.departed.filter((one) => linkOf(one))
  if (standing.length === 0) return []
  const byPerson = Map.groupBy(standing, ({ personId }) => personId)
  const byExternalId = Map.groupBy(standing, ({ externalId }) => externalId)
  const byUserName = Map.groupBy(standing, ({ userName }) => fold(userName))
  const found = input.members.flatMap((member): readonly (Return & { readonly from: Departed })[] => {
    if (links.has(member.id)) return []
    const [from, ...others] =
      byPerson.get(member.personId) ??
      (member.externalId === undefined ? undefined : byExternalId.get(member.externalId)) ??
      (input.matchBy.includes('userName') ? byUserName.get(fold(member.userName))?.filter((one) => !differs(member, one)) : []) ??
      []
    const link = from && others.length === 0 ? linkOf(from) : undefined
    if (!from || !link) return []
    const compared = compare(member, from)
    const agreeing = new Set(compared.filter(({ agrees }) => agrees).map(({ attribute }) => attribute))
    const certain = agreeing.has('personId') || (agreeing.has('externalId') && agreeing.has('userName'))
    return [{ member, link, from, compared, confidence: certain ? 'certain' : 'strong' }]
  })
  const claims = Map.groupBy(found, ({ from }) => from)
  return found.flatMap(({ from, ...one }) => (claims.get(from)?.length === 1 ? [one] : []))
}

const differs = (member: Membership, { externalId }: Departed): boolean =>
  externalId !== undefined && member.externalId !== undefined && externalId !== member.externalId

function compare(member: Membership, from: Departed): readonly Compared[] {
  const pairs: readonly (readonly [Compared['attribute'], string | undefined, string | undefined])[] = [
    ['personId', member.personId, from.personId],
    ['externalId', member.externalId, from.externalId],
    ['userName', member.userName, from.userName],
  ]
  return pairs.flatMap(([attribute, ours, theirs]) =>
    ours && theirs
      ? [
          {
            attribute,
            member: ours,
            account: theirs,
            agrees: attribute === 'userName' ? fold(ours) === fold(theirs) : ours === theirs,
          },
        ]
      : [],
  )
}
