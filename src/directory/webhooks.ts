import { command, query, type Call } from './call.ts'
import type { Parts } from './directory.ts'
import { DirectoryError } from './errors.ts'
import type { Fact } from './fact.ts'
import type { JsonObject } from './json.ts'
import type { Reader, Writer } from './store.ts'
import {
  actionsOf,
  messageIdOf,
  orderKeys,
  type Delivery,
  type DeliveryPage,
  type Webhook,
  type WebhookFormat,
  type WebhookKey,
  type WebhookStanding,
} from './webhook.ts'

/** How many webhooks an organization may have. */
const mostWebhooks = 50
const longestUrl = 2_000
/** How long messages may be signed with two secrets, in milliseconds. */
const longestOverlapMs = 30 * 24 * 60 * 60 * 1_000
/** How many given-up deliveries one replay takes up again. */
const mostDead = 1_000

/** A webhook with how it stands. */
export interface WebhookView extends WebhookStanding {
  readonly webhook: Webhook
  /** How many facts have not been looked at yet. */
  readonly behind: number
}

/** From where facts are sent again: one of them, everything from a fact or a moment on, or what was given up. */
export type Replay =
  | { readonly kind: 'one'; readonly sequence: number }
  | { readonly kind: 'from'; readonly sequence: number }
  | { readonly kind: 'since'; readonly at: Date }
  | { readonly kind: 'dead' }

