import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask } from '../../../tests/native.ts'
import { openWorld } from '../../../tests/world.ts'

const url = 'https://hooks.example.com/in?team=7'

test('a webhook is made, read, changed and removed; its secret is shown once, and is in no fact and no later answer', async (t) => {
  const world = await openWorld(t)
  const made = await ask(world, 'POST', '/webhooks', { body: { url, actions: ['member.*', 'member.*'] } })
  assert.equal(made.status, 201)
  const { webhook, secret } = made.body
  assert.match(secret, /^whsec_/)
  assert.deepEqual([webhook.url, webhook.actions, webhook.enabled, webhook.pending], [url, ['member.*'], true, 0])
  const path = `/webhooks/${webhook.id}`
  const read = (await ask(world, 'GET', path)).body
  // One fact is behind it by now: that it was made.
  assert.deepEqual(read, { ...webhook, behind: 1, oldestPendingAt: webhook.createdAt })
  assert.deepEqual((await ask(world, 'PATCH', path, { body: { actions: null, enabled: false } })).body.actions, undefined)
  assert.equal((await ask(world, 'PATCH', path, { body: { url: 'https://other.example/' } })).body.enabled, false)
  const rotated = await ask(world, 'POST', `${path}/rotate`, { body: {} })
  assert.notEqual(rotated.body.secret, secret)
  assert.ok(Date.parse(rotated.body.webhook.previousSecretUntil) > Date.now() + 23 * 3_600_000)
  const all = JSON.stringify([
    (await ask(world, 'GET', path)).body,
    (await ask(world, 'GET', '/webhooks')).body,
    (await ask(world, 'GET', '/facts')).body,
  ])
  assert.doesNotMatch(all, /whsec_/)
  assert.doesNotMatch(JSON.stringify((await ask(world, 'GET', '/facts')).body), /team=7/)
  assert.equal((await ask(world, 'DELETE', path)).status, 204)
  assert.equal((await ask(world, 'GET', path)).status, 404)
})

test('a URL that leads to no public address, or is spoken to in clear, is refused when it is given; the operator may allow it', async (t) => {
  const world = await openWorld(t)
  const allowing = await openWorld(t, { outbound: ['10.0.0.0/8', 'hooks.internal'] })
  for (const bad of [
    'http://hooks.example.com/',
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://10.1.2.3/',
    'https://0x7f000001/',
    'https://user:pass@hooks.example.com/',
    'ftp://hooks.example.com/',
    'hooks.example.com',
    `https://hooks.example.com/${'x'.repeat(2_000)}`,
    '',
  ]) {
    const reply = await ask(world, 'POST', '/webhooks', { body: { url: bad } })
    assert.deepEqual([reply.status, reply.body.field], [422, 'url'], bad)
  }
  for (const good of ['https://10.1.2.3/', 'http://10.1.2.3/', 'http://hooks.internal:8080/'])
    assert.equal((await ask(allowing, 'POST', '/webhooks', { body: { url: good } })).status, 201, good)
  const { webhook } = (await ask(world, 'POST', '/webhooks', { body: { url } })).body
  const changed = await ask(world, 'PATCH', `/webhooks/${webhook.id}`, { body: { url: 'https://192.168.0.1/' } })
  assert.equal(changed.status, 422)
})

test('unknown actions, too many webhooks, and deliveries that are not there are refused with what to do', async (t) => {
  const world = await openWorld(t)
  for (const actions of [['member.adedd'], ['*'], [], ['member']]) {
    const reply = await ask(world, 'POST', '/webhooks', { body: { url, actions } })
    assert.deepEqual([reply.status, reply.body.field?.startsWith('actions')], [422, true], JSON.stringify(actions))
  }
  const { webhook } = (await ask(world, 'POST', '/webhooks', { body: { url } })).body
  for (const sequence of ['0', 'x', '1e3', '-1', '999', '1'])
    assert.equal((await ask(world, 'GET', `/webhooks/${webhook.id}/deliveries/${sequence}`)).status, 404)
  assert.match((await ask(world, 'GET', `/webhooks/${webhook.id}/deliveries/999`)).body.detail, /yet to come/)
  for (const overlapHours of [-1, 721])
    assert.equal((await ask(world, 'POST', `/webhooks/${webhook.id}/rotate`, { body: { overlapHours } })).status, 422)
  for (let count = 1; count < 50; count++) await ask(world, 'POST', '/webhooks', { body: { url } })
  assert.equal((await ask(world, 'POST', '/webhooks', { body: { url } })).status, 409)
})

test('only an operator changes webhooks, and nobody sees those of another organization', async (t) => {
  const world = await openWorld(t)
  const foreign = { app: world.app, access: await world.another() }
  const auditor = (await ask(world, 'POST', '/credentials', { body: { name: 'a', duty: 'auditor' } })).body.key
  const { webhook } = (await ask(world, 'POST', '/webhooks', { body: { url } })).body
  const path = `/webhooks/${webhook.id}`
  const writes = [
    ['POST', '/webhooks', { url }],
    ['PATCH', path, { enabled: false }],
    ['POST', `${path}/rotate`, {}],
    ['POST', `${path}/test`, undefined],
    ['POST', `${path}/replay`, { dead: true }],
    ['DELETE', path, undefined],
  ] as const
  for (const [method, at, body] of writes) {
    assert.equal((await ask(world, method, at, { body, key: auditor })).status, 403, at)
    if (at !== '/webhooks') assert.equal((await ask(foreign, method, at, { body })).status, 404, at)
  }
  assert.equal((await ask(world, 'GET', `${path}/deliveries`, { key: auditor })).status, 200)
  assert.equal((await ask(foreign, 'GET', `${path}/deliveries`)).status, 404)
  assert.deepEqual((await ask(foreign, 'GET', '/webhooks')).body.items, [])
})

test('a repetition with the same Idempotency-Key answers the same secret and has one effect', async (t) => {
  const world = await openWorld(t)
  const { webhook } = (await ask(world, 'POST', '/webhooks', { body: { url } })).body
  const path = `/webhooks/${webhook.id}`
  for (const [at, body] of [
    ['/webhooks', { url }],
    [`${path}/rotate`, { overlapHours: 1 }],
    [`${path}/test`, undefined],
    [`${path}/replay`, { dead: true }],
  ] as const) {
    const headers = { 'idempotency-key': at }
    const first = await ask(world, 'POST', at, { body, headers })
    const { sequence } = (await ask(world, 'GET', '/facts/head')).body
    const second = await ask(world, 'POST', at, { body, headers })
    assert.ok(first.status < 300)
    assert.deepEqual([second.status, second.body], [first.status, first.body])
    assert.equal((await ask(world, 'GET', '/facts/head')).body.sequence, sequence)
  }
  assert.equal((await ask(world, 'GET', '/webhooks')).body.items.length, 2)
})
