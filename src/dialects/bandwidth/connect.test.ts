import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import { test, type TestContext } from 'node:test'
import { basic, john, openFace, strong, type Face } from '../../../tests/bandwidth.ts'
import type { DesiredAccount, Vendor } from '../../sync/vendor.ts'
import type { Exchange } from '../../wire/call.ts'
import { connectBandwidth } from './connect.ts'

interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}
interface Scripted {
  readonly status: number
  readonly type?: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A vendor that answers by a script, over a real socket. `undefined` closes the connection without an answer. */
async function scripted(t: TestContext, answer: (seen: Seen, index: number) => Scripted | undefined) {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const one = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(parts).toString(),
      }
      seen.push(one)
      const reply = answer(one, seen.length - 1)
      if (!reply) return request.socket.destroy()
      response.writeHead(reply.status, { 'content-type': reply.type ?? 'application/json', ...reply.headers })
      return response.end(reply.body ?? '')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => new Promise((resolve) => server.close(resolve)))
  const address = server.address()
  assert.ok(address && typeof address === 'object')
  return { url: `http://127.0.0.1:${address.port}/api`, seen }
}

const vendorError = (status: number): Scripted => ({
  status,
  body: JSON.stringify({ ResponseStatus: { ErrorCode: `${status}01`, Description: 'No.' } }),
})
const json = (value: unknown, status = 200): Scripted => ({ status, body: JSON.stringify(value) })

interface Connection {
  readonly vendor: Vendor
  readonly exchanges: Exchange[]
  readonly waits: number[]
}

/** Connects with a clock that does not wait. */
function connect(
  baseUrl: string,
  credentials: { accountId: string; username: string; password: string } = { accountId: '12345', username: 'u', password: 'p' },
): Connection {
  const exchanges: Exchange[] = []
  const waits: number[] = []
  const vendor = connectBandwidth({
    baseUrl,
    credentials,
    fetch,
    sleep: async (ms) => {
      waits.push(ms)
    },
    random: () => 1 - Number.EPSILON,
    randomBytes,
    trace: (exchange) => exchanges.push(exchange),
  })
  return { vendor, exchanges, waits }
}

/** The served dialect over a real socket, and a connection to it. */
async function connectToFace(t: TestContext): Promise<Connection & { readonly face: Face }> {
  const face = await openFace(t)
  const origin = await face.world.app.listen({ port: 0, host: '127.0.0.1' })
  return { face, ...connect(`${origin}/bandwidth/api`, face) }
}

const ada: DesiredAccount = { userName: 'ada', email: 'ada@example.com', givenName: 'Ada', familyName: 'King', roleIds: [] }

async function listAll(vendor: Vendor) {
  const accounts = []
  for await (const page of vendor.reader.list()) accounts.push(...page.accounts)
  return accounts
}
async function make(vendor: Vendor, desired: DesiredAccount = ada) {
  const made = await vendor.writer.create(desired)
  assert.ok(made.outcome === 'done')
  return made.account
}

test('BAND-01 every request carries Basic credentials and the accountId of the connection', async (t) => {
  const { url, seen } = await scripted(t, () => json({ Users: [] }))
  await listAll(connect(url, { accountId: '12345', username: 'user', password: 'pass:word' }).vendor)
  assert.equal(seen[0]?.url, '/api/accounts/12345/users')
  assert.equal(seen[0]?.headers.authorization, basic('user', 'pass:word'))
})

test('BAND-05 every request asks for JSON and says that it is JSON, reads and deletions included', async (t) => {
  const user = { UserId: 'u1', Username: 'ada', FirstName: 'Ada', LastName: 'King', Email: 'ada@example.com' }
  const { url, seen } = await scripted(t, ({ method, url: path }) => {
    if (method === 'DELETE') return json({})
    if (path.endsWith('/roles')) return json({ Roles: [] })
    return path.endsWith('/users') && method === 'GET' ? json({ Users: [user] }) : json(user, method === 'POST' ? 201 : 200)
  })
  const { vendor } = connect(url)
  await listAll(vendor)
  await vendor.reader.read('u1')
  await vendor.reader.roles()
  await vendor.reader.check()
  await vendor.writer.create(ada)
  await vendor.writer.update('u1', ada)
  await vendor.writer.remove('u1')
  assert.deepEqual([...new Set(seen.map((one) => one.method))].toSorted(), ['DELETE', 'GET', 'POST', 'PUT'])
  for (const one of seen) {
    assert.equal(one.headers.accept, 'application/json')
    assert.equal(one.headers['content-type'], 'application/json')
  }
})

