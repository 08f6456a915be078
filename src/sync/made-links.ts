import { stateOfAccount } from './account-state.ts'
import type { Link } from './ledger.ts'
import type { Match } from './match.ts'
import { systemActor } from './parts.ts'
import type { Return } from './returning.ts'
import type { Hand } from './work.ts'

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

/** The link goes on as it was, under the membership that the person has now. */
export const linkOfReturn = ({ parts }: Pick<Hand, 'parts'>, { member, link, confidence, compared }: Return): Link => ({
  ...link,
  membershipId: member.id,
  rule: 'returning',
  confidence,
  compared,
  madeBy: systemActor,
  madeAt: parts.clock(),
})
