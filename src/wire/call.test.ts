import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { test, type TestContext } from 'node:test'
import { z } from 'zod'
import { call, callList, RemoteError, type Exchange, type Remote } from './call.ts'
import { json, operation, xmlOrJson } from './operation.ts'

const User = z.object({ UserId: z.string(), Name: z.string().optional() })
const user = xmlOrJson(User, { root: 'UserResponse', inner: 'User' })
const getUser = operation({
  name: 'getUser',
  summary: '',
  method: 'GET',
  path: '/users/:userId',
  status: 200,
  alsoStatus: [304],
  reply: user,
})
const putUser = operation({
  name: 'putUser',
  summary: '',
  method: 'PUT',
  path: '/users/:userId',
  request: xmlOrJson(z.strictObject({ Name: z.string(), Password: z.string().optional() }), { root: 'User' }),
  status: 200,
  reply: user,
})
const deleteUser = operation({
  name: 'deleteUser',
  summary: '',
  method: 'DELETE',
  path: '/users/:userId',
  status: 200,
  reply: xmlOrJson(z.object({}), { root: 'Empty', empty: 'noBody' }),
})
const search = operation({
  name: 'search',
  summary: '',
  method: 'GET',
  path: '/users',
  query: z.object({ name: z.string() }),
  status: 200,
  reply: json(z.object({ count: z.int() })),
})

const listUsers = operation({
  name: 'listUsers',
  summary: '',
  method: 'GET',
  path: '/users',
  status: 200,
  reply: xmlOrJson(z.object({ Users: z.array(User), Total: z.int().optional() }), {
    root: 'UsersResponse',
    items: { Users: 'User' },
  }),
  listMember: 'Users',
})

interface Seen {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

type Answerer = (response: ServerResponse, request: IncomingMessage) => void

/** A vendor that answers the first request with the first answer, and so on; the last one repeats. */
async function openVendor(t: TestContext, ...answers: readonly Answerer[]) {
  const seen: Seen[] = []
  const waits: number[] = []
  const exchanges: Exchange[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      seen.push({ method: request.method, url: request.url, headers: request.headers, body })
      answers[Math.min(seen.length, answers.length) - 1]!(response, request)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const remote: Remote = {
    baseUrl: `http://127.0.0.1:${address.port}/api`,
    headers: { authorization: 'Bearer canary-token', accept: 'application/json', 'content-type': 'application/json' },
    fetch,
    sleep: async (ms) => void waits.push(ms),
    random: () => 0.5,
    timeoutMs: 5_000,
    trace: (exchange) => exchanges.push(exchange),
  }
  return { remote, seen, waits, exchanges, server }
}

const answer =
  (status: number, body = '', headers: Record<string, string> = { 'content-type': 'application/json' }): Answerer =>
  (response) =>
    response.writeHead(status, headers).end(body)

const good = answer(200, '{"UserId":"u1","Name":"Ann"}')
const hangUp: Answerer = (response) => response.socket?.destroy()

async function failure(promise: Promise<unknown>): Promise<RemoteError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof RemoteError, String(error))
  return error
}

const read = (remote: Remote) => call(remote, getUser, { params: { userId: 'u1' } })
const write = (remote: Remote) => call(remote, putUser, { params: { userId: 'u1' }, body: { Name: 'Ann' } })

test('BAND-05 every request carries the headers of the connection, and its body in the medium they name', async (t) => {
  const { remote, seen } = await openVendor(t, good)
  await read(remote)
  await call(remote, putUser, { params: { userId: 'a/b c' }, body: { Name: 'Zoë' } })
  for (const { headers } of seen)
    assert.deepEqual([headers.accept, headers['content-type']], ['application/json', 'application/json'])
  assert.equal(seen[1]?.url, '/api/users/a%2Fb%20c')
  assert.equal(seen[1]?.body, '{"Name":"Zoë"}')
})

test('without media types of the connection, the first medium is sent and all are accepted', async (t) => {
  const { remote, seen } = await openVendor(t, good)
  await write({ ...remote, headers: {} })
  assert.equal(seen[0]?.headers['content-type'], 'application/xml; charset=utf-8')
  assert.equal(seen[0]?.headers.accept, 'application/xml, application/json')
  assert.match(seen[0]?.body ?? '', /<User><Name>Ann<\/Name><\/User>$/)
})

test('BAND-06 an answer is read by its Content-Type, XML also where JSON was asked for', async (t) => {
  const { remote } = await openVendor(
    t,
    answer(200, '<UserResponse><User><UserId>007</UserId><Extra>1</Extra></User></UserResponse>', {
      'content-type': 'text/xml; charset=utf-8',
    }),
  )
  const { value, raw, status } = await read(remote)
  assert.deepEqual(value, { UserId: '007' })
  assert.deepEqual(raw, { UserId: '007', Extra: '1' })
  assert.equal(status, 200)
})