test('BAND-06 the answer is read by its Content-Type: XML is understood when it comes', async (t) => {
  const user =
    '<User><UserId>u1</UserId><Username>ada</Username><EmailAddress>ada@example.com</EmailAddress><Enabled>false</Enabled><Roles><Role><RoleId>r1</RoleId></Role></Roles></User>'
  const { url } = await scripted(t, ({ url: path }) => ({
    status: 200,
    type: 'application/xml; charset=utf-8',
    body: path.endsWith('/users')
      ? `<UsersResponse><Users>${user}</Users></UsersResponse>`
      : `<UserResponse>${user}</UserResponse>`,
  }))
  const { vendor } = connect(url)
  const [listed] = await listAll(vendor)
  const { raw: _, ...account } = listed!
  assert.deepEqual(account, {
    id: 'u1',
    userName: 'ada',
    email: 'ada@example.com',
    givenName: undefined,
    familyName: undefined,
    status: 'suspended',
    roles: [{ id: 'r1', name: 'r1' }],
  })
  assert.deepEqual(await vendor.reader.read('u1'), listed)
})

test('BAND-06 an HTML page is never read as an answer, whatever its status', async (t) => {
  for (const status of [200, 404]) {
    const { url } = await scripted(t, () => ({ status, type: 'text/html', body: '<html><body>Proxy</body></html>' }))
    const { vendor } = connect(url)
    await assert.rejects(listAll(vendor), { name: 'RemoteError', status })
    await assert.rejects(vendor.reader.read('u1'), { name: 'RemoteError', status })
    await assert.rejects(vendor.writer.remove('u1'), { name: 'RemoteError', status })
    await assert.rejects(vendor.writer.create(ada), { name: 'RemoteError', status })
  }
})

test('BAND-10 the list is one request without a query', async (t) => {
  const { url, seen } = await scripted(t, () =>
    json({
      Users: [
        { UserId: 'u1', Username: 'a' },
        { UserId: 'u2', Username: 'b' },
      ],
    }),
  )
  assert.deepEqual(
    (await listAll(connect(url).vendor)).map((account) => account.id),
    ['u1', 'u2'],
  )
  assert.deepEqual(
    seen.map((one) => one.url),
    ['/api/accounts/12345/users'],
  )
})

test('a list with one record that has no UserId is no list', async (t) => {
  const { url } = await scripted(t, () => json({ Users: [{ UserId: 'u1', Username: 'a' }, { Username: 'b' }] }))
  await assert.rejects(listAll(connect(url).vendor), { name: 'RemoteError' })
})

test('BAND-15 a created user gets a password of four classes that nothing keeps', async (t) => {
  const { url, seen } = await scripted(t, ({ method }) => json({ UserId: 'u1', Username: 'ada' }, method === 'POST' ? 201 : 200))
  const { vendor, exchanges } = connect(url)
  const made = await vendor.writer.create(ada)
  const { Password } = JSON.parse(seen[0]?.body ?? '{}') as { Password: string }
  assert.ok(Password.length >= 12)
  for (const kind of [/[A-Z]/, /[a-z]/, /[0-9]/, /[^A-Za-z0-9]/]) assert.match(Password, kind)
  assert.ok(!JSON.stringify([made, exchanges]).includes(Password))
})

test('BAND-18 a creation answers the UserId, and the read that follows asks for it', async (t) => {
  const { face, vendor, exchanges } = await connectToFace(t)
  const account = await make(vendor)
  assert.match(account.id, /^u[0-9a-f]{32}$/)
  assert.equal(account.email, 'ada@example.com')
  assert.ok(exchanges.at(-1)?.url.endsWith(`/accounts/${face.accountId}/users/${account.id}`))
})

test('BAND-18 the UserId is not lost when the user cannot be read back', async (t) => {
  for (const second of [vendorError(403), vendorError(404), { status: 502, type: 'text/html', body: '' }, undefined]) {
    const { url } = await scripted(t, ({ method }) => (method === 'POST' ? json({ UserId: 'u9', Username: 'ada' }, 201) : second))
    assert.equal((await make(connect(url).vendor)).id, 'u9')
  }
})

test('a creation that is answered with 200 counts too', async (t) => {
  const { url } = await scripted(t, () => json({ UserId: 'u9', Username: 'ada' }))
  assert.equal((await make(connect(url).vendor)).id, 'u9')
})

test('a creation whose answer is lost may have happened, and is not sent again', async (t) => {
  const { url, seen } = await scripted(t, () => undefined)
  await assert.rejects(connect(url).vendor.writer.create(ada), { name: 'RemoteError', effect: 'unknown' })
  assert.equal(seen.length, 1)
})

