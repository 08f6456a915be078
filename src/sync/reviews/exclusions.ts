import type { Call, Outcome } from '../../directory/call.ts'
import { DirectoryError } from '../../directory/errors.ts'
import { findConnection } from '../connections.ts'
import type { LedgerWriter } from '../ledger.ts'
import { checkReason } from '../link-in-hand.ts'
import type { ReviewEngine } from './engine.ts'

/** Takes an exclusion back, for a reason, and has the connection compared. Run in a command that asks for the scope. */
export async function lift(
  tx: LedgerWriter,
  call: Call,
  { connectionId, membershipId, reason }: Parameters<ReviewEngine['liftExclusion']>[1],
): Promise<Outcome<undefined>> {
  const { organizationId, now } = call
  const why = checkReason(reason)
  await findConnection(tx, call, connectionId)
  const exclusion = await tx.exclusion(organizationId, connectionId, membershipId)
  if (!exclusion) throw new DirectoryError('notFound', 'No review denied this member the connection.', { field: 'membershipId' })
  await tx.removeExclusion(organizationId, connectionId, exclusion.membershipId)
  await tx.schedule({ organizationId, kind: 'reconcile', subject: connectionId, dueAt: now })
  const detail = { connectionId, membershipId, reviewId: exclusion.review.id, reason: why }
  return [undefined, { action: 'exclusion.lifted', subject: exclusion.membershipId, detail }]
}
