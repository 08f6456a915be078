import assert from 'node:assert/strict'
import { suite, test, type TestContext } from 'node:test'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { createDocumentCheck, type DocumentCheck } from '../documents.ts'
import { openWorld, type World } from '../world.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
type Headers = Readonly<Record<string, string>>

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  /** Parsed; an empty object where the answer is no JSON object. */
  readonly json: Readonly<Record<string, unknown>>
}

/** How one organization's people are reached. */
export interface Reached {
  readonly headers: Headers & { readonly authorization: string }
  /** Path of the list of people, below the server's root. */
  readonly users: string
  readonly user: (id: string) => string
}

/** A served dialect to be tried. */
export interface DialectSubject {
  readonly dialect: Dialect
  /** The world that it is tried in; a plain one where it is not given. */
  readonly open?: (t: TestContext) => Promise<World>
  /** What stands in an organization before it is tried; the answer is printed beside what its creation printed. */
  readonly prepare?: (world: World, access: World['access']) => Promise<Readonly<Record<string, string>>>
  /** By what the organization's creation printed for the dialect. */
  readonly reach: (printed: Readonly<Record<string, string>>) => Reached
  /** A person to be created; each number is another one. */
  readonly person: (number: number) => { readonly text: string; readonly type: string }
  /** In the answer to the creation, or, where that names none, in the list. */
  readonly idOf: (created: Reply, list: () => Promise<Reply>) => string | Promise<string>
  /** Ids of the people on a page. */
  readonly idsIn: (list: Reply) => readonly string[]
  /** Pages of two people: the query of the first one, and the path or URL of the one that follows; absent where the list is one whole. */
  readonly paging?: { readonly first: string; readonly next: (list: Reply, path: string) => string | undefined }
  /** Whether somebody can be read by id, or shows in the list alone; by id where it is not given. */
  readonly reading?: 'byId' | 'listed'
  /** Asserts that a refusal is in the dialect's own shape. */
  readonly isError: (reply: Reply) => void
  /** An id of the dialect's spelling that nobody has. */
  readonly nobody: string
}

interface Standing {
  readonly world: World
  readonly own: Reached
  readonly send: (method: Method, path: string, request?: SendOptions) => Promise<Reply>
  readonly add: (number: number, at?: Reached) => Promise<string>
  /** Another organization on the same server. */
  readonly another: () => Promise<Reached>
}

interface SendOptions {
  readonly headers?: Headers
  readonly text?: string
  readonly type?: string
}

