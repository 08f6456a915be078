import assert from 'node:assert/strict'
import { test } from 'node:test'
import { json, scripted, type Scripted, type Seen } from '../../../tests/bandwidth-vendor.ts'
import { accept, addActive, addProject, connect, connectToFace, credentialsOf, invite, listAll } from '../../../tests/sinch.ts'

const token = (text = 't1', expires_in = 3600) => json({ access_token: text, token_type: 'bearer', expires_in })
const isToken = ({ url }: Seen) => url.endsWith('/oauth2/token')
const noMembers = json({ members: [], next_page_token: '' })
const credentials = { projectId: 'p1', keyId: 'key_abc', keySecret: 's3cr3t' }

test('SNCH-04 parallel calls share one token, which is asked for as the guide has it', async (t) => {
  const { url, seen } = await scripted(t, (one) => (isToken(one) ? token() : noMembers))
  const { vendor } = connect(url, credentials)
  await Promise.all(Array.from({ length: 5 }, () => listAll(vendor)))
  const [asked, ...others] = seen.filter(isToken)
  assert.equal(others.length, 0)
  assert.equal(asked?.body, 'grant_type=client_credentials&client_id=key_abc&client_secret=s3cr3t')
  assert.equal(asked?.headers.authorization, undefined)
  assert.deepEqual(new Set(seen.filter((one) => !isToken(one)).map((one) => one.headers.authorization)), new Set(['Bearer t1']))
})

test('SNCH-04 a token is renewed a minute before it ends', async (t) => {
  let tokens = 0
  const { url, seen } = await scripted(t, (one) => (isToken(one) ? token(`t${++tokens}`) : noMembers))
  let nowMs = 0
  const { vendor } = connect(url, credentials, () => new Date(nowMs))
  for (const at of [0, 3_539_000, 3_541_000]) {
    nowMs = at
    await listAll(vendor)
  }
  assert.deepEqual(
    seen.filter((one) => !isToken(one)).map((one) => one.headers.authorization),
    ['Bearer t1', 'Bearer t1', 'Bearer t2'],
  )
})

test('SNCH-04 a 401 brings one new token and one more try, also for parallel calls and for writes', async (t) => {
  let tokens = 0
  const { url, seen } = await scripted(t, (one) => {
    if (isToken(one)) return token(`t${++tokens}`)
    if (one.headers.authorization === 'Bearer t1')
      return {
        ...json({ error: { message: 'expired' } }, 401),
        headers: { 'www-authenticate': 'Bearer error_description="token is expired"' },
      }
    return one.method === 'DELETE' ? { status: 204 } : noMembers
  })
  const { vendor } = connect(url, credentials)
  await Promise.all([listAll(vendor), listAll(vendor), vendor.writer.remove('usr_1')])
  assert.equal(tokens, 2)
  assert.equal(seen.filter((one) => one.method === 'DELETE' && one.headers.authorization === 'Bearer t2').length, 1)
})

test('SNCH-04 a token that is refused twice is refused for good', async (t) => {
  const { url, seen } = await scripted(t, (one) => (isToken(one) ? token() : json({ error: { message: 'no' } }, 401)))
  await assert.rejects(listAll(connect(url, credentials).vendor), { name: 'RemoteError', status: 401 })
  assert.equal(seen.length, 4)
})

test('SNCH-04 a failure to get a token is not kept: the next call asks again', async (t) => {
  const { url } = await scripted(t, (one, index) =>
    index === 0 ? json({ error: 'invalid_client' }, 401) : isToken(one) ? token() : noMembers,
  )
  const { vendor } = connect(url, credentials)
  await assert.rejects(listAll(vendor), { name: 'RemoteError', status: 401 })
  assert.deepEqual(await listAll(vendor), [])
})

test('SNCH-07 the region is never a guess', () => {
  const open = (url: string, region?: string) => connect(url, { ...credentials, ...(region && { region }) })
  assert.throws(() => open('https://api.sinch.com'), { name: 'ConfigError', message: /which region/ })
  assert.throws(() => open('https://eu.api.sinch.com', 'us'), {
    name: 'ConfigError',
    message: /region eu and the setting says us/,
  })
  assert.throws(() => open('https://eu.api.sinch.com', 'mars'), { name: 'ConfigError', message: /region/ })
  for (const [url, region] of [
    ['https://eu.api.sinch.com', 'eu'],
    ['https://us.api.sinch.com', undefined],
    ['http://127.0.0.1:1/sinch', 'eu'],
  ] as const)
    assert.ok(open(url, region))
})

test('SNCH-12 every page is walked before the list ends', async (t) => {
  const { face, vendor, exchanges } = await connectToFace(t)
  for (let index = 0; index < 205; index++) await addActive(face, `p${index}@example.com`)
  const accounts = await listAll(vendor)
  assert.equal(new Set(accounts.map((account) => account.email)).size, 205)
  assert.equal(exchanges.filter((exchange) => exchange.operation === 'listMembers').length, 3)
})

