import type { FactDraft } from '../directory/fact.ts'
import type { LedgerWriter } from './ledger.ts'
import type { Survey } from './survey.ts'

/** Stores the links that matching made, those that pass to somebody who came back, and those of which something accepted has lapsed. */
export async function putNewLinks(
  tx: LedgerWriter,
  { newLinks, passedOn, lapsed }: Pick<Survey, 'newLinks' | 'passedOn' | 'lapsed'>,
): Promise<readonly FactDraft[]> {
  const facts: FactDraft[] = []
  const holders = new Map<string, string>()
  for (const { organizationId, connectionId, membershipId, accountId } of passedOn) {
    await tx.removeLink(organizationId, connectionId, membershipId)
    holders.set(accountId, membershipId)
    facts.push({
      action: 'link.removed',
      subject: accountId,
      detail: { connectionId, membershipId, reason: 'passes to the membership under which the person came back' },
    })
  }
  for (const link of newLinks) {
    const { connectionId, membershipId, accountId, rule, confidence, compared, madeAt } = link
    await tx.putLink(link)
    facts.push({
      action: 'link.made',
      subject: accountId,
      detail: {
        connectionId,
        membershipId,
        rule,
        confidence,
        compared: compared?.map(({ attribute, agrees }) => ({ attribute, agrees })),
        before: holders.get(accountId),
        madeAt: madeAt.toISOString(),
      },
    })
  }
  for (const link of lapsed) await tx.putLink(link)
  return facts
}
