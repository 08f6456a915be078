import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { ask, type Asked } from '../../../tests/native.ts'
import { openWorld, origin, type World } from '../../../tests/world.ts'
import { syncParts } from '../../app.ts'
import { createEngine } from '../../sync/create.ts'
import { verifyReceipt } from '../../sync/receipt.ts'

interface Lifecycle {
  readonly world: World
  /** Another organization of the same server, which stands for the vendor. */
  readonly vendor: Pick<World, 'app' | 'access'>
  readonly body: object
  readonly approver: string
}

/** A served engine without a runner: nothing happens but what is asked for. */
async function open(t: TestContext): Promise<Lifecycle> {
  const world = await openWorld(t, { engine: (home) => createEngine(syncParts(home, { log: undefined })) })
  const url = await world.app.listen({ host: '127.0.0.1', port: 0 })
  const access = await world.another({ name: 'Vendor' })
  const credentials = Object.fromEntries(
    Object.entries(access['bandwidth'] ?? {}).map(([name, value]) => [name, value.replace(origin, url)]),
  )
  const body = {
    name: 'bw',
    vendor: 'bandwidth',
    baseUrl: credentials['baseUrl'],
    credentials,
    assignments: [{ kind: 'everyone' }],
  }
  const approver = (await ask(world, 'POST', '/credentials', { body: { name: 'second', duty: 'approver' } })).body.key
  return { world, vendor: { app: world.app, access }, body, approver }
}

const addMember = async (world: World, userName: string): Promise<string> =>
  (
    await ask(world, 'POST', '/members', {
      body: { as: 'active', userName, emails: [{ value: userName }], name: { givenName: 'A', familyName: 'B' } },
    })
  ).body.member.id

const problemOf = ({ status, body }: Asked) => [status, body.type.slice('/docs#problem-'.length)]

test('a connection is made, read, changed, checked and forgotten, and its secret is never shown', async (t) => {
  const { world, body } = await open(t)
  const made = await ask(world, 'POST', '/connections', { body })
  assert.deepEqual([made.status, made.body.writesEnabled, made.body.policy.additions], [201, false, 'automatic'])
  const path = `/connections/${made.body.id}`
  const changed = await ask(world, 'PATCH', path, {
    body: { writesEnabled: true, policy: { drift: 'revert', removalLimit: { accounts: 1, percent: 1 } } },
  })
  const lifecycle = {
    deletion: { onLeave: 'suspend', holdDays: 7 },
    attributeOwners: { familyName: 'vendor', roles: 'manual' },
    approvers: ['approver'],
    quorum: 2,
    planExpiryHours: 24,
    schedule: { everyHours: 6 },
    shrinkLimit: { accounts: 3, percent: 10 },
    ownerRoles: ['Boss'],
    billingRoles: ['Payer'],
    quarantine: { failures: 4, probeMinutes: 2, successes: 3 },
    silenceHours: 12,
  }
  const policy = (await ask(world, 'PATCH', path, { body: { policy: lifecycle } })).body.policy
  assert.deepEqual({ ...policy, ...lifecycle }, policy)
  const ended = (await ask(world, 'PATCH', path, { body: { policy: { schedule: null } } })).body.policy
  assert.deepEqual([ended.schedule, ended.quorum], [undefined, 2])
  assert.deepEqual(
    [changed.body.writesEnabled, changed.body.policy.drift, changed.body.policy.additions],
    [true, 'revert', 'automatic'],
  )
  const read = await ask(world, 'GET', path)
  assert.deepEqual(read.body.assignments, [{ kind: 'everyone' }])
  assert.equal(read.body.capabilities.remove, true)
  assert.equal((await ask(world, 'POST', `${path}/check`)).body.usable, true)
  const shown = JSON.stringify([
    made.body,
    read.body,
    (await ask(world, 'GET', '/connections')).body,
    (await ask(world, 'GET', '/facts')).body,
  ])
  assert.doesNotMatch(shown, /rc_bandwidth_|sealed/)
  assert.equal((await ask(world, 'DELETE', path)).status, 204)
  assert.equal((await ask(world, 'GET', path)).status, 404)
})

