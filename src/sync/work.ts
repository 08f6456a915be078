import { command, unchanged, type Call, type Outcome } from '../directory/call.ts'
import type { FactDraft } from '../directory/fact.ts'
import type { Connection } from './connection.ts'
import type { Claim, LedgerWriter } from './ledger.ts'
import type { SyncParts } from './parts.ts'
import type { Watch } from './quarantine/watch.ts'
import type { Vendor } from './vendor.ts'

/** A connection in hand: this process alone works on it until the claim is lost. */
export interface Hand {
  readonly parts: SyncParts
  readonly claim: Claim
  /** Who the facts of this work name; a fresh `now` each time. */
  readonly call: () => Call
  readonly connection: Connection
  readonly vendor: Vendor
  /** Notes how the vendor answers. */
  readonly watch: Watch
  /** Whether the process is about to stop: what is under way ends, nothing further is begun. */
  readonly halting: () => boolean
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
  command(parts.ledger, 'operate', async (tx: LedgerWriter, now: Call) => {
    if (!(await tx.holds(claim))) throw new LostClaim('another process has taken this work over')
    return run(tx, now)
  })(call(), undefined)

/** How many changes go into one transaction where there may be very many. */
const changesAtOnce = 500

/** Many changes of which each stands for itself, in transactions of a few: nobody waits until the last one is made. `run` answers the facts of a part. */
export async function commitInParts<T>(
  hand: Pick<Hand, 'parts' | 'claim' | 'call'>,
  changes: readonly T[],
  run: (tx: LedgerWriter, call: Call, part: readonly T[]) => Promise<readonly FactDraft[]>,
): Promise<void> {
  for (let start = 0; start < changes.length; start += changesAtOnce)
    await commit(hand, async (tx, call) => {
      const [first, ...rest] = await run(tx, call, changes.slice(start, start + changesAtOnce))
      return first ? [undefined, first, ...rest] : unchanged(undefined)
    })
}

/** How soon work that threw an error is due again. */
const afterErrorMs = 5_000

/** Does the work while the lease is being prolonged, and gives it back, due again when the work says; with undefined nothing is left to come. */
export async function holding<T>(
  parts: SyncParts,
  claim: Claim,
  work: () => Promise<{ readonly answer: T; readonly dueAt: Date | undefined }>,
): Promise<T> {
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
  const release = async (dueAt: Date | undefined) => {
    ended = true
    end()
    await renewal
    await parts.queue.finish(claim, dueAt)
  }
  let result: { readonly answer: T; readonly dueAt: Date | undefined }
  try {
    result = await work()
  } catch (error) {
    await release(new Date(parts.clock().getTime() + afterErrorMs))
    throw error
  }
  await release(result.dueAt)
  return result.answer
}