/** What every served dialect promises, whatever it is spelled like; every answer on the way is one that its OpenAPI document declares. */
export function dialectConformance(name: string, subject: DialectSubject): void {
  const { idsIn, isError, reading = 'byId' } = subject
  /** What one person's address answers to. */
  const methods: readonly Method[] = reading === 'byId' ? ['GET', 'DELETE'] : ['DELETE']
  const check = createDocumentCheck(subject.dialect)
  /** Whether the base itself answers. */
  const hasTop = subject.dialect.operations.some(({ path }) => path === '/')
  const open = (t: TestContext) => stand(t, subject, check)
  const refused = (reply: Reply, statuses: readonly number[]): void => {
    assert.ok(statuses.includes(reply.status), `${reply.status} ${reply.text}`)
    isError(reply)
  }

  const isThere = async ({ send }: Standing, id: string, at: Reached): Promise<void> => {
    const { headers } = at
    assert.ok(idsIn(await send('GET', at.users, { headers })).includes(id))
    const read = await send('GET', at.user(id), { headers })
    if (reading === 'listed') return refused(read, [404, 405, 501])
    assert.equal(read.status, 200, read.text)
    assert.ok(read.text.includes(id))
  }

  suite(`${name}: dialect`, () => {
    test('who is created is read, listed, and gone when removed', async (t) => {
      const standing = await open(t)
      const { send, add, own } = standing
      const id = await add(1)
      await isThere(standing, id, own)
      const removed = await send('DELETE', own.user(id))
      assert.ok(removed.status >= 200 && removed.status < 300, removed.text)
      for (const method of methods) refused(await send(method, own.user(id)), [404])
      assert.ok(!idsIn(await send('GET', own.users)).includes(id))
    })

    test('nobody is created twice', async (t) => {
      const { send, add, own } = await open(t)
      await add(1)
      refused(await send('POST', own.users, subject.person(1)), [400, 409, 422])
    })

    test('an unknown route, and a method that a route lacks, are refused in the own shape', async (t) => {
      const { send, own } = await open(t)
      const { basePath } = subject.dialect
      const top = hasTop ? [] : [`${basePath}/`]
      for (const path of [`${basePath}/no/such/thing`, ...top, `${basePath}/%00`, `${basePath}/..%2f..%2fx`])
        refused(await send('GET', path), [400, 404])
      refused(await send('DELETE', own.users), [404, 405, 501])
    })

    test('no credential, a broken one, and one of another API are refused alike and let nothing through', async (t) => {
      const standing = await open(t)
      const { world, send, own, add } = standing
      const id = await add(1)
      const others = [world.access['native']?.['key'], world.access['scim']?.['token']].filter(
        (secret) => secret !== undefined && !own.headers.authorization.endsWith(secret),
      )
      assert.ok(others.length > 0)
      const wrong: readonly Headers[] = [
        {},
        { authorization: '' },
        { authorization: 'Bearer' },
        { authorization: 'Basic !!!' },
        ...others.map((secret) => ({ authorization: `Bearer ${secret}` })),
        { ...own.headers, authorization: altered(own.headers.authorization) },
        { ...own.headers, authorization: own.headers.authorization.slice(0, -3) },
      ]
      for (const headers of wrong) {
        refused(await send('GET', own.users, { headers }), [401, 403])
        for (const method of methods) refused(await send(method, own.user(id), { headers }), [401, 403])
      }
      await isThere(standing, id, own)
    })

    test('what nobody has is not found, whatever is asked of it', async (t) => {
      const { send, own } = await open(t)
      for (const id of [
        subject.nobody,
        'x',
        '0',
        '%00',
        'a'.repeat(300),
        "';--",
        // What a client makes of it is the address above.
        hasTop ? '..%2f' : '%2e%2e',
        '00000000-0000-0000-0000-000000000000',
      ])
        for (const method of methods) refused(await send(method, own.user(id)), [400, 404])
    })

    test('another organization’s people can be neither listed, read nor removed, and look as if they were not there', async (t) => {
      const standing = await open(t)
      const { send, own, add, another } = standing
      const other = await another()
      const theirs = await add(1, other)
      const mine = await add(2)
      assert.deepEqual(idsIn(await send('GET', own.users)), [mine])
      for (const method of methods) {
        const foreign = await send(method, own.user(theirs))
        const none = await send(method, own.user(subject.nobody))
        refused(foreign, [404])
        assert.equal(masked(foreign.text, theirs), masked(none.text, subject.nobody))
      }
      await isThere(standing, theirs, other)
    })

    test('a valid credential opens no other organization’s path', async (t) => {
      const standing = await open(t)
      const { send, own, add, another } = standing
      const other = await another()
      const theirs = await add(1, other)
      const list = await send('GET', other.users)
      // Where the path does not name the organization it is the same path, and shows one's own people.
      if (other.users === own.users) return assert.deepEqual(idsIn(list), [])
      refused(list, [401, 403, 404])
      for (const method of methods) refused(await send(method, other.user(theirs)), [401, 403, 404])
      refused(await send('POST', other.users, subject.person(2)), [401, 403, 404])
      await isThere(standing, theirs, other)
    })

    test('a body that cannot be read is refused, and leaves nothing behind', async (t) => {
      const { send, own } = await open(t)
      const { type } = subject.person(1)
      const texts = type.includes('urlencoded')
        ? ['', '=', '%', '%ff%fe', 'a=b', '&'.repeat(5000)]
        : ['', '{', '[]', 'null', '1', '"text"', '{"a":', '{"__proto__":{"x":1}}', '['.repeat(5000), '\u0000', '<a/>']
      for (const text of texts) refused(await send('POST', own.users, { text, type }), [400, 415, 422])
      refused(await send('POST', own.users, { text: 'x', type: 'image/png' }), [400, 415])
      assert.deepEqual(idsIn(await send('GET', own.users)), [])
    })

    test('a body that is too large is refused', async (t) => {
      const { send, own } = await open(t)
      const { text, type } = subject.person(1)
      refused(await send('POST', own.users, { text: text.padEnd(1024 * 1024 + 1), type }), [400, 413])
    })

    test('an error shows no stack, no path of ours and no secret', async (t) => {
      const { send, own } = await open(t)
      const replies = [
        ...(await Promise.all(methods.map(async (method) => send(method, own.user(subject.nobody))))),
        await send('GET', own.users, { headers: {} }),
        await send('POST', own.users, { text: '{', type: subject.person(1).type }),
      ]
      for (const { text } of replies) {
        assert.doesNotMatch(text, /node_modules|\/src\/|\.ts:\d|at \w+ \(|SQLITE|sqlite/)
        assert.ok(!text.includes(own.headers.authorization))
      }
    })

    test('every answer names its request and is never cached', async (t) => {
      const { send, own } = await open(t)
      for (const path of [own.users, own.user(subject.nobody)]) {
        const { headers } = await send('GET', path)
        assert.ok(headers['x-request-id'])
        assert.equal(headers['cache-control'], 'no-store')
      }
    })

    test('pages hold everybody once', async (t) => {
      const { send, own, add } = await open(t)
      const made: string[] = []
      for (let number = 1; number <= 5; number++) made.push(await add(number))
      const found: string[] = []
      let path: string | undefined = own.users + (subject.paging?.first ?? '')
      for (let pages = 0; path !== undefined && pages < 10; pages++) {
        const page: Reply = await send('GET', path)
        assert.equal(page.status, 200, page.text)
        const ids = idsIn(page)
        if (subject.paging) assert.ok(ids.length <= 2, `${ids.length} on one page`)
        found.push(...ids)
        path = subject.paging?.next(page, path)
      }
      assert.deepEqual(found.toSorted(), made.toSorted())
    })

    test('a page that makes no sense is refused or mended, and never an error of ours', async (t) => {
      const { send, own } = await open(t)
      const words = ['-1', '0', '1e9', '999999999999999999999', 'x', '%00', '']
      const names = [
        'limit',
        'offset',
        'count',
        'startIndex',
        'PageSize',
        'Page',
        'PageToken',
        'pageToken',
        'page_size',
        'page_token',
        'filter',
      ]
      for (const name of names)
        for (const word of words) {
          const reply = await send('GET', `${own.users}?${name}=${word}`)
          assert.ok(reply.status < 500, `${name}=${word}: ${reply.text}`)
          if (reply.status >= 400) isError(reply)
        }
    })
  })
}

async function stand(t: TestContext, subject: DialectSubject, check: DocumentCheck): Promise<Standing> {
  const world = await (subject.open ?? openWorld)(t)
  const printedFor = async (access: World['access']) => {
    const printed = access[subject.dialect.name]
    assert.ok(printed, `the organization has access to ${subject.dialect.name}`)
    return { ...printed, ...(await subject.prepare?.(world, access)) }
  }
  const own = subject.reach(await printedFor(world.access))
  const send: Standing['send'] = async (method, path, { headers = own.headers, text, type } = {}) => {
    const response = await world.app.inject({
      method,
      url: path,
      headers: { ...headers, ...(type !== undefined && { 'content-type': type }) },
      ...(text !== undefined && { payload: text }),
    })
    const { statusCode: status, body } = response
    check({ method, path, status, contentType: response.headers['content-type'], text: body })
    return { status, headers: response.headers, text: body, json: parse(body) }
  }
  return {
    world,
    own,
    send,
    add: async (number, at = own) => {
      const reply = await send('POST', at.users, { ...subject.person(number), headers: at.headers })
      assert.ok(reply.status >= 200 && reply.status < 300, reply.text)
      return subject.idOf(reply, async () => send('GET', at.users, { headers: at.headers }))
    },
    another: async () => subject.reach(await printedFor(await world.another())),
  }
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

/** Another character in the middle. */
function altered(value: string): string {
  const at = value.length - 5
  return value.slice(0, at) + (value[at] === 'A' ? 'B' : 'A') + value.slice(at + 1)
}

/** A refusal without the id asked for, and without what differs from request to request. */
const masked = (text: string, id: string): string =>
  text.replaceAll(id, '<id>').replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>')
