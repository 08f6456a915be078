import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { openHub, type Hub } from '../../src/app.ts'
import { createClient, type Client } from '../../src/dialects/native/connect.ts'
import { dialects } from '../../src/dialects/index.ts'
import { DirectoryError } from '../../src/directory/errors.ts'
import { createTwin, type Twin } from '../../src/twin/create.ts'
import { pushed } from '../application.ts'
import { temporaryFolder } from '../folder.ts'
import { createTestDatabase } from '../postgres.ts'
import { vendorNames } from './world.ts'

const leaver = 'ada'
const subject = `${leaver}@example.com`

async function openTwinOf(t: TestContext, name: string): Promise<Twin> {
  const dialect = dialects.find((each) => each.name === name)
  assert.ok(dialect)
  const home = join(temporaryFolder(t), name)
  const twin = await createTwin({ dialect, home, people: 3, seed: 3, clock: () => new Date() })
  await twin.listen({ host: '127.0.0.1', port: 0 })
  t.after(() => twin.close())
  return twin
}

const clientOf = (url: string, key: string): Client =>
  createClient({ url, key, fetch, sleep: async (ms) => sleep(ms), random: Math.random, newKey: randomUUID, timeoutMs: 60_000 })

/** What came of asking: the answer, or the refusal. */
const outcome = async <T>(asked: Promise<T>): Promise<T | string> => {
  try {
    return await asked
  } catch (error) {
    if (error instanceof DirectoryError) return error.refusal
    throw error
  }
}

/** Somebody leaves at all five vendors, where two people have to approve; two of them do so at once, by as many doors as there are, and apply at once. */
async function twoAtOnce(t: TestContext, hubs: readonly [Hub, Hub]): Promise<void> {
  const [hub] = hubs
  const twins = await Promise.all(vendorNames.map(async (name) => [name, await openTwinOf(t, name)] as const))
  const access = await hub.home.createOrganization(
    { name: 'Example', plan: 'enterprise', sso: 'okta', emailDomains: [] },
    hub.url,
  )
  const owner = clientOf(hub.url, access['native']?.['key'] ?? '')
  for (const [name, { credentials }] of twins) {
    const { id } = await owner.createConnection({
      body: {
        name,
        vendor: name,
        baseUrl: credentials['baseUrl'] ?? '',
        credentials: { ...credentials },
        assignments: [{ kind: 'everyone' }],
        policy: { matchBy: ['userName', 'email'], quorum: 2, leavers: { suspendAtOnce: 'approval' } },
      },
    })
    await owner.changeConnection({ connectionId: id, body: { writesEnabled: true } })
  }
  /** What `ask` answers as soon as it answers anything, asked again with whatever happens. */
  const once = async <T>(ask: () => Promise<T | undefined>): Promise<T> => {
    for (let after = 0; ;) {
      const answer = await ask()
      if (answer !== undefined) return answer
      after = (await owner.listFacts({ query: { after, wait: 5, limit: 1_000 } })).upTo
    }
  }
  const scim = (method: string, path: string, body: object) =>
    fetch(`${hub.url}/scim/v2${path}`, {
      method,
      headers: { authorization: `Bearer ${access['scim']?.['token']}`, 'content-type': 'application/scim+json' },
      body: JSON.stringify(body),
    })
  const made = z.object({ id: z.string() }).parse(await (await scim('POST', '/Users', pushed(leaver))).json())
  const count = (of: RegExp) =>
    twins.map(([, twin]) => twin.writes().filter((write) => of.test(write.operation) && write.subject === subject).length)
  await once(async () => count(/create|invite|add/i).every((times) => times === 1) || undefined)

  const operations = [{ op: 'replace', path: 'active', value: false }]
  await scim('PATCH', `/Users/${made.id}`, { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: operations })
  const plans = await once(async () => {
    const { items } = await owner.listPlans({ query: { state: 'open' } })
    const removals = items.filter((plan) => plan.removals > 0)
    return removals.length === twins.length ? removals : undefined
  })
  const people = await Promise.all(
    ['grace', 'joan'].map(async (name, index) => {
      const { key } = await owner.createCredential({ body: { name, duty: 'approver' } })
      return clientOf(hubs[index]!.url, key)
    }),
  )
  const [one, two] = people
  assert.ok(one && two)
  const appliers = hubs.map(({ url }) => clientOf(url, access['native']?.['key'] ?? ''))
  await Promise.all(
    plans.map(async ({ id: planId, digest }) => {
      const approvals = [one, two].map((person) =>
        outcome(person.approvePlan({ planId, body: { digest, reason: 'ticket 4711' } })),
      )
      const applied = appliers.map((applier) => outcome(applier.applyPlan({ planId, query: { digest } })))
      for (const each of await Promise.all(approvals)) assert.equal(typeof each, 'object', JSON.stringify(each))
      for (const each of await Promise.all(applied))
        assert.ok(typeof each === 'object' || /needsApproval|stale/.test(each), JSON.stringify(each))
    }),
  )
  await Promise.all(plans.flatMap(({ id: planId }) => appliers.map((applier) => outcome(applier.applyPlan({ planId })))))
  await once(async () => count(/delete|remove/i).every((times) => times > 0) || undefined)
  assert.deepEqual(count(/delete|remove/i), [1, 1, 1, 1, 1])
  assert.deepEqual(count(/create|invite|add/i), [1, 1, 1, 1, 1])
  for (const { id: planId } of plans) {
    const plan = await once(async () => {
      const read = await owner.readPlan({ planId })
      return read.state === 'open' ? undefined : read
    })
    assert.deepEqual(
      plan.steps.map(({ state, attempts }) => [state, attempts]),
      [['done', 1]],
    )
    assert.equal(new Set(plan.approvals.map(({ actor }) => actor)).size, 2)
    assert.equal(plan.approvals.length, 2)
  }
  const { items } = await owner.listReceipts({})
  assert.equal(items.length, twins.length, 'one receipt for each removal')
  assert.ok((await owner.verifyFacts()).intact)
}

const open = async (t: TestContext, home: string, environment: Readonly<Record<string, string>> = {}): Promise<Hub> => {
  const hub = await openHub({ home, environment, host: '127.0.0.1', port: 0, log: undefined })
  t.after(() => hub.close())
  return hub
}

test('two people approve and apply the removals at all five vendors at once, on SQLite: each is done once', async (t) => {
  const hub = await open(t, temporaryFolder(t))
  await twoAtOnce(t, [hub, hub])
})

test('two people approve and apply the removals at all five vendors at once, each by a process of their own on one PostgreSQL: each is done once', async (t) => {
  const { url, drop } = await createTestDatabase()
  const home = temporaryFolder(t)
  const hubs = [await open(t, home, { DATABASE_URL: url }), await open(t, home, { DATABASE_URL: url })] as const
  t.after(drop)
  await twoAtOnce(t, hubs)
})