test('a creation that meets the name already in use says so', async (t) => {
  const { vendor } = await connectToFace(t)
  await make(vendor)
  assert.deepEqual(await vendor.writer.create(ada), { outcome: 'exists' })
  assert.equal((await listAll(vendor)).length, 1)
})

test('what Bandwidth requires and the directory lacks is a task for a person, and nothing is sent', async (t) => {
  const { url, seen } = await scripted(t, () => json({}))
  const made = await connect(url).vendor.writer.create({ ...ada, familyName: undefined, email: '' })
  assert.ok(made.outcome === 'needsPerson')
  assert.match(made.task, /a last name and an e-mail address/)
  assert.equal(seen.length, 0)
})

test('BAND-20 roles are set on creation and later', async (t) => {
  const { vendor } = await connectToFace(t)
  const [, admin, member] = await vendor.reader.roles()
  const account = await make(vendor, { ...ada, roleIds: [admin!.id] })
  assert.deepEqual(account.roles, [admin])
  assert.deepEqual((await vendor.writer.update(account.id, { ...ada, roleIds: [member!.id] })).roles, [member])
  assert.deepEqual((await vendor.writer.update(account.id, ada)).roles, [])
})

test('BAND-22 an update reads, merges, puts the whole record, and reads again', async (t) => {
  const { face, vendor, exchanges } = await connectToFace(t)
  const account = await make(vendor)
  exchanges.length = 0
  const after = await vendor.writer.update(account.id, { ...ada, givenName: 'Augusta', familyName: undefined })
  assert.deepEqual(
    exchanges.map((exchange) => exchange.operation),
    ['getUser', 'updateUser', 'getUser'],
  )
  assert.deepEqual([after.givenName, after.familyName, after.email], ['Augusta', 'King', 'ada@example.com'])
  const { json: stored } = await face.send('GET', `${face.account}/users/${account.id}`)
  assert.deepEqual(stored, {
    UserId: account.id,
    Username: 'ada',
    FirstName: 'Augusta',
    LastName: 'King',
    Email: 'ada@example.com',
  })
})

test('BAND-22 whatever else the vendor keeps in the record is put back, and a suspension is not undone', async (t) => {
  const stored = {
    UserId: 'u1',
    Username: 'ada',
    FirstName: 'A',
    LastName: 'King',
    EmailAddress: 'ada@example.com',
    Enabled: false,
    Brand: { New: [1] },
    TelephoneNumber: '1',
    Nothing: null,
  }
  const { url, seen } = await scripted(t, ({ method }) =>
    method === 'PUT' ? json(stored) : json({ ...stored, FirstName: seenPut() ? 'Ada' : 'A' }),
  )
  const seenPut = () => seen.some((one) => one.method === 'PUT')
  await connect(url).vendor.writer.update('u1', ada)
  const put = seen.find((one) => one.method === 'PUT')
  assert.deepEqual(JSON.parse(put?.body ?? ''), {
    Username: 'ada',
    FirstName: 'Ada',
    LastName: 'King',
    EmailAddress: 'ada@example.com',
    Enabled: false,
    Brand: { New: [1] },
    TelephoneNumber: '1',
    Nothing: null,
    Roles: [],
  })
})

test('BAND-22 an update that the vendor accepts and does not keep is an error that names what differs', async (t) => {
  const stored = { UserId: 'u1', Username: 'ada', FirstName: 'Other', LastName: 'King', Email: 'old@example.com' }
  const { url } = await scripted(t, () => json(stored))
  await assert.rejects(connect(url).vendor.writer.update('u1', { ...ada, roleIds: ['r1'] }), (error: Error) => {
    assert.equal(error.name, 'RemoteError')
    assert.match(error.message, /FirstName, Email, Roles/)
    assert.doesNotMatch(error.message, /Ada|example\.com/)
    return true
  })
})

test('BAND-22 when the update was sent and cannot be read back, its effect is unknown', async (t) => {
  for (const last of [vendorError(403), vendorError(404), undefined]) {
    const stored = { UserId: 'u1', Username: 'ada' }
    let puts = 0
    const { url } = await scripted(t, ({ method }) => {
      if (method === 'PUT') puts++
      return puts === 0 || method === 'PUT' ? json(stored) : last
    })
    await assert.rejects(connect(url).vendor.writer.update('u1', ada), { name: 'RemoteError', effect: 'unknown' })
    assert.equal(puts, 1)
  }
})

