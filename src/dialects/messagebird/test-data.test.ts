import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faceOf, invite, kinds, openFace } from '../../../tests/messagebird.ts'

test('MBRD-16 the invitation goes out by mail, and one that a test key makes goes nowhere', async (t) => {
  const face = await openFace(t)
  const test = `AccessKey ${await face.credential(kinds.testKeyKind)}`
  await invite(face, 'new@example.com')
  await face.send('POST', '/users', { as: test, body: { email: 'made-up@example.com' } })
  const mails = await face.world.home.database.outbox.mails({ limit: 10 })
  assert.deepEqual(
    mails.map((mail) => [mail.to, mail.state]),
    [
      [undefined, 'waiting'],
      ['new@example.com', 'waiting'],
    ],
  )
  const claimed = await face.world.home.database.outbox.claim({ holder: 'test', now: new Date(), leaseMs: 1000 })
  assert.equal(claimed?.to, 'new@example.com')
  assert.equal(await face.world.home.database.outbox.claim({ holder: 'test', now: new Date(), leaseMs: 1000 }), undefined)
})

test('MBRD-Q14 a test key has people of its own, which no live key sees, and sees none of the live ones', async (t) => {
  const face = await openFace(t)
  const live = await invite(face, 'live@example.com')
  const key = `AccessKey ${await face.credential(kinds.testKeyKind)}`
  assert.equal((await face.send('GET', '/users', { as: key })).json['count'], 0)
  assert.equal((await face.send('GET', `/users/${live}`, { as: key })).status, 404)
  const made = await face.send('POST', '/users', { as: key, body: { email: 'live@example.com', role: 'admin' } })
  assert.equal(made.status, 201)
  assert.equal((await face.send('GET', `/users/${made.json.id}`, { as: key })).json['role'], 'admin')
  for (const path of [`/users/${made.json.id}`, `/scim/v2/Users/${made.json.id}`])
    assert.equal((await face.send('GET', path)).status, 404)
  assert.deepEqual(
    (await face.send('GET', '/users')).json.items.map((item) => item.id),
    [live],
  )
  const second = `AccessKey ${await face.credential(kinds.testKeyKind)}`
  assert.equal((await face.send('GET', '/users', { as: second })).json['count'], 1)
  const other = faceOf(face.world, await face.world.another())
  const foreign = `AccessKey ${await other.credential(kinds.testKeyKind)}`
  assert.equal((await face.send('GET', '/users', { as: foreign })).json['count'], 0)
})

test('MBRD-Q14 first requests with a test key that come at once all see the same test data', async (t) => {
  const face = await openFace(t)
  const key = `AccessKey ${await face.credential(kinds.testKeyKind)}`
  const replies = await Promise.all(
    ['a', 'b', 'c', 'd'].map((name) => face.send('POST', '/users', { as: key, body: { email: `${name}@example.com` } })),
  )
  assert.deepEqual(
    replies.map(({ status }) => status),
    [201, 201, 201, 201],
  )
  assert.equal((await face.send('GET', '/users', { as: key })).json['count'], 4)
})
