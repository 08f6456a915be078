import { ConfigError } from '../directory/errors.ts'
import type { ClaimedWebhook } from '../directory/webhook.ts'
import { sendRound, type RoundParts } from './webhook-round.ts'
import { disableWebhook, settleRound } from './webhook-settle.ts'

export interface CourierParts extends Omit<RoundParts, 'halting'> {
  readonly sleep: (ms: number) => Promise<void>
  /** How often work is looked for when nobody wakes the courier. */
  readonly pollMs: number
}

/** Sends facts to webhooks in the background. */
export interface Courier {
  start(): void
  /** Resolves when the attempts under way have ended and are written down. */
  stop(): Promise<void>
  /** Something happened: look at once. */
  wake(): void
}

/** How many webhooks one process sends to at a time. */
const hands = 4

/** A process that dies between a receiver's answer and its own record sends again, under the same message id. */
export function createCourier(parts: CourierParts): Courier {
  const halt = new AbortController()
  const running = new Set<Promise<void>>()
  let signal = Promise.withResolvers<void>()
  let loop: Promise<void> | undefined
  const roundParts: RoundParts = { ...parts, halting: () => halt.signal.aborted }

  const turn = async () => {
    while (running.size < hands && !halt.signal.aborted) {
      const claimed = await claim(roundParts)
      if (!claimed) return
      const work = workOn(roundParts, claimed)
        .catch((error: unknown) => parts.log({ error, webhook: claimed.webhook.id }, 'a webhook could not be worked on'))
        .finally(() => {
          running.delete(work)
          signal.resolve()
        })
      running.add(work)
    }
  }
  const run = async () => {
    while (!halt.signal.aborted) {
      signal = Promise.withResolvers<void>()
      try {
        await turn()
      } catch (error) {
        parts.log({ error }, 'looking for webhooks failed')
      }
      if (!halt.signal.aborted) await Promise.race([parts.sleep(parts.pollMs), signal.promise])
    }
    await Promise.all(running)
  }
  return {
    start: () => {
      loop ??= run()
    },
    stop: async () => {
      halt.abort()
      signal.resolve()
      await loop
    },
    wake: () => signal.resolve(),
  }
}

/** Takes the webhook that is ready and does one round for it; false when none is. */
export async function deliverOnce(parts: RoundParts): Promise<boolean> {
  const claimed = await claim(parts)
  if (claimed) await workOn(parts, claimed)
  return claimed !== undefined
}

/** Each claim has a holder of its own, so that giving one up never touches a later one of the same process. */
const claim = ({ queue, holder, newId, clock, leaseMs }: RoundParts) =>
  queue.claim({ holder: `${holder}.${newId()}`, now: clock(), leaseMs })

/** After a bug the lease is kept: the webhook rests until it has run out. */
async function workOn(parts: RoundParts, claimed: ClaimedWebhook): Promise<void> {
  const { id: webhook, organizationId: organization } = claimed.webhook
  try {
    const round = await sendRound(parts, claimed)
    const settled = await settleRound(parts, claimed, round)
    const count = (kind: string) => round.results.filter(({ result }) => result.kind === kind).length
    const failed = round.results.find(({ result }) => result.kind === 'failed' || result.kind === 'gone')?.result
    if (round.results.length > 0)
      parts.log(
        {
          webhook,
          organization,
          delivered: count('delivered'),
          failed: count('failed') + count('gone'),
          held: count('held'),
          settled,
          ...(failed && 'reason' in failed && { reason: failed.reason }),
        },
        'webhook',
      )
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    parts.log({ webhook, organization, reason: error.message }, 'webhook')
    await disableWebhook(parts, claimed, error.message)
  }
}
