import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { inProcess, start } from '../../tests/cli.ts'
import { openReceiver } from '../../tests/receiver.ts'
import { temporaryFolder } from '../../tests/world.ts'

test('webhooks from the command line: added, tried, rotated, replayed; a hub that is killed before it wrote an answer down sends again', async (t) => {
  const home = join(temporaryFolder(t), 'home')
  mkdirSync(home)
  writeFileSync(join(home, 'settings.json'), JSON.stringify({ outbound: { allow: ['127.0.0.1'] } }))
  const receiver = await openReceiver(t)
  const made = await inProcess(['organization', 'create', '--name', 'Acme', '--home', home, '--json'])
  const environment = { ROLLCALL_KEY: made.json.native.key }
  const run = (...argv: string[]) => inProcess(['webhooks', ...argv, '--home', home], environment)
  const json = async (...argv: string[]) => (await run(...argv, '--json')).json
  const serve = () => start(t, ['serve', '--port', '0', '--home', home, '--json'])
  const first = await serve()

  const added = await run('add', receiver.url, '--actions', 'member.*,group.*')
  assert.match(added.stdout, /^whsec_[A-Za-z0-9+/=]+\n$/)
  receiver.secrets.push(added.stdout.trim())
  assert.match(added.stderr, /rollcall webhooks test/)
  assert.match((await run('test', receiver.url)).stderr, /took the message/)
  assert.equal(receiver.accepted.at(-1)?.type, 'webhook.tested')
  receiver.answer = () => 500
  const failed = await run('test', receiver.url)
  assert.deepEqual([failed.code, failed.stderr], [1, 'The message failed. The receiver answered 500.\n'])
  assert.match((await run('deliveries', receiver.url, '--state', 'dead')).stdout, /webhook\.tested +dead +1 .*answered 500/)

  // The hub dies while the receiver makes up its mind.
  const [arrived, answer] = [receiver.until(3), Promise.withResolvers<number>()]
  receiver.answer = () => answer.promise
  const invited = await fetch(`${first.ready.url}/api/v1/members`, {
    method: 'POST',
    headers: { authorization: `Bearer ${environment.ROLLCALL_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ userName: 'ada', as: 'active' }),
  })
  assert.equal(invited.status, 201)
  await arrived
  await first.kill()
  answer.resolve(204)
  const again = receiver.until(4)
  receiver.answer = () => 204
  await serve()
  await again
  const [before, after] = receiver.received.slice(-2)
  assert.deepEqual([after?.type, after?.id, after?.text], ['member.added', before?.id, before?.text])

  const rotated = await json('rotate', receiver.url, '--overlap', '0')
  receiver.secrets.splice(0, 1, rotated.secret)
  const [listed] = (await json('list')).webhooks
  assert.deepEqual([listed.url, listed.actions, listed.enabled], [receiver.url, ['member.*', 'group.*'], true])
  assert.match((await run('list')).stdout, /member\.\*,group\.\* +enabled/)
  const replayed = receiver.until(5)
  assert.match((await run('replay', listed.id, '--fact', String(after?.sequence))).stderr, /1 message is sent again/)
  await replayed
  assert.equal(receiver.received.at(-1)?.id, after?.id)
  assert.equal((await json('replay', listed.id, '--from', String(after?.sequence))).replay.position, (after?.sequence ?? 0) - 1)
  assert.equal(receiver.unverified(), 0)

  const [backup, restored] = [join(home, 'copy.db'), `${home}2`]
  await inProcess(['backup', backup, '--home', home])
  assert.deepEqual((await inProcess(['restore', backup, '--home', restored, '--json'])).json.webhooksOff, [listed.id])

  assert.match((await run('disable', receiver.url)).stderr, /is disabled/)
  assert.match((await run('list')).stdout, /disabled/)
  assert.match((await run('enable', receiver.url)).stderr, /is enabled/)
  assert.match((await run('remove', receiver.url)).stderr, /Removed/)
  assert.match((await run('remove', receiver.url)).stderr, /There is no webhook/)
  assert.match((await run('add', 'https://10.0.0.1/')).stderr, /not a public address/)
})

test('a replay names one thing to replay', async () => {
  for (const argv of [[], ['--fact', '1', '--dead'], ['--since', 'yesterday'], ['--fact', '0']]) {
    const { code, stderr } = await inProcess(['webhooks', 'replay', 'x', ...argv], { ROLLCALL_KEY: 'x' })
    assert.deepEqual([code, /^rollcall: .*--(fact|since)/.test(stderr)], [1, true], argv.join(' '))
  }
})
