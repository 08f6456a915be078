import { command, type Call, type Outcome } from '../directory/call.ts'
import type { Connection } from './connection.ts'
import type { Claim, LedgerWriter } from './ledger.ts'
import type { SyncParts } from './parts.ts'
import type { Vendor } from './vendor.ts'

/** A connection in hand: this process alone works on it until the claim is lost. */
export interface Hand {
  readonly parts: SyncParts
  readonly claim: Claim
  /** Who the facts of this work name; a fresh `now` each time. */
  readonly call: () => Call
  readonly connection: Connection
  readonly vendor: Vendor
}

/** The claim went to somebody else: whatever is under way here may change nothing any more. */
export class LostClaim extends Error {
  override name = 'LostClaim'
}

/** One transaction of a worker. Nothing is changed when the claim no longer holds: throws LostClaim. */
export const commit = <O>(
  { parts, claim, call }: Pick<Hand, 'parts' | 'claim' | 'call'>,
  run: (tx: LedgerWriter, call: Call) => Promise<Outcome<O>>,
): Promise<O> =>
  command(parts.ledger, 'operate', async (tx: LedgerWriter, now: Call, _: undefined) => {
    if (!(await tx.holds(claim))) throw new LostClaim('another process has taken this work over')
    return run(tx, now)
  })(call(), undefined)

/** Does the work while the lease is being prolonged, and gives it back with the time that the work answers; undefined when there is nothing left to come. */
export async function holding(parts: SyncParts, claim: Claim, work: () => Promise<Date | undefined>): Promise<void> {
  let ended = false
  let end: () => void = () => undefined
  const over = new Promise<void>((resolve) => {
    end = resolve
  })
  const renewal = (async () => {
    for (;;) {
      await Promise.race([parts.sleep(parts.leaseMs / 3), over])
      if (ended) return
      if (!(await parts.queue.renew(claim, new Date(parts.clock().getTime() + parts.leaseMs)))) return
    }
  })().catch((error: unknown) => parts.log({ error, connection: claim.subject }, 'a lease could not be prolonged'))
  let dueAt: Date | undefined
  try {
    dueAt = await work()
  } finally {
    ended = true
    end()
    await renewal
  }
  await parts.queue.finish(claim, dueAt)
}
