import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { openHub } from '../src/app.ts'
import { createClient } from '../src/dialects/native/connect.ts'
import { dialects } from '../src/dialects/index.ts'
import { verifyReceipt } from '../src/sync/receipt.ts'
import { createTwin } from '../src/twin/create.ts'
import { temporaryFolder } from './folder.ts'

/** A hub and a stand-in for Bandwidth on real sockets, an organization, and a connection that may write. */
async function openStory(t: TestContext) {
  const folder = temporaryFolder(t)
  const bandwidth = dialects.find(({ name }) => name === 'bandwidth')
  assert.ok(bandwidth)
  const twin = await createTwin({ dialect: bandwidth, home: join(folder, 'twin'), people: 30, seed: 7, clock: () => new Date() })
  await twin.listen({ host: '127.0.0.1', port: 0 })
  const hub = await openHub({ home: join(folder, 'hub'), environment: {}, host: '127.0.0.1', port: 0, log: undefined })
  t.after(async () => {
    await hub.close()
    await twin.close()
  })
  const vendor = z
    .object({ baseUrl: z.string(), accountId: z.string(), username: z.string(), password: z.string() })
    .parse(twin.credentials)
  const access = await hub.home.createOrganization(
    { name: 'Example', plan: 'enterprise', sso: 'okta', emailDomains: [] },
    hub.url,
  )
  const client = (key: string) =>
    createClient({
      url: hub.url,
      key,
      fetch,
      sleep: async (ms) => sleep(ms),
      random: Math.random,
      newKey: randomUUID,
      timeoutMs: 30_000,
    })
  const owner = client(access['native']?.['key'] ?? '')
  const approver = client((await owner.createCredential({ body: { name: 'approver', duty: 'approver' } })).key)
  const connection = await owner.createConnection({
    body: {
      name: 'bandwidth',
      vendor: 'bandwidth',
      baseUrl: vendor.baseUrl,
      credentials: vendor,
      assignments: [{ kind: 'everyone' }],
    },
  })
  await owner.changeConnection({ connectionId: connection.id, body: { writesEnabled: true } })

  const scim = async (method: string, path: string, body?: unknown) => {
    const reply = await fetch(`${access['scim']?.['baseUrl']}${path}`, {
      method,
      headers: { authorization: `Bearer ${access['scim']?.['token']}`, 'content-type': 'application/scim+json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await reply.text()
    return { status: reply.status, body: z.looseObject({ id: z.string().optional() }).parse(text ? JSON.parse(text) : {}) }
  }
  const atVendor = async (path: string, replacement?: unknown) => {
    const reply = await fetch(`${vendor.baseUrl}/accounts/${vendor.accountId}${path}`, {
      ...(replacement !== undefined && { method: 'PUT', body: JSON.stringify(replacement) }),
      headers: {
        authorization: `Basic ${btoa(`${vendor.username}:${vendor.password}`)}`,
        accept: 'application/json',
        'content-type': 'application/json',
      },
    })
    return {
      status: reply.status,
      body: z
        .looseObject({ Users: z.array(z.looseObject({ UserId: z.string(), Username: z.string() })).optional() })
        .parse(await reply.json()),
    }
  }
  const writes = async () => {
    const reply = await fetch(new URL('/_twin/ledger', vendor.baseUrl))
    return z
      .object({ writes: z.array(z.object({ at: z.string(), operation: z.string(), subject: z.string() })) })
      .parse(await reply.json()).writes
  }
  const accountOf = async (userName: string) =>
    (await atVendor('/users')).body.Users?.find(({ Username }) => Username === userName)
  return { hub, owner, approver, connection, scim, atVendor, writes, accountOf }
}

/** Asks until there is an answer. What never comes fails the test by its runner's limit. */
async function eventually<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await sleep(20)
  }
}

const ada = {
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  userName: 'ada@example.com',
  name: { givenName: 'Ada', familyName: 'Lovelace' },
  emails: [{ value: 'ada@example.com', primary: true }],
  roles: [{ value: 'admin' }],
  active: true,
}
const deactivate = {
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: [{ op: 'Replace', path: 'active', value: 'False' }],
}

test('BAND-18 BAND-32 BAND-38 BAND-39 BAND-42 what the provider pushes stands at the vendor, once, with its roles, and its UserId is stored', async (t) => {
  const story = await openStory(t)
  assert.equal((await story.scim('POST', '/Users', ada)).status, 201)
  const account = await eventually(() => story.accountOf('ada@example.com'))
  assert.deepEqual(account, {
    UserId: account.UserId,
    Username: 'ada@example.com',
    FirstName: 'Ada',
    LastName: 'Lovelace',
    Email: 'ada@example.com',
    Roles: account['Roles'],
  })
  assert.deepEqual(
    z
      .array(z.looseObject({ RoleName: z.string() }))
      .parse(account['Roles'])
      .map(({ RoleName }) => RoleName),
    ['Admin'],
  )
  assert.equal((await story.scim('POST', '/Users', ada)).status, 409)
  const plan = await eventually(async () =>
    (await story.owner.listPlans({ query: { limit: 10 } })).items.find(({ state }) => state === 'closed'),
  )
  const { steps } = await story.owner.readPlan({ planId: plan.id })
  assert.deepEqual(
    steps.map(({ kind, subject, state }) => ({ kind, subject, state })),
    [{ kind: 'create', subject: 'ada@example.com', state: 'done' }],
  )
  assert.deepEqual(
    (await story.writes()).map(({ operation, subject }) => ({ operation, subject })),
    [{ operation: 'createUser', subject: 'ada@example.com' }],
  )
})

test('BAND-28 BAND-30 BAND-40 a leaver is removed after approval by somebody else, verified by reading, and proven', async (t) => {
  const story = await openStory(t)
  const { body } = await story.scim('POST', '/Users', ada)
  const { UserId } = await eventually(() => story.accountOf('ada@example.com'))
  assert.equal((await story.scim('PATCH', `/Users/${body.id}`, deactivate)).status, 200)
  const plan = await story.owner.createPlan({ connectionId: story.connection.id })
  assert.deepEqual(
    plan.steps.map(({ kind, state }) => ({ kind, state })),
    [{ kind: 'remove', state: 'planned' }],
  )

  await assert.rejects(story.owner.applyPlan({ planId: plan.id }), { refusal: 'needsApproval' })
  await assert.rejects(story.owner.approvePlan({ planId: plan.id, body: { digest: plan.digest, reason: 'mine' } }), {
    refusal: 'forbidden',
  })
  const flipped = plan.digest.startsWith('0') ? `1${plan.digest.slice(1)}` : `0${plan.digest.slice(1)}`
  await assert.rejects(story.approver.approvePlan({ planId: plan.id, body: { digest: flipped, reason: 'other' } }), {
    refusal: 'stale',
  })
  assert.equal((await story.atVendor(`/users/${UserId}`)).status, 200)
  assert.equal((await story.writes()).length, 1)

  // Nobody else runs this account at the vendor: that has to be meant.
  const decision = { digest: plan.digest, reason: 'ticket 4711' }
  await assert.rejects(story.approver.approvePlan({ planId: plan.id, body: decision }), { refusal: 'unsafe', field: 'accept' })
  await story.approver.approvePlan({ planId: plan.id, body: { ...decision, accept: ['lastOwner'] } })
  const applied = await story.owner.applyPlan({ planId: plan.id })
  assert.deepEqual(
    applied.steps.map(({ state }) => state),
    ['done'],
  )
  assert.equal((await story.atVendor(`/users/${UserId}`)).status, 404)
  assert.deepEqual(
    (await story.writes()).map(({ operation }) => operation),
    ['createUser', 'deleteUser'],
  )

  const [summary] = (await story.owner.listReceipts({ query: { limit: 1 } })).items
  assert.ok(summary)
  const { text } = await story.owner.readReceipt({ receiptId: summary.id })
  assert.equal(verifyReceipt(text).valid, true)
  const bytes = Buffer.from(text)
  for (let index = 0; index < bytes.length; index += 7) {
    const changed = Buffer.from(bytes)
    changed[index]! ^= 1 << (index % 8)
    assert.equal(verifyReceipt(changed.toString('utf8')).valid, false, `byte ${index}`)
  }
  const told = (await story.owner.listFacts({ query: { limit: 100 } })).items.map(({ action }) => action)
  assert.deepEqual(
    told.filter((action) => action.startsWith('plan.')),
    ['plan.created', 'plan.created', 'plan.approved', 'plan.applied'],
  )
  assert.equal((await story.owner.verifyFacts()).intact, true)
})

test('BAND-29 BAND-41 what was edited at the vendor is found by the next read and left alone, and whoever nobody vouches for is never removed', async (t) => {
  const story = await openStory(t)
  await story.scim('POST', '/Users', ada)
  const { UserId } = await eventually(() => story.accountOf('ada@example.com'))
  await eventually(async () =>
    (await story.owner.listPlans({ query: { limit: 10 } })).items.find(({ state }) => state === 'closed'),
  )
  await story.atVendor(`/users/${UserId}`, { FirstName: 'Ada', LastName: 'Byron', Email: 'ada@example.com' })
  const report = await story.owner.importAccounts({ connectionId: story.connection.id })
  const orphans = report.findings.filter(({ kind, closedAt }) => kind === 'orphan' && !closedAt)
  assert.equal(orphans.length, 30)
  const drift = report.findings.filter(({ kind, closedAt }) => kind === 'drift' && !closedAt)
  assert.deepEqual(
    drift.map(({ subject }) => subject),
    [UserId],
  )
  assert.equal((await story.accountOf('ada@example.com'))?.['LastName'], 'Byron')
  const plan = await story.owner.createPlan({ connectionId: story.connection.id })
  assert.deepEqual(
    plan.steps.map(({ kind, subject }) => ({ kind, subject })),
    [{ kind: 'update', subject: 'ada@example.com' }],
  )
  const check = await story.owner.checkConnection({ connectionId: story.connection.id })
  assert.ok(check.findings.some(({ message }) => message.includes('sub-accounts or resources')))
})