test('an update of a user who is gone changes nothing and says so', async (t) => {
  const { vendor, exchanges } = await connectToFace(t)
  await assert.rejects(vendor.writer.update(`u${'0'.repeat(32)}`, ada), { name: 'RemoteError', status: 404, effect: 'none' })
  assert.deepEqual(
    exchanges.map((exchange) => exchange.operation),
    ['getUser'],
  )
})

test('BAND-28 after a removal the read by UserId says that there is nobody', async (t) => {
  const { vendor } = await connectToFace(t)
  const account = await make(vendor)
  assert.ok(await vendor.reader.read(account.id))
  await vendor.writer.remove(account.id)
  assert.equal(await vendor.reader.read(account.id), undefined)
  await vendor.writer.remove(account.id)
})

test('BAND-28 a 404 that does not come from the vendor proves nothing', async (t) => {
  for (const answer of [
    { status: 404, type: 'text/html', body: '<h1>Not found</h1>' },
    { status: 404, body: '' },
    { status: 404, body: '{"broken' },
  ]) {
    const { url } = await scripted(t, () => answer)
    await assert.rejects(connect(url).vendor.reader.read('u1'), { name: 'RemoteError', status: 404 })
    await assert.rejects(connect(url).vendor.writer.remove('u1'), { name: 'RemoteError', status: 404 })
  }
  const { url } = await scripted(t, () => vendorError(404))
  assert.equal(await connect(url).vendor.reader.read('u1'), undefined)
})

test('BAND-P04 an error that comes with status 200 is an error', async (t) => {
  const { url } = await scripted(t, () => ({ ...vendorError(404), status: 200 }))
  const { vendor } = connect(url)
  await assert.rejects(listAll(vendor), { name: 'RemoteError' })
  await assert.rejects(vendor.reader.read('u1'), { name: 'RemoteError' })
  await assert.rejects(vendor.writer.create(ada), { name: 'RemoteError', effect: 'unknown' })
  await assert.rejects(vendor.writer.remove('u1'), { name: 'RemoteError', effect: 'unknown' })
})

test('BAND-29 the capabilities and the check tell to look for sub-accounts and resources before a removal', async (t) => {
  const { vendor } = await connectToFace(t)
  assert.ok(vendor.capabilities.notes.some((note) => /sub-accounts or resources/.test(note)))
  assert.ok((await vendor.reader.check()).findings.some((finding) => /sub-accounts or resources/.test(finding.message)))
})

test('BAND-30 suspension is no capability: there is only removal', async (t) => {
  const { vendor } = await connectToFace(t)
  assert.deepEqual(
    { ...vendor.capabilities, notes: [] },
    { create: true, update: true, suspend: false, remove: true, setRoles: true, invite: false, notes: [] },
  )
  assert.ok(vendor.capabilities.notes.some((note) => /no way to suspend/.test(note)))
})

test('BAND-32 roles are read from the account at run time', async (t) => {
  const { face, vendor } = await connectToFace(t)
  await face.world.home.directory.createRole(face.world.call(), { name: 'Night shift' })
  assert.deepEqual(
    (await vendor.reader.roles()).map((role) => role.name),
    ['Owner', 'Admin', 'Member', 'ReadOnly', 'Night shift'],
  )
})

test('BAND-35 a 429 is tried again with growing waits, for writes as well', async (t) => {
  const { url, seen } = await scripted(t, ({ method }, index) =>
    index < 3 ? vendorError(429) : json({ UserId: 'u1', Username: 'ada' }, method === 'POST' ? 201 : 200),
  )
  const { vendor, waits } = connect(url)
  await make(vendor)
  assert.deepEqual(
    seen.map((one) => one.method),
    ['POST', 'POST', 'POST', 'POST', 'GET'],
  )
  assert.equal(waits.length, 3)
  assert.ok(
    waits.every((wait, index) => wait > 0 && (index === 0 || wait > waits[index - 1]!)),
    String(waits),
  )
})

test('BAND-37 nothing is ever asked of a SCIM path, and the notes say that there is none', async (t) => {
  const { vendor, exchanges } = await connectToFace(t)
  await vendor.reader.check()
  assert.ok(exchanges.length > 0 && exchanges.every((exchange) => !/scim/i.test(exchange.url)))
  assert.ok(vendor.capabilities.notes.some((note) => /no SCIM and no user webhooks/.test(note)))
})

test('BAND-39 e-mail address, given and family name become Email, FirstName and LastName', async (t) => {
  const { face, vendor } = await connectToFace(t)
  const { id } = await make(vendor)
  const { json: stored } = await face.send('GET', `${face.account}/users/${id}`)
  assert.deepEqual(stored, { UserId: id, Username: 'ada', FirstName: 'Ada', LastName: 'King', Email: 'ada@example.com' })
})

