import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import type { Hub } from '../src/app.ts'
import { openApplicationHub } from './application.ts'
import { createTestDatabase } from './postgres.ts'
import { patchOp, person, query } from './scim.ts'

type Parsed = ReturnType<typeof JSON.parse>
interface Answer {
  readonly status: number
  readonly body: Parsed
}
type Send = (method: string, path: string, body?: object, headers?: Readonly<Record<string, string>>) => Promise<Answer>

for (const store of ['SQLite', 'PostgreSQL'] as const)
  suite(`SCIM requests at the same time on ${store}`, () => {
    const closing: (() => unknown)[] = []
    const shared: { hub?: Hub } = {}
    before(async () => {
      const database = store === 'PostgreSQL' ? await createTestDatabase() : undefined
      if (database) closing.push(database.drop)
      const t = { after: (close: () => unknown) => void closing.push(close) }
      shared.hub = await openApplicationHub(t, database ? { databaseUrl: database.url } : {})
    })
    after(async () => {
      for (const close of closing.toReversed()) await close()
    })

    /** A new organization, asked over its own connections. */
    const open = async (): Promise<Send> => {
      const { hub } = shared
      assert.ok(hub)
      const input = { name: 'Example', plan: 'enterprise', sso: 'okta', emailDomains: [] } as const
      const { scim } = await hub.home.createOrganization(input, hub.url)
      return async (method, path, body, headers = {}) => {
        const answer = await fetch(`${scim?.['baseUrl']}${path}`, {
          method,
          headers: { authorization: `Bearer ${scim?.['token']}`, 'content-type': 'application/scim+json', ...headers },
          ...(body && { body: JSON.stringify(body) }),
        })
        const text = await answer.text()
        return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) }
      }
    }
    const made = async (send: Send, path: string, body: object): Promise<Parsed> => {
      const answer = await send('POST', path, body)
      assert.equal(answer.status, 201, JSON.stringify(answer.body))
      return answer.body
    }
    const statuses = (answers: readonly Answer[]) => answers.map(({ status }) => status).toSorted((a, b) => a - b)

    test('SCIM-052 of two that would put two groups into each other, one is refused', async () => {
      const send = await open()
      const [one, two] = [await made(send, '/Groups', { displayName: 'A' }), await made(send, '/Groups', { displayName: 'B' })]
      const put = (outer: Parsed, inner: Parsed) =>
        send('PATCH', `/Groups/${outer.id}`, patchOp({ op: 'add', path: 'members', value: [{ value: inner.id }] }))
      assert.deepEqual(statuses(await Promise.all([put(one, two), put(two, one)])), [204, 409])
      const holds = async ({ id }: Parsed) => (await send('GET', `/Groups/${id}`)).body.members?.length ?? 0
      assert.equal((await holds(one)) + (await holds(two)), 1)
    })

    test('twenty clients that each add another member to one group: all twenty are kept', async () => {
      const send = await open()
      const group = await made(send, '/Groups', { displayName: 'All' })
      const people = await Promise.all(Array.from({ length: 20 }, (_, index) => made(send, '/Users', person(`p${index}`))))
      const answers = await Promise.all(
        people.map(({ id }) =>
          send('PATCH', `/Groups/${group.id}`, patchOp({ op: 'add', path: 'members', value: [{ value: id }] })),
        ),
      )
      assert.deepEqual(new Set(statuses(answers)), new Set([204]))
      const { body } = await send('GET', `/Groups/${group.id}`)
      const valuesOf = (list: readonly Parsed[], name: string) => new Set(list.map((each) => each[name]))
      assert.deepEqual(valuesOf(body.members, 'value'), valuesOf(people, 'id'))
      assert.equal(body.members.length, 20)
    })

    test('ten creations of one userName, in any case: one 201 and nine 409', async () => {
      const send = await open()
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          send('POST', '/Users', { ...person(`x${index}`), userName: index % 2 ? 'ADA@example.com' : 'ada@example.com' }),
        ),
      )
      assert.deepEqual(statuses(answers), [201, ...Array.from({ length: 9 }, () => 409)])
      for (const { status, body } of answers) if (status === 409) assert.equal(body.scimType, 'uniqueness')
      assert.equal((await send('GET', '/Users')).body.totalResults, 1)
    })

    test('two writers with the version that both read: one 200 and one 412, and the winner’s change stands', async () => {
      const send = await open()
      const { id, meta } = await made(send, '/Users', person('ada'))
      const write = (displayName: string) =>
        send('PATCH', `/Users/${id}`, patchOp({ op: 'replace', path: 'displayName', value: displayName }), {
          'if-match': meta.version,
        })
      const answers = await Promise.all([write('first'), write('second')])
      assert.deepEqual(statuses(answers), [200, 412])
      const winner = answers.find(({ status }) => status === 200)
      assert.equal((await send('GET', `/Users/${id}`)).body.displayName, winner?.body.displayName)
    })

    test('a PATCH whose last operation fails leaves nothing behind, and the version as it was', async () => {
      const send = await open()
      const user = await made(send, '/Users', person('ada'))
      const refused = await send(
        'PATCH',
        `/Users/${user.id}`,
        patchOp(
          { op: 'replace', path: 'displayName', value: 'Changed' },
          { op: 'add', path: 'phoneNumbers', value: [{ value: '1', type: 'work' }] },
          { op: 'replace', path: 'id', value: 'mine' },
        ),
      )
      assert.deepEqual([refused.status, refused.body.scimType], [400, 'mutability'])
      assert.deepEqual((await send('GET', `/Users/${user.id}`)).body, user)
      const group = await made(send, '/Groups', { displayName: 'Before', members: [{ value: user.id }] })
      const halfway = await send(
        'PATCH',
        `/Groups/${group.id}`,
        patchOp(
          { op: 'replace', path: 'displayName', value: 'After' },
          { op: 'remove', path: `members[value eq "${user.id}"]` },
          { op: 'add', path: 'members', value: [{ value: '00000000-0000-7000-8000-000000000000' }] },
        ),
      )
      assert.deepEqual([halfway.status, halfway.body.scimType], [400, 'invalidValue'])
      assert.deepEqual((await send('GET', `/Groups/${group.id}`)).body, group)
    })

    test('a filter of sixteen pairs finds those whom it names, and nobody else', async () => {
      const send = await open()
      await Promise.all(Array.from({ length: 20 }, (_, index) => made(send, '/Users', person(`p${index}`))))
      const filter = Array.from(
        { length: 16 },
        (_, index) => `(userName eq "p${index}@example.com" and emails[type eq "work" and value eq "p${index % 8}@example.com"])`,
      ).join(' or ')
      const { status, body } = await send('GET', `/Users${query({ filter })}`)
      assert.deepEqual([status, body.totalResults], [200, 8])
    })
  })
