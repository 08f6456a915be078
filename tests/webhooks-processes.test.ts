import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDirectory } from '../src/directory/directory.ts'
import { createIdSource } from '../src/directory/id.ts'
import { createOutbound } from '../src/directory/outbound.ts'
import { createSealer } from '../src/directory/seal.ts'
import type { Call } from '../src/directory/call.ts'
import { scopes } from '../src/directory/credential.ts'
import { orderKeys } from '../src/directory/webhook.ts'
import { createSafeFetch } from '../src/outbox/safe-fetch.ts'
import { createCourier } from '../src/outbox/webhook-courier.ts'
import { createSendMessage } from '../src/outbox/webhook-send.ts'
import { openStore } from '../src/store/open.ts'
import { temporaryFolder } from './folder.ts'
import { createTestDatabase } from './postgres.ts'
import { openReceiver } from './receiver.ts'

const databases: Readonly<Record<string, (t: TestContext) => Promise<string>>> = {
  SQLite: async (t) => join(temporaryFolder(t), 'rollcall.db'),
  PostgreSQL: async (t) => {
    const { url, drop } = await createTestDatabase()
    t.after(drop)
    return url
  },
}

for (const [name, create] of Object.entries(databases))
  test(`${name}: three processes on one database send each fact once, in order per person, also while one in three fails`, async (t) => {
    const database = await create(t)
    const receiver = await openReceiver(t)
    const sealer = createSealer([randomBytes(32)], randomBytes)
    const outbound = createOutbound(['127.0.0.1'])
    // Ten times as fast, so that what failed is due again within the test.
    const begin = Date.now()
    const clock = () => new Date(begin + (Date.now() - begin) * 10)
    const newId = createIdSource(clock)
    const stores = await Promise.all(['a', 'b', 'c'].map(() => openStore({ database, sealer })))
    t.after(() => Promise.all(stores.map((store) => store.close())))
    const [first] = stores
    assert.ok(first)
    const directory = createDirectory({ store: first.store, newId, randomBytes, outbound })
    const organizationId = newId()
    const call = (): Call => ({
      organizationId,
      actor: 'test',
      scopes: new Set(scopes),
      now: clock(),
      requestId: 'r',
      via: 'test',
    })
    await directory.createOrganization(call(), { name: 'Example', plan: 'pro', sso: 'none', emailDomains: [], credentials: [] })
    const { webhook, secret } = await directory.addWebhook(call(), { url: receiver.url })
    receiver.secrets.push(secret)
    const tried = new Set<string>()
    receiver.answer = ({ id, sequence }) => {
      if (sequence % 3 > 0 || tried.has(id)) return 204
      tried.add(id)
      return 503
    }
    const couriers = stores.map((store, index) =>
      createCourier({
        store: store.store,
        queue: store.webhookQueue,
        send: createSendMessage(createSafeFetch({ outbound, timeoutMs: 2_000, maxBytes: 1_000 })),
        // Nobody here is told of events.
        signEvent: () => assert.fail('no webhook of the format scim'),
        clock,
        random: () => 0,
        newId,
        sleep: async (ms) => sleep(ms),
        holder: `process ${index}`,
        leaseMs: 120_000,
        sendMs: 30_000,
        pollMs: 10,
        log: () => undefined,
      }),
    )
    for (const courier of couriers) courier.start()
    const state = {
      externalId: undefined,
      displayName: undefined,
      name: {},
      emails: [],
      roleIds: [],
      suspended: false,
      attributes: {},
    }
    const people = []
    for (let index = 0; index < 8; index++) {
      const { member } = await directory.addMember(call(), { state: { ...state, userName: `person${index}` }, as: 'active' })
      people.push(member.id)
    }
    for (let round = 0; round < 4; round++)
      for (const id of people)
        await directory.changeMember(call(), {
          id,
          change: (member) => ({ ...member, suspended: false, displayName: `round ${round}` }),
          sessions: 'keep',
        })
    const { sequence: head } = await directory.chainHead(call(), undefined)
    const wanted = Array.from({ length: head - webhook.position }, (_, index) => webhook.position + 1 + index)
    await receiver.until(wanted.length + wanted.filter((sequence) => sequence % 3 === 0).length)
    await Promise.all(couriers.map((courier) => courier.stop()))
    const sent = receiver.accepted.map(({ sequence }) => sequence)
    assert.deepEqual(
      sent.toSorted((a, b) => a - b),
      wanted,
    )
    for (const id of people) {
      const own = receiver.accepted.filter(({ data }) => orderKeys(data as never).includes(id)).map(({ sequence }) => sequence)
      assert.deepEqual(
        own,
        own.toSorted((a, b) => a - b),
      )
    }
    const { pending, dead } = await directory.getWebhook(call(), { id: webhook.id })
    assert.deepEqual([pending, dead, receiver.unverified()], [0, 0, 0])
  })
