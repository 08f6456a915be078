import { query, type Call } from '../../directory/call.ts'
import { DirectoryError } from '../../directory/errors.ts'
import type { LedgerReader } from '../ledger.ts'
import { systemCall, type SyncParts } from '../parts.ts'
import { createSignedLines, type SealedEnds } from '../signed-lines.ts'
import { findReview, viewItem } from './view.ts'

const chunk = 500

/** Signs what came of a closed review: who was asked, who decided what, when, why, and on what. Holds one part of the items at a time. */
export async function sealReview(parts: SyncParts, call: Call, { id }: { readonly id: string }): Promise<SealedEnds> {
  const { ledger, directory, clock, signer } = parts
  const { review, counts } = await query(ledger, 'audit', async (tx: LedgerReader, given: Call) => ({
    review: await findReview(tx, given, id),
    counts: await tx.countReviewItems(given.organizationId, id, {}),
  }))(call, undefined)
  if (review.state !== 'closed')
    throw new DirectoryError('conflict', `Only a closed review is evidence. Close it: rollcall review close "${review.name}"`)
  const own = systemCall(parts, call.organizationId)
  const { id: organizationId, name } = await directory.getOrganization(own, undefined)
  const { sequence, hash } = await directory.chainHead(own, undefined)
  const { organizationId: _, preparation: _preparation, state: _state, overdueToldAt: _toldAt, ...told } = review
  const document = createSignedLines(
    {
      kind: 'rollcall.review',
      version: 1,
      organization: { id: organizationId, name },
      review: JSON.parse(JSON.stringify(told)),
      counts: { ...counts },
      chain: { sequence, hash },
      issuedAt: clock().toISOString(),
      issuedTo: call.actor,
    },
    signer,
  )
  for (let after: string | undefined; ;) {
    const items = await ledger.read(async (tx) => {
      const page = await tx.reviewItems(call.organizationId, id, { after, limit: chunk })
      return Promise.all(page.map((item) => viewItem(tx, item)))
    })
    for (const item of items) document.add(item)
    if (items.length < chunk) return document.end()
    after = items.at(-1)?.id
  }
}
