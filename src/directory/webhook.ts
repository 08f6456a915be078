import { isEvent } from './event-receiver.ts'
import { factActions, type Fact, type FactAction } from './fact.ts'

/** How a webhook is told: facts as `/api/v1/facts` shows them, by Standard Webhooks; or those that are SCIM events, as security event tokens (RFC 8935, RFC 9967). */
export const webhookFormats = ['facts', 'scim'] as const
export type WebhookFormat = (typeof webhookFormats)[number]

/** A receiver of an organization's facts. Its secrets are the store's; they are handed to whoever sends (WebhookQueue). */
export interface Webhook {
  readonly id: string
  readonly organizationId: string
  readonly url: string
  readonly format: WebhookFormat
  /** Which facts it is told of: actions such as `member.added`, and families such as `member.*`; undefined for all. */
  readonly actions: readonly string[] | undefined
  readonly enabled: boolean
  /** Why Rollcall disabled it; undefined where a person did, or nobody. */
  readonly disabledReason: string | undefined
  /** Facts up to this sequence have been delivered, were not wanted, or are deliveries of their own. */
  readonly position: number
  /** How many facts in a row failed at their first attempt; 0 again with each success. */
  readonly failures: number
  /** The first failure since the last success. */
  readonly failingSince: Date | undefined
  /** No further fact is tried before, because too many failed in a row. */
  readonly resumeAt: Date | undefined
  readonly lastDeliveredAt: Date | undefined
  /** Until when messages are signed with the secret before this one too. */
  readonly previousSecretUntil: Date | undefined
  readonly createdAt: Date
  readonly updatedAt: Date
}

export type DeliveryState = 'waiting' | 'delivered' | 'dead'

/** A fact on its way to a webhook, where it takes more than one attempt: it failed, is held back, was replayed, or is a test. */
export interface Delivery {
  readonly organizationId: string
  readonly webhookId: string
  /** Of the fact. */
  readonly sequence: number
  readonly messageId: string
  readonly action: FactAction
  /** When the fact happened. */
  readonly at: Date
  readonly state: DeliveryState
  readonly attempts: number
  /** While waiting: when it is tried; undefined while an earlier one about the same person is waiting. */
  readonly dueAt: Date | undefined
  /** Why the last attempt failed: our words and a status, nothing that the receiver said. */
  readonly reason: string | undefined
  readonly settledAt: Date | undefined
}

/** How a webhook stands. */
export interface WebhookStanding {
  /** Deliveries that are waiting to be tried or held back. */
  readonly pending: number
  readonly dead: number
  /** When the oldest pending fact happened. */
  readonly oldestPendingAt: Date | undefined
}

/** Deliveries of a webhook, the newest fact first. */
export interface DeliveryPage {
  readonly state?: DeliveryState | 'held' | undefined
  /** A sequence. */
  readonly before?: number | undefined
  readonly limit: number
}

export interface WebhookKey {
  readonly organizationId: string
  readonly webhookId: string
}

export interface WebhookReader {
  webhook(organizationId: string, id: string): Promise<Webhook | undefined>
  webhooks(organizationId: string): Promise<readonly Webhook[]>
  webhookStanding(key: WebhookKey): Promise<WebhookStanding>
  deliveries(key: WebhookKey, page: DeliveryPage): Promise<readonly Delivery[]>
  delivery(key: WebhookKey, sequence: number): Promise<Delivery | undefined>
  /** Those that may be tried, the oldest fact first. */
  dueDeliveries(key: WebhookKey, page: { readonly now: Date; readonly limit: number }): Promise<readonly Delivery[]>
  /** Which of some keys (`orderKeys`) a waiting delivery has. */
  heldKeys(key: WebhookKey, keys: readonly string[]): Promise<ReadonlySet<string>>
}

