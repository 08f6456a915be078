import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { inProcess, start } from '../../tests/cli.ts'
import { openMailServer } from '../../tests/mail-server.ts'
import { temporaryFolder } from '../../tests/world.ts'

test('without a mail server mails are kept, and the operator reads them; with one they go out, password and all', async (t) => {
  const home = join(temporaryFolder(t), 'home')
  const at = ['--home', home, '--json']
  const made = await inProcess(['organization', 'create', '--name', 'Acme', ...at])
  const key: string = made.json.native.key
  const invite = async (url: string, email: string) => {
    const reply = await fetch(`${url}/api/v1/members`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ userName: email, emails: [{ value: email }], as: 'invited' }),
    })
    assert.equal(reply.status, 201, await reply.clone().text())
  }
  const first = await start(t, ['serve', '--port', '0', ...at])
  await invite(first.ready.url, 'ada@example.com')
  const [listed] = (await inProcess(['mail', ...at])).json.mails
  assert.deepEqual([listed.to, listed.state, listed.attempts, 'token' in listed], ['ada@example.com', 'waiting', 0, false])
  const shown = (await inProcess(['mail', 'show', listed.id, ...at])).json.mail
  const link = /http:\S+/.exec(shown.text)?.[0] ?? ''
  assert.ok(link.startsWith(`${first.ready.url}/invitations/rc_invitation_`))
  const read = await inProcess(['mail', 'show', listed.id, '--home', home])
  assert.match(read.stdout, /^To: ada@example\.com\nSubject: Acme invites you\n\nHello /)
  const table = await inProcess(['mail', 'list', '--home', home])
  assert.match(table.stdout, /ada@example\.com +waiting/)
  assert.match(table.stderr, /No mail server is set/)
  assert.match(await (await fetch(link, { method: 'POST' })).text(), /You have accepted/)
  assert.match((await inProcess(['mail', 'show', listed.id, '--home', home])).stderr, /accepted by now/)
  assert.equal((await inProcess(['mail', 'show', 'nothing', ...at])).code, 1)
  await first.stop()

  const server = await openMailServer(t, {
    authOptional: false,
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) =>
      username === 'hub' && password === 'pass17' ? done(null, { user: 'hub' }) : done(new Error('no')),
  })
  const mail = {
    host: '127.0.0.1',
    port: server.port,
    user: 'hub',
    from: 'Rollcall <hub@example.com>',
    passwordFile: 'mail.password',
  }
  writeFileSync(join(home, 'settings.json'), JSON.stringify({ mail }))
  const refused = await inProcess(['mail', ...at])
  assert.deepEqual([refused.code, /mail\.password/.test(refused.stderr)], [1, true])
  writeFileSync(join(home, 'mail.password'), 'pass17\n')
  const second = await start(t, ['serve', '--port', '0', ...at])
  const arrived = server.next()
  await invite(second.ready.url, 'grace@example.com')
  const { to, text } = await arrived
  assert.deepEqual(to, ['grace@example.com'])
  assert.ok(text.includes(`${second.ready.url}/invitations/`))
})

test('no mail says that there is none, and a folder without an installation is refused', async (t) => {
  const home = join(temporaryFolder(t), 'home')
  assert.match((await inProcess(['mail', '--home', home])).stderr, /no installation/)
  await inProcess(['organization', 'create', '--name', 'Acme', '--home', home])
  assert.match((await inProcess(['mail', '--home', home])).stderr, /There is no mail/)
})