test('unknown keys of an answer are kept in raw', async (t) => {
  const { remote } = await openVendor(t, answer(200, '{"UserId":"u1","Later":true}'))
  assert.deepEqual((await read(remote)).raw, { UserId: 'u1', Later: true })
})

test('the query is encoded and an empty one leaves no question mark', async (t) => {
  const { remote, seen } = await openVendor(t, answer(200, '{"count":1}'))
  await call(remote, search, { query: { name: 'a&b=c d' } })
  await call(remote, search, { query: {} })
  assert.deepEqual(
    seen.map(({ url }) => url),
    ['/api/users?name=a%26b%3Dc+d', '/api/users'],
  )
})

test('a declared answer without a body is no error', async (t) => {
  const { remote } = await openVendor(
    t,
    answer(304, '', {}),
    answer(200, '', {}),
    answer(200, '{}'),
    answer(200, '<Empty/>', { 'content-type': 'application/xml' }),
  )
  assert.deepEqual((await read(remote)).value, undefined)
  for (let count = 0; count < 3; count++)
    assert.deepEqual((await call(remote, deleteUser, { params: { userId: 'u1' } })).value, {})
})

test('a path parameter that would address another resource is never sent', async (t) => {
  const { remote, seen } = await openVendor(t, good)
  for (const userId of ['', '.', '..']) await assert.rejects(call(remote, deleteUser, { params: { userId } }), TypeError)
  await assert.rejects(call(remote, deleteUser, {}), TypeError)
  assert.equal(seen.length, 0)
})

const retryTable: readonly {
  readonly name: string
  readonly answer: Answerer
  readonly reads: { readonly sent: number; readonly retryable: boolean }
  readonly writes: { readonly sent: number; readonly retryable: boolean; readonly effect: 'none' | 'unknown' }
}[] = [
  { name: '429', answer: answer(429), reads: { sent: 5, retryable: true }, writes: { sent: 5, retryable: true, effect: 'none' } },
  {
    name: '500',
    answer: answer(500),
    reads: { sent: 5, retryable: true },
    writes: { sent: 1, retryable: true, effect: 'unknown' },
  },
  {
    name: '503',
    answer: answer(503),
    reads: { sent: 5, retryable: true },
    writes: { sent: 1, retryable: true, effect: 'unknown' },
  },
  {
    name: 'a lost connection',
    answer: hangUp,
    reads: { sent: 5, retryable: true },
    writes: { sent: 1, retryable: true, effect: 'unknown' },
  },
  {
    name: 'an answer that breaks off',
    answer: (response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
      response.write('{"UserId":', () => response.socket?.destroy())
    },
    reads: { sent: 5, retryable: true },
    writes: { sent: 1, retryable: true, effect: 'unknown' },
  },
  {
    name: '400',
    answer: answer(400),
    reads: { sent: 1, retryable: false },
    writes: { sent: 1, retryable: false, effect: 'none' },
  },
  {
    name: '404',
    answer: answer(404),
    reads: { sent: 1, retryable: false },
    writes: { sent: 1, retryable: false, effect: 'none' },
  },
  {
    name: '408',
    answer: answer(408),
    reads: { sent: 1, retryable: true },
    writes: { sent: 1, retryable: true, effect: 'unknown' },
  },
  {
    name: 'a redirect',
    answer: answer(302, '', { location: '/elsewhere' }),
    reads: { sent: 1, retryable: false },
    writes: { sent: 1, retryable: false, effect: 'unknown' },
  },
  {
    name: 'an undeclared success',
    answer: answer(202, '{}'),
    reads: { sent: 1, retryable: false },
    writes: { sent: 1, retryable: false, effect: 'unknown' },
  },
  {
    name: 'a success that does not parse',
    answer: answer(200, '{"UserId":'),
    reads: { sent: 1, retryable: false },
    writes: { sent: 1, retryable: false, effect: 'unknown' },
  },
  {
    name: 'a success of another shape',
    answer: answer(200, '{"Error":1}'),
    reads: { sent: 1, retryable: false },
    writes: { sent: 1, retryable: false, effect: 'unknown' },
  },
  {
    name: 'a login page',
    answer: answer(200, '<html>Sign in</html>', { 'content-type': 'text/html' }),
    reads: { sent: 1, retryable: false },
    writes: { sent: 1, retryable: false, effect: 'unknown' },
  },
]

