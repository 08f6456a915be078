import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { inProcess } from '../../tests/cli.ts'
import { temporaryFolder } from '../../tests/folder.ts'
import { openHub } from '../app.ts'
import { sinch } from '../dialects/sinch/dialect.ts'
import { createTwin } from '../twin/create.ts'

test('keys are listed, rotated, handed out to a command, shown, and a rotation given up, on the command line', async (t) => {
  const folder = temporaryFolder(t)
  const file = (name: string) => join(folder, name)
  const twin = await createTwin({ dialect: sinch, home: file('twin'), people: 2, seed: 1, clock: () => new Date() })
  await twin.listen({ host: '127.0.0.1', port: 0 })
  t.after(() => twin.close())
  const open = () => openHub({ home: file('hub'), environment: {}, host: '127.0.0.1', port: 0, log: undefined })
  const first = await open()
  const organization = { name: 'Example', plan: 'enterprise', sso: 'okta', emailDomains: [] } as const
  const key = (await first.home.createOrganization(organization, first.url))['native']?.['key'] ?? ''
  let url = first.url
  const run = (...args: readonly string[]) =>
    inProcess([...args, '--home', file('hub')], { ROLLCALL_URL: url, ROLLCALL_KEY: key })
  writeFileSync(file('vendor.json'), JSON.stringify({ vendor: 'sinch', credentials: twin.credentials }))
  const added = await run(
    'connection',
    'add',
    '--name',
    'sms',
    '--vendor',
    'sinch',
    '--credentials',
    file('vendor.json'),
    '--everyone',
    '--json',
  )
  assert.equal(added.code, 0, added.stderr)
  await run('connection', 'enable-writes', 'sms')
  await first.close()

  const handOuts = {
    deploy: { kind: 'command', argv: ['/bin/sh', '-c', `cat > ${file('handed')}`], connections: [added.json.connection.id] },
  }
  writeFileSync(join(file('hub'), 'settings.json'), JSON.stringify({ handOuts }))
  const hub = await open()
  t.after(() => hub.close())
  url = hub.url

  const listed = await run('keys', 'list', 'sms')
  assert.equal(listed.code, 0, listed.stderr)
  assert.match(listed.stdout, /LAST USED +USED BY\n\S+ .* 0 days +not told +not told +this connection/)
  assert.match(listed.stderr, /1 of 10 keys\.\nHand-out: deploy \(command\)/)

  const rotated = await run('keys', 'rotate', 'sms', '--hand-out', 'deploy', '--quiet', '0s', '--json')
  assert.equal(rotated.code, 0, rotated.stderr)
  const { rotation } = rotated.json
  assert.deepEqual([rotation.state, rotation.proof.kind], ['done', 'acknowledged'], rotation.reason)
  const handed = JSON.parse(readFileSync(file('handed'), 'utf8')).key
  assert.equal(handed.id, rotation.newKeyId)
  assert.ok(!JSON.stringify([rotated.stdout, rotated.stderr]).includes(handed.secret))
  const { items } = (await run('keys', 'list', 'sms', '--json')).json.keys
  assert.deepEqual(
    items.map(({ id }: { readonly id: string }) => id),
    [rotation.newKeyId],
  )

  const begun = await run('keys', 'rotate', 'sms', '--quiet', '7d', '--name', 'Later')
  assert.equal(begun.code, 0, begun.stderr)
  assert.match(begun.stderr, /quiet: the new key is in use; .*\nThe old key is deleted at .* rollcall keys abort/)
  const id = begun.stdout.trim()
  const refused = await run('keys', 'rotate', 'sms')
  assert.match(refused.stderr, /is under way\. Wait for it, or abort it/)
  const aborted = await run('keys', 'abort', id, '--reason', 'wrong day')
  assert.match(aborted.stderr, /aborted: given up: wrong day; both keys are valid/)
  assert.match((await run('keys', 'show', '--connection', 'sms')).stdout, new RegExp(`${id} +aborted`))
  assert.equal((await run('keys', 'show', id, '--json')).json.rotation.state, 'aborted')
  assert.match((await run('keys', 'confirm', id)).stderr, /waits for no confirmation/)
  assert.match((await run('keys', 'rotate', 'sms', '--quiet', 'soon')).stderr, /such as 90s, 30m, 24h or 7d/)
})
