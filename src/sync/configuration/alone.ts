import type { Call } from '../../directory/call.ts'
import { DirectoryError } from '../../directory/errors.ts'
import type { Work } from '../ledger.ts'
import type { SyncParts } from '../parts.ts'

/** Applying asks no vendor: a process that takes longer has ended. */
const leaseMs = 60_000
const lookMs = 100
const mostLooks = 150

/** Does the work while no other process, and no other request, applies a file to the organization: two that start at once make each connection once. */
export async function alone<T>(
  { queue, clock, sleep, holder, newId }: SyncParts,
  { organizationId }: Call,
  work: () => Promise<T>,
): Promise<T> {
  const own: Work = { organizationId, kind: 'configure', subject: organizationId }
  const me = `${holder}.${newId()}`
  for (let look = 0; look < mostLooks; look++) {
    const claim = await queue.take({ holder: me, now: clock(), leaseMs, work: own })
    if (!claim) await sleep(lookMs)
    else
      try {
        return await work()
      } finally {
        await queue.finish(claim, undefined)
      }
  }
  throw new DirectoryError('conflict', 'A file is being applied to this organization just now. Try again in a minute.')
}
