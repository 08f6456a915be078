import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import type { Hub } from '../src/app.ts'
import { openApplicationHub, type ScimReply } from './application.ts'
import { temporaryFolder } from './folder.ts'
import { createTestDatabase } from './postgres.ts'
import { patchOp, person, query } from './scim.ts'

const urn = 'urn:example:params:scim:schemas:extension:desk:2.0:User'
const badge = { name: 'badge', uniqueness: 'server' }
const desk = (attributes: readonly object[]) => ({ urn, name: 'Desk', attributes })

for (const store of ['SQLite', 'PostgreSQL'] as const)
  suite(`An organization's extensions on ${store}`, () => {
    const closing: (() => unknown)[] = []
    /** On PostgreSQL two processes' worth. */
    const hubs: Hub[] = []
    before(async () => {
      const t = { after: (close: () => unknown) => void closing.push(close) }
      const database = store === 'PostgreSQL' ? await createTestDatabase() : undefined
      if (database) closing.push(database.drop)
      const home = temporaryFolder(t)
      hubs.push(await openApplicationHub(t, { home, ...(database && { databaseUrl: database.url }) }))
      if (database) hubs.push(await openApplicationHub(t, { home, databaseUrl: database.url }))
    })
    after(async () => {
      for (const close of closing.toReversed()) await close()
    })

    /** A new organization: `/api/v1` of the first hub, SCIM of the last. */
    const open = async () => {
      const [first, last] = [hubs[0], hubs.at(-1)]
      assert.ok(first && last)
      const input = { name: 'Example', plan: 'enterprise', sso: 'okta', emailDomains: [] } as const
      const { scim, native } = await first.home.createOrganization(input, first.url)
      const sender =
        (base: string, token: string | undefined, type: string) => async (method: string, path: string, body?: object) => {
          const reply = await fetch(base + path, {
            method,
            headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': type }) },
            ...(body && { body: JSON.stringify(body) }),
          })
          const text = await reply.text()
          const answer: ScimReply = {
            status: reply.status,
            headers: reply.headers,
            body: text === '' ? undefined : JSON.parse(text),
          }
          return answer
        }
      return {
        ask: sender(`${first.url}/api/v1`, native?.['key'], 'application/json'),
        send: sender(`${last.url}/scim/v2`, scim?.['token'], 'application/scim+json'),
      }
    }

    test('what is defined in one process is served by every other at its next request, and no longer when it is gone', async () => {
      const { ask, send } = await open()
      assert.equal((await send('GET', '/Users')).status, 200)
      const { body: extension } = await ask('POST', '/extensions', desk([badge]))
      const user = (await send('POST', '/Users', { ...person('ada'), [urn]: { badge: 'B1', floor: 3 } })).body
      assert.deepEqual(user[urn], { badge: 'B1' })
      const wider = desk([badge, { name: 'floor', type: 'integer' }])
      assert.equal((await ask('PUT', `/extensions/${extension.id}`, wider)).status, 200)
      const patched = await send('PATCH', `/Users/${user.id}`, patchOp({ op: 'add', path: `${urn}:floor`, value: 3 }))
      assert.deepEqual(patched.body[urn], { badge: 'B1', floor: 3 })
      for (const filter of [`${urn}:floor ge 3`, `${urn}:badge eq "b1"`, `${urn}:badge eq "b1" and ${urn}:floor lt 9`])
        assert.equal((await send('GET', `/Users${query({ filter })}`)).body.totalResults, 1, filter)
      assert.equal((await ask('DELETE', `/extensions/${extension.id}?values=keep`)).status, 204)
      assert.equal((await send('GET', `/Users/${user.id}`)).body[urn], undefined)
      assert.ok(!JSON.stringify((await send('GET', '/Schemas')).body).includes(urn))
    })

    test('a definition and the people who come under it at the same time agree in the end', async () => {
      const { ask, send } = await open()
      const { body: extension } = await ask('POST', '/extensions', desk([badge, { name: 'floor' }]))
      const names = Array.from({ length: 10 }, (_, index) => `p${index}`)
      const [changed, ...added] = await Promise.all([
        ask('PUT', `/extensions/${extension.id}`, desk([badge, { name: 'floor', type: 'integer' }])),
        ...names.map((name) => send('POST', '/Users', { ...person(name), [urn]: { floor: 'third' } })),
      ])
      const isText = (await ask('GET', `/extensions/${extension.id}`)).body.attributes[1].type === 'string'
      assert.equal(changed.status, isText ? 409 : 200)
      const floors = (await send('GET', '/Users')).body.Resources.map(
        (user: Readonly<Record<string, { readonly floor: unknown }>>) => user[urn]?.floor,
      )
      assert.equal(floors.length, added.filter(({ status }) => status === 201).length)
      for (const floor of floors) assert.equal(typeof floor, isText ? 'string' : 'number')
    })

    test('of ten people who want one unique value at once, one has it', async () => {
      const { ask, send } = await open()
      await ask('POST', '/extensions', desk([badge]))
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          send('POST', '/Users', { ...person(`p${index}`), [urn]: { badge: index % 2 ? 'b' : 'B' } }),
        ),
      )
      const refused = answers.filter(({ status }) => status === 409)
      assert.deepEqual([refused.length, new Set(refused.map(({ body }) => body.scimType))], [9, new Set(['uniqueness'])])
      assert.equal((await send('GET', `/Users${query({ filter: `${urn}:badge eq "B"` })}`)).body.totalResults, 1)
    })
  })
