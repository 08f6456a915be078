import { unchanged } from '../directory/call.ts'
import type { FactDraft } from '../directory/fact.ts'
import type { Survey } from './survey.ts'
import { commit, type Hand } from './work.ts'

/** Forgets what was said of accounts that a complete read shows no more. */
export async function dropMarkings(hand: Hand, { accounts, markings }: Survey): Promise<void> {
  const listed = new Set(accounts.map(({ id }) => id))
  const gone = [...markings.values()].filter(({ accountId }) => !listed.has(accountId))
  if (gone.length === 0) return
  await commit(hand, async (tx) => {
    for (const { organizationId, connectionId, accountId } of gone)
      await tx.removeMarking(organizationId, connectionId, accountId)
    const [first, ...rest] = gone.map(({ connectionId, accountId, kind }): FactDraft => ({
      action: 'account.unmarked',
      subject: accountId,
      detail: { connectionId, kind, reason: 'the account is gone' },
    }))
    return first ? [undefined, first, ...rest] : unchanged(undefined)
  })
}