export function webhookCommands({ store, newId, newWebhookSecret, outbound }: Parts) {
  const checkUrl = (text: string): string => {
    const url = URL.canParse(text) ? new URL(text) : undefined
    const refusal =
      !url || text.length > longestUrl ? 'Give a URL such as https://example.com/hooks.' : outbound.refusalOfUrl(url)
    if (!url || refusal !== undefined) throw new DirectoryError('invalid', refusal ?? '', { field: 'url' })
    return url.href
  }
  return {
    /** Makes a webhook that is told of what happens from now on; the answer carries the one copy of its secret. */
    addWebhook: command(
      store,
      'operate',
      async (
        tx,
        call,
        input: {
          readonly url: string
          readonly format?: WebhookFormat | undefined
          readonly actions?: readonly string[] | undefined
        },
      ) => {
        if ((await tx.webhooks(call.organizationId)).length >= mostWebhooks)
          throw new DirectoryError('conflict', `There are ${mostWebhooks} webhooks already. Remove one first.`)
        const webhook: Webhook = {
          id: newId(),
          organizationId: call.organizationId,
          url: checkUrl(input.url),
          format: input.format ?? 'facts',
          actions: checkActions(input.actions),
          enabled: true,
          disabledReason: undefined,
          position: (await tx.chainHead(call.organizationId)).sequence,
          failures: 0,
          failingSince: undefined,
          resumeAt: undefined,
          lastDeliveredAt: undefined,
          previousSecretUntil: undefined,
          createdAt: call.now,
          updatedAt: call.now,
        }
        const secret = newWebhookSecret()
        await tx.addWebhook(webhook, secret)
        const fact = { action: 'webhook.created', subject: webhook.id, detail: detailOf(webhook) } as const
        return [{ ...(await viewOf(tx, webhook)), secret }, fact]
      },
    ),

    listWebhooks: query(store, 'read', async (tx, call) => {
      const views: WebhookView[] = []
      for (const webhook of await tx.webhooks(call.organizationId)) views.push(await viewOf(tx, webhook))
      return views
    }),

    getWebhook: query(store, 'read', async (tx, call, { id }: { readonly id: string }) => viewOf(tx, await find(tx, call, id))),

    /** Changes what is given. Enabled again, or sent elsewhere, it goes on where it stood, at once. */
    changeWebhook: command(
      store,
      'operate',
      async (
        tx,
        call,
        input: {
          readonly id: string
          readonly url?: string | undefined
          /** Null for all. */
          readonly actions?: readonly string[] | null | undefined
          readonly enabled?: boolean | undefined
        },
      ) => {
        const current = await find(tx, call, input.id)
        const changed: Webhook = {
          ...current,
          url: input.url === undefined ? current.url : checkUrl(input.url),
          actions: input.actions === undefined ? current.actions : checkActions(input.actions ?? undefined),
          enabled: input.enabled ?? current.enabled,
          updatedAt: call.now,
          ...(input.enabled !== undefined && { disabledReason: undefined }),
        }
        const anew = input.enabled === true || changed.url !== current.url
        const next = anew ? { ...changed, failures: 0, failingSince: undefined, resumeAt: undefined } : changed
        await tx.putWebhook(next)
        if (anew) await tx.wakeDeliveries(keyOf(next), call.now)
        return [await viewOf(tx, next), { action: 'webhook.changed', subject: next.id, detail: detailOf(next) }]
      },
    ),

    /** Forgets a webhook, its secret and its deliveries. */
    removeWebhook: command(store, 'operate', async (tx, call, { id }: { readonly id: string }) => {
      const webhook = await find(tx, call, id)
      await tx.removeWebhook(keyOf(webhook))
      return [webhook, { action: 'webhook.removed', subject: id, detail: detailOf(webhook) }]
    }),

    /**
     * Makes a new secret; the answer carries the one copy of it. Until the overlap has passed, messages carry two signatures, by the new secret and the
     * one before; an overlap of 0 is for a secret that leaked.
     */
    rotateWebhookSecret: command(
      store,
      'operate',
      async (tx, call, { id, overlapMs }: { readonly id: string; readonly overlapMs: number }) => {
        const current = await find(tx, call, id)
        if (overlapMs < 0 || overlapMs > longestOverlapMs)
          throw new DirectoryError('invalid', 'The secrets may overlap for 0 to 720 hours.', { field: 'overlapHours' })
        const until = current.previousSecretUntil
        if (overlapMs > 0 && until && until > call.now)
          throw new DirectoryError(
            'conflict',
            `Two secrets are live until ${until.toISOString()}, and a third would end the oldest unannounced. Wait, or rotate without an overlap.`,
          )
        const webhook: Webhook = {
          ...current,
          previousSecretUntil: overlapMs > 0 ? new Date(call.now.getTime() + overlapMs) : undefined,
          updatedAt: call.now,
        }
        const secret = newWebhookSecret()
        await tx.putWebhook(webhook)
        await tx.replaceWebhookSecret(keyOf(webhook), secret)
        const detail = { ...detailOf(webhook), previousUntil: webhook.previousSecretUntil?.toISOString() }
        return [
          { ...(await viewOf(tx, webhook)), secret },
          { action: 'webhook.secretRotated', subject: id, detail },
        ]
      },
    ),

    /** Sends a `webhook.tested` message once, whatever the webhook wants; answers its delivery, to be looked at again. */
    testWebhook: command(store, 'operate', async (tx, call, { id }: { readonly id: string }) => {
      const webhook = await find(tx, call, id)
      if (!webhook.enabled) throw new DirectoryError('conflict', 'The webhook is disabled. Enable it first.')
      const head = await tx.chainHead(call.organizationId)
      const delivery: Delivery = {
        organizationId: call.organizationId,
        webhookId: id,
        sequence: head.sequence + 1,
        messageId: `test_${newId()}`,
        action: 'webhook.tested',
        at: call.now,
        state: 'waiting',
        attempts: 0,
        dueAt: call.now,
        reason: undefined,
        settledAt: undefined,
      }
      // The keys of a person's facts are left alone: a test waits for nothing, and holds nothing back.
      await tx.putDelivery(delivery, [])
      return [delivery, { action: 'webhook.tested', subject: id, detail: detailOf(webhook) }]
    }),

    listDeliveries: query(store, 'read', async (tx, call, { id, ...page }: DeliveryPage & { readonly id: string }) => {
      return tx.deliveries(keyOf(await find(tx, call, id)), page)
    }),

    getDelivery: query(store, 'read', async (tx, call, { id, sequence }: { readonly id: string; readonly sequence: number }) => {
      const webhook = await find(tx, call, id)
      const delivery = await tx.delivery(keyOf(webhook), sequence)
      if (delivery) return delivery
      throw new DirectoryError(
        'notFound',
        sequence > webhook.position
          ? `Fact ${sequence} has yet to come: the webhook stands at ${webhook.position}.`
          : `Nothing is kept of fact ${sequence} here: it was delivered at the first attempt, is not wanted, or was settled long ago.`,
      )
    }),

    /** Has facts sent again, under the ids that they had. Answers how many deliveries wait by it, or to where the webhook went back. */
    replayDeliveries: command(
      store,
      'operate',
      async (tx, call, { id, replay }: { readonly id: string; readonly replay: Replay }) => {
        const webhook = await find(tx, call, id)
        const { done, detail } = await runReplay(tx, call, { webhook, replay })
        return [done, { action: 'webhook.replayed', subject: id, detail: { ...detailOf(webhook), ...detail } }]
      },
    ),
  }
}

