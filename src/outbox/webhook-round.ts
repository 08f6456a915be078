import type { Fact } from '../directory/fact.ts'
import type { Store } from '../directory/store.ts'
import {
  messageIdOf,
  orderKeys,
  wants,
  type ClaimedWebhook,
  type Delivery,
  type Webhook,
  type WebhookQueue,
} from '../directory/webhook.ts'
import { eventMessage, factMessage } from './webhook-message.ts'
import { failuresToPause } from './webhook-schedule.ts'
import type { SendMessage, Sent } from './webhook-send.ts'

export interface RoundParts {
  readonly store: Store
  readonly queue: WebhookQueue
  readonly send: SendMessage
  /** The fact as a signed event, for webhooks that are told of events. */
  readonly signEvent: (fact: Fact, detail: { readonly audience: string; readonly now: Date }) => Promise<string>
  readonly clock: () => Date
  readonly random: () => number
  readonly newId: () => string
  /** This process, unique. */
  readonly holder: string
  /** How long a process may be silent before another takes the webhook; several times `sendMs`. */
  readonly leaseMs: number
  /** The longest that an attempt takes. */
  readonly sendMs: number
  /** Whether the process is about to stop: nothing further is begun. */
  readonly halting: () => boolean
  readonly log: (event: object, message: string) => void
}

/** A fact that may go out, and the delivery that it is already. */
export interface Job {
  readonly fact: Fact
  readonly delivery: Delivery | undefined
  readonly keys: readonly string[]
}

/** What became of a job: an attempt, or none because an earlier fact about the same person waits (`held`) or the round was broken off (`unsent`). */
export type Result = Sent | { readonly kind: 'held' } | { readonly kind: 'unsent' }

export interface Round {
  readonly results: readonly { readonly job: Job; readonly result: Result }[]
  /** The last fact that the round looked at; the webhook's position where it looked at none. */
  readonly lookedAt: number
  /** First attempts that failed since the last success. */
  readonly failures: number
}

/** How many facts, and how many deliveries that are due, one round looks at. What it sent is sent again when the process dies before it is written down. */
const batch = 100
/** How many attempts one webhook has under way at a time. */
const lanes = 8

/**
 * Sends what a webhook in hand has due, then the facts after its position. Facts that share a key go out one after the other, and none after one that
 * failed. The lease is prolonged before an attempt that could outlive it.
 */
export async function sendRound(parts: RoundParts, claimed: ClaimedWebhook): Promise<Round> {
  const { claim, webhook, secrets } = claimed
  const [current, previous] = secrets()
  const { jobs, held, lookedAt } = await findJobs(parts, webhook)
  let leaseUntil = parts.clock().getTime() + parts.leaseMs / 2
  let broken = false
  let failures = webhook.failures

  const mayBegin = async (): Promise<boolean> => {
    if (broken || parts.halting()) return false
    const now = parts.clock().getTime()
    if (now + parts.sendMs < leaseUntil) return true
    leaseUntil = now + parts.leaseMs
    broken ||= !(await parts.queue.renew(claim, new Date(leaseUntil)))
    return !broken
  }
  const attempt = async ({ fact, delivery }: Job): Promise<Result> => {
    if (!(await mayBegin())) return { kind: 'unsent' }
    const now = parts.clock()
    const live = previous !== undefined && webhook.previousSecretUntil && webhook.previousSecretUntil > now ? [previous] : []
    const id = delivery?.messageId ?? messageIdOf(fact)
    const message =
      webhook.format === 'scim'
        ? eventMessage(await parts.signEvent(fact, { audience: new URL(webhook.url).origin, now }))
        : factMessage(fact, { id, now, secrets: [current, ...live] })
    const sent = await parts.send({ url: webhook.url, ...message })
    if (sent.kind === 'delivered') failures = 0
    else if (!delivery) failures++
    broken ||= sent.kind === 'gone' || (!delivery && failures >= failuresToPause && sent.kind !== 'delivered')
    return sent
  }

  const inLane = createLanes()
  const latest = new Map<string, Promise<Result>>()
  const results = jobs.map((job) => {
    const before = job.keys.flatMap((key) => latest.get(key) ?? [])
    const run = async (): Promise<Result> => {
      if (held.has(job)) return { kind: 'held' }
      const earlier = await Promise.all(before)
      if (earlier.some(({ kind }) => kind === 'unsent')) return { kind: 'unsent' }
      if (earlier.some(({ kind }) => kind !== 'delivered')) return { kind: 'held' }
      return inLane(() => attempt(job))
    }
    const result = run()
    for (const key of job.keys) latest.set(key, result)
    return result
  })
  const settled = await Promise.all(results)
  return { results: jobs.map((job, index) => ({ job, result: settled[index]! })), lookedAt, failures }
}

interface Found {
  readonly jobs: readonly Job[]
  /** Those of them that wait for a delivery from before: also for one that is due now, since it may fail again. */
  readonly held: ReadonlySet<Job>
  readonly lookedAt: number
}

async function findJobs({ store, clock }: RoundParts, webhook: Webhook): Promise<Found> {
  const { organizationId, id: webhookId, position, resumeAt, failures } = webhook
  const key = { organizationId, webhookId }
  const now = clock()
  return store.read(async (tx) => {
    const due: Job[] = []
    for (const delivery of await tx.dueDeliveries(key, { now, limit: batch })) {
      const [fact] = await tx.facts(organizationId, { after: delivery.sequence - 1, limit: 1 })
      if (fact) due.push({ fact, delivery, keys: delivery.action === 'webhook.tested' ? [] : orderKeys(fact) })
    }
    if (resumeAt && resumeAt > now) return { jobs: due, held: new Set(), lookedAt: position }
    const facts = await tx.facts(organizationId, { after: position, limit: batch })
    const fresh = facts
      .filter((fact) => wants(webhook, fact))
      .map((fact): Job => ({ fact, delivery: undefined, keys: orderKeys(fact) }))
    const waiting = await tx.heldKeys(key, [...new Set(fresh.flatMap(({ keys }) => keys))])
    const held = new Set(fresh.filter(({ keys }) => keys.some((each) => waiting.has(each))))
    // While everything fails, one message that waits for nothing is enough to see whether it still does.
    const probe = failures >= failuresToPause ? fresh.findIndex((job) => !held.has(job)) : -1
    if (probe < 0) return { jobs: [...due, ...fresh], held, lookedAt: facts.at(-1)?.sequence ?? position }
    return { jobs: [...due, ...fresh.slice(0, probe + 1)], held, lookedAt: fresh[probe]?.fact.sequence ?? position }
  })
}

/** Runs so many at a time, in the order in which they come. */
function createLanes(): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let busy = 0
  return async (work) => {
    if (busy < lanes) busy++
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else busy--
    }
  }
}