test('SNCH-12 a page that cannot be read makes no list, and neither do pages that run in a circle', async (t) => {
  const member = { email: 'a@example.com', role: 'MEMBER', status: 'ACTIVE' }
  for (const second of [
    json({ error: { code: 500 } }, 500),
    json({ members: [member], next_page_token: 'again' }),
  ] as Scripted[]) {
    const { url } = await scripted(t, (one) =>
      isToken(one) ? token() : one.url.includes('page_token=') ? second : json({ members: [member], next_page_token: 'again' }),
    )
    await assert.rejects(listAll(connect(url, credentials).vendor), { name: 'RemoteError' })
  }
})

test('SNCH-Q05 a last page without next_page_token, or with null, ends the list as well', async (t) => {
  for (const end of [{}, { next_page_token: null }, { next_page_token: '' }]) {
    const { url } = await scripted(t, (one) => (isToken(one) ? token() : json({ members: [], ...end })))
    assert.deepEqual(await listAll(connect(url, credentials).vendor), [])
  }
})

test('SNCH-19 a list without user_id is read; the address stands for the person', async (t) => {
  const { url } = await scripted(t, (one) =>
    isToken(one)
      ? token()
      : json({ members: [{ email: 'User@example.com', role: 'ADMIN', status: 'ACTIVE' }], next_page_token: '' }),
  )
  const { vendor } = connect(url, credentials)
  const [account] = await listAll(vendor)
  assert.deepEqual(account, {
    id: 'user@example.com',
    userName: 'User@example.com',
    email: 'User@example.com',
    givenName: undefined,
    familyName: undefined,
    status: 'active',
    roles: [{ id: 'ADMIN', name: 'ADMIN' }],
    raw: { email: 'User@example.com', role: 'ADMIN', status: 'ACTIVE' },
  })
  assert.deepEqual(await vendor.reader.read('user@example.com'), account)
  await assert.rejects(vendor.writer.remove('user@example.com'), {
    name: 'RemoteError',
    effect: 'none',
    message: /no user_id.*dashboard/,
  })
})

test('SNCH-35 refusals are waited out with growing pauses, without a word from the server', async (t) => {
  const { url } = await scripted(t, (one) => (isToken(one) ? token() : json({ error: { code: 429 } }, 429)))
  const { vendor, waits } = connect(url, credentials)
  await assert.rejects(listAll(vendor), { name: 'RemoteError', status: 429 })
  assert.ok(waits.length >= 3)
  for (const [index, wait] of waits.entries()) assert.ok(index === 0 || wait > (waits[index - 1] ?? 0), String(waits))
})

test('SNCH-34 SNCH-P05 a token that is refused for too many requests is asked for again', async (t) => {
  const { url } = await scripted(t, (one, index) =>
    index < 2 ? json({ error: 'slow' }, 429) : isToken(one) ? token() : noMembers,
  )
  assert.deepEqual(await listAll(connect(url, credentials).vendor), [])
})

test('SNCH-43 what was changed at Sinch shows in the next list, and the notes say that there are no webhooks', async (t) => {
  const { face, vendor } = await connectToFace(t)
  assert.deepEqual(await listAll(vendor), [])
  const id = await invite(face, 'new@example.com')
  assert.deepEqual(
    (await listAll(vendor)).map((account) => [account.id, account.status]),
    [[id, 'invited']],
  )
  assert.ok(vendor.capabilities.notes.some((note) => /no webhooks/.test(note)))
})

test('SNCH-45 every path is a setting', async (t) => {
  const { url, seen } = await scripted(t, (one) =>
    isToken(one)
      ? token()
      : one.url.includes('/keys')
        ? json({ access_keys: [] })
        : one.method === 'GET'
          ? json({ members: [{ user_id: 'u1', email: 'a@example.com', role: 'MEMBER', status: 'ACTIVE' }] })
          : { status: 204 },
  )
  const paths = { members: '/v2/{projectId}/people', member: '/v2/{projectId}/people/{userId}', keys: '/v2/{projectId}/keys' }
  const { vendor } = connect(url, { ...credentials, paths, tokenUrl: `${url}/v2/oauth2/token` })
  await listAll(vendor)
  await vendor.writer.remove('u1')
  await vendor.keys?.list()
  assert.deepEqual(
    seen.map((one) => `${one.method} ${one.url.split('?')[0]}`),
    ['POST /api/v2/oauth2/token', 'GET /api/v2/p1/people', 'DELETE /api/v2/p1/people/u1', 'GET /api/v2/p1/keys'],
  )
})

test('SNCH-44 an account is invited until its person accepts', async (t) => {
  const { face, vendor } = await connectToFace(t)
  const id = await invite(face, 'new@example.com')
  assert.equal((await vendor.reader.read(id))?.status, 'invited')
  await accept(face, 'new@example.com')
  assert.equal((await vendor.reader.read(id))?.status, 'active')
})

