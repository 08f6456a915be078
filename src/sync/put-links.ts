import { unchanged } from '../directory/call.ts'
import { putNewLinks } from './new-links.ts'
import type { Survey } from './survey.ts'
import { commit, commitInParts, type Hand } from './work.ts'

/** Stores the links that matching made and the states that turned out as wanted, and takes away links of leavers whose account is gone. */
export async function putLinks(hand: Hand, seen: Survey): Promise<void> {
  const { newLinks, passedOn, lapsed, own, known } = seen
  const stale = known.snapshot.certificate.complete ? own.stale : []
  const { organizationId, id: connectionId } = hand.connection
  // The link of somebody who came back passes on in one transaction.
  const passing = new Set(passedOn.map(({ accountId }) => accountId))
  const returned = newLinks.filter(({ accountId }) => passing.has(accountId))
  const matched = newLinks.filter(({ accountId }) => !passing.has(accountId))
  if (passedOn.length + lapsed.length > 0)
    await commit(hand, async (tx) => {
      const [first, ...rest] = await putNewLinks(tx, { newLinks: returned, passedOn, lapsed })
      return first ? [undefined, first, ...rest] : unchanged(undefined)
    })
  await commitInParts(hand, matched, (tx, _call, part) => putNewLinks(tx, { newLinks: part, passedOn: [], lapsed: [] }))
  await commitInParts(hand, own.accepted, async (tx, _call, part) => {
    for (const link of part) await tx.putLink(link)
    return []
  })
  await commitInParts(hand, stale, async (tx, _call, part) => {
    for (const link of part) await tx.removeLink(organizationId, connectionId, link.membershipId)
    return part.map(({ accountId, membershipId }) => ({
      action: 'link.removed',
      subject: accountId,
      detail: { connectionId, membershipId, reason: 'the account is gone' },
    }))
  })
}