for (const row of retryTable) {
  test(`a read that meets ${row.name} is sent ${row.reads.sent} times`, async (t) => {
    const { remote, seen } = await openVendor(t, row.answer)
    const error = await failure(read(remote))
    assert.deepEqual([seen.length, error.retryable, error.effect], [row.reads.sent, row.reads.retryable, 'none'])
  })
  test(`a write that meets ${row.name} is sent ${row.writes.sent} times and its effect is ${row.writes.effect}`, async (t) => {
    const { remote, seen } = await openVendor(t, row.answer)
    const error = await failure(write(remote))
    assert.deepEqual([seen.length, error.retryable, error.effect], [row.writes.sent, row.writes.retryable, row.writes.effect])
  })
}

test('a connection that is refused was never sent, so that a write is tried again too', async (t) => {
  const { remote, waits, server } = await openVendor(t, good)
  server.close()
  await once(server, 'close')
  const error = await failure(write(remote))
  assert.deepEqual([error.status, error.retryable, error.effect, waits.length], [0, true, 'none', 4])
})

test('a vendor that answers no more is given up after the time limit', async (t) => {
  const { remote, seen } = await openVendor(t, () => undefined)
  const error = await failure(write({ ...remote, timeoutMs: 50 }))
  assert.deepEqual([error.status, error.effect, seen.length], [0, 'unknown', 1])
})

test('BAND-35 waits double from 200 ms with full jitter, and end with the first success', async (t) => {
  const { remote, waits } = await openVendor(t, answer(429), answer(500), answer(429), hangUp, good)
  assert.deepEqual((await read(remote)).value, { UserId: 'u1', Name: 'Ann' })
  assert.deepEqual(waits, [100, 200, 400, 800])
})

test('a Retry-After in seconds is obeyed up to a minute, a longer one ends the call', async (t) => {
  const retryAfter = (value: string) => answer(429, '', { 'retry-after': value })
  const first = await openVendor(t, retryAfter('3'), retryAfter('60'), retryAfter('Sat, 21 Nov 2026 00:00:00 GMT'), good)
  await write(first.remote)
  assert.deepEqual(first.waits, [3_000, 60_000, 400])
  const second = await openVendor(t, retryAfter('61'))
  assert.equal((await failure(read(second.remote))).retryable, true)
  assert.deepEqual(second.waits, [])
})

test('redirects are not followed', async (t) => {
  const { remote, seen } = await openVendor(t, answer(307, '', { location: '/api/users/u2' }), good)
  assert.equal((await failure(write(remote))).status, 307)
  assert.equal(seen.length, 1)
})

