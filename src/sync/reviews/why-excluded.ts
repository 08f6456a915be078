import type { Link } from '../ledger.ts'
import type { SyncParts } from '../parts.ts'
import type { Exclusion } from './review.ts'

/** Why an active member is not wanted at a connection, as the end of a sentence. */
export async function whyUnassigned(
  { ledger }: Pick<SyncParts, 'ledger'>,
  { organizationId, connectionId, membershipId }: Pick<Link, 'organizationId' | 'connectionId' | 'membershipId'>,
): Promise<string> {
  const exclusion = await ledger.read((tx) => tx.exclusion(organizationId, connectionId, membershipId))
  return exclusion ? whyExcluded(exclusion) : 'is no longer assigned to the connection'
}

/** What denies somebody a connection whatever assigns them, as the end of a sentence. */
export const whyExcluded = ({ review, reason, changed }: Pick<Exclusion, 'review' | 'reason' | 'changed'>): string =>
  `is denied access by the review "${review.name}": ${reason}${changed === undefined ? '' : `; since it was reviewed, ${changed}`}`
