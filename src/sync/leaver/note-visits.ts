import { unchanged, type Call } from '../../directory/call.ts'
import type { FactDraft } from '../../directory/fact.ts'
import type { LedgerWriter } from '../ledger.ts'
import type { SyncParts } from '../parts.ts'
import { commit, type Hand } from '../work.ts'
import { issueReceipt } from './issue.ts'
import { isOpenVisit, stateOfVisits, type Visit } from './offboarding.ts'

/** What a transaction found out about leavers, and the facts that tell of it. */
export interface Noted {
  readonly visits: readonly Visit[]
  readonly facts: readonly FactDraft[]
}

/** One transaction of a worker that changes visits: with them their offboardings move on, and receipts are issued that became due. */
export const commitVisits = (hand: Hand, work: (tx: LedgerWriter, call: Call) => Promise<Noted>): Promise<void> =>
  commit(hand, async (tx, call) => {
    const { visits, facts } = await work(tx, call)
    const [first, ...rest] = [...facts, ...(await noteVisits(tx, call, { visits, parts: hand.parts }))]
    return first ? [undefined, first, ...rest] : unchanged(undefined)
  })

/** Stores visits as they are now and moves their offboardings on. Those of people who came back meanwhile stay as they are. */
export async function noteVisits(
  tx: LedgerWriter,
  call: Call,
  { visits, parts }: { readonly visits: readonly Visit[]; readonly parts: Pick<SyncParts, 'newId' | 'signer'> },
): Promise<readonly FactDraft[]> {
  const facts: FactDraft[] = []
  for (const [id, changed] of Map.groupBy(visits, ({ offboardingId }) => offboardingId)) {
    const offboarding = await tx.offboarding(call.organizationId, id)
    if (!offboarding || offboarding.state === 'withdrawn') continue
    for (const visit of changed) await tx.putVisit({ ...visit, updatedAt: call.now }, { open: isOpenVisit(visit) })
    const all = await tx.visits(call.organizationId, id)
    const state = stateOfVisits(all)
    const issued = await issueReceipt(tx, call, { offboarding, visits: all, parts })
    if (state === offboarding.state && !issued) continue
    await tx.putOffboarding({ ...offboarding, state, receipt: issued?.receipt ?? offboarding.receipt, updatedAt: call.now })
    const { membershipId } = offboarding
    if (state !== offboarding.state)
      facts.push({ action: 'offboarding.changed', subject: id, detail: { membershipId, state, before: offboarding.state } })
    if (issued) facts.push(issued.fact)
  }
  return facts
}