test('wrong connections are refused with the field at fault', async (t) => {
  const { world, body } = await open(t)
  for (const [change, field] of [
    [{ assignments: [{ kind: 'group', groupId: '0199d3a0-0000-7000-8000-000000000000' }] }, 'assignments'],
    [{ assignments: [{ kind: 'nobody' }] }, 'assignments.0.kind'],
    [{ policy: { additions: 'sometimes' } }, 'policy.additions'],
    [{ policy: { surprise: 1 } }, 'policy.surprise'],
    [{ policy: { approvers: ['anybody'] } }, 'policy.approvers.0'],
    [{ policy: { attributeOwners: { email: 'nobody' } } }, 'policy.attributeOwners.email'],
    [{ policy: { deletion: { onLeave: 'remove', holdDays: 3 } } }, 'policy.deletion.holdDays'],
  ] as const) {
    const reply = await ask(world, 'POST', '/connections', { body: { ...body, ...change } })
    assert.deepEqual([reply.status, reply.body.field], [422, field], JSON.stringify(reply.body))
  }
  const unknown = await ask(world, 'POST', '/connections', { body: { ...body, vendor: 'made-up' } })
  assert.deepEqual([unknown.status, /made-up.*bandwidth/.test(unknown.body.detail)], [422, true])
  assert.equal((await ask(world, 'POST', '/connections', { body })).status, 201)
  assert.deepEqual(problemOf(await ask(world, 'POST', '/connections', { body })), [409, 'taken'])
})

