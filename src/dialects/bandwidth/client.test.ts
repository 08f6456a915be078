import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test, type TestContext } from 'node:test'
import { openFace, strong, type Face } from '../../../tests/bandwidth.ts'

/** The part of @bandwidth/numbers 2.0.0, the vendor's own client, that reaches users and roles. */
interface Numbers {
  readonly Client: new (
    accountId: string,
    user: string,
    password: string,
    clientId: string,
    clientSecret: string,
    options: { apiEndPoint: string },
  ) => Client
  readonly User: { list(client: Client, done: (error: unknown, users: readonly Record<string, unknown>[]) => void): void }
}
interface Client {
  concatAccountPath(path: string): string
  makeRequest(method: string, ...rest: readonly unknown[]): void
}
/** What its XML parser makes of an answer: one item is an object, several are a list, an empty element is 0. */
interface Parsed {
  readonly user: Record<string, unknown> & { readonly userId: string }
  readonly users: { readonly user: readonly { readonly userId: string }[] }
  readonly roles: { readonly role: readonly { readonly roleId: string; readonly roleName: string }[] }
}
const numbers: Numbers = createRequire(import.meta.url)('@bandwidth/numbers')

/** The real client, over a real socket, with nothing between it and the served API. */
async function openClient(t: TestContext, accountId?: string) {
  const face = await openFace(t)
  const origin = await face.world.app.listen({ port: 0, host: '127.0.0.1' })
  const client = new numbers.Client(accountId ?? face.accountId, face.username, face.password, '', '', {
    apiEndPoint: `${origin}/bandwidth/api`,
  })
  const send = (method: 'get' | 'post' | 'put' | 'delete', path: string, body?: unknown) =>
    new Promise<Parsed>((resolve, reject) => {
      const done = (error: unknown, value: Parsed) => (error ? reject(error) : resolve(value))
      client.makeRequest(method, client.concatAccountPath(path), ...(body === undefined ? [] : [body]), done)
    })
  return { face, client, send }
}

const jdoe = { username: 'jdoe', firstName: 'John', lastName: 'Doe', email: 'jdoe@example.com' }

async function create(
  { send }: { readonly send: Awaited<ReturnType<typeof openClient>>['send'] },
  user: object = jdoe,
): Promise<string> {
  const { user: made } = await send('post', 'users', { user: { ...user, password: strong } })
  return made.userId
}
const memberStatus = async (face: Face, userName: string) =>
  (await face.world.home.directory.findMemberByUserName(face.world.call(), { userName }))?.status

test('BAND-P06 the real client lists nobody, one user, and many', async (t) => {
  const client = await openClient(t)
  assert.deepEqual(await client.send('get', 'users'), { users: 0 })
  const first = await create(client)
  assert.deepEqual(await client.send('get', 'users'), { users: { user: { userId: first, ...jdoe } } })
  const second = await create(client, { ...jdoe, username: 'jroe', email: 'jroe@example.com' })
  const many = await client.send('get', 'users')
  assert.deepEqual(
    many.users.user.map((user) => user.userId),
    [first, second],
  )
})

test('the real client reads a user', async (t) => {
  const client = await openClient(t)
  const userId = await create(client)
  assert.deepEqual(await client.send('get', `users/${userId}`), { user: { userId, ...jdoe } })
})

test('the real client creates a user with roles, and a disabled one', async (t) => {
  const client = await openClient(t)
  const { roles } = await client.send('get', 'roles')
  const [, admin, member] = roles.role
  const userId = await create(client, {
    ...jdoe,
    roles: { role: [{ roleId: admin?.roleId }, { roleId: member?.roleId }] },
    enabled: false,
  })
  const { user } = await client.send('get', `users/${userId}`)
  assert.deepEqual(user, { userId, ...jdoe, roles: { role: [admin, member] }, enabled: false })
  assert.equal(await memberStatus(client.face, 'jdoe'), 'suspended')
})

test('the real client updates a user with what it read, changed', async (t) => {
  const client = await openClient(t)
  const { roles } = await client.send('get', 'roles')
  const userId = await create(client, { ...jdoe, roles: { role: { roleId: roles.role[1]?.roleId } } })
  const { user } = await client.send('get', `users/${userId}`)
  const { user: updated } = await client.send('put', `users/${userId}`, { user: { ...user, firstName: 'Jane' } })
  assert.deepEqual(updated, { ...user, firstName: 'Jane' })
  assert.deepEqual(await client.send('put', `users/${userId}`, { user: { firstName: 'Jo', email: 'jo@example.com' } }), {
    user: { userId, username: 'jdoe', firstName: 'Jo', email: 'jo@example.com' },
  })
})

test('BAND-P06 the real client deletes a user and finds nobody after it', async (t) => {
  const client = await openClient(t)
  const userId = await create(client)
  assert.deepEqual(await client.send('delete', `users/${userId}`), {})
  await assert.rejects(client.send('get', `users/${userId}`), { status: 404 })
})

test('the real client lists the roles', async (t) => {
  const client = await openClient(t)
  const { roles } = await client.send('get', 'roles')
  assert.deepEqual(
    roles.role.map((role) => role.roleName),
    ['Owner', 'Admin', 'Member', 'ReadOnly'],
  )
})

test('BAND-P02 the real client’s own User.list works without an account in the path', async (t) => {
  const client = await openClient(t)
  const userId = await create(client)
  const users = await new Promise<readonly Record<string, unknown>[]>((resolve, reject) => {
    numbers.User.list(client.client, (error, list) => (error ? reject(error) : resolve(list)))
  })
  assert.deepEqual(
    users.map((user) => [user['userId'], user['emailAddress']]),
    [[userId, jdoe.email]],
  )
})

test('BAND-P04 the real client sees errors with their status and ErrorCode', async (t) => {
  const client = await openClient(t)
  const userId = await create(client)
  const refused = async (...request: Parameters<typeof client.send>) => {
    try {
      await client.send(...request)
    } catch (error) {
      const { status, response } = error as { status: number; response: { text: string } }
      assert.match(response.text, /<UserResponse><ResponseStatus><ErrorCode>\d{5}<\/ErrorCode><Description>[^<]+<\/Description>/)
      return status
    }
    return 'accepted'
  }
  assert.equal(await refused('get', 'users/jdoe'), 404)
  assert.equal(await refused('post', 'users', { user: { ...jdoe, password: strong } }), 409)
  assert.equal(
    await refused('post', 'users', { user: { ...jdoe, username: 'x', email: 'x@example.com', password: 'weak' } }),
    400,
  )
  assert.equal(await refused('post', 'users', { user: { username: 'x' } }), 400)
  assert.equal(await refused('post', 'users', { site: { name: 'x' } }), 400)
  assert.equal(await refused('put', `users/${userId}`, { user: { nickname: 'x' } }), 400)
  const foreign = await openClient(t, '0'.repeat(32))
  await assert.rejects(foreign.send('get', 'users'), { status: 403 })
})

test('names that look like numbers, markup or truth survive the way through the real client’s XML', async (t) => {
  const client = await openClient(t)
  const userId = await create(client, { ...jdoe, username: '0042', firstName: '<b>&amp;</b>', lastName: ' Ærø ' })
  const { json } = await client.face.send('GET', `${client.face.account}/users/${userId}`)
  assert.deepEqual([json['Username'], json['FirstName'], json['LastName']], ['0042', '<b>&amp;</b>', ' Ærø '])
})
