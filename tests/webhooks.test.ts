import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { factActions } from '../src/directory/fact.ts'
import { actionsOf, orderKeys } from '../src/directory/webhook.ts'
import { createCourier } from '../src/outbox/webhook-courier.ts'
import { maxAttempts, retryPauseMs } from '../src/outbox/webhook-schedule.ts'
import { ask } from './native.ts'
import { openReceiver, verifies, type ReceivedMessage } from './receiver.ts'
import { openDesk, type Desk } from './webhooks.ts'

const hour = 3_600
const day = 24 * hour

/** The messages about a member, in the order in which they came. */
const about = (messages: readonly ReceivedMessage[], id: string) =>
  messages.filter(({ data }) => orderKeys(data as never).includes(id)).map(({ sequence }) => sequence)

const isOrdered = (sequences: readonly number[]) => sequences.every((each, index) => index === 0 || each > sequences[index - 1]!)

/** Every fact that the webhook of a desk is told of: all since it was made, but tests. */
const wanted = async ({ world, begin }: Desk) =>
  (await world.home.directory.listFacts(world.call(), { after: begin, limit: 100_000 }))
    .filter(({ action }) => action !== 'webhook.tested')
    .map(({ sequence }) => sequence)

/** Each once. */
const assertAllDelivered = async (desk: Desk) => {
  const sent = desk.receiver.accepted.map(({ sequence }) => sequence)
  assert.deepEqual(
    sent.toSorted((a, b) => a - b),
    await wanted(desk),
  )
}

test('a fact arrives as a message that the official library verifies, as /api/v1/facts shows it', async (t) => {
  const desk = await openDesk(t)
  const id = await desk.add('ada')
  await desk.deliver()
  const message = desk.receiver.accepted.at(-1)
  assert.ok(message)
  const [fact] = (await ask(desk.world, 'GET', `/facts?about=${id}`)).body.items
  const { type, timestamp, data } = JSON.parse(message.text)
  assert.deepEqual([type, timestamp, data], ['member.added', fact.at, fact])
  assert.match(message.id, /^fact_\d+_[0-9a-f]{32}$/)
  assert.equal(message.headers['content-type'], 'application/json; charset=utf-8')
  assert.equal(desk.receiver.unverified(), 0)
  await assertAllDelivered(desk)
  const [secret = ''] = desk.receiver.secrets
  assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/)
  const { text, headers } = message
  assert.equal(verifies(secret, { text: text.replace('ada', 'eve'), headers }), false)
  assert.equal(verifies(secret, { text, headers: { ...headers, 'webhook-id': 'fact_1' } }), false)
  assert.equal(verifies(`whsec_${Buffer.alloc(32).toString('base64')}`, message), false)
  desk.pass(299)
  assert.equal(verifies(secret, message), true)
  desk.pass(3)
  assert.throws(() => new Webhook(secret).verify(text, { ...headers }), /too old/)
  assert.equal(desk.lines.join('').includes('path17'), false)
})

