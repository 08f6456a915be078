import type { Call } from '../../directory/call.ts'
import type { ChainHead, Fact } from '../../directory/fact.ts'
import { sha256 } from '../leaver/issue.ts'
import { verifyLeaverReceipt } from '../leaver/receipt.ts'
import type { LedgerReader, StoredLeaverReceipt, StoredReceipt } from '../ledger.ts'
import type { SyncParts } from '../parts.ts'
import { verifyReceipt } from '../receipt.ts'
import { isUnreadable } from './unreadable.ts'

/** Why the receipt that a fact tells of is not as it was issued; undefined when it is. */
export async function checkReceipt({ ledger }: SyncParts, fact: Fact): Promise<string | undefined> {
  try {
    return await ledger.read((tx) =>
      typeof fact.detail['offboardingId'] === 'string'
        ? judgeLeaverReceipt(tx, fact, fact.detail['offboardingId'])
        : judgeReceipt(tx, fact),
    )
  } catch (error) {
    if (isUnreadable(error)) return 'it cannot be read any more'
    throw error
  }
}

async function judgeReceipt(tx: LedgerReader, fact: Fact): Promise<string | undefined> {
  const { organizationId, subject: id } = fact
  const stored = await tx.receipt(organizationId, id)
  if (!stored) return missing
  const { connectionId, stepId, subject } = stored
  const wrong = judge(stored, { fact, told: { connectionId, stepId, subject } })
  if (wrong !== undefined) return wrong
  const verdict = verifyReceipt(stored.text)
  if (!verdict.valid) return verdict.reason
  // As whoever asks for the person's receipts finds it: the first that is not newer.
  const [listed] = await tx.receipts(organizationId, { subject, before: `${id}~`, limit: 1 })
  return listed?.id === id ? undefined : unlisted
}

async function judgeLeaverReceipt(tx: LedgerReader, fact: Fact, offboardingId: string): Promise<string | undefined> {
  const { organizationId, subject: id } = fact
  const stored = await tx.leaverReceipt(organizationId, id)
  if (!stored) return missing
  const wrong = judge(stored, {
    fact,
    told: { offboardingId: stored.offboardingId, number: stored.number, sha256: stored.sha256 },
  })
  if (wrong !== undefined) return wrong
  const verdict = verifyLeaverReceipt(stored.text)
  if (!verdict.valid) return verdict.reason
  return (await tx.hasLeaverReceipt(organizationId, { offboardingId, id })) ? undefined : unlisted
}

const missing = 'it is missing, and a fact tells that it was issued'
const unlisted = 'it is kept under somebody else than it was issued for'

function judge(
  stored: StoredReceipt | StoredLeaverReceipt,
  { fact, told }: { readonly fact: Fact; readonly told: Readonly<Record<string, unknown>> },
): string | undefined {
  const { organizationId, subject: id, detail, at } = fact
  if (sha256(stored.text) !== detail['sha256']) return 'its text is not the one that was issued'
  if (stored.id !== id || stored.organizationId !== organizationId || stored.issuedAt.getTime() !== at.getTime())
    return 'it is kept under another name or time than it was issued'
  const other = Object.entries(told).find(([name, value]) => detail[name] !== value)
  return other && `its ${other[0]} is not the one that was issued`
}

/** The id of a receipt that no fact tells of, neither those up to the head nor a later one; undefined when there is none. */
export async function findUntoldReceipt(
  { ledger, directory }: SyncParts,
  call: Call,
  { told, head }: { readonly told: ReadonlySet<string>; readonly head: ChainHead },
): Promise<string | undefined> {
  const { organizationId } = call
  const kinds = ['receipts', 'leaver_receipts'] as const
  for (const kind of kinds)
    for (let after = ''; ;) {
      const ids = await ledger.read((tx) => tx.receiptIds(organizationId, { kind, after, limit: 1_000 }))
      for (const id of ids) {
        if (told.has(id)) continue
        const { facts } = await directory.readFeed(call, { after: head.sequence, limit: 1_000, actions: ['receipt.issued'] })
        if (facts.every(({ subject }) => subject !== id)) return id
      }
      const last = ids.at(-1)
      if (last === undefined) break
      after = last
    }
  return undefined
}
