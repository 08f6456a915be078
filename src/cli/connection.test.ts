import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { inProcess, rollcall, start } from '../../tests/cli.ts'
import { temporaryFolder } from '../../tests/world.ts'

test('applications that speak SCIM, and lists of those without an API, are connected on the command line', async (t) => {
  const folder = temporaryFolder(t)
  const file = (name: string) => join(folder, name)
  const home = ['--home', file('home'), '--json']
  const hub = await start(t, ['serve', '--port', '0', '--metrics', '0', ...home])
  const { metricsUrl } = hub.ready
  assert.ok(typeof metricsUrl === 'string')
  assert.match(await (await fetch(metricsUrl)).text(), /^process_resident_memory_bytes \d+$/m)
  const mistyped = await inProcess(['serve', '--metrics', 'somewhere', ...home], {})
  assert.match(mistyped.stdout + mistyped.stderr, /--metrics must be PORT or HOST:PORT/)
  const twin = await start(t, ['twin', 'scim', '--port', '0', '--people', '5', '--seed', '1', '--home', file('twin'), '--json'])
  writeFileSync(file('twin.json'), JSON.stringify(twin.ready))
  const organization = await rollcall(['organization', 'create', '--name', 'Acme', ...home])
  assert.equal(organization.code, 0, organization.stderr)
  const owner = { ROLLCALL_URL: hub.ready.url as string, ROLLCALL_KEY: organization.json.native.key as string }
  const run = (...args: readonly string[]) => inProcess([...args, '--json'], owner)

  const added = await run(
    'connection',
    'add',
    '--name',
    'app',
    '--vendor',
    'scim',
    '--credentials',
    file('twin.json'),
    '--everyone',
  )
  assert.equal(added.code, 0, added.stderr)
  const check = await run('connection', 'check', 'app')
  assert.equal(check.json.check.usable, true)
  assert.match(JSON.stringify(check.json), /5 users can be read/)

  const held = await run('connection', 'quarantine', 'app', '--reason', 'they move')
  assert.equal(held.json.connection.health.quarantine.reason, 'they move')
  const told = await inProcess(['connection', 'show', 'app'], owner)
  assert.match(told.stdout, /^health +quarantine$/m)
  assert.match(told.stderr, /In quarantine since .*: they move\nNothing is written until somebody releases it/)
  const listed1 = await inProcess(['connection', 'list'], owner)
  assert.match(listed1.stdout, /HEALTH +LAST SUCCESS/)
  const free = await run('connection', 'release', 'app', '--reason', 'they moved')
  assert.equal(free.json.connection.health.quarantine, undefined)
  const again = await inProcess(['connection', 'release', 'app', '--reason', 'they moved'], owner)
  assert.match(again.stderr, /app is not in quarantine: nothing was changed/)

  writeFileSync(file('list.csv'), 'Login;E-Mail\nada;ada@example.com\n')
  const add = ['connection', 'add', '--name', 'payroll', '--vendor', 'csv', '--everyone']
  const listed = await run(...add, '--url', 'https://payroll.example', '--credentials', file('list.csv'))
  assert.equal(listed.code, 0, listed.stderr)
  assert.match(JSON.stringify((await run('connection', 'check', 'payroll')).json), /1 accounts/)
  const imported = await run('import', 'payroll')
  assert.equal(imported.code, 0, imported.stderr)

  writeFileSync(file('list.csv'), 'Login;E-Mail\nada;ada@example.com\nbob;bob@example.com\n')
  const renewed = await run('connection', 'renew', 'payroll', '--credentials', file('list.csv'))
  assert.equal(renewed.code, 0, renewed.stderr)
  assert.match(JSON.stringify((await run('connection', 'check', 'payroll')).json), /2 accounts/)

  writeFileSync(file('list.csv'), 'Login;E-Mail\nada\n')
  const wrong = await run('connection', 'renew', 'payroll', '--credentials', file('list.csv'))
  assert.notEqual(wrong.code, 0)
  assert.match(wrong.stdout + wrong.stderr, /Line 2 of the list/)
})
