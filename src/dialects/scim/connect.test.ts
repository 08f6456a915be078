import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { json, scripted, type Seen } from '../../../tests/bandwidth-vendor.ts'
import { openScim, person } from '../../../tests/scim.ts'
import { ConfigError } from '../../directory/errors.ts'
import type { Account, DesiredAccount, Vendor } from '../../sync/vendor.ts'
import { connectScim } from './connect.ts'

const connect = (baseUrl: string, credentials: object = { token: 't0ken' }): Vendor =>
  connectScim({
    baseUrl,
    credentials: { ...credentials },
    fetch,
    sleep: async () => undefined,
    random: () => 0,
    randomBytes,
  })

const grace: DesiredAccount = {
  userName: 'grace@example.com',
  email: 'grace@example.com',
  givenName: 'Grace',
  familyName: 'Hopper',
  roleIds: [],
}

const listAll = async (vendor: Vendor): Promise<readonly Account[]> => {
  const accounts: Account[] = []
  for await (const page of vendor.reader.list()) accounts.push(...page.accounts)
  return accounts
}
const findings = async (vendor: Vendor): Promise<string> =>
  (await vendor.reader.check()).findings.map(({ message }) => message).join(' ')

test('groups of a served SCIM are roles: read, given, taken', async (t) => {
  const scim = await openScim(t)
  const origin = await scim.app.listen({ port: 0, host: '127.0.0.1' })
  const vendor = connect(`${origin}/scim/v2`, { token: scim.token })
  const made = await vendor.writer.create(grace)
  assert.ok(made.outcome === 'done')
  for (const displayName of ['Ops', 'Billing', 'Empty'])
    await scim.send('POST', '/Groups', {
      body: { displayName, ...(displayName === 'Ops' && { members: [{ value: made.account.id }] }) },
    })
  const roles = await vendor.reader.roles()
  assert.deepEqual(
    roles.map(({ name }) => name),
    ['Ops', 'Billing', 'Empty'],
  )
  assert.deepEqual((await vendor.reader.read(made.account.id))?.roles, [roles[0]])
  const billing = roles[1]?.id ?? ''
  const after = await vendor.writer.update(made.account.id, { ...grace, familyName: 'Murray', roleIds: [billing] })
  assert.deepEqual([after.familyName, after.roles], ['Murray', [roles[1]]])
  assert.deepEqual((await listAll(vendor))[0]?.roles, [roles[1]])
})

test('the check tells a token that may write from one that may only read, and leaves open what no answer tells', async (t) => {
  const scim = await openScim(t)
  const origin = await scim.app.listen({ port: 0, host: '127.0.0.1' })
  const said = async (token: string) => findings(connect(`${origin}/scim/v2`, { token }))
  assert.match(await said(scim.token), /The credentials may write\./)
  const reader = await scim.directory.createCredential(scim.call(), { kind: 'scim', name: 'reader', scopes: ['read'] })
  assert.match(await said(reader.secret), /may read and not write\. Make a token/)
  const { url } = await scripted(t, ({ method }) =>
    method === 'GET' ? json({ totalResults: 0, Resources: [] }) : json({ detail: 'no' }, 400),
  )
  assert.match(await findings(connect(url)), /cannot be told by reading/)
})

test('a list of many pages is read whole by position', async (t) => {
  const scim = await openScim(t)
  const origin = await scim.app.listen({ port: 0, host: '127.0.0.1' })
  for (let number = 1; number <= 230; number++) await scim.send('POST', '/Users', { body: person(`p${number}`) })
  const vendor = connect(`${origin}/scim/v2`, { token: scim.token })
  const accounts = await listAll(vendor)
  assert.equal(accounts.length, 230)
  assert.equal(new Set(accounts.map(({ id }) => id)).size, 230)
})

/** An application that knows PUT alone, keeps one user, and shows groups only by themselves. */
async function openOld(t: Parameters<typeof scripted>[0]) {
  const state = {
    user: {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      id: '7',
      userName: 'grace@example.com',
      name: { givenName: 'Grace', familyName: 'Hopper', honorificPrefix: 'Dr.' },
      emails: [
        { value: 'home@example.com', type: 'home' },
        { value: 'grace@example.com', type: 'work', primary: 'True' },
      ],
      active: 'True',
      'urn:example:User': { badge: 12 },
      meta: { version: 'W/"3"' },
    } as Record<string, unknown>,
    group: { id: 'g1', displayName: 'Ops', members: [{ value: '8' }] } as Record<string, unknown>,
  }
  const answer = ({ method, url, body }: Seen) => {
    const path = url.replace('/api', '').split('?')[0] ?? ''
    if (path === '/ServiceProviderConfig') return json({ patch: { supported: false }, etag: { supported: true } })
    if (path === '/Groups') return json({ totalResults: 1, Resources: [state.group] })
    if (path === '/Users') return json({ totalResults: 1, Resources: [state.user] })
    if (path === '/Groups/g1' && method === 'PUT') state.group = JSON.parse(body) as Record<string, unknown>
    if (path === '/Groups/g1') return json(state.group)
    if (path === '/Users/7' && method === 'PUT') state.user = { ...(JSON.parse(body) as object), meta: { version: 'W/"4"' } }
    if (path === '/Users/7') return json(state.user)
    return json({ detail: 'none' }, 404)
  }
  return { state, ...(await scripted(t, answer)) }
}