export interface Replayed {
  readonly deliveries: number
  /** The webhook sends everything after this fact again. */
  readonly position: number
}

async function runReplay(
  tx: Writer,
  call: Call,
  { webhook, replay }: { readonly webhook: Webhook; readonly replay: Replay },
): Promise<{ readonly done: Replayed; readonly detail: JsonObject }> {
  const { organizationId, id } = webhook
  if (replay.kind === 'one' || replay.kind === 'dead') {
    const facts =
      replay.kind === 'one'
        ? [await findFact(tx, webhook, replay.sequence)]
        : await factsOf(tx, await tx.deliveries(keyOf(webhook), { state: 'dead', limit: mostDead }))
    for (const fact of facts) await tx.putDelivery(deliveryOf(fact, { webhookId: id, dueAt: call.now }), orderKeys(fact))
    const detail = replay.kind === 'one' ? { sequence: replay.sequence } : { dead: facts.length }
    return { done: { deliveries: facts.length, position: webhook.position }, detail }
  }
  const since = replay.kind === 'since' ? await tx.firstFactSince(organizationId, replay.at) : replay.sequence
  const from = since === undefined || (replay.kind === 'since' && since > webhook.position) ? webhook.position + 1 : since
  if (from < 1 || from > webhook.position + 1)
    throw new DirectoryError(
      'invalid',
      `The webhook has been sent facts 1 to ${webhook.position} at most. Begin with one of them.`,
      {
        field: 'fromSequence',
      },
    )
  const position = from - 1
  await tx.removeDeliveriesFrom(keyOf(webhook), from)
  await tx.putWebhook({ ...webhook, position, updatedAt: call.now })
  await tx.fenceWebhook(keyOf(webhook))
  return { done: { deliveries: 0, position }, detail: { fromSequence: from } }
}

/** A delivery of the fact that is due, before its first attempt. */
export const deliveryOf = (fact: Fact, { webhookId, dueAt }: { readonly webhookId: string; readonly dueAt: Date }): Delivery => ({
  organizationId: fact.organizationId,
  webhookId,
  sequence: fact.sequence,
  messageId: messageIdOf(fact),
  action: fact.action,
  at: fact.at,
  state: 'waiting',
  attempts: 0,
  dueAt,
  reason: undefined,
  settledAt: undefined,
})

const keyOf = ({ organizationId, id }: Webhook): WebhookKey => ({ organizationId, webhookId: id })

async function find(tx: Reader, { organizationId }: Call, id: string): Promise<Webhook> {
  const webhook = await tx.webhook(organizationId, id)
  if (webhook) return webhook
  throw new DirectoryError('notFound', 'There is no such webhook in this organization.')
}

async function findFact(tx: Reader, { organizationId, position }: Webhook, sequence: number): Promise<Fact> {
  const [fact] = sequence >= 1 && sequence <= position ? await tx.facts(organizationId, { after: sequence - 1, limit: 1 }) : []
  if (fact) return fact
  throw new DirectoryError('invalid', `The webhook has been sent facts 1 to ${position} at most. Name one of them.`, {
    field: 'sequence',
  })
}

async function factsOf(tx: Reader, deliveries: readonly Delivery[]): Promise<readonly Fact[]> {
  const facts: Fact[] = []
  for (const { organizationId, sequence } of deliveries)
    facts.push(...(await tx.facts(organizationId, { after: sequence - 1, limit: 1 })))
  return facts
}

async function viewOf(tx: Reader, webhook: Webhook): Promise<WebhookView> {
  const { organizationId, position } = webhook
  const standing = await tx.webhookStanding(keyOf(webhook))
  const head = await tx.chainHead(organizationId)
  const [next] = standing.oldestPendingAt ? [] : await tx.facts(organizationId, { after: position, limit: 1 })
  return { webhook, ...standing, oldestPendingAt: standing.oldestPendingAt ?? next?.at, behind: head.sequence - position }
}

function checkActions(actions: readonly string[] | undefined): readonly string[] | undefined {
  if (actions === undefined) return undefined
  if (actions.length > 0 && actionsOf(actions)) return [...new Set(actions)]
  throw new DirectoryError('invalid', 'Name actions such as member.added, or families such as member.*; leave it out for all.', {
    field: 'actions',
  })
}

/** Of the URL only the host: what follows may be a capability. */
const detailOf = ({ url, format, actions, enabled }: Webhook): JsonObject => ({
  host: new URL(url).host,
  format,
  actions,
  enabled,
})