test('a person whose message fails holds back their own later ones, in order, and nobody else’s', async (t) => {
  const desk = await openDesk(t)
  const [ada, grace] = [await desk.add('ada'), await desk.add('grace')]
  await desk.deliver()
  const before = desk.receiver.accepted.length
  desk.receiver.answer = ({ data }) => (data.subject === ada ? 500 : 204)
  for (let count = 0; count < 3; count++) for (const id of [ada, grace]) await desk.rename(id, `name ${count}`)
  const group = (await ask(desk.world, 'POST', '/groups', { body: { displayName: 'team', memberIds: [ada, grace] } })).body
  await desk.world.home.directory.startSession(desk.world.call(), { membershipId: ada })
  await desk.world.home.directory.startSession(desk.world.call(), { membershipId: grace })
  await desk.deliver()
  assert.equal(about(desk.receiver.accepted.slice(before), ada).length, 0)
  // The group's own beginning names nobody; who was added to it waits for Ada, and Grace's session for that.
  assert.deepEqual(
    desk.receiver.accepted
      .slice(before)
      .map(({ type }) => type)
      .toSorted(),
    ['group.created', 'member.changed', 'member.changed', 'member.changed'],
  )
  assert.deepEqual(
    (await desk.deliveries()).map(({ action, dueAt, attempts }) => [action, dueAt !== undefined, attempts]).toReversed(),
    [
      ['member.changed', true, 1],
      ['member.changed', false, 0],
      ['member.changed', false, 0],
      ['group.membersAdded', false, 0],
      ['session.started', false, 0],
      ['session.started', false, 0],
    ],
  )
  const standing = await desk.view()
  assert.deepEqual([standing.pending, standing.dead, standing.behind], [6, 0, 0])
  assert.deepEqual(standing.oldestPendingAt, (await desk.deliveries()).at(-1)?.at)
  const tried = desk.receiver.received.length
  await desk.rename(ada, 'in a round of its own')
  await desk.deliver()
  assert.equal(desk.receiver.received.length, tried, 'it waits too')
  await desk.live(60, 5)
  assert.ok(desk.receiver.received.filter(({ data }) => data.subject === ada).length > 3, 'it was tried again')
  desk.receiver.answer = () => 204
  await desk.live(600, 60)
  await assertAllDelivered(desk)
  for (const id of [ada, grace, group.id]) assert.ok(isOrdered(about(desk.receiver.accepted, id)))
  assert.equal((await desk.view()).pending, 0)
})

test('a receiver that is down for six hours costs a few attempts, and is told of everything once, in order per person, when it is back', async (t) => {
  const desk = await openDesk(t)
  const people = await Promise.all(Array.from({ length: 20 }, (_, index) => desk.add(`person${index}`)))
  desk.receiver.answer = ({ sequence }) => (sequence % 2 === 0 ? 0 : 503)
  await desk.deliver()
  assert.ok(desk.receiver.received.length < 20, 'most are not even tried while those before them fail')
  assert.ok((await desk.view()).behind > 0)
  for (let round = 0; round < 3; round++) {
    for (const id of people) await desk.rename(id, `round ${round}`)
    await desk.live(2 * hour, 1_200)
  }
  assert.equal(desk.receiver.accepted.length, 0)
  const tried = Map.groupBy(desk.receiver.received, ({ id }) => id)
  assert.ok(
    tried.values().every(({ length }) => length <= 25),
    'no message was tried more often than its schedule says',
  )
  desk.receiver.answer = () => 204
  while (desk.receiver.accepted.length === 0) await desk.live(60, 60)
  // The first success is the sign for all the others.
  await assertAllDelivered(desk)
  for (const id of people) assert.ok(isOrdered(about(desk.receiver.accepted, id)))
  const after = await desk.view()
  assert.deepEqual([after.pending, after.behind, after.webhook.failingSince], [0, 0, undefined])
})

test('what was not sent because a round was broken off is sent later, also where facts after it went out', async (t) => {
  const desk = await openDesk(t)
  const ada = await desk.add('ada')
  await desk.rename(ada, 'second')
  for (let index = 0; index < 12; index++) await desk.add(`person${index}`)
  const gate = Promise.withResolvers<number>()
  let failures = 0
  desk.receiver.answer = ({ data, type }) => {
    if (type !== 'member.added') return 204
    if (data.subject === ada) return gate.promise
    if (++failures === 7) gate.resolve(204)
    return 500
  }
  await desk.deliver()
  assert.deepEqual(about(desk.receiver.accepted, ada), (await wanted(desk)).slice(1, 3))
  assert.ok(
    (await desk.deliveries()).some(
      ({ state, attempts, action }) => state === 'delivered' && attempts === 1 && action === 'member.changed',
    ),
  )
  desk.receiver.answer = () => 204
  await desk.live(hour, 900)
  await assertAllDelivered(desk)
})

