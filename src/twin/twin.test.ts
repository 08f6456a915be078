import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { z } from 'zod'
import { bandwidth } from '../dialects/bandwidth/dialect.ts'
import { isLoopback } from './control.ts'
import { createTwin, type Twin, type TwinOptions } from './create.ts'
import { seededPeople } from './people.ts'

const Ledger = z.object({ writes: z.array(z.strictObject({ at: z.iso.datetime(), operation: z.string(), subject: z.string() })) })
const Users = z.object({ Users: z.array(z.looseObject({ UserId: z.string(), Username: z.string() })) })
const password = 'Str0ng-enough-pass!'

interface Standing {
  readonly twin: Twin
  readonly home: string
  readonly url: string
  readonly waits: readonly number[]
  readonly api: (method: string, path: string, body?: unknown) => Promise<Response>
  readonly create: (userName: string) => Promise<Response>
  readonly users: () => Promise<z.output<typeof Users>['Users']>
  readonly ledger: () => Promise<readonly string[]>
  readonly setFaults: (faults: unknown) => Promise<Response>
}

/** A twin of Bandwidth on a real socket. */
async function standTwin(t: TestContext, over: Partial<TwinOptions> = {}): Promise<Standing> {
  const home = over.home ?? mkdtempSync(join(tmpdir(), 'rollcall-twin-'))
  const waits: number[] = []
  const sleep = async (ms: number) => void waits.push(ms)
  const twin = await createTwin({ dialect: bandwidth, home, people: 10, seed: 7, clock: () => new Date(), sleep, ...over })
  t.after(async () => {
    await twin.close()
    rmSync(home, { recursive: true, force: true })
  })
  const url = await twin.listen({ host: '127.0.0.1', port: 0 })
  const { baseUrl, accountId, username, password: secret } = twin.credentials
  const headers = {
    authorization: `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`,
    accept: 'application/json',
    'content-type': 'application/json',
  }
  const api = (method: string, path: string, body?: unknown) =>
    fetch(`${baseUrl}/accounts/${accountId}${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  return {
    twin,
    home,
    url,
    waits,
    api,
    create: (Username) =>
      api('POST', '/users', {
        Username,
        FirstName: 'New',
        LastName: 'Person',
        Email: `${Username}@example.com`,
        Password: password,
      }),
    users: async () => Users.parse(await (await api('GET', '/users')).json()).Users,
    ledger: async () =>
      Ledger.parse(await (await fetch(`${url}/_twin/ledger`)).json()).writes.map(
        ({ operation, subject }) => `${operation} ${subject}`,
      ),
    setFaults: (faults) => fetch(`${url}/_twin/faults`, { method: 'PUT', body: JSON.stringify(faults) }),
  }
}

test('people follow from the seed alone', () => {
  assert.deepEqual([...seededPeople(7, 500)], [...seededPeople(7, 500)])
  assert.notDeepEqual([...seededPeople(7, 5)], [...seededPeople(8, 5)])
  const people = [...seededPeople(7, 5000)]
  assert.equal(new Set(people.map((person) => person.userName)).size, 5000)
  assert.ok(people.every(({ email }) => /^[a-z.]+\d+@(example\.com|contractors\.test)$/.test(email)))
  assert.ok(people.some((person) => person.suspended) && people.some((person) => person.roleName === 'Admin'))
})

test('a fresh home is seeded and a used one continues, with the same credentials', async (t) => {
  const first = await standTwin(t)
  assert.equal((await first.users()).length, 10)
  assert.deepEqual(
    (await first.users()).map((user) => user.Username),
    [...seededPeople(7, 10)].map((person) => person.userName),
  )
  assert.equal((await first.create('joiner')).status, 201)
  const { credentials } = first.twin
  await first.twin.close()

  const second = await standTwin(t, { home: first.home, people: 99, seed: 1 })
  assert.equal((await second.users()).length, 11)
  assert.equal(second.twin.credentials['password'], credentials['password'])
  assert.equal(second.twin.credentials['accountId'], credentials['accountId'])
  assert.deepEqual(await second.ledger(), ['createUser joiner'])
  assert.equal(statSync(join(second.home, 'twin.json')).mode & 0o777, 0o600)
})

test('a start that was cut short is begun again', async (t) => {
  const first = await standTwin(t)
  await first.create('joiner')
  await first.twin.close()
  rmSync(join(first.home, 'twin.json'))
  assert.ok(existsSync(join(first.home, 'twin.db')))
  const second = await standTwin(t, { home: first.home, people: 3 })
  assert.equal((await second.users()).length, 3)
  assert.deepEqual(await second.ledger(), [])
})

test("a home of another vendor's twin is refused", async (t) => {
  const { home } = await standTwin(t)
  const other = { ...bandwidth, name: 'other' }
  await assert.rejects(
    createTwin({ dialect: other, home, people: 1, seed: 1, clock: () => new Date() }),
    /holds a twin of bandwidth/,
  )
})

test('the ledger names every accepted write, by the name before it, and no refused one', async (t) => {
  const { create, api, users, ledger } = await standTwin(t, { people: 0 })
  await create('mover')
  assert.equal((await create('mover')).status, 409)
  const [user] = await users()
  const renamed = { Username: 'moved', FirstName: 'New', LastName: 'Person', Email: 'moved@example.com' }
  assert.equal((await api('PUT', `/users/${user?.UserId}`, renamed)).status, 200)
  assert.equal((await api('PUT', `/users/${user?.UserId}`, renamed)).status, 200)
  assert.equal((await api('DELETE', `/users/${user?.UserId}`)).status, 200)
  assert.equal((await api('DELETE', `/users/${user?.UserId}`)).status, 404)
  assert.deepEqual(await ledger(), ['createUser mover', 'updateUser mover', 'updateUser moved', 'deleteUser moved'])
})

test('status429 refuses in the vendor’s spelling and has no effect', async (t) => {
  const { create, users, ledger, setFaults } = await standTwin(t, { people: 0 })
  assert.equal((await setFaults([{ kind: 'status429', operation: 'createUser', times: 1 }])).status, 200)
  const refused = await create('one')
  assert.equal(refused.status, 429)
  assert.equal(refused.headers.get('retry-after'), null)
  assert.ok('ResponseStatus' in z.record(z.string(), z.unknown()).parse(await refused.json()))
  assert.deepEqual(await users(), [])
  assert.equal((await create('one')).status, 201)
  assert.deepEqual(await ledger(), ['createUser one'])
})

test('status500Before has no effect, status500After has', async (t) => {
  const { create, users, ledger, setFaults } = await standTwin(t, { people: 0 })
  await setFaults([{ kind: 'status500Before', operation: 'createUser' }])
  assert.equal((await create('before')).status, 500)
  await setFaults([{ kind: 'status500After' }])
  assert.equal((await create('after')).status, 500)
  assert.deepEqual(
    (await users()).map((user) => user.Username),
    ['after'],
  )
  assert.deepEqual(await ledger(), ['createUser after'])
})

test('closeAfter does the work, notes it and says nothing', async (t) => {
  const { create, users, ledger, setFaults } = await standTwin(t, { people: 0 })
  await setFaults([{ kind: 'closeAfter', times: 1 }])
  await assert.rejects(create('silent'), /fetch failed/)
  assert.deepEqual(await ledger(), ['createUser silent'])
  assert.deepEqual(
    (await users()).map((user) => user.Username),
    ['silent'],
  )
  assert.equal((await create('loud')).status, 201)
})

test('a fault after the effect does not count a request that failed by itself', async (t) => {
  const { twin, create, setFaults } = await standTwin(t, { people: 0 })
  await create('one')
  await setFaults([{ kind: 'closeAfter', times: 1 }])
  assert.equal((await create('one')).status, 409)
  assert.equal(twin.faults.list()[0]?.fired, 0)
})

test('slow holds the answer back for as long as it says', async (t) => {
  const { create, waits, setFaults } = await standTwin(t, { people: 0 })
  await setFaults([{ kind: 'slow', ms: 1234, times: 1 }])
  assert.equal((await create('one')).status, 201)
  assert.deepEqual(waits, [1234])
})

test('emptyList, halfList and changingList lie about who is there, also in XML', async (t) => {
  const { api, twin, users, setFaults } = await standTwin(t, { people: 20 })
  await setFaults([{ kind: 'emptyList' }])
  assert.deepEqual(await users(), [])
  const { baseUrl, accountId, username, password: secret } = twin.credentials
  const authorization = `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`
  const xml = await fetch(`${baseUrl}/accounts/${accountId}/users`, { headers: { authorization } })
  assert.match(xml.headers.get('content-type') ?? '', /xml/)
  assert.doesNotMatch(await xml.text(), /<User>/)
  assert.match(await (await api('GET', '/roles')).text(), /RoleName/)
  await setFaults([{ kind: 'halfList' }])
  assert.equal((await users()).length, 10)
  await setFaults([{ kind: 'changingList' }])
  const [once, again] = [await users(), await users()]
  assert.equal(once.length, 18)
  assert.notDeepEqual(once, again)
  assert.notDeepEqual(new Set(once.map((user) => user.UserId)), new Set(again.map((user) => user.UserId)))
  await setFaults([])
  assert.equal((await users()).length, 20)
})

test('a share strikes as often as it says, by the seed', async (t) => {
  const strikes = async () => {
    const { create, setFaults } = await standTwin(t, { people: 0 })
    await setFaults([{ kind: 'status429', share: 0.5 }])
    const statuses: number[] = []
    for (let number = 0; number < 20; number++) statuses.push((await create(`person${number}`)).status)
    return statuses
  }
  const [first, second] = [await strikes(), await strikes()]
  assert.deepEqual(first, second)
  assert.ok(first.includes(429) && first.includes(201))
})

test('faults are read strictly, and a wrong list changes nothing', async (t) => {
  const { url, setFaults } = await standTwin(t, { people: 0 })
  await setFaults([{ kind: 'status429', operation: 'createUser', times: 3 }])
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [{ kind: 'slow' }, /expected array/],
    [[{ kind: 'nothing' }], /kind/],
    [[{ kind: 'slow', operation: 'flyAway' }], /no operation "flyAway".*createUser/],
    [[{ kind: 'slow', times: 0 }], /times/],
    [[{ kind: 'slow', share: 2 }], /share/],
    [[{ kind: 'slow', often: 2 }], /often/],
    [[{ kind: 'status429', ms: 2 }], /only "slow"/],
    [[{ kind: 'emptyList', operation: 'createUser' }], /lists no people/],
  ]
  for (const [faults, message] of wrong) {
    const answer = await setFaults(faults)
    assert.equal(answer.status, 400)
    assert.match(await answer.text().then((text) => z.object({ error: z.string() }).parse(JSON.parse(text)).error), message)
  }
  assert.equal((await fetch(`${url}/_twin/faults`, { method: 'PUT', body: '{' })).status, 400)
  assert.deepEqual(await (await fetch(`${url}/_twin/faults`)).json(), [
    { kind: 'status429', operation: 'createUser', times: 3, fired: 0 },
  ])
})

test('the control routes are there for loopback addresses alone', async (t) => {
  for (const address of ['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1']) assert.equal(isLoopback(address), true, address)
  for (const address of ['10.0.0.1', '128.0.0.1', '::2', '::ffff:10.0.0.1', 'fe80::1', '127.0.0.1.example.com', '', undefined])
    assert.equal(isLoopback(address), false, String(address))
  const { twin } = await standTwin(t, { people: 0 })
  const from = async (remoteAddress: string) =>
    (await twin.app.inject({ method: 'GET', url: '/_twin/ledger', remoteAddress })).statusCode
  assert.equal(await from('127.0.0.1'), 200)
  assert.equal(await from('192.0.2.7'), 404)
})

test('the control routes refuse web pages', async (t) => {
  const { url } = await standTwin(t, { people: 0 })
  const put = await fetch(`${url}/_twin/faults`, { method: 'PUT', body: '[]', headers: { origin: 'http://evil.example' } })
  assert.equal(put.status, 404)
  assert.equal((await fetch(`${url}/_twin/ledger`, { headers: { 'sec-fetch-site': 'cross-site' } })).status, 404)
})
