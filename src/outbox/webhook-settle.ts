import { command, unchanged, type Call } from '../directory/call.ts'
import type { Scope } from '../directory/credential.ts'
import type { FactDraft } from '../directory/fact.ts'
import type { Writer } from '../directory/store.ts'
import type { ClaimedWebhook, Delivery, Webhook, WebhookClaim } from '../directory/webhook.ts'
import { deliveryOf } from '../directory/webhooks.ts'
import type { Job, Result, Round, RoundParts } from './webhook-round.ts'
import { failuresToPause, holdPauseMs, maxAttempts, patienceMs, retryPauseMs } from './webhook-schedule.ts'

type Parts = Pick<RoundParts, 'store' | 'queue' | 'clock' | 'newId' | 'random'>

/** Writes down what a round came to and gives the webhook back, in one transaction; false when the claim was lost, and then nothing is changed. */
export const settleRound = (parts: Parts, { claim, webhook: before }: ClaimedWebhook, round: Round): Promise<boolean> =>
  inHand(parts, claim, async (tx, webhook, { now }) => {
    const { results } = round
    for (const { job, result } of results.toSorted((a, b) => a.job.fact.sequence - b.job.fact.sequence))
      await settleJob(tx, {
        job,
        result,
        now,
        webhookId: webhook.id,
        random: parts.random,
        isPassed: job.fact.sequence < lastSent(round),
      })
    const delivered = results.some(({ result }) => result.kind === 'delivered')
    const failed = results.findLast(({ result }) => result.kind === 'failed' || result.kind === 'gone')?.result
    const failing = failed && !delivered ? (webhook.failingSince ?? now) : delivered ? undefined : webhook.failingSince
    const paused = round.failures >= failuresToPause
    const next: Webhook = {
      ...webhook,
      position: positionAfter(round),
      failures: round.failures,
      failingSince: failing,
      resumeAt: paused ? resumeAfter(parts, { webhook, round, now }) : undefined,
      ...(delivered && { lastDeliveredAt: now }),
    }
    // Whoever answers again is told at once of everything that waits.
    if (before.failures >= failuresToPause && !paused) await tx.wakeDeliveries(claim, now)
    const reason = webhook.url === before.url ? reasonToDisable(next, { results, failed, now }) : undefined
    return reason === undefined ? [next] : disabled(next, reason)
  })

/** Disables a webhook in hand that cannot be sent to as it is, and gives it back. */
export const disableWebhook = (parts: Parts, { claim }: ClaimedWebhook, reason: string): Promise<boolean> =>
  inHand(parts, claim, async (_tx, webhook) => disabled(webhook, reason))

const systemScopes: ReadonlySet<Scope> = new Set<Scope>(['operate'])

async function inHand(
  { store, queue, clock, newId }: Parts,
  claim: WebhookClaim,
  work: (tx: Writer, webhook: Webhook, call: Call) => Promise<readonly [Webhook, FactDraft?]>,
): Promise<boolean> {
  const run = command(store, 'operate', async (tx, call: Call, _input: undefined) => {
    const webhook = (await tx.holdsWebhook(claim)) ? await tx.webhook(claim.organizationId, claim.webhookId) : undefined
    if (!webhook) return unchanged(false)
    const [next, fact] = await work(tx, webhook, call)
    await tx.putWebhook(next)
    await tx.releaseWebhook(claim)
    return fact ? [true, fact] : unchanged(true)
  })
  const { organizationId } = claim
  const basics = { actor: 'system:webhooks', requestId: newId(), via: 'outbox.webhooks' }
  const done = await run({ organizationId, ...basics, scopes: systemScopes, now: clock() }, undefined)
  if (!done) await queue.abandon(claim)
  return done
}

const disabled = (webhook: Webhook, reason: string): readonly [Webhook, FactDraft] => [
  { ...webhook, enabled: false, disabledReason: reason },
  { action: 'webhook.disabled', subject: webhook.id, detail: { host: new URL(webhook.url).host, reason } },
]

/** The last fact that was not left for another round. */
const lastSent = ({ results }: Round): number =>
  Math.max(0, ...results.map(({ job, result }) => (job.delivery || result.kind === 'unsent' ? 0 : job.fact.sequence)))

/** What was left before it is a delivery of its own; what was left after it is looked at again. */
function positionAfter(round: Round): number {
  const last = lastSent(round)
  const left = round.results
    .filter(({ job, result }) => !job.delivery && result.kind === 'unsent' && job.fact.sequence > last)
    .map(({ job }) => job.fact.sequence)
  return left.length === 0 ? round.lookedAt : Math.min(...left) - 1
}

interface Settling {
  readonly job: Job
  readonly result: Result
  readonly now: Date
  readonly webhookId: string
  readonly random: () => number
  /** Facts after it were sent. */
  readonly isPassed: boolean
}

async function settleJob(tx: Writer, { job, result, now, webhookId, random, isPassed }: Settling): Promise<void> {
  const { fact, delivery, keys } = job
  if (result.kind === 'delivered') {
    if (delivery) await tx.endDelivery(ended(delivery, { state: 'delivered', reason: undefined, now }), now)
    return
  }
  if (result.kind === 'held' || result.kind === 'unsent') {
    if (!delivery && (result.kind === 'held' || isPassed)) await tx.putDelivery(deliveryOf(fact, { webhookId, dueAt: now }), keys)
    return
  }
  const current = delivery ?? deliveryOf(fact, { webhookId, dueAt: now })
  const attempts = current.attempts + 1
  if (current.action === 'webhook.tested' || attempts >= maxAttempts)
    return tx.endDelivery(ended(current, { state: 'dead', reason: result.reason, now }), now)
  const pauseMs = Math.max(retryPauseMs(attempts, random()), result.kind === 'failed' ? (result.waitMs ?? 0) : 0)
  const later: Delivery = { ...current, attempts, reason: result.reason, dueAt: new Date(now.getTime() + pauseMs) }
  await (delivery ? tx.postponeDelivery(later) : tx.putDelivery(later, keys))
}

const ended = (
  delivery: Delivery,
  { state, reason, now }: { readonly state: 'delivered' | 'dead'; readonly reason: string | undefined; readonly now: Date },
): Delivery => ({ ...delivery, attempts: delivery.attempts + 1, state, reason, dueAt: undefined, settledAt: now })

/** Set anew by a look at further facts: deliveries go on meanwhile, each in its own time. */
function resumeAfter(
  { random }: Pick<Parts, 'random'>,
  { webhook, round, now }: { readonly webhook: Webhook; readonly round: Round; readonly now: Date },
): Date | undefined {
  const looked = round.lookedAt > webhook.position || round.results.some(({ job }) => !job.delivery)
  return looked ? new Date(now.getTime() + holdPauseMs(round.failures, random())) : webhook.resumeAt
}

function reasonToDisable(
  { failingSince }: Webhook,
  { results, failed, now }: { readonly results: Round['results']; readonly failed: Result | undefined; readonly now: Date },
): string | undefined {
  const gone = results.find(({ result }) => result.kind === 'gone')?.result
  if (gone?.kind === 'gone') return gone.reason
  if (failed?.kind !== 'failed' || !failingSince || now.getTime() - failingSince.getTime() < patienceMs) return undefined
  return `Nothing has been delivered since ${failingSince.toISOString()}. ${failed.reason}`
}
