import { command, unchanged, type Call } from '../../directory/call.ts'
import { sha256 } from '../leaver/issue.ts'
import type { LedgerWriter } from '../ledger.ts'
import type { SyncParts } from '../parts.ts'
import { signCheckpoint } from './checkpoint.ts'
import { signersOf } from './signers.ts'

/**
 * Signs where the organization's chain stands, unless nothing happened since the last time. A fact tells of it, so that a checkpoint cannot vanish either.
 */
export async function takeCheckpoint(parts: SyncParts, call: Call): Promise<void> {
  const [signer] = signersOf(parts)
  const { organizationId } = call
  const [head, last] = await Promise.all([
    parts.directory.chainHead(call, undefined),
    parts.ledger.read((tx) => tx.latestCheckpoint(organizationId)),
  ])
  // The last fact that there is tells of the last checkpoint.
  if (head.sequence <= (last?.sequence ?? -1) + 1) return
  await command(parts.ledger, 'audit', async (tx: LedgerWriter, { now }: Call) => {
    const { sequence, hash } = await tx.chainHead(organizationId)
    const former = await tx.latestCheckpoint(organizationId)
    if (sequence <= (former?.sequence ?? -1) + 1) return unchanged(undefined)
    const number = (former?.number ?? 0) + 1
    const text = signCheckpoint(
      {
        kind: 'checkpoint',
        version: 1,
        organization: { id: organizationId },
        number,
        chain: { sequence, hash },
        former: former ? sha256(former.text) : null,
        at: now.toISOString(),
      },
      signer,
    )
    await tx.addCheckpoint({ organizationId, number, sequence, text })
    return [
      undefined,
      { action: 'checkpoint.signed', subject: organizationId, detail: { number, sequence, sha256: sha256(text) } },
    ]
  })(call, undefined)
}