test('the vendor is quoted briefly, without control characters and without what was secret in the request', async (t) => {
  const said = JSON.stringify({
    UserResponse: {
      ResponseStatus: { ErrorCode: '12010', Description: `Password Sesame-17 is weak\u001b[31m ${'x'.repeat(500)}` },
    },
  })
  const { remote } = await openVendor(t, answer(400, said))
  const error = await failure(
    call(remote, putUser, { params: { userId: 'u1' }, body: { Name: 'canary-name', Password: 'Sesame-17' } }),
  )
  assert.match(error.message, /^PUT \/users\/:userId answered 400: 12010 Password \[redacted\] is weak \[31m x+$/)
  assert.ok(error.message.length < 250)
  assert.doesNotMatch(JSON.stringify(error) + error.stack, /Sesame|canary/)
})

test('BAND-P04 the message of an error is found in XML too', async (t) => {
  const said =
    '<UserResponse><ResponseStatus><ErrorCode>404</ErrorCode><Description>No such user</Description></ResponseStatus></UserResponse>'
  const { remote } = await openVendor(t, answer(404, said, { 'content-type': 'application/xml' }))
  const error = await failure(read(remote))
  assert.deepEqual([error.message, error.from], ['GET /users/:userId answered 404: 404 No such user', 'vendor'])
})

test('a 404 is the vendor’s word only in a medium of the operation that parses', async (t) => {
  const from = async (body: string, type?: string) => {
    const { remote } = await openVendor(t, answer(404, body, type === undefined ? {} : { 'content-type': type }))
    return (await failure(read(remote))).from
  }
  assert.equal(await from('{"error":"gone"}', 'application/json'), 'vendor')
  assert.equal(await from('{"title":"gone"}', 'application/problem+json'), 'vendor')
  assert.equal(await from('<html>Not found</html>', 'text/html'), 'other')
  assert.equal(await from('<html>Not found', 'application/json'), 'other')
  assert.equal(await from('', 'application/json'), 'other')
  assert.equal(await from('{}'), 'other')
})

test('an answer of more than 64 MiB is not read to its end', async (t) => {
  const { remote } = await openVendor(t, (response) => {
    const chunk = Buffer.alloc(1024 * 1024, 0x20)
    response.writeHead(200, { 'content-type': 'application/json' })
    const more = () => {
      while (!response.destroyed && response.write(chunk));
      if (!response.destroyed) response.once('drain', more)
    }
    more()
  })
  const error = await failure(read(remote))
  assert.deepEqual([error.retryable, error.message], [false, 'GET /users/:userId answered 200 with more than 64 MiB.'])
})

test('BAND-43 each attempt is traced, with its secrets struck out and without headers', async (t) => {
  const { remote, exchanges } = await openVendor(t, answer(429), answer(200, '{"UserId":"u1","Password":"canary-2"}'))
  await call(remote, putUser, { params: { userId: 'u1' }, body: { Name: 'Ann', Password: 'canary-1' } })
  assert.deepEqual(
    exchanges.map(({ operation: name, method, attempt, status, sent, answered }) => ({
      name,
      method,
      attempt,
      status,
      sent,
      answered,
    })),
    [
      {
        name: 'putUser',
        method: 'PUT',
        attempt: 1,
        status: 429,
        sent: '{"Name":"Ann","Password":"[redacted]"}',
        answered: undefined,
      },
      {
        name: 'putUser',
        method: 'PUT',
        attempt: 2,
        status: 200,
        sent: '{"Name":"Ann","Password":"[redacted]"}',
        answered: '{"UserId":"u1","Password":"[redacted]"}',
      },
    ],
  )
  assert.doesNotMatch(JSON.stringify(exchanges), /canary/)
})

test('a header that cannot be sent is reported without its value', async (t) => {
  const { remote } = await openVendor(t, good)
  await assert.rejects(
    read({ ...remote, headers: { authorization: 'Basic canary\nx' } }),
    (error: Error) => error instanceof TypeError && !error.message.includes('canary'),
  )
})

const usersOf = (count: number) => Array.from({ length: count }, (_, index) => ({ UserId: `u${index}`, Later: index }))

test('a list in one piece is decoded in portions, each with what stands around the list', async (t) => {
  const users = usersOf(450)
  const { remote } = await openVendor(t, answer(200, JSON.stringify({ Users: users, Total: 450 })))
  const { portions, status, headers } = await callList(remote, listUsers, {})
  const all = [...portions]
  assert.deepEqual(
    all.map(({ value }) => [value.Users.length, value.Total]),
    [
      [200, 450],
      [200, 450],
      [50, 450],
    ],
  )
  assert.deepEqual(
    all.flatMap(({ raw }) => (raw as { readonly Users: readonly unknown[] }).Users),
    users,
  )
  assert.deepEqual([status, headers.get('content-type')], [200, 'application/json'])
})

test('a list of some megabytes loses nobody', async (t) => {
  const users = usersOf(60_000)
  const { remote } = await openVendor(t, answer(200, JSON.stringify({ Users: users })))
  const { portions } = await callList(remote, listUsers, {})
  const read: unknown[] = []
  for (const { raw } of portions) read.push(...(raw as { readonly Users: readonly unknown[] }).Users)
  assert.deepEqual(read, users)
})

test('BAND-06 a list that comes as XML, or is empty, is one portion', async (t) => {
  const xml = `<UsersResponse><Users>${usersOf(300)
    .map(({ UserId }) => `<User><UserId>${UserId}</UserId></User>`)
    .join('')}</Users></UsersResponse>`
  const { remote } = await openVendor(t, answer(200, xml, { 'content-type': 'application/xml' }), answer(200, '{"Users":[]}'))
  for (const count of [300, 0]) {
    const { portions } = await callList(remote, listUsers, {})
    assert.deepEqual(
      [...portions].map(({ value }) => value.Users.length),
      [count],
    )
  }
})

test('a list is asked for again as any read is, and one that cannot be read to its end says so where it ends', async (t) => {
  const text = JSON.stringify({ Users: usersOf(250) })
  const { remote, seen } = await openVendor(
    t,
    answer(500),
    (response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length })
      response.write(text.slice(0, 3_000), () => response.destroy())
    },
    answer(200, text.replace('"u220"', '220')),
  )
  const { portions } = await callList(remote, listUsers, {})
  assert.equal(seen.length, 3)
  const read: number[] = []
  const error = await failure(
    (async () => {
      for (const { value } of portions) read.push(value.Users.length)
    })(),
  )
  assert.deepEqual(read, [200])
  assert.match(error.message, /answered 200 with something that cannot be read\. Users\.20\.UserId: /)
  assert.deepEqual([error.from, error.retryable, error.effect], ['vendor', false, 'none'])
})
