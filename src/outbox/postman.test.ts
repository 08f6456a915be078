import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { openMailServer } from '../../tests/mail-server.ts'
import { openWorld, type World } from '../../tests/world.ts'
import { invitationLifetimeMs } from '../directory/invitations.ts'
import { deliverNext, createPostman } from './postman.ts'
import { createSmtp, type MailServer } from './smtp.ts'

const start = Date.parse('2026-03-01T10:00:00Z')

interface Desk {
  readonly world: World
  readonly invite: (
    email: string | undefined,
    over?: { readonly displayName?: string; readonly userName?: string },
  ) => Promise<{ readonly id: string; readonly token: string }>
  /** Delivers what is due at so many seconds after the start; answers how many mails were in hand. */
  readonly deliver: (seconds: number) => Promise<number>
  readonly lines: string[]
  /** The newest mail. */
  readonly last: () => Promise<{
    readonly state: string
    readonly attempts: number
    readonly reason: string | undefined
    readonly token: string | undefined
  }>
}

async function openDesk(t: TestContext, server: Partial<MailServer> & { readonly port: number }): Promise<Desk> {
  const world = await openWorld(t, { organization: { name: 'Acme <b>\r\nBcc: eve@example.com' } })
  const { directory, database } = world.home
  const lines: string[] = []
  const send = createSmtp({
    host: '127.0.0.1',
    secure: false,
    login: undefined,
    from: 'Rollcall <rollcall@example.com>',
    ...server,
  })
  return {
    world,
    lines,
    invite: async (email, { displayName, userName = email ?? 'somebody' } = {}) => {
      const { member, invitationToken } = await directory.addMember(world.call({ now: new Date(start) }), {
        state: {
          userName,
          externalId: undefined,
          displayName,
          name: {},
          emails: email === undefined ? [] : [{ value: email }],
          roleIds: [],
          suspended: false,
          attributes: {},
        },
        as: 'invited',
      })
      return { id: member.id, token: invitationToken ?? '' }
    },
    deliver: async (seconds) => {
      const parts = {
        outbox: database.outbox,
        directory,
        send,
        origin: 'https://hub.example',
        clock: () => new Date(start + seconds * 1_000),
        holder: 'test',
        log: (event: object, message: string) => void lines.push(JSON.stringify({ ...event, message })),
      }
      let count = 0
      while (await deliverNext(parts)) count++
      return count
    },
    last: async () => {
      const [mail] = await database.outbox.mails({ limit: 1 })
      assert.ok(mail)
      return mail
    },
  }
}

test('SNCH-14 an invitation goes out by SMTP once, with a link that accepts, and its token is kept no longer nor logged', async (t) => {
  const server = await openMailServer(t)
  const desk = await openDesk(t, server)
  const { token } = await desk.invite('ada@example.com', { displayName: 'Ada\nX-Evil: 1' })
  assert.equal(await desk.deliver(1), 1)
  assert.equal(await desk.deliver(100_000), 0)
  const [mail] = server.mails
  assert.deepEqual([mail?.from, mail?.to], ['rollcall@example.com', ['ada@example.com']])
  assert.match(mail?.text ?? '', new RegExp(`https://hub\\.example/invitations/${token}\r?\n`))
  assert.match(mail?.text ?? '', /until 2026-03-08 10:00 UTC/)
  assert.doesNotMatch(mail?.text ?? '', /^(X-Evil|Bcc):/im)
  const { state, token: kept } = await desk.last()
  assert.deepEqual([state, kept], ['sent', undefined])
  assert.equal(desk.lines.join('').includes(token), false)
  assert.match(desk.lines.join(''), /"outcome":"sent"/)
})

test('a user name that is an address is written to; whoever has none is kept for the operator', async (t) => {
  const server = await openMailServer(t)
  const desk = await openDesk(t, server)
  await desk.invite(undefined, { userName: 'grace@example.com' })
  assert.equal(await desk.deliver(1), 1)
  assert.deepEqual(server.mails[0]?.to, ['grace@example.com'])
  await desk.invite(undefined)
  assert.equal(await desk.deliver(100), 0)
  assert.deepEqual([(await desk.last()).state, (await desk.last()).token !== undefined], ['waiting', true])
})

