import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import { createSecret } from '../directory/credential.ts'
import { randomBytes } from 'node:crypto'
import { dialects } from '../dialects/index.ts'
import { createLog } from './log.ts'
import { createServer } from './server.ts'
import { openWorld } from '../../tests/world.ts'

const day = 24 * 60 * 60 * 1_000

/** The page over real HTTP, with a log and a clock that can be moved. */
async function openPage(t: TestContext) {
  const world = await openWorld(t, { organization: { name: 'Acme <script>alert(1)</script>' } })
  const { directory, database, newId } = world.home
  const lines: string[] = []
  let ahead = 0
  const app = createServer({
    directory,
    store: database.store,
    dialects,
    engine: undefined,
    settings: {},
    clock: () => new Date(Date.now() + ahead),
    newId,
    log: createLog({ write: (line) => void lines.push(line) }),
    check: () => database.check(),
  })
  t.after(() => app.close())
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const invite = async (userName: string) => {
    const [role] = await directory.listRoles(world.call(), {})
    const { member, invitationToken } = await directory.addMember(world.call(), {
      state: {
        userName,
        externalId: undefined,
        displayName: 'Ada & Co',
        name: {},
        emails: [{ value: userName }],
        roleIds: role ? [role.id] : [],
        suspended: false,
        attributes: {},
      },
      as: 'invited',
    })
    return { id: member.id, token: invitationToken ?? '' }
  }
  const ask = async (method: 'GET' | 'POST' | 'HEAD', token: string, init: RequestInit = {}) => {
    const response = await fetch(`${url}/invitations/${token}`, { method, redirect: 'manual', ...init })
    return { status: response.status, headers: response.headers, page: await response.text() }
  }
  const statusOf = async (id: string) => (await directory.getMember(world.call(), { id })).status
  return { world, lines, invite, ask, statusOf, wait: (ms: number) => (ahead += ms) }
}

test('GET shows who invites whom to what and changes nothing; POST accepts, once', async (t) => {
  const { world, invite, ask, statusOf } = await openPage(t)
  const { id, token } = await invite('ada@example.com')
  const shown = await ask('GET', token)
  assert.equal(shown.status, 200)
  assert.match(shown.page, /Acme &#60;script&#62;/)
  assert.match(shown.page, /Ada &#38; Co \(ada@example\.com\)/)
  assert.match(shown.page, /<dd>Owner<\/dd>/)
  assert.equal(shown.page.includes(token), false)
  assert.equal((await ask('HEAD', token)).status, 200)
  assert.equal(await statusOf(id), 'invited')

  const form = { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: '' }
  const accepted = await ask('POST', token, form)
  assert.deepEqual([accepted.status, await statusOf(id)], [200, 'active'])
  assert.match(accepted.page, /You have accepted/)
  const facts = await world.home.directory.listFacts(world.call(), { limit: 100 })
  const fact = facts.find(({ action }) => action === 'member.accepted')
  assert.match(fact?.actor ?? '', /^invitation:/)

  for (const method of ['GET', 'POST'] as const) {
    const again = await ask(method, token)
    assert.equal(again.status, 410)
    assert.match(again.page, /was used/)
    assert.doesNotMatch(again.page, /Acme|Ada|example\.com/)
  }
})

test('the pages work without script, are not framed, stored or referred from, and carry one style by its hash', async (t) => {
  const { invite, ask } = await openPage(t)
  const { token } = await invite('ada@example.com')
  for (const { page, headers } of [await ask('GET', token), await ask('GET', 'nothing'), await ask('POST', token)]) {
    assert.doesNotMatch(page, /<script|\son\w+=|src=|href=|https?:/)
    const style = /<style>([^]*?)<\/style>/.exec(page)?.[1] ?? ''
    const policy = headers.get('content-security-policy') ?? ''
    assert.ok(policy.includes(`style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`))
    assert.match(policy, /default-src 'none'.*form-action 'self'.*base-uri 'none'.*frame-ancestors 'none'/)
    assert.deepEqual(
      ['referrer-policy', 'cache-control', 'x-content-type-options', 'content-type'].map((name) => headers.get(name)),
      ['no-referrer', 'no-store', 'nosniff', 'text/html; charset=utf-8'],
    )
  }
})

test('what is expired, cancelled or unknown is told apart to who holds the link, and tells a stranger nothing', async (t) => {
  const { world, invite, ask, statusOf, wait } = await openPage(t)
  const gone = await invite('gone@example.com')
  await world.home.directory.removeMember(world.call(), { id: gone.id })
  const late = await invite('late@example.com')
  wait(7 * day)
  const never = createSecret('invitation', randomBytes).secret
  const other = world.access['scim']?.['token'] ?? ''
  const expected = [
    [gone.token, 410, /withdrawn/],
    [late.token, 410, /has expired/],
    [never, 404, /no such invitation/],
    [other, 404, /no such invitation/],
    [`${late.token.slice(0, -1)}!`, 404, /no such invitation/],
    ['x', 404, /no such invitation/],
    [encodeURIComponent('../%00é'), 404, /no such invitation/],
  ] as const
  for (const [token, status, title] of expected)
    for (const method of ['GET', 'POST'] as const) {
      const { status: answered, page } = await ask(method, token)
      assert.equal(answered, status)
      assert.match(page, title)
      assert.doesNotMatch(page, /Acme|Ada|example\.com/)
    }
  assert.equal(await statusOf(late.id), 'invited')
})

test('two that press the button at once: one accepts, the other reads that it was used', async (t) => {
  const { invite, ask } = await openPage(t)
  const { token } = await invite('ada@example.com')
  const statuses = (await Promise.all([ask('POST', token), ask('POST', token), ask('POST', token)])).map(({ status }) => status)
  assert.deepEqual(
    statuses.toSorted((a, b) => a - b),
    [200, 410, 410],
  )
})

test('who is suspended may accept and stays suspended until they are resumed', async (t) => {
  const { world, invite, ask, statusOf } = await openPage(t)
  const { id, token } = await invite('ada@example.com')
  const { directory } = world.home
  await directory.suspendMember(world.call(), { id, sessions: 'end' })
  assert.match((await ask('POST', token)).page, /suspended at the moment/)
  assert.equal(await statusOf(id), 'suspended')
  assert.equal((await directory.resumeMember(world.call(), { id })).status, 'active')
})

test('no token gets into the log, whatever becomes of the request', async (t) => {
  const { lines, invite, ask } = await openPage(t)
  const { token } = await invite('ada@example.com')
  for (const method of ['GET', 'POST', 'POST'] as const) await ask(method, token)
  await ask('POST', `${token}x`)
  await ask('POST', token, { body: 'x'.repeat(5_000), headers: { 'content-type': 'text/plain' } })
  await ask('GET', `${token}/more`)
  await ask('GET', 'x'.repeat(600) + token)
  await ask('GET', `%zz${token}`)
  assert.ok(lines.length > 0)
  assert.equal(lines.join('').includes(token.slice(15)), false)
})
