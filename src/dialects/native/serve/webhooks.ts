import type { Call } from '../../../directory/call.ts'
import { DirectoryError } from '../../../directory/errors.ts'
import type { Delivery } from '../../../directory/webhook.ts'
import type { Replay, WebhookView } from '../../../directory/webhooks.ts'
import type { Value } from '../../../wire/operation.ts'
import type { Mount } from '../../../wire/serve.ts'
import type { ServeServices } from '../../dialect.ts'
import * as wire from '../wire/webhooks.ts'
import { pageOf } from './page.ts'
import { idIn } from './request.ts'

const defaultOverlapHours = 24
const hourMs = 60 * 60 * 1_000

export function serveWebhooks(mount: Mount<Call>, { directory }: Pick<ServeServices, 'directory'>): void {
  mount(wire.listWebhooks, async (call) => ({
    value: { items: (await directory.listWebhooks(call, undefined)).map(toWebhook) },
  }))
  mount(wire.createWebhook, async (call, { body }) => {
    const { secret, ...view } = await directory.addWebhook(call, body)
    return { value: { webhook: toWebhook(view), secret } }
  })
  mount(wire.readWebhook, async (call, { params }) => ({
    value: toWebhook(await directory.getWebhook(call, { id: idIn(params, 'webhookId') })),
  }))
  mount(wire.changeWebhook, async (call, { params, body }) => ({
    value: toWebhook(await directory.changeWebhook(call, { id: idIn(params, 'webhookId'), ...body })),
  }))
  mount(wire.deleteWebhook, async (call, { params }) => {
    await directory.removeWebhook(call, { id: idIn(params, 'webhookId') })
    return { value: undefined }
  })
  mount(wire.rotateWebhookSecret, async (call, { params, body }) => {
    const overlapMs = Math.round((body.overlapHours ?? defaultOverlapHours) * hourMs)
    const { secret, ...view } = await directory.rotateWebhookSecret(call, { id: idIn(params, 'webhookId'), overlapMs })
    return { value: { webhook: toWebhook(view), secret } }
  })
  mount(wire.testWebhook, async (call, { params }) => ({
    value: toDelivery(await directory.testWebhook(call, { id: idIn(params, 'webhookId') })),
  }))
  mount(wire.listDeliveries, async (call, { params, query }) => {
    const id = idIn(params, 'webhookId')
    const { state } = query
    const value = await pageOf(
      query,
      { list: 'deliveries', organizationId: call.organizationId, filter: { id, state } },
      {
        load: (before, limit) =>
          directory.listDeliveries(call, { id, state, before: before === undefined ? undefined : Number(before), limit }),
        positionOf: (delivery) => String(delivery.sequence),
        translate: toDelivery,
      },
    )
    return { value }
  })
  mount(wire.readDelivery, async (call, { params }) => ({
    value: toDelivery(await directory.getDelivery(call, { id: idIn(params, 'webhookId'), sequence: sequenceIn(params) })),
  }))
  mount(wire.replayDeliveries, async (call, { params, body }) => {
    const done = await directory.replayDeliveries(call, { id: idIn(params, 'webhookId'), replay: fromReplay(body) })
    return { value: done }
  })
}

const fromReplay = (body: Value<(typeof wire.replayDeliveries)['request']>): Replay => {
  if ('sequence' in body) return { kind: 'one', sequence: body.sequence }
  if ('fromSequence' in body) return { kind: 'from', sequence: body.fromSequence }
  return 'fromTime' in body ? { kind: 'since', at: body.fromTime } : { kind: 'dead' }
}

function sequenceIn(params: Readonly<Record<string, string>>): number {
  const text = params['sequence'] ?? ''
  if (/^[1-9][0-9]{0,14}$/.test(text)) return Number(text)
  throw new DirectoryError('notFound', 'There is no such delivery. They go by the sequence of their fact, such as 17.', {
    field: 'sequence',
  })
}

const toWebhook = ({ webhook, ...standing }: WebhookView): Value<(typeof wire.readWebhook)['reply']> => ({
  id: webhook.id,
  url: webhook.url,
  format: webhook.format,
  actions: webhook.actions && [...webhook.actions],
  enabled: webhook.enabled,
  disabledReason: webhook.disabledReason,
  position: webhook.position,
  ...standing,
  failingSince: webhook.failingSince,
  resumeAt: webhook.resumeAt,
  lastDeliveredAt: webhook.lastDeliveredAt,
  previousSecretUntil: webhook.previousSecretUntil,
  createdAt: webhook.createdAt,
  updatedAt: webhook.updatedAt,
})

const toDelivery = (delivery: Delivery): Value<(typeof wire.readDelivery)['reply']> => ({
  sequence: delivery.sequence,
  messageId: delivery.messageId,
  action: delivery.action,
  at: delivery.at,
  state: delivery.state === 'waiting' && !delivery.dueAt ? 'held' : delivery.state,
  attempts: delivery.attempts,
  dueAt: delivery.dueAt,
  reason: delivery.reason,
  settledAt: delivery.settledAt,
})
