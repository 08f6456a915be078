import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { patiently } from './patience.ts'

const Plans = z.object({
  items: z.array(z.object({ id: z.string(), digest: z.string(), removals: z.number() })),
  nextCursor: z.string().optional(),
})
const Plan = z.object({ approvals: z.array(z.object({ digest: z.string() })) })

const openPlans = '/plans?state=open&limit=200'

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
  const decided = new Set<string>()
  const decide = async ({ id, digest, removals }: z.output<typeof Plans>['items'][number]) => {
    if (removals === 0 || decided.has(`${id} ${digest}`)) return
    const { approvals } = Plan.parse((await ask('GET', `/plans/${id}`, [200])).body)
    const approved = approvals.some((approval) => approval.digest === digest)
    const body = { digest, removals, accept: ['lastOwner', 'lastBilling'], reason: 'they left' }
    // Refused as stale or in conflict when a newer plan came, or when an answer was lost and it is approved already: the next round sees.
    const answer = approved ? undefined : await ask('POST', `/plans/${id}/approvals`, [201, 409, 412], body)
    if (approved || answer?.status === 201) decided.add(`${id} ${digest}`)
  }
  while (!done()) {
    for (let path: string | undefined = openPlans; path !== undefined;) {
      const { items, nextCursor } = Plans.parse((await ask('GET', path, [200])).body)
      for (const plan of items) await decide(plan)
      path = nextCursor && `${openPlans}&cursor=${encodeURIComponent(nextCursor)}`
    }
    await wait(250)
  }
}
