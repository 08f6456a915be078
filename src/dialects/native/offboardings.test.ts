import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask } from '../../../tests/native.ts'
import { openWorld, origin } from '../../../tests/world.ts'
import { syncParts } from '../../app.ts'
import { createEngine } from '../../sync/create.ts'
import { verifyLeaverReceipt } from '../../sync/leaver/receipt.ts'

test('an offboarding is asked for, read, listed and proven by API, each with its scope', async (t) => {
  const world = await openWorld(t, { engine: (home) => createEngine(syncParts(home, { log: undefined })) })
  const url = await world.app.listen({ host: '127.0.0.1', port: 0 })
  const vendor = await world.another({ name: 'Vendor' })
  const credentials = Object.fromEntries(
    Object.entries(vendor['messagebird'] ?? {}).map(([name, value]) => [name, value.replace(origin, url)]),
  )
  const keyFor = async (duty: string) => (await ask(world, 'POST', '/credentials', { body: { name: duty, duty } })).body.key
  const [operator, approver, auditor] = [await keyFor('operator'), await keyFor('approver'), await keyFor('auditor')]
  const member = (userName: string) => ({
    body: { as: 'active', userName, emails: [{ value: userName }], name: { givenName: 'Ada', familyName: 'King' } },
  })
  const { body: ada } = await ask(world, 'POST', '/members', member('ada@example.com'))
  await ask(world, 'POST', '/members', member('eve@example.com'))
  const { body: connection } = await ask(world, 'POST', '/connections', {
    body: {
      name: 'mb',
      vendor: 'messagebird',
      baseUrl: credentials['baseUrl'],
      credentials: { ...credentials, profile: 'scim' },
      assignments: [{ kind: 'everyone' }],
      policy: { leavers: { suspendAtOnce: 'automatic' }, matchBy: ['userName', 'email'] },
    },
  })
  assert.deepEqual(connection.policy.leavers, { suspendAtOnce: 'automatic' })
  await ask(world, 'PATCH', `/connections/${connection.id}`, { body: { writesEnabled: true } })
  const { body: joining } = await ask(world, 'POST', `/connections/${connection.id}/plans`)
  assert.equal((await ask(world, 'POST', `/plans/${joining.id}/apply`)).status, 200)

  assert.equal((await ask(world, 'POST', '/offboardings', { body: { person: 'ada@example.com' }, key: auditor })).status, 403)
  assert.equal((await ask(world, 'POST', '/offboardings', { body: { person: 'ada@example.com', reason: ' ' } })).status, 422)
  const asked = await ask(world, 'POST', '/offboardings', {
    body: { person: 'ada@example.com', reason: 'end of contract' },
    key: operator,
  })
  assert.equal(asked.status, 200)
  const { offboarding, plans, memberId } = asked.body
  assert.deepEqual([memberId, offboarding.memberId, offboarding.state], [ada.member.id, ada.member.id, 'waiting'])
  const [visit] = offboarding.visits
  assert.deepEqual([visit.state, visit.lock.state, visit.requests[0].answer], ['waiting', 'done', 'accepted'])
  assert.match(
    offboarding.text,
    /mb \(messagebird\): waiting, the removal waits for an approval: plan .*\n.*had ada@example\.com/,
  )
  const again = await ask(world, 'POST', '/offboardings', { body: { person: 'ada@example.com' }, key: operator })
  assert.equal(again.body.offboarding.id, offboarding.id)

  const path = `/offboardings/${offboarding.id}`
  assert.equal((await ask(world, 'GET', `${path}/receipt`, { key: auditor })).status, 404)
  assert.equal((await ask(world, 'GET', '/offboardings?state=waiting')).body.items.length, 1)
  assert.equal((await ask(world, 'GET', `/offboardings?memberId=${memberId}&state=settled`)).body.items.length, 0)
  assert.equal((await ask(world, 'GET', '/offboardings?state=nonsense')).status, 422)

  const [plan] = plans
  const approval = { body: { digest: plan.digest, reason: 'ticket 4711' }, key: approver }
  assert.equal((await ask(world, 'POST', `/plans/${plan.id}/approvals`, approval)).status, 201)
  assert.equal((await ask(world, 'POST', `/plans/${plan.id}/apply`)).status, 200)
  const { body: after } = await ask(world, 'GET', path)
  assert.deepEqual([after.state, after.visits[0].state, after.receipt.number], ['verifying', 'gone', 1])

  const { body: receipt } = await ask(world, 'GET', `${path}/receipt?number=1`, { key: auditor })
  const { publicKey } = (await ask(world, 'GET', '/receipt-key', { key: auditor })).body
  assert.equal(verifyLeaverReceipt(receipt.text, publicKey).valid, true)
  assert.equal((await ask(world, 'GET', `${path}/receipt?number=2`, { key: auditor })).status, 404)
  const page = await world.app.inject({ url: `/api/v1${path}/receipt/page`, headers: { authorization: `Bearer ${auditor}` } })
  assert.deepEqual(
    [page.statusCode, page.headers['content-type'], page.headers['x-content-type-options'], page.headers['cache-control']],
    [200, 'text/html; charset=utf-8', 'nosniff', 'no-store'],
  )
  assert.match(
    String(page.headers['content-security-policy']),
    /^default-src 'none'; style-src 'sha256-[^']+'; .*frame-ancestors 'none'$/,
  )
  assert.match(page.payload, /Leaver’s receipt 1/)
  assert.equal((await world.app.inject({ url: `/api/v1${path}/receipt/page` })).statusCode, 401)

  const stranger = (await world.another())['native']?.['key'] ?? ''
  for (const suffix of ['', '/receipt', '/receipt/page'])
    assert.equal((await ask(world, 'GET', `${path}${suffix}`, { key: stranger })).status, 404)
})