test('a server that is away is asked again, ever more rarely, until the invitation has expired', async (t) => {
  const desk = await openDesk(t, { port: 1 })
  await desk.invite('ada@example.com')
  const attempts = async (seconds: number) => [await desk.deliver(seconds), (await desk.last()).attempts]
  assert.deepEqual(await attempts(0), [1, 1])
  assert.deepEqual(await attempts(14), [0, 1])
  assert.deepEqual(await attempts(15), [1, 2])
  assert.deepEqual(await attempts(44), [0, 2])
  assert.deepEqual(await attempts(45), [1, 3])
  assert.match((await desk.last()).reason ?? '', /cannot be reached/)
  assert.deepEqual(await attempts(invitationLifetimeMs / 1_000), [1, 4])
  const { state, reason, token } = await desk.last()
  assert.deepEqual([state, reason, token], ['dropped', 'The invitation is expired by now.', undefined])
})

test('a recipient refused for now is tried again, one refused for good is not', async (t) => {
  let code = 450
  const server = await openMailServer(t, {
    answer: () => {
      if (code > 0) throw Object.assign(new Error('canary17'), { responseCode: code })
    },
  })
  const desk = await openDesk(t, server)
  await desk.invite('ada@example.com')
  await desk.deliver(0)
  assert.match((await desk.last()).reason ?? '', /refused the sender or the recipient \(450\)/)
  code = 0
  await desk.deliver(15)
  assert.equal((await desk.last()).state, 'sent')
  code = 550
  await desk.invite('grace@example.com')
  await desk.deliver(20)
  const { state, reason } = await desk.last()
  assert.deepEqual([state, reason], ['refused', 'The mail server refused the sender or the recipient (550).'])
  assert.equal(desk.lines.join('').includes('canary17'), false)
})

test('an invitation that was cancelled or accepted meanwhile is not sent', async (t) => {
  const server = await openMailServer(t)
  const desk = await openDesk(t, server)
  const { id } = await desk.invite('ada@example.com')
  await desk.world.home.directory.removeMember(desk.world.call(), { id })
  await desk.deliver(1)
  assert.equal((await desk.last()).reason, 'The invitation is cancelled by now.')
  const { token } = await desk.invite('grace@example.com')
  await desk.world.home.directory.acceptInvitation(desk.world.call({ now: new Date(start) }), { token })
  await desk.deliver(2)
  assert.equal((await desk.last()).reason, 'The invitation is accepted by now.')
  assert.equal(server.mails.length, 0)
})

test('the login is sent, a wrong one is told without the password, and a remote server is never spoken to in the clear', async (t) => {
  const server = await openMailServer(t, {
    authOptional: false,
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) =>
      password === 'right17' ? done(null, { user: username ?? '' }) : done(new Error(`no ${password}`)),
  })
  const letter = { subject: 's', text: 't' }
  const settings = { host: '127.0.0.1', port: server.port, secure: false, from: 'a@example.com' }
  const attempt = (over: Partial<MailServer>) =>
    createSmtp({ ...settings, login: undefined, ...over })({ id: 'x', to: 'ada@example.com' }, letter)
  assert.deepEqual(await attempt({ login: { user: 'u', password: 'right17' } }), { kind: 'sent' })
  const refused = await attempt({ login: { user: 'u', password: 'wrong17' } })
  assert.equal(refused.kind, 'failed')
  assert.match(JSON.stringify(refused), /refused the login \(535\)/)
  assert.doesNotMatch(JSON.stringify(refused), /wrong17/)
  // Another name of this machine stands for a remote one.
  const plain = await attempt({ host: '0.0.0.0', login: { user: 'u', password: 'right17' } })
  assert.match(JSON.stringify(plain), /No encrypted connection/)
  assert.equal(server.mails.length, 1)
})

test('the postman sends what is due when it is woken, and stops when it is told', async (t) => {
  const server = await openMailServer(t)
  const desk = await openDesk(t, server)
  const { directory, database } = desk.world.home
  const postman = createPostman({
    outbox: database.outbox,
    directory,
    send: createSmtp({ host: '127.0.0.1', port: server.port, secure: false, login: undefined, from: 'a@example.com' }),
    origin: 'https://hub.example',
    clock: () => new Date(start + 60_000),
    sleep: () => new Promise(() => undefined),
    holder: 'test',
    pollMs: 1,
    log: () => undefined,
  })
  database.onFacts(() => postman.wake())
  postman.start()
  const arrived = server.next()
  await desk.invite('ada@example.com')
  assert.deepEqual((await arrived).to, ['ada@example.com'])
  await postman.stop()
})
