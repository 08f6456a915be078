import type { Call } from '../../directory/call.ts'
import { DirectoryError } from '../../directory/errors.ts'
import type { Work } from '../ledger.ts'
import type { SyncParts } from '../parts.ts'

/** Applying asks no vendor: a process that takes longer has ended. */
const leaseMs = 60_000
const lookMs = 100
const mostLooks = 150

/** The row of the work is there to be held, and never due. */
const never = new Date('9999-12-31T00:00:00Z')

/** Does the work while no other process, and no other request, applies a file to the organization: two that start at once make each connection once. */
export async function alone<T>(parts: SyncParts, { organizationId }: Call, work: () => Promise<T>): Promise<T> {
  const { ledger, queue, clock, sleep, holder, newId } = parts
  const own: Work = { organizationId, kind: 'configure', subject: organizationId }
  const me = `${holder}.${newId()}`
  for (let look = 0; look < mostLooks; look++) {
    await ledger.write(organizationId, (tx) => tx.schedule({ ...own, dueAt: never }))
    const claim = await queue.take({ holder: me, now: clock(), leaseMs, work: own })
    if (claim)
      try {
        return await work()
      } finally {
        await queue.finish(claim, undefined)
      }
    await sleep(lookMs)
  }
  throw new DirectoryError('conflict', 'A file is being applied to this organization just now. Try again in a minute.')
}