test('BAND-42 there is no search: who is looked for by address is found in the list', async (t) => {
  const { face, vendor, exchanges } = await connectToFace(t)
  await face.send('POST', `${face.account}/users`, { body: john })
  await make(vendor)
  exchanges.length = 0
  const found = (await listAll(vendor)).filter((account) => account.email === john.Email)
  assert.deepEqual(
    found.map((account) => account.userName),
    ['jdoe'],
  )
  assert.deepEqual(
    exchanges.map((exchange) => exchange.operation),
    ['listUsers'],
  )
})

test('BAND-43 whole exchanges can be logged, without password and authorization', async (t) => {
  const { face, vendor, exchanges } = await connectToFace(t)
  const account = await make(vendor)
  await vendor.writer.update(account.id, { ...ada, givenName: 'Augusta' })
  const text = JSON.stringify(exchanges)
  const creation = exchanges.find((exchange) => exchange.operation === 'createUser')
  assert.match(creation?.sent ?? '', /"Username":"ada"/)
  assert.match(creation?.answered ?? '', new RegExp(account.id))
  assert.match(creation?.sent ?? '', /"Password"/)
  assert.doesNotMatch(creation?.sent ?? '', /"Password":"[A-Za-z0-9!#$%+=?@_~-]{20,}"/)
  for (const secret of [face.password, basic(face.username, face.password).slice(6)]) assert.ok(!text.includes(secret))
})

test('BAND-44 the check of refused credentials tells which ones to use', async (t) => {
  const { url } = await scripted(t, () => vendorError(401))
  const report = await connect(url).vendor.reader.check()
  assert.equal(report.usable, false)
  assert.match(report.findings[0]?.message ?? '', /Dashboard user.*not those of a voice or messaging application/)
})

test('the check says what to do about each way of failing', async (t) => {
  const messageOf = async (answer: Scripted | undefined) => {
    const { url } = await scripted(t, () => answer)
    const report = await connect(url).vendor.reader.check()
    assert.equal(report.usable, false)
    return report.findings[0]?.message ?? ''
  }
  assert.match(await messageOf(vendorError(403)), /not for this account/)
  assert.match(await messageOf(vendorError(429)), /limits this account/)
  assert.match(await messageOf({ status: 404, type: 'text/html', body: '<p>' }), /does not come from Bandwidth/)
  assert.match(await messageOf(vendorError(500)), /status 500/)
  assert.match(await messageOf(undefined), /cannot be reached/)
})

test('the check counts what can be read, and warns of XML and of plain http', async (t) => {
  const { face, vendor } = await connectToFace(t)
  await face.send('POST', `${face.account}/users`, { body: john })
  const report = await vendor.reader.check()
  assert.equal(report.usable, true)
  assert.match(report.findings[0]?.message ?? '', /1 users and 4 roles/)
  const { url } = await scripted(t, ({ url: path }) => ({
    status: 200,
    type: 'text/xml',
    body: path.endsWith('roles') ? '<RolesResponse><Roles/></RolesResponse>' : '<UsersResponse><Users/></UsersResponse>',
  }))
  const messages = (await connect(url).vendor.reader.check()).findings.map((finding) => finding.message)
  assert.ok(messages.some((message) => /XML came back/.test(message)))
  assert.ok(messages.some((message) => /shows no roles/.test(message)))
})

test('credentials are checked when the connection is made, and no value of theirs is shown', () => {
  const good = { accountId: '12345', username: 'user', password: strong }
  const open = (credentials: object, baseUrl = 'https://dashboard.bandwidth.com/api') =>
    connectBandwidth({
      baseUrl,
      credentials: { ...credentials },
      fetch,
      sleep: async () => undefined,
      random: Math.random,
      randomBytes,
    })
  assert.equal(open(good).name, 'bandwidth')
  assert.equal(open({ ...good, baseUrl: 'https://elsewhere.example/api' }).name, 'bandwidth')
  for (const [wrong, name] of [
    [{ ...good, accountId: undefined }, 'accountId'],
    [{ ...good, username: 'a:b' }, 'username'],
    [{ ...good, password: '' }, 'password'],
    [{ ...good, token: 'x' }, 'token'],
  ] as const)
    assert.throws(
      () => open(wrong),
      (error: Error) => error.name === 'ConfigError' && error.message.includes(name) && !error.message.includes(strong),
    )
  for (const url of ['', 'dashboard.bandwidth.com/api', 'ftp://x/api', 'https://u:p@x/api', 'https://x/api?a=1'])
    assert.throws(() => open(good, url), { name: 'ConfigError' })
})