export interface WebhookWriter {
  addWebhook(webhook: Webhook, secret: string): Promise<void>
  /** All of it but its secrets and who works on it. */
  putWebhook(webhook: Webhook): Promise<void>
  /** The secret that stood becomes the previous one. Both are sealed. */
  replaceWebhookSecret(key: WebhookKey, secret: string): Promise<void>
  /** With its deliveries. */
  removeWebhook(key: WebhookKey): Promise<void>
  /** Whoever is working on the webhook changes nothing any more. */
  fenceWebhook(key: WebhookKey): Promise<void>
  /**
   * Makes a fact a delivery, in place of one that it may be. Held back where an earlier one with one of the keys is waiting; later ones with one of the
   * keys are held back from now on.
   */
  putDelivery(delivery: Delivery, keys: readonly string[]): Promise<void>
  /** After an attempt that failed and is followed by another. */
  postponeDelivery(delivery: Delivery): Promise<void>
  /** Nothing waits for it any more: what it held back is due now, unless something else holds it. */
  endDelivery(delivery: Delivery, now: Date): Promise<void>
  /** Forgets the deliveries of facts from this sequence on. */
  removeDeliveriesFrom(key: WebhookKey, sequence: number): Promise<void>
  /** Makes every delivery due that waits for its time. */
  wakeDeliveries(key: WebhookKey, now: Date): Promise<void>
  /** Whether the claim still holds; it cannot be lost before the transaction ends. */
  holdsWebhook(claim: WebhookClaim): Promise<boolean>
  /** Gives the webhook back. */
  releaseWebhook(claim: WebhookClaim): Promise<void>
}

/** A webhook in hand: one process at a time sends to it. The fence grows with each claim. */
export interface WebhookClaim extends WebhookKey {
  readonly holder: string
  readonly fence: number
}

export interface ClaimedWebhook {
  readonly claim: WebhookClaim
  readonly webhook: Webhook
  /** The current one first. Throws ConfigError when no sealing key opens them. */
  readonly secrets: () => readonly [current: string, previous: string | undefined]
}

/** The webhooks of the whole installation that have something to send; any process may take one. */
export interface WebhookQueue {
  claim(input: { readonly holder: string; readonly now: Date; readonly leaseMs: number }): Promise<ClaimedWebhook | undefined>
  /** Prolongs the lease; false when the claim no longer holds. */
  renew(claim: WebhookClaim, until: Date): Promise<boolean>
  /** Gives up the lease of a claim that was fenced off, unless somebody else has claimed since. */
  abandon(claim: WebhookClaim): Promise<void>
  /** Frees every lease; only for a store that a single process owns, when it starts. */
  releaseAll(): Promise<void>
  /** Takes away what was delivered, or was given up, before. */
  prune(before: { readonly delivered: Date; readonly dead: Date }): Promise<void>
}

/** How a fact is called as a message: the same in each attempt and each replay, and another for another fact, also after a restored backup. */
export const messageIdOf = ({ sequence, hash }: Pick<Fact, 'sequence' | 'hash'>): string =>
  `fact_${sequence}_${hash.slice(0, 32)}`

/** Facts that share a key reach a webhook in their order: the thing that a fact is about, and every member and person that it names. */
export function orderKeys({ subject, detail }: Pick<Fact, 'subject' | 'detail'>): readonly string[] {
  const { membershipId, membershipIds, personId } = detail
  const named = [subject, membershipId, personId, ...(Array.isArray(membershipIds) ? membershipIds : [])]
  return [...new Set(named.filter((key) => typeof key === 'string'))]
}

/** Whether the webhook is told of the fact. A test is a delivery from the start, and for nobody else. */
export const wants = ({ actions, format }: Pick<Webhook, 'actions' | 'format'>, { action }: Pick<Fact, 'action'>): boolean =>
  action !== 'webhook.tested' &&
  (format === 'facts' || isEvent({ action })) &&
  (actions === undefined || actions.some((pattern) => matches(pattern, action)))

/** The actions that the webhook is told of. */
export const actionsWanted = (webhook: Pick<Webhook, 'actions' | 'format'>): readonly FactAction[] =>
  factActions.filter((action) => wants(webhook, { action }))

/** The actions that some patterns (`member.added`, `member.*`) stand for; undefined when one of them stands for none. */
export function actionsOf(patterns: readonly string[]): readonly FactAction[] | undefined {
  const known = patterns.every((pattern) => factActions.some((action) => matches(pattern, action)))
  return known ? factActions.filter((action) => patterns.some((pattern) => matches(pattern, action))) : undefined
}

const matches = (pattern: string, action: FactAction): boolean =>
  pattern.endsWith('.*') ? action.startsWith(pattern.slice(0, -1)) : pattern === action