test('SNCH-26 a person in several projects is one account with a role in each', async (t) => {
  const { face, origin } = await connectToFace(t)
  const second = await addProject(face)
  await addActive(face, 'user@example.com', 'Admin')
  await second.send('POST', second.members, { body: { email: 'user@example.com', role: 'READONLY' } })
  await invite(second, 'only@example.com')
  const { vendor } = connect(`${origin}/sinch`, credentialsOf(face, origin, { projectIds: [second.projectId] }))
  const accounts = await listAll(vendor)
  assert.deepEqual(
    accounts.map((account) => [account.email, account.status, account.roles.map((role) => role.id)]),
    [
      ['user@example.com', 'active', ['ADMIN', `${second.projectId}/READONLY`]],
      ['only@example.com', 'invited', [`${second.projectId}/MEMBER`]],
    ],
  )
  assert.equal((await vendor.reader.roles()).length, 8)
})

test('SNCH-26 however many are in several projects, each is one account, shown as each project shows them', async (t) => {
  const member = (index: number, role: string) => ({
    user_id: `u${index}`,
    email: `p${index}@example.com`,
    role,
    status: 'ACTIVE',
  })
  const projects: Readonly<Record<string, readonly ReturnType<typeof member>[]>> = {
    p1: Array.from({ length: 130 }, (_, index) => member(index, 'MEMBER')),
    p2: Array.from({ length: 250 }, (_, index) => member(100 + index, 'ADMIN')),
    p3: [member(5, 'OWNER'), member(120, 'READONLY'), member(900, 'MEMBER')],
  }
  const { url } = await scripted(t, (one) => {
    if (isToken(one)) return token()
    const { pathname, searchParams } = new URL(one.url, 'http://x')
    const all = projects[pathname.split('/')[3] ?? ''] ?? []
    const from = Number(searchParams.get('page_token') ?? 0)
    const next = from + 100 < all.length ? String(from + 100) : ''
    return json({ members: all.slice(from, from + 100), next_page_token: next })
  })
  const { vendor } = connect(url, { ...credentials, projectId: 'p1', projectIds: ['p2', 'p3'] })
  const accounts = await listAll(vendor)
  assert.equal(accounts.length, 351)
  assert.equal(new Set(accounts.map(({ id }) => id)).size, 351)
  const rolesOf = (id: string) => accounts.find((account) => account.id === id)?.roles.map((role) => role.id)
  assert.deepEqual(rolesOf('u5'), ['MEMBER', 'p3/OWNER'])
  assert.deepEqual(rolesOf('u120'), ['MEMBER', 'p2/ADMIN', 'p3/READONLY'])
  assert.deepEqual(rolesOf('u349'), ['p2/ADMIN'])
  assert.deepEqual(accounts.find(({ id }) => id === 'u349')?.raw, projects['p2']?.at(-1))
  assert.deepEqual(accounts.find(({ id }) => id === 'u5')?.raw, [
    { projectId: 'p1', raw: projects['p1']?.[5] },
    { projectId: 'p3', raw: projects['p3']?.[0] },
  ])
})

test('credentials that cannot be used are refused, and the message names what is wrong and no value', () => {
  const wrong: [object, RegExp][] = [
    [{}, /projectId, keyId, keySecret/],
    [{ ...credentials, keyId: 'a:b' }, /wrong at keyId/],
    [{ ...credentials, other: 1 }, /wrong at other/],
    [{ ...credentials, scimToken: 'x' }, /scimBaseUrl and scimToken together/],
    [{ ...credentials, profile: 'scim' }, /scimBaseUrl and scimToken together/],
    [{ ...credentials, scimBaseUrl: 'https://u:p@x', scimToken: 'x' }, /wrong at scimBaseUrl/],
    [{ ...credentials, paths: { members: 'x' } }, /paths.members/],
  ]
  for (const [object, message] of wrong)
    assert.throws(
      () => connect('https://us.api.sinch.com', object as never),
      (error: Error) => error.name === 'ConfigError' && message.test(error.message) && !error.message.includes('s3cr3t'),
    )
  for (const url of ['us.api.sinch.com', 'ftp://x', 'https://u:p@us.api.sinch.com', 'https://us.api.sinch.com?x=1'])
    assert.throws(() => connect(url, credentials), { name: 'ConfigError' })
})

test('no key secret and no token stands in a trace or an error', async (t) => {
  const { face, vendor, exchanges } = await connectToFace(t)
  await listAll(vendor)
  await vendor.keys?.create('A key', async () => undefined)
  const text = JSON.stringify(exchanges)
  assert.ok(exchanges.some((exchange) => exchange.operation === 'issueToken'))
  assert.ok(!text.includes(face.keySecret) && !/eyJ/.test(text) && !/rc_sinchkey/.test(text))
})