test('a secret is rotated under way without a loss: both sign, then the new one alone', async (t) => {
  const desk = await openDesk(t)
  const { directory } = desk.world.home
  const [old = ''] = desk.receiver.secrets
  const id = await desk.add('ada')
  await desk.deliver()
  const { secret } = await directory.rotateWebhookSecret(desk.world.call(), { id: desk.webhookId, overlapMs: hour * 1_000 })
  await desk.rename(id, 'while the receiver knows the old one')
  await desk.deliver()
  desk.receiver.secrets.splice(0, 1, secret)
  await desk.rename(id, 'while the receiver knows the new one')
  await desk.deliver()
  const last = desk.receiver.accepted.at(-1)
  assert.ok(last)
  assert.deepEqual([verifies(old, last), verifies(secret, last)], [true, true])
  assert.equal(last.headers['webhook-signature']?.split(' ').length, 2)
  await assert.rejects(
    directory.rotateWebhookSecret(desk.world.call(), { id: desk.webhookId, overlapMs: 1 }),
    /Two secrets are live until/,
  )
  desk.pass(hour)
  await desk.rename(id, 'after the overlap')
  await desk.deliver()
  const alone = desk.receiver.accepted.at(-1)
  assert.ok(alone)
  assert.deepEqual([verifies(old, alone), verifies(secret, alone)], [false, true])
  const { secret: urgent } = await directory.rotateWebhookSecret(desk.world.call(), { id: desk.webhookId, overlapMs: 0 })
  desk.receiver.secrets.push(urgent)
  await desk.rename(id, 'after a leak')
  await desk.deliver()
  const leaked = desk.receiver.accepted.at(-1)
  assert.ok(leaked)
  assert.deepEqual([verifies(secret, leaked), verifies(urgent, leaked)], [false, true])
  assert.equal(desk.receiver.unverified(), 0)
  await assertAllDelivered(desk)
})

test('a process that dies between the answer and its record: the next one sends the same again, under the same ids', async (t) => {
  const desk = await openDesk(t)
  const [ada, grace] = [await desk.add('ada'), await desk.add('grace')]
  let died: Error | undefined
  const dying = {
    ...desk.parts,
    send: async (message: Parameters<typeof desk.parts.send>[0]) => {
      await desk.parts.send(message)
      throw (died = new Error('killed'))
    },
  }
  await assert.rejects(desk.deliver(dying), (error) => error === died)
  const first = desk.receiver.accepted.map(({ id, sequence }) => [id, sequence])
  assert.ok(first.length > 0)
  assert.equal(await desk.deliver({ holder: 'other' }), 0, 'the dead one still holds the lease')
  desk.pass(61)
  assert.ok((await desk.deliver({ holder: 'other' })) > 0)
  const again = desk.receiver.accepted.slice(first.length)
  for (const [id, sequence] of first) assert.ok(again.some((message) => message.id === id && message.sequence === sequence))
  assert.ok(again.some(({ data }) => data.subject === ada) && again.some(({ data }) => data.subject === grace))
})

test('a late process writes nothing down once another has taken over', async (t) => {
  const desk = await openDesk(t)
  const id = await desk.add('ada')
  const gate = Promise.withResolvers<number>()
  desk.receiver.answer = () => gate.promise
  const reached = desk.receiver.until(1)
  const late = desk.deliver()
  await reached
  await desk.rename(id, 'second')
  desk.pass(61)
  desk.receiver.answer = () => 500
  await desk.deliver({ holder: 'other' })
  const rows = await desk.deliveries()
  gate.resolve(204)
  await late
  assert.deepEqual(await desk.deliveries(), rows)
  assert.match(desk.lines.join('\n'), /"settled":false/)
  desk.receiver.answer = () => 204
  await desk.live(120, 30)
  assert.equal((await desk.view()).pending, 0)
  assert.ok(isOrdered([...new Set(about(desk.receiver.accepted, id))]))
})

