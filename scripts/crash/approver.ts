import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { patiently } from './patience.ts'

const Plans = z.object({ items: z.array(z.object({ id: z.string(), digest: z.string(), removals: z.number() })) })
const Plan = z.object({ approvals: z.array(z.object({ digest: z.string() })) })

export interface ApproverOptions {
  readonly origins: readonly string[]
  readonly key: string
  readonly expired: () => boolean
  readonly done: () => boolean
}

/** Somebody who approves every open plan that removes, naming the number and whatever is grave, until told that all is done. Throws OutOfTime. */
export async function approveRemovals({ origins, key, expired, done }: ApproverOptions): Promise<void> {
  const ask = (method: string, path: string, accept: readonly number[], body?: unknown) =>
    patiently(
      (origin) =>
        fetch(`${origin}/api/v1${path}`, {
          method,
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
          ...(body !== undefined && { body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(10_000),
        }),
      { origins, accept, expired },
    )
  while (!done()) {
    const { items } = Plans.parse((await ask('GET', '/plans?state=open', [200])).body)
    for (const { id, digest, removals } of items.filter((plan) => plan.removals > 0)) {
      const { approvals } = Plan.parse((await ask('GET', `/plans/${id}`, [200])).body)
      if (approvals.some((approval) => approval.digest === digest)) continue
      // Refused as stale or in conflict when a newer plan came, or when an answer was lost and it is approved already: the next round sees.
      await ask('POST', `/plans/${id}/approvals`, [201, 409, 412], {
        digest,
        removals,
        accept: ['lastOwner', 'lastBilling'],
        reason: 'they left',
      })
    }
    await wait(250)
  }
}
