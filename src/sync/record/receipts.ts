import type { Call } from '../../directory/call.ts'
import type { ChainHead, Fact } from '../../directory/fact.ts'
import { verifyLeaverReceipt } from '../leaver/receipt.ts'
import { sha256 } from '../leaver/issue.ts'
import type { SyncParts } from '../parts.ts'
import { verifyReceipt } from '../receipt.ts'

/** Why the receipt that a fact tells of is not as it was issued; undefined when it is. */
export async function checkReceipt({ ledger }: SyncParts, { organizationId, subject: id, detail, at }: Fact): Promise<string | undefined> {
  const { offboardingId } = detail
  const stored = await ledger.read(async (tx) =>
    typeof offboardingId === 'string'
      ? (await tx.leaverReceipts(organizationId, offboardingId)).find((receipt) => receipt.id === id)
      : tx.receipt(organizationId, id),
  )
  if (!stored) return 'it is missing, and a fact tells that it was issued'
  if (sha256(stored.text) !== detail['sha256']) return 'its text is not the one that was issued'
  const told = 'stepId' in stored ? { stepId: stored.stepId, connectionId: stored.connectionId, subject: stored.subject } : { number: stored.number, sha256: stored.sha256 }
  if (stored.id !== id || stored.organizationId !== organizationId || stored.issuedAt.getTime() !== at.getTime())
    return 'it is kept under another name or time than it was issued'
  for (const [name, value] of Object.entries(told)) if (detail[name] !== value) return `its ${name} is not the one that was issued`
  const verdict = 'stepId' in stored ? verifyReceipt(stored.text) : verifyLeaverReceipt(stored.text)
  return verdict.valid ? undefined : verdict.reason
}

/** The id of a receipt that no fact tells of, neither those up to the head nor a later one; undefined when there is none. */
export async function findUntoldReceipt(
  { ledger, directory }: SyncParts,
  call: Call,
  { told, head }: { readonly told: ReadonlySet<string>; readonly head: ChainHead },
): Promise<string | undefined> {
  const { organizationId } = call
  const isUntold = async (id: string): Promise<boolean> => {
    if (told.has(id)) return false
    const { facts } = await directory.readFeed(call, { after: head.sequence, limit: 1_000, actions: ['receipt.issued'] })
    return facts.every(({ subject }) => subject !== id)
  }
  for (let before: string | undefined; ; ) {
    const page = await ledger.read((tx) => tx.receipts(organizationId, { before, limit: 1_000 }))
    for (const { id } of page) if (await isUntold(id)) return id
    const last = page.at(-1)
    if (!last) break
    before = last.id
  }
  for (let before: string | undefined; ; ) {
    const page = await ledger.read((tx) => tx.offboardings(organizationId, { before, limit: 200 }))
    for (const { id } of page) {
      const receipts = await ledger.read((tx) => tx.leaverReceipts(organizationId, id))
      for (const receipt of receipts) if (await isUntold(receipt.id)) return receipt.id
    }
    const last = page.at(-1)
    if (!last) return undefined
    before = last.id
  }
}