test('where only PUT is known, the whole user is read, merged and put back with its version', async (t) => {
  const { url, seen, state } = await openOld(t)
  const vendor = connect(url)
  const after = await vendor.writer.update('7', { ...grace, email: 'admiral@example.com', familyName: 'Murray', roleIds: ['g1'] })
  assert.deepEqual([after.email, after.familyName, after.roles], ['admiral@example.com', 'Murray', [{ id: 'g1', name: 'Ops' }]])
  const put = seen.find(({ method, url: path }) => method === 'PUT' && path.endsWith('/Users/7'))
  assert.equal(put?.headers['if-match'], 'W/"3"')
  assert.equal(state.user['meta'] !== undefined && JSON.parse(put?.body ?? '{}').meta, undefined)
  assert.deepEqual(state.user['name'], { givenName: 'Grace', familyName: 'Murray', honorificPrefix: 'Dr.' })
  assert.deepEqual(state.user['urn:example:User'], { badge: 12 })
  assert.deepEqual(
    (state.user['emails'] as { readonly value: string }[]).map(({ value }) => value),
    ['home@example.com', 'admiral@example.com'],
  )
  assert.deepEqual(state.group['members'], [{ value: '8' }, { value: '7' }])
  assert.ok(seen.every(({ method }) => method !== 'PATCH'))
})

test('an account that is as desired is not written', async (t) => {
  const { url, seen } = await openOld(t)
  await connect(url).writer.update('7', grace)
  assert.ok(seen.every(({ method }) => method === 'GET'))
})

test('suspending is active = false, read back', async (t) => {
  const { url, state } = await openOld(t)
  const vendor = connect(url)
  assert.equal((await vendor.writer.suspend?.('7'))?.status, 'suspended')
  assert.equal(state.user['active'], false)
})

test('a server that accepts a suspension and does not keep it is found out', async (t) => {
  const user = { id: '7', userName: 'grace@example.com', active: true }
  const { url } = await scripted(t, ({ url: path }) =>
    path.includes('/Users/7') ? json(user) : json({ detail: 'none', totalResults: 0 }, path.includes('Groups') ? 200 : 404),
  )
  await assert.rejects(async () => connect(url).writer.suspend?.('7'), { name: 'RemoteError', effect: 'unknown' })
})

test('a list by cursor is read to its end', async (t) => {
  const pages: Record<string, object> = {
    '': { Resources: [{ id: '1', userName: 'a' }], nextCursor: 'x' },
    x: { Resources: [{ id: '2', userName: 'b' }], nextCursor: 'y' },
    y: { Resources: [{ id: '3', userName: 'c' }] },
  }
  const { url } = await scripted(t, ({ url: path }) => {
    const { pathname, searchParams } = new URL(path, 'http://x')
    if (pathname.endsWith('/ServiceProviderConfig'))
      return json({ pagination: { cursor: true, index: false, defaultPaginationMethod: 'cursor' } })
    if (pathname.endsWith('/Groups')) return json({ detail: 'no groups' }, 404)
    return json({ totalResults: 3, ...pages[searchParams.get('cursor') ?? ''] })
  })
  assert.deepEqual(
    (await listAll(connect(url))).map(({ id }) => id),
    ['1', '2', '3'],
  )
})

test('somebody who exists is found by user name', async (t) => {
  const { url } = await scripted(t, ({ method, url: path }) => {
    if (method === 'POST') return json({ detail: 'taken', scimType: 'uniqueness' }, 409)
    if (path.includes('/Groups')) return json({ totalResults: 0 })
    return json({ totalResults: 1, Resources: [{ id: '9', userName: 'Grace@Example.com', active: true }] })
  })
  const made = await connect(url).writer.create(grace)
  assert.ok(made.outcome === 'exists')
  assert.equal(made.account?.id, '9')
})

test('what is wrong with a connection is told in a sentence', async (t) => {
  const statuses: readonly (readonly [number, RegExp])[] = [
    [401, /Make a new SCIM token/],
    [403, /higher plan/],
    [404, /must end where \/Users follows/],
  ]
  for (const [status, message] of statuses) {
    const { url } = await scripted(t, () => json({ detail: 'no' }, status))
    const { usable } = await connect(url).reader.check()
    assert.equal(usable, false)
    assert.match(await findings(connect(url)), message)
  }
  const { url } = await scripted(t, () => json({ hello: 'world', Resources: [{ name: 'x' }] }))
  assert.match(await findings(connect(url)), /Check the base URL/)
})

test('a connection without groups, or without a word about itself, says so', async (t) => {
  const { url } = await scripted(t, ({ url: path }) =>
    path.includes('/Users') ? json({ totalResults: 2, Resources: [] }) : json({ detail: 'none' }, 404),
  )
  const text = await findings(connect(url))
  assert.match(text, /2 users can be read/)
  assert.match(text, /shows no groups/)
  assert.match(text, /does not say what it can do/)
})

test('credentials that cannot be used are refused without being repeated', () => {
  for (const credentials of [{}, { token: '' }, { token: 'very-secret', more: 1 }, { username: 'a:b', password: 'very-secret' }])
    assert.throws(
      () => connect('https://example.com/scim', credentials),
      (error) => error instanceof ConfigError && !error.message.includes('very-secret'),
    )
  for (const url of ['ftp://x', 'https://user:very-secret@x/', 'https://x/?a=1', 'x'])
    assert.throws(
      () => connect(url),
      (error) => error instanceof ConfigError && !error.message.includes('very-secret'),
    )
})
