import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { after, before, suite, test } from 'node:test'
import { openApplicationHub, openApplicationStory, openBandwidthTwin } from '../../../tests/application.ts'
import { play, readConversation, standingAt, type Conversation } from '../../../tests/conversation.ts'
import { createTestDatabase } from '../../../tests/postgres.ts'
import type { Hub } from '../../app.ts'
import { scopes } from '../../directory/credential.ts'
import type { Twin } from '../../twin/create.ts'

const folder = new URL('./fixtures/', import.meta.url)
const conversations = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => readConversation(new URL(name, folder)))

const closing: (() => unknown)[] = []
const shared: { sqlite?: Hub; postgres?: Hub; twin?: Twin } = {}
before(async () => {
  const t = { after: (close: () => unknown) => void closing.push(close) }
  const { url: databaseUrl, drop } = await createTestDatabase()
  closing.push(drop)
  shared.twin = await openBandwidthTwin(t)
  // What is decided at the vendor is no part of these conversations.
  shared.sqlite = await openApplicationHub(t, { vendorWaitMs: 0 })
  shared.postgres = await openApplicationHub(t, { vendorWaitMs: 0, databaseUrl })
})
after(async () => {
  for (const close of closing.toReversed()) await close()
})

suite('an identity provider is answered from its connect test to its deprovisioning', { concurrency: 4 }, () => {
  for (const conversation of conversations) {
    const { provider, sso, leaves } = conversation
    for (const store of ['sqlite', 'postgres'] as const)
      test(`${provider}, on ${store}`, async () => {
        const hub = shared[store]
        assert.ok(hub)
        const input = { name: provider, plan: 'enterprise', sso, emailDomains: [] } as const
        const { scim, organization } = await hub.home.createOrganization(input, hub.url)
        const address = { baseUrl: scim?.['baseUrl'] ?? '', token: scim?.['token'] ?? '' }
        await play(conversation, address)
        assert.deepEqual(await standingAt(address), { people: bare(leaves.people), groups: leaves.groups })
        const call = {
          organizationId: organization?.['id'] ?? '',
          actor: 'test',
          scopes: new Set(scopes),
          requestId: 'test',
          via: 'test',
        }
        const members = await hub.home.directory.listMembers({ ...call, now: new Date() }, { offset: 0, limit: 10 })
        assert.partialDeepStrictEqual(members, leaves.people)
      })

    test(`${provider}, at the address of a connection`, async () => {
      const { sqlite: hub, twin } = shared
      assert.ok(hub && twin)
      const { connection, token, owner } = await openApplicationStory({ hub, twin }, { writes: 'off', sso })
      const address = { baseUrl: connection.scimBaseUrl, token }
      await play(conversation, address)
      assert.deepEqual(await standingAt(address), { people: bare(leaves.people), groups: leaves.groups })
      const { items } = await owner.listMembers({ query: {} })
      assert.ok(items.length > 0, 'whoever was deprovisioned there stays in the directory')
      assert.deepEqual(new Set(items.map(({ status }) => status)), new Set(['active']))
    })
  }
})

const bare = (people: Conversation['leaves']['people']) => people.map(({ userName, status }) => ({ userName, status }))
