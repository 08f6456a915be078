import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Call } from '../../../src/directory/call.ts'
import type { Delivery, Webhook, WebhookKey } from '../../../src/directory/webhook.ts'
import { addMember, useBench, type CreateDatabase } from './bench.ts'

export function webhookConformance(create: CreateDatabase): void {
  const bench = useBench(create)
  const at = new Date('2026-03-01T10:20:30.456Z')
  const later = (seconds: number) => new Date(at.getTime() + seconds * 1_000)

  const add = async (over: Partial<Webhook> = {}) => {
    const { opened, organization, newId } = bench()
    const call = await organization()
    const webhook: Webhook = {
      id: newId(),
      organizationId: call.organizationId,
      url: 'https://example.com/hooks',
      format: 'facts',
      actions: undefined,
      enabled: true,
      disabledReason: undefined,
      position: 1,
      failures: 0,
      failingSince: undefined,
      resumeAt: undefined,
      lastDeliveredAt: undefined,
      previousSecretUntil: undefined,
      createdAt: at,
      updatedAt: at,
      ...over,
    }
    await opened.store.write(call.organizationId, (tx) => tx.addWebhook(webhook, 'whsec_first'))
    return { call, webhook, key: { organizationId: call.organizationId, webhookId: webhook.id } }
  }
  const deliveryOf = ({ organizationId, webhookId }: WebhookKey, sequence: number, over: Partial<Delivery> = {}): Delivery => ({
    organizationId,
    webhookId,
    sequence,
    messageId: `m${sequence}`,
    action: 'member.changed',
    at: later(sequence),
    state: 'waiting',
    attempts: 0,
    dueAt: at,
    reason: undefined,
    settledAt: undefined,
    ...over,
  })
  const put = (key: WebhookKey, sequence: number, keys: readonly string[], over: Partial<Delivery> = {}) =>
    bench().opened.store.write(key.organizationId, (tx) => tx.putDelivery(deliveryOf(key, sequence, over), keys))
  const end = (key: WebhookKey, sequence: number, state: 'delivered' | 'dead' = 'delivered') =>
    bench().opened.store.write(key.organizationId, (tx) =>
      tx.endDelivery(deliveryOf(key, sequence, { state, attempts: 1, settledAt: later(50) }), later(50)),
    )
  const due = async (key: WebhookKey, now = later(1_000)) =>
    (await bench().opened.store.read((tx) => tx.dueDeliveries(key, { now, limit: 100 }))).map(({ sequence }) => sequence)
  const isReady = async (key: WebhookKey, now: Date) => {
    const { webhookQueue } = bench().opened
    const claimed = await webhookQueue.claim({ holder: 'look', now, leaseMs: 1 })
    return claimed?.webhook.id === key.webhookId
  }

  test('a webhook comes back as it was put, whole and changed; its secrets are sealed, and the one before is kept', async () => {
    const { opened, database, newId } = bench()
    const { webhook, key, call } = await add({ position: 0 })
    const read = () => opened.store.read((tx) => tx.webhook(call.organizationId, webhook.id))
    assert.deepEqual(await read(), webhook)
    const changed: Webhook = {
      ...webhook,
      url: 'https://example.com/other',
      actions: ['member.*'],
      failures: 3,
      failingSince: later(1),
      resumeAt: later(2),
      lastDeliveredAt: later(3),
      previousSecretUntil: later(4),
      updatedAt: later(5),
    }
    await opened.store.write(call.organizationId, async (tx) => {
      await tx.putWebhook(changed)
      await tx.replaceWebhookSecret(key, 'whsec_second')
    })
    assert.deepEqual(await read(), changed)
    assert.deepEqual(await opened.store.read((tx) => tx.webhooks(call.organizationId)), [changed])
    assert.equal(await opened.store.read((tx) => tx.webhook(newId(), webhook.id)), undefined)
    assert.doesNotMatch(JSON.stringify(await database.execute('select * from webhooks')), /whsec_/)
    const claimed = await opened.webhookQueue.claim({ holder: 'a', now: later(10), leaseMs: 1 })
    assert.deepEqual(claimed?.secrets(), ['whsec_second', 'whsec_first'])
    await put(key, 1, ['k'])
    await opened.store.write(call.organizationId, (tx) => tx.removeWebhook(key))
    assert.equal(await read(), undefined)
    assert.equal(await opened.store.read((tx) => tx.delivery(key, 1)), undefined)
    assert.deepEqual(await opened.store.read((tx) => tx.heldKeys(key, ['k'])), new Set())
  })

  test('a webhook is ready while facts come after its position, unless it is paused or disabled, or when a delivery is due', async () => {
    const { opened } = bench()
    const { webhook, key, call } = await add()
    const change = (over: Partial<Webhook>) =>
      opened.store.write(call.organizationId, (tx) => tx.putWebhook({ ...webhook, ...over }))
    assert.equal(await isReady(key, later(10)), false)
    await addMember(bench(), call, 'ada')
    assert.equal(await isReady(key, later(20)), true)
    await change({ resumeAt: later(100) })
    assert.equal(await isReady(key, later(30)), false)
    assert.equal(await isReady(key, later(100)), true)
    await put(key, 1, ['k'], { dueAt: later(200) })
    await change({ resumeAt: later(10_000) })
    assert.equal(await isReady(key, later(199)), false)
    assert.equal(await isReady(key, later(200)), true)
    await change({ enabled: false })
    assert.equal(await isReady(key, later(300)), false)
    await change({ position: 2 })
    await end(key, 1)
    assert.equal(await isReady(key, later(400)), false)
  })

  test('one process at a time has a webhook in hand, and who lost it, or was fenced off, changes nothing', async () => {
    const { opened, other } = bench()
    const { call, key } = await add({ position: 0 })
    const holds = (claim: Parameters<typeof other.webhookQueue.abandon>[0]) =>
      opened.store.write(call.organizationId, (tx) => tx.holdsWebhook(claim))
    const mine = await opened.webhookQueue.claim({ holder: 'a', now: at, leaseMs: 10_000 })
    assert.equal(mine?.webhook.id, key.webhookId)
    assert.equal(await other.webhookQueue.claim({ holder: 'b', now: later(9), leaseMs: 10_000 }), undefined)
    assert.equal(await opened.webhookQueue.renew(mine.claim, later(20)), true)
    assert.equal(await other.webhookQueue.claim({ holder: 'b', now: later(19), leaseMs: 10_000 }), undefined)
    const theirs = await other.webhookQueue.claim({ holder: 'b', now: later(20), leaseMs: 10_000 })
    assert.ok(theirs)
    assert.deepEqual([await holds(mine.claim), await holds(theirs.claim)], [false, true])
    assert.equal(await opened.webhookQueue.renew(mine.claim, later(99)), false)
    await opened.webhookQueue.abandon(mine.claim)
    assert.equal(await opened.webhookQueue.claim({ holder: 'a', now: later(21), leaseMs: 10_000 }), undefined)
    await opened.store.write(call.organizationId, (tx) => tx.fenceWebhook(key))
    assert.equal(await holds(theirs.claim), false)
    assert.equal(await opened.webhookQueue.claim({ holder: 'a', now: later(22), leaseMs: 10_000 }), undefined)
    await other.webhookQueue.abandon(theirs.claim)
    const again = await opened.webhookQueue.claim({ holder: 'a', now: later(22), leaseMs: 10_000 })
    assert.ok(again)
    await opened.store.write(call.organizationId, (tx) => tx.releaseWebhook(again.claim))
    const last = await opened.webhookQueue.claim({ holder: 'a', now: later(22), leaseMs: 10_000 })
    assert.ok(last && last.claim.fence > again.claim.fence)
    assert.equal(await opened.webhookQueue.claim({ holder: 'a', now: later(23), leaseMs: 10_000 }), undefined)
    await opened.webhookQueue.releaseAll()
    assert.ok(await opened.webhookQueue.claim({ holder: 'a', now: later(23), leaseMs: 10_000 }))
    await opened.store.write(call.organizationId, (tx) => tx.removeWebhook(key))
  })

  test('a delivery comes back as it was put; lists are newest first, by state, and settled ones are taken away in time', async () => {
    const { opened } = bench()
    const { key } = await add()
    await put(key, 3, ['a'], { attempts: 2, reason: 'down', dueAt: later(7) })
    await put(key, 5, ['a'])
    await put(key, 6, ['b'])
    await put(key, 7, ['c'])
    await end(key, 6)
    await end(key, 7, 'dead')
    const expected = deliveryOf(key, 3, { attempts: 2, reason: 'down', dueAt: later(7) })
    assert.deepEqual(await opened.store.read((tx) => tx.delivery(key, 3)), expected)
    const list = async (page: { readonly state?: 'waiting' | 'held' | 'delivered' | 'dead'; readonly before?: number }) =>
      (await opened.store.read((tx) => tx.deliveries(key, { limit: 10, ...page }))).map(({ sequence }) => sequence)
    assert.deepEqual(await list({}), [7, 6, 5, 3])
    assert.deepEqual(await list({ before: 6 }), [5, 3])
    assert.deepEqual(
      [
        await list({ state: 'waiting' }),
        await list({ state: 'held' }),
        await list({ state: 'delivered' }),
        await list({ state: 'dead' }),
      ],
      [[3], [5], [6], [7]],
    )
    assert.deepEqual(await opened.store.read((tx) => tx.webhookStanding(key)), { pending: 2, dead: 1, oldestPendingAt: later(3) })
    await opened.webhookQueue.prune({ delivered: later(51), dead: later(50) })
    assert.deepEqual(await list({}), [7, 5, 3])
    await opened.webhookQueue.prune({ delivered: later(51), dead: later(51) })
    assert.deepEqual(await list({}), [5, 3])
  })

  test('what shares a key waits its turn, whatever ends before it, and nothing else does', async () => {
    const { opened } = bench()
    const { key } = await add()
    await put(key, 1, ['ada'])
    await put(key, 2, ['ada', 'team'])
    await put(key, 3, ['team', 'grace'])
    await put(key, 4, ['grace'])
    await put(key, 5, ['eve'])
    assert.deepEqual(await due(key), [1, 5])
    assert.deepEqual(await opened.store.read((tx) => tx.heldKeys(key, ['ada', 'eve', 'bob'])), new Set(['ada', 'eve']))
    await end(key, 1, 'dead')
    assert.deepEqual(await due(key), [2, 5])
    assert.deepEqual(await due(key, later(49)), [5], 'due from when the one before ended')
    await end(key, 5)
    await end(key, 2)
    assert.deepEqual(await due(key), [3])
    await end(key, 3)
    assert.deepEqual(await due(key), [4])
    await end(key, 4)
    assert.deepEqual(await opened.store.read((tx) => tx.heldKeys(key, ['ada', 'eve', 'team', 'grace'])), new Set())
  })

  test('an earlier fact that is put again goes before later ones that were due, and one of two holds is not enough to go', async () => {
    const { opened } = bench()
    const { key } = await add()
    await put(key, 7, ['ada', 'team'])
    await put(key, 9, ['ada'])
    assert.deepEqual(await due(key), [7])
    await put(key, 2, ['ada'])
    await put(key, 3, ['team'])
    assert.deepEqual(await due(key), [2, 3])
    await end(key, 2)
    assert.deepEqual(await due(key), [3])
    await end(key, 3)
    assert.deepEqual(await due(key), [7])
    await opened.store.write(key.organizationId, (tx) =>
      tx.postponeDelivery(deliveryOf(key, 7, { attempts: 4, dueAt: later(500) })),
    )
    assert.deepEqual([await due(key, later(499)), await due(key, later(500))], [[], [7]])
    await opened.store.write(key.organizationId, (tx) => tx.wakeDeliveries(key, later(60)))
    assert.deepEqual(await due(key, later(60)), [7])
    await opened.store.write(key.organizationId, (tx) => tx.removeDeliveriesFrom(key, 9))
    assert.equal(await opened.store.read((tx) => tx.delivery(key, 9)), undefined)
    assert.deepEqual(await opened.store.read((tx) => tx.heldKeys(key, ['ada'])), new Set(['ada']))
  })

  test('facts are found by action, by an id that they name, up to a sequence, and by time', async () => {
    const { opened, directory } = bench()
    const { call } = await add()
    const ada = await addMember(bench(), call, 'ada')
    const grace = await addMember(bench(), call, 'grace')
    const session = await directory.startSession({ ...call, now: later(1e6) } satisfies Call, { membershipId: ada.id })
    const find = async (page: Parameters<Parameters<Parameters<typeof opened.store.read>[0]>[0]['facts']>[1]) =>
      (await opened.store.read((tx) => tx.facts(call.organizationId, page))).map(({ action }) => action)
    assert.deepEqual(await find({ limit: 10, upTo: 2 }), ['organization.created', 'member.added'])
    assert.deepEqual(await find({ limit: 10, actions: ['member.added', 'session.started'], after: 2 }), [
      'member.added',
      'session.started',
    ])
    assert.deepEqual(await find({ limit: 10, about: ada.id }), ['member.added', 'session.started'])
    assert.deepEqual(await find({ limit: 10, about: ada.personId }), ['member.added'])
    assert.deepEqual(await find({ limit: 1, about: ada.id, after: 2 }), ['session.started'])
    assert.deepEqual(await find({ limit: 10, about: session.id, actions: ['member.added'] }), [])
    assert.deepEqual(await find({ limit: 10, about: grace.id }), ['member.added'])
    const since = (time: Date) => opened.store.read((tx) => tx.firstFactSince(call.organizationId, time))
    assert.deepEqual([await since(new Date(0)), await since(later(1e9))], [1, undefined])
  })
}