test('a slow receiver does not cost a process its lease, and a process that lost it begins nothing more', async (t) => {
  const desk = await openDesk(t)
  const id = await desk.add('ada')
  for (let count = 0; count < 5; count++) await desk.rename(id, `name ${count}`)
  let sent = 0
  const slow: typeof desk.parts.send = async (message) => {
    sent++
    desk.pass(15)
    assert.equal(await desk.deliver({ holder: 'other' }), 0)
    return desk.parts.send(message)
  }
  await desk.deliver({ send: slow })
  assert.ok(sent * 15_000 > desk.parts.leaseMs)
  await assertAllDelivered(desk)
  await desk.rename(id, 'fourth')
  await desk.rename(id, 'fifth')
  let stalled = 0
  const late: typeof desk.parts.send = async (message) => {
    if (stalled++ === 0) {
      desk.pass(100)
      await desk.deliver({ holder: 'other' })
    }
    return desk.parts.send(message)
  }
  await desk.deliver({ send: late })
  assert.equal(stalled, 1)
  // The stalled message arrives last, a second time under its id.
  const [fourth = 0, fifth = 0] = (await wanted(desk)).slice(-2)
  assert.deepEqual(about(desk.receiver.accepted, id).slice(-3), [fourth, fifth, fourth])
})

test('a message is given up after its last attempt, about a day later; the person’s next one follows, and the dead one can be replayed', async (t) => {
  const nominal = Array.from({ length: maxAttempts - 1 }, (_, index) => retryPauseMs(index + 1, 0.5)).reduce((a, b) => a + b)
  assert.ok(nominal > day * 1_000 && nominal < 1.05 * day * 1_000, String(nominal))
  assert.deepEqual([retryPauseMs(1, 0), retryPauseMs(1, 0.999), retryPauseMs(40, 0.5)], [3_750, 6_248, 1_800_000])
  const desk = await openDesk(t)
  const [ada, grace] = [await desk.add('ada'), await desk.add('grace')]
  await desk.deliver()
  await desk.rename(ada, 'poison')
  await desk.rename(ada, 'cure')
  await desk.rename(grace, 'well')
  const poison = (await desk.world.home.directory.chainHead(desk.world.call(), undefined)).sequence - 2
  desk.receiver.answer = ({ sequence }) => (sequence === poison ? 422 : 204)
  await desk.live(1.3 * day, 1_800)
  assert.equal(desk.receiver.received.filter(({ sequence }) => sequence === poison).length, maxAttempts)
  const { dead, pending } = await desk.view()
  assert.deepEqual([dead, pending], [1, 0])
  assert.ok(about(desk.receiver.accepted, ada).includes(poison + 1))
  const shown = (await ask(desk.world, 'GET', `/webhooks/${desk.webhookId}/deliveries?state=dead`)).body.items
  assert.deepEqual(
    shown.map(({ sequence, attempts, reason }: Record<string, unknown>) => [sequence, attempts, reason]),
    [[poison, maxAttempts, 'The receiver answered 422.']],
  )
  desk.receiver.answer = () => 204
  const replay = await ask(desk.world, 'POST', `/webhooks/${desk.webhookId}/replay`, { body: { dead: true } })
  assert.deepEqual([replay.status, replay.body.deliveries], [202, 1])
  await desk.deliver()
  const ids = desk.receiver.received.filter(({ sequence }) => sequence === poison).map(({ id }) => id)
  assert.deepEqual([new Set(ids).size, ids.length], [1, maxAttempts + 1])
  assert.deepEqual([(await desk.view()).dead, (await desk.view()).pending], [0, 0])
})

test('410 disables at once, five days without a success too, each with a reason and a fact; enabled again it goes on where it stood', async (t) => {
  const desk = await openDesk(t)
  const { directory } = desk.world.home
  const enable = () => ask(desk.world, 'PATCH', `/webhooks/${desk.webhookId}`, { body: { enabled: true } })
  const id = await desk.add('ada')
  await desk.deliver()
  desk.receiver.answer = () => 410
  await desk.rename(id, 'one')
  await desk.deliver()
  assert.match((await desk.view()).webhook.disabledReason ?? '', /answered 410/)
  const seen = desk.receiver.received.length
  await desk.rename(id, 'two')
  await desk.live(day, 12 * hour)
  assert.equal(desk.receiver.received.length, seen)
  const refused = await ask(desk.world, 'POST', `/webhooks/${desk.webhookId}/test`)
  assert.deepEqual([refused.status, refused.body.type], [409, '/docs#problem-conflict'])
  desk.receiver.answer = () => 204
  assert.deepEqual([(await enable()).body.enabled, (await desk.view()).webhook.disabledReason], [true, undefined])
  await desk.deliver()
  await assertAllDelivered(desk)
  desk.receiver.answer = () => 500
  await desk.rename(id, 'three')
  for (let days = 0; days < 7; days++) {
    await desk.live(day, 8 * hour)
    await desk.rename(id, `day ${days}`)
  }
  const { webhook } = await desk.view()
  assert.match(webhook.disabledReason ?? '', /^Nothing has been delivered since 2026-03-.+The receiver answered 500\.$/)
  const disabled = await directory.readFeed(desk.world.call(), { limit: 10, actions: ['webhook.disabled'] })
  assert.deepEqual(
    disabled.facts.map(({ subject, actor }) => [subject, actor]),
    [
      [desk.webhookId, 'system:webhooks'],
      [desk.webhookId, 'system:webhooks'],
    ],
  )
  desk.receiver.answer = () => 204
  await enable()
  await desk.live(hour, 900)
  assert.equal((await desk.view()).pending, 0)
})