test('joiner and leaver: plan, refusals by the guard, approval by somebody else, removal, receipt', async (t) => {
  const { world, vendor, body, approver } = await open(t)
  const connection = (await ask(world, 'POST', '/connections', { body })).body
  const ada = await addMember(world, 'ada@example.com')
  const plan = await ask(world, 'POST', `/connections/${connection.id}/plans`)
  assert.deepEqual(
    [plan.status, plan.body.steps.map(({ kind, memberId }: { kind: string; memberId: string }) => [kind, memberId])],
    [200, [['create', ada]]],
  )
  assert.match(plan.body.text, /create ada@example\.com/)
  assert.deepEqual(problemOf(await ask(world, 'POST', `/plans/${plan.body.id}/apply`)), [409, 'conflict'])
  await ask(world, 'PATCH', `/connections/${connection.id}`, { body: { writesEnabled: true } })
  const applied = await ask(world, 'POST', `/plans/${plan.body.id}/apply`)
  assert.equal(applied.body.steps[0].state, 'done', applied.body.text)
  assert.equal((await ask(vendor, 'GET', '/members?userName=ada@example.com')).body.items.length, 1)

  const offboarding = await ask(world, 'POST', '/offboardings', { body: { person: 'ADA@example.com' } })
  assert.equal(offboarding.body.memberId, ada)
  const removal = offboarding.body.plans[0]
  assert.deepEqual(problemOf(await ask(world, 'POST', `/plans/${removal.id}/apply`)), [409, 'needs-approval'])
  const approve = (key: string | undefined, over: object = {}) =>
    ask(world, 'POST', `/plans/${removal.id}/approvals`, {
      body: { digest: removal.digest, reason: 'left', ...over },
      ...(key !== undefined && { key }),
    })
  assert.deepEqual(problemOf(await approve(undefined)), [403, 'forbidden'])
  assert.deepEqual(problemOf(await approve(approver, { digest: '0'.repeat(64) })), [412, 'stale'])
  assert.deepEqual(problemOf(await approve(approver, { removals: 3 })), [409, 'unsafe'])
  assert.equal((await approve(approver, { reason: ' ' })).status, 422)
  assert.equal((await approve(approver, { accept: ['nothing'] })).status, 422)
  assert.deepEqual(problemOf(await ask(world, 'POST', `/plans/${removal.id}/apply?digest=${'0'.repeat(64)}`)), [412, 'stale'])
  const markdown = await world.app.inject({
    url: `/api/v1/plans/${removal.id}`,
    headers: { authorization: `Bearer ${world.access['native']?.['key']}`, accept: 'text/markdown' },
  })
  assert.deepEqual([markdown.statusCode, markdown.headers['content-type']], [200, 'text/markdown; charset=utf-8'])
  assert.match(markdown.payload, /^## Plan for `bw` \(bandwidth\)[^]*\| remove \| `ada@example.com` \|/)
  const approval = await approve(approver)
  assert.deepEqual([approval.status, approval.body.digest], [201, removal.digest])
  const removed = await ask(world, 'POST', `/plans/${removal.id}/apply`)
  assert.equal(removed.body.steps[0].state, 'done', removed.body.text)
  assert.equal(removed.body.approvals.length, 1)
  assert.equal((await ask(vendor, 'GET', '/members?userName=ada@example.com')).body.items.length, 0)

  const [receipt] = (await ask(world, 'GET', '/receipts?subject=ada@example.com')).body.items
  const { text } = (await ask(world, 'GET', `/receipts/${receipt.id}`)).body
  assert.equal(verifyReceipt(text, (await ask(world, 'GET', '/receipt-key')).body.publicKey).valid, true)
  assert.deepEqual((await ask(world, 'POST', '/facts/verify')).body.intact, true)

  await ask(world, 'DELETE', `/connections/${connection.id}`)
  assert.match((await ask(world, 'GET', `/plans/${plan.body.id}`)).body.text, /connection was removed/)
})

test('an import finds who belongs to nobody; findings and plans are paged, newest first', async (t) => {
  const { world, vendor, body } = await open(t)
  for (const name of ['x@vendor.test', 'y@vendor.test', 'z@vendor.test'])
    await ask(vendor, 'POST', '/members', { body: { as: 'active', userName: name, emails: [{ value: name }] } })
  const connection = (await ask(world, 'POST', '/connections', { body })).body
  const report = await ask(world, 'POST', `/connections/${connection.id}/import`)
  assert.deepEqual([report.body.snapshot.certificate.complete, report.body.matched, report.body.findings.length], [true, 0, 3])
  const walk = async (path: string): Promise<readonly string[]> => {
    const { items, nextCursor } = (await ask(world, 'GET', path)).body
    const ids = items.map(({ id }: { id: string }) => id)
    return nextCursor ? [...ids, ...(await walk(`${path.replace(/&cursor=.*/, '')}&cursor=${nextCursor}`))] : ids
  }
  const findings = await walk(`/findings?limit=1&connectionId=${connection.id}`)
  assert.deepEqual(findings, findings.toSorted().toReversed())
  assert.equal(new Set(findings).size, 3)
  for (const name of ['a', 'b', 'c']) {
    await addMember(world, `${name}@example.com`)
    await ask(world, 'POST', `/connections/${connection.id}/plans`)
  }
  const plans = await walk('/plans?limit=1')
  assert.deepEqual(plans, plans.toSorted().toReversed())
  assert.equal(plans.length, 3)
  assert.equal((await walk('/plans?limit=1&state=open')).length, 1)

  const account = report.body.findings[0].subject
  const member = (await ask(world, 'GET', '/members?userName=a@example.com')).body.items[0].id
  assert.equal(
    (await ask(world, 'POST', `/connections/${connection.id}/links`, { body: { memberId: member, accountId: account } })).status,
    204,
  )
})

test('connections, plans and receipts of another organization are not found, and a key without the scope is refused', async (t) => {
  const { world, body, approver } = await open(t)
  const connection = (await ask(world, 'POST', '/connections', { body })).body
  await addMember(world, 'ada@example.com')
  const plan = (await ask(world, 'POST', `/connections/${connection.id}/plans`)).body
  const stranger = { app: world.app, access: await world.another() }
  for (const [method, path, sent] of [
    ['GET', `/connections/${connection.id}`, undefined],
    ['PATCH', `/connections/${connection.id}`, { writesEnabled: true }],
    ['DELETE', `/connections/${connection.id}`, undefined],
    ['POST', `/connections/${connection.id}/check`, undefined],
    ['POST', `/connections/${connection.id}/import`, undefined],
    ['POST', `/connections/${connection.id}/plans`, undefined],
    ['GET', `/plans/${plan.id}`, undefined],
    ['POST', `/plans/${plan.id}/apply`, undefined],
    ['POST', `/plans/${plan.id}/approvals`, { digest: plan.digest, reason: 'x' }],
    ['GET', `/receipts/${plan.id}`, undefined],
  ] as const) {
    assert.deepEqual(problemOf(await ask(stranger, method, path, { body: sent })), [404, 'not-found'], `${method} ${path}`)
    if (method !== 'GET' && !path.endsWith('approvals'))
      assert.deepEqual(
        problemOf(await ask(world, method, path, { body: sent, key: approver })),
        [403, 'forbidden'],
        `${method} ${path}`,
      )
  }
  assert.deepEqual((await ask(stranger, 'GET', '/plans')).body.items, [])
})

test('operations of several commands take an Idempotency-Key too: repeated they have one effect, with another request the key is refused', async (t) => {
  const { world, body } = await open(t)
  const connection = (await ask(world, 'POST', '/connections', { body, headers: { 'idempotency-key': 'c' } })).body
  assert.equal((await ask(world, 'POST', '/connections', { body, headers: { 'idempotency-key': 'c' } })).body.id, connection.id)
  await addMember(world, 'ada@example.com')
  await addMember(world, 'eve@example.com')
  const path = `/connections/${connection.id}/plans`
  const headers = { 'idempotency-key': 'k' }
  const first = await ask(world, 'POST', path, { headers })
  assert.equal((await ask(world, 'POST', path, { headers })).body.id, first.body.id)
  for (const [other, sent] of [
    ['/offboardings', { person: 'eve@example.com' }],
    [`/connections/${connection.id}/import`, undefined],
    [`/plans/${first.body.id}/apply`, undefined],
  ] as const)
    assert.deepEqual(problemOf(await ask(world, 'POST', other, { body: sent, headers })), [422, 'key-reused'])
  assert.equal((await ask(world, 'GET', '/members?userName=eve@example.com')).body.items[0].status, 'active')
})

test('a person puts a connection into quarantine and lets it go, each with a reason, and a repetition changes nothing', async (t) => {
  const { world, body } = await open(t)
  await addMember(world, 'ada@example.com')
  const made = await ask(world, 'POST', '/connections', { body })
  const path = `/connections/${made.body.id}`
  assert.deepEqual(made.body.health, { state: 'unknown', failedReads: 0, failedWrites: 0 })
  assert.deepEqual(problemOf(await ask(world, 'POST', `${path}/quarantine`, { body: { reason: '  ' } })), [422, 'invalid'])
  for (let time = 0; time < 2; time++) {
    const held = await ask(world, 'POST', `${path}/quarantine`, { body: { reason: 'They move' } })
    assert.equal(held.status, 200)
    const { state, quarantine } = held.body.health
    assert.deepEqual(
      [state, quarantine.cause, quarantine.reason, quarantine.probeAt],
      ['quarantine', 'person', 'They move', undefined],
    )
  }
  await ask(world, 'PATCH', path, { body: { writesEnabled: true } })
  const plan = await ask(world, 'POST', `${path}/plans`)
  assert.match(plan.body.text, /in quarantine/)
  assert.equal((await ask(world, 'GET', path)).body.connection.health.state, 'quarantine')
  for (let time = 0; time < 2; time++) {
    const free = await ask(world, 'POST', `${path}/release`, { body: { reason: 'They moved' } })
    assert.deepEqual([free.status, free.body.health.quarantine], [200, undefined])
  }
  const facts = (await ask(world, 'GET', '/facts?limit=200')).body.items
  const told = facts.filter(({ action }: { readonly action: string }) => /quarantined|released/.test(action))
  assert.deepEqual(
    told.map(({ action, detail }: { readonly action: string; readonly detail: { readonly reason: string } }) => [
      action,
      detail.reason,
    ]),
    [
      ['connection.quarantined', 'They move'],
      ['connection.released', 'They moved'],
    ],
  )
})
