import { unchanged, type Call, type Outcome } from '../directory/call.ts'
import { DirectoryError } from '../directory/errors.ts'
import type { FactDraft } from '../directory/fact.ts'
import { candidateOf } from './evidence.ts'
import { checkReason, refuseInFlight } from './link-in-hand.ts'
import type { SyncParts } from './parts.ts'
import { askAboutUnlinked } from './put-questions.ts'
import type { Question } from './question.ts'
import { withConnection } from './run.ts'
import { memberOrNone } from './leavers.ts'
import { commit } from './work.ts'

/** Takes a link away by hand; answers the question whose the account is, where there is somebody and something to ask about. */
export async function unlink(
  parts: SyncParts,
  call: Call,
  {
    connectionId,
    membershipId,
    reason,
  }: { readonly connectionId: string; readonly membershipId: string; readonly reason: string },
): Promise<Question | undefined> {
  const why = checkReason(reason)
  return withConnection(parts, call, {
    connectionId,
    work: async (hand) => {
      const { organizationId } = hand.connection
      const member = await memberOrNone(parts, organizationId, membershipId)
      return commit(hand, async (tx): Promise<Outcome<Question | undefined>> => {
        const link = await tx.linkOf(organizationId, connectionId, membershipId)
        const [before] = await tx.questions(organizationId, { connectionId, membershipId, limit: 1 })
        // Repeated, since the answer was lost: what it came to still stands.
        if (!link && before?.state === 'open' && before.unlinked.length > 0) return unchanged(before)
        if (!link) throw new DirectoryError('notFound', 'The member has no link at this connection.', { field: 'membershipId' })
        await refuseInFlight(tx, hand, link.accountId)
        await tx.removeLink(organizationId, connectionId, membershipId)
        const removed: FactDraft = {
          action: 'link.removed',
          subject: link.accountId,
          detail: { connectionId, membershipId, reason: why },
        }
        const account = await tx.account(organizationId, connectionId, link.accountId)
        // Nobody is left to ask about.
        if (!member || !account) return [undefined, removed]
        const { question, fact } = await askAboutUnlinked(tx, hand, {
          ambiguity: {
            member,
            reason: `account ${account.id} (${account.userName}) was unlinked from them by hand`,
            candidates: [candidateOf(member, account)],
          },
          before,
        })
        return [question, removed, fact]
      })
    },
  })
}