test('facts are replayed from a sequence and from a time under the ids that they had, while new ones follow', async (t) => {
  const desk = await openDesk(t)
  const { world } = desk
  const replay = (body: unknown) => ask(world, 'POST', `/webhooks/${desk.webhookId}/replay`, { body })
  const id = await desk.add('ada')
  desk.pass(60)
  const middle = new Date()
  for (let count = 0; count < 5; count++) await desk.rename(id, `name ${count}`)
  await desk.deliver()
  const first = desk.receiver.accepted.map((message) => [message.id, message.sequence] as const)
  const renamed = first.slice(-5)
  const from = await replay({ fromSequence: renamed[2]![1] })
  assert.deepEqual([from.status, from.body.position], [202, renamed[1]![1]])
  await desk.rename(id, 'new')
  await desk.deliver()
  const second = desk.receiver.accepted.slice(first.length).map((message) => [message.id, message.sequence] as const)
  assert.deepEqual(
    second.filter(([, sequence]) => sequence <= renamed[4]![1]),
    renamed.slice(2),
  )
  assert.ok(isOrdered(about(desk.receiver.accepted.slice(first.length), id)))
  const count = desk.receiver.accepted.length
  await replay({ fromTime: middle.toISOString() })
  await desk.deliver()
  assert.deepEqual(desk.receiver.accepted[count]?.id, renamed[0]![0])
  await replay({ sequence: renamed[4]![1] })
  await desk.deliver()
  const last = desk.receiver.accepted.findLast(({ type }) => type !== 'webhook.replayed')
  assert.equal(last?.id, renamed[4]![0])
  const behind = (await desk.view()).webhook.position
  for (const body of [
    { fromSequence: behind + 50 },
    { sequence: behind + 50 },
    { fromSequence: 0 },
    { sequence: 1, dead: true },
    {},
  ])
    assert.ok([400, 422].includes((await replay(body)).status), JSON.stringify(body))
  await replay({ fromTime: '2030-01-01T00:00:00Z' })
  const before = desk.receiver.accepted.length
  await desk.deliver()
  assert.deepEqual(
    desk.receiver.accepted.slice(before).map(({ type }) => type),
    ['webhook.replayed'],
  )
})

test('a replay that comes while messages are under way begins when they have ended, and none is written off', async (t) => {
  const desk = await openDesk(t)
  const id = await desk.add('ada')
  await desk.deliver()
  const begins = desk.receiver.accepted.length
  const gate = Promise.withResolvers<number>()
  desk.receiver.answer = () => gate.promise
  await desk.rename(id, 'late')
  const reached = desk.receiver.until(begins + 1)
  const round = desk.deliver()
  await reached
  await ask(desk.world, 'POST', `/webhooks/${desk.webhookId}/replay`, { body: { fromSequence: desk.begin + 1 } })
  assert.equal(await desk.deliver({ holder: 'other' }), 0, 'nobody else sends meanwhile')
  desk.receiver.answer = () => 204
  gate.resolve(204)
  await round
  const after = desk.receiver.accepted.slice(begins + 1).map(({ sequence }) => sequence)
  assert.equal(after[0], desk.begin + 1)
  assert.ok(isOrdered(about(desk.receiver.accepted.slice(begins + 1), id)))
  assert.deepEqual([(await desk.view()).behind, (await desk.view()).pending], [0, 0])
})

