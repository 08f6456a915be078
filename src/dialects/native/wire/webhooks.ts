import { z } from 'zod'
import { json, operation } from '../../../wire/operation.ts'
import { id, page, pageQuery, when } from './page.ts'

const actions = z.array(z.string().max(100)).min(1).max(100)

const format = z.enum(['facts', 'scim'])

const Webhook = z.object({
  id,
  url: z.string(),
  format,
  actions: z.array(z.string()).optional(),
  enabled: z.boolean(),
  disabledReason: z.string().optional(),
  position: z.int(),
  behind: z.int(),
  pending: z.int(),
  oldestPendingAt: when.optional(),
  dead: z.int(),
  failingSince: when.optional(),
  resumeAt: when.optional(),
  lastDeliveredAt: when.optional(),
  previousSecretUntil: when.optional(),
  createdAt: when,
  updatedAt: when,
})

const WithSecret = z.object({ webhook: Webhook, secret: z.string() })

const states = ['waiting', 'held', 'delivered', 'dead'] as const
const Delivery = z.object({
  sequence: z.int(),
  messageId: z.string(),
  action: z.string(),
  at: when,
  state: z.enum(states),
  attempts: z.int(),
  dueAt: when.optional(),
  reason: z.string().optional(),
  settledAt: when.optional(),
})

const sequence = z.int().min(1)

export const listWebhooks = operation({
  name: 'listWebhooks',
  summary: 'The webhooks and how they stand, all on one page. Their secrets are never shown again',
  method: 'GET',
  path: '/webhooks',
  status: 200,
  reply: json(page(Webhook)),
})

export const createWebhook = operation({
  name: 'createWebhook',
  summary:
    'Sends every fact from now on to a URL, or those whose actions are named (member.added, member.*), signed by Standard Webhooks; with the format `scim`, what happens to people and groups as security event tokens (RFC 8935, RFC 9967), signed by the key at /scim/v2/events/keys. The answer carries the one copy of the secret',
  method: 'POST',
  path: '/webhooks',
  request: json(z.strictObject({ url: z.string(), format: format.optional(), actions: actions.optional() })),
  status: 201,
  reply: json(WithSecret),
})

export const readWebhook = operation({
  name: 'readWebhook',
  summary: 'One webhook: what it has been sent, what is pending or was given up, and why it was disabled',
  method: 'GET',
  path: '/webhooks/:webhookId',
  status: 200,
  reply: json(Webhook),
})

export const changeWebhook = operation({
  name: 'changeWebhook',
  summary: 'Changes what is given and keeps the rest; null asks for all actions. Enabled again, it goes on where it stood',
  method: 'PATCH',
  path: '/webhooks/:webhookId',
  request: json(
    z.strictObject({ url: z.string().optional(), actions: actions.nullable().optional(), enabled: z.boolean().optional() }),
  ),
  status: 200,
  reply: json(Webhook),
})

export const deleteWebhook = operation({
  name: 'deleteWebhook',
  summary: 'Forgets a webhook, its secret and its deliveries',
  method: 'DELETE',
  path: '/webhooks/:webhookId',
  status: 204,
})

export const rotateWebhookSecret = operation({
  name: 'rotateWebhookSecret',
  summary:
    'Makes a new secret, shown once. For so many hours (24) messages carry a signature by the one before as well; 0 ends it at once',
  method: 'POST',
  path: '/webhooks/:webhookId/rotate',
  request: json(z.strictObject({ overlapHours: z.number().min(0).max(720).optional() })),
  status: 200,
  reply: json(WithSecret),
})

export const testWebhook = operation({
  name: 'testWebhook',
  summary: 'Sends one webhook.tested message, whatever the webhook asks for. Read its delivery to see what came of it',
  method: 'POST',
  path: '/webhooks/:webhookId/test',
  status: 202,
  reply: json(Delivery),
})

export const listDeliveries = operation({
  name: 'listDeliveries',
  summary:
    'What did not go out at the first attempt: waiting, held behind an earlier fact about the same person, given up, or delivered after all; the newest fact first',
  method: 'GET',
  path: '/webhooks/:webhookId/deliveries',
  query: z.strictObject({ ...pageQuery, state: z.enum(states).optional() }),
  status: 200,
  reply: json(page(Delivery)),
})

export const readDelivery = operation({
  name: 'readDelivery',
  summary: 'The delivery of the fact with this sequence, where something is kept of it',
  method: 'GET',
  path: '/webhooks/:webhookId/deliveries/:sequence',
  status: 200,
  reply: json(Delivery),
})

export const replayDeliveries = operation({
  name: 'replayDeliveries',
  summary:
    'Sends again, under the same message ids: one fact, everything from a fact or a moment on (later facts follow after it), or what was given up, 1000 at a time',
  method: 'POST',
  path: '/webhooks/:webhookId/replay',
  request: json(
    z.union([
      z.strictObject({ sequence }),
      z.strictObject({ fromSequence: sequence }),
      z.strictObject({ fromTime: when }),
      z.strictObject({ dead: z.literal(true) }),
    ]),
  ),
  status: 202,
  reply: json(z.object({ deliveries: z.int(), position: z.int() })),
})