test('only what is asked for is sent, a test always, and a test that fails is not repeated', async (t) => {
  const desk = await openDesk(t, { actions: ['group.*', 'session.started'] })
  const id = await desk.add('ada')
  await ask(desk.world, 'POST', '/groups', { body: { displayName: 'team', memberIds: [id] } })
  await desk.world.home.directory.startSession(desk.world.call(), { membershipId: id })
  await desk.deliver()
  assert.deepEqual(
    desk.receiver.accepted.map(({ type }) => type),
    ['group.created', 'group.membersAdded', 'session.started'],
  )
  const run = async () => {
    const { body } = await ask(desk.world, 'POST', `/webhooks/${desk.webhookId}/test`)
    await desk.deliver()
    return (await ask(desk.world, 'GET', `/webhooks/${desk.webhookId}/deliveries/${body.sequence}`)).body
  }
  const good = await run()
  assert.deepEqual([good.state, good.action, good.attempts], ['delivered', 'webhook.tested', 1])
  assert.equal(desk.receiver.accepted.at(-1)?.id, good.messageId)
  const reasons = []
  for (const status of [500, 302, 429, 0]) {
    desk.receiver.answer = () => status
    const { state, reason } = await run()
    assert.equal(state, 'dead')
    reasons.push(reason)
  }
  assert.deepEqual(reasons, [
    'The receiver answered 500.',
    'The receiver answered 302. Redirects are not followed: set the URL that it leads to.',
    'The receiver answered 429.',
    'The receiver cannot be reached (ECONNRESET).',
  ])
  const before = desk.receiver.received.length
  await desk.live(hour, 300)
  assert.equal(desk.receiver.received.length, before)
})

test('a webhook that is sent elsewhere sends what waits there at once', async (t) => {
  const desk = await openDesk(t)
  const other = await openReceiver(t)
  other.secrets.push(...desk.receiver.secrets)
  desk.receiver.answer = () => 500
  await desk.add('ada')
  await desk.deliver()
  assert.equal(desk.receiver.accepted.length, 0)
  await ask(desk.world, 'PATCH', `/webhooks/${desk.webhookId}`, { body: { url: other.url } })
  await desk.deliver()
  assert.deepEqual(
    other.accepted.map(({ sequence }) => sequence),
    await wanted(desk),
  )
})

test('a receiver that asks for time with Retry-After is given it', async (t) => {
  const desk = await openDesk(t)
  await desk.add('ada')
  const send = async () => ({ kind: 'failed', reason: 'The receiver answered 503.', waitMs: 600_000 }) as const
  await desk.deliver({ send })
  const failed = (await desk.deliveries()).find(({ attempts }) => attempts === 1)
  assert.equal(failed?.dueAt?.getTime(), Date.now() + 600_000)
})

test('the courier sends what comes when it is woken, and ends what is under way when it is told to stop', async (t) => {
  const desk = await openDesk(t)
  const courier = createCourier({ ...desk.parts, sleep: () => new Promise(() => undefined), pollMs: 1 })
  desk.world.home.database.onFacts(() => courier.wake())
  courier.start()
  const gate = Promise.withResolvers<number>()
  desk.receiver.answer = () => gate.promise
  const arrived = desk.receiver.until(1)
  await desk.add('ada')
  await arrived
  const stopped = courier.stop()
  gate.resolve(204)
  await stopped
  assert.equal((await desk.view()).webhook.position, desk.begin + desk.receiver.accepted.length)
})

test('every action that there is can be asked for by name and by family, and none that there is not', () => {
  for (const action of factActions) assert.deepEqual(actionsOf([action]), [action])
  const families = new Set(factActions.map((action) => `${action.split('.')[0]}.*`))
  assert.deepEqual(actionsOf([...families]), factActions)
  for (const pattern of ['member', 'member.', 'member.adedd', '*', '.*', 'memb.*']) assert.equal(actionsOf([pattern]), undefined)
})
