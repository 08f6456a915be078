import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { inProcess as run } from '../../tests/cli.ts'
import { temporaryFolder } from '../../tests/world.ts'

test('help and version go to stdout and end well', async () => {
  for (const argv of [['--help'], ['--version'], ['plan', '--help'], ['connection', 'add', '--help'], ['help', 'apply']]) {
    const { code, stdout, stderr } = await run(argv)
    assert.deepEqual([code, stderr], [0, ''], argv.join(' '))
    assert.ok(stdout.length > 4)
  }
})

test('an unknown command or flag, and a missing or wrong value, end with 1, one line, and where the help is', async () => {
  for (const argv of [
    ['plann'],
    ['plan', '--colour'],
    ['plan'],
    ['apply'],
    ['apply', 'a', 'b'],
    ['serve', '--port', 'x'],
    ['serve', '--port', '65536'],
    ['organization', 'create', '--name', 'x', '--plan', 'gold'],
    ['credential', 'create', '--name', 'x', '--role', 'king'],
  ]) {
    const { code, stdout, stderr } = await run(argv)
    assert.deepEqual([code, stdout], [1, ''], argv.join(' '))
    assert.match(stderr, /^rollcall: [^\n]+\n$/, argv.join(' '))
    assert.doesNotMatch(stderr, /at .*\.ts|bug/)
  }
  assert.match((await run(['plann'])).stderr, /rollcall --help/)
})

test('with --json an error is JSON too, as the last line on stderr', async () => {
  const { code, stdout, stderr } = await run(['credential', 'list', '--json'])
  assert.deepEqual([code, stdout], [1, ''])
  assert.equal(JSON.parse(stderr.trim().split('\n').at(-1) ?? '').error.type, 'usage')
})

test('a secret on the command line is refused without being repeated', async () => {
  for (const argv of [
    ['plan', '--key', 'rc_native_x'],
    ['plan', '--key=rc_native_x'],
    ['connection', 'add', '--password', 'rc_native_x'],
  ]) {
    const { code, stderr } = await run(argv)
    assert.equal(code, 1)
    assert.match(stderr, /--key-file/)
    assert.doesNotMatch(stderr, /rc_native_x/)
  }
})

test('a key comes from ROLLCALL_KEY or a file of one word; without one the error says how', async (t) => {
  const file = join(temporaryFolder(t), 'key')
  assert.match((await run(['findings'])).stderr, /ROLLCALL_KEY/)
  assert.match((await run(['findings', '--key-file', file])).stderr, /There is no file/)
  for (const content of ['two words\n', 'schlüssel']) {
    writeFileSync(file, content)
    assert.match((await run(['findings', '--key-file', file])).stderr, /one word/)
  }
})

test('URLs must be http, and carry no password', async () => {
  const environment = { ROLLCALL_KEY: 'x' }
  assert.match((await run(['findings', '--url', 'ftp://x'], environment)).stderr, /http/)
  assert.match((await run(['findings', '--url', 'http://user:hunter2@x'], environment)).stderr, /must not carry a password/)
  assert.doesNotMatch((await run(['findings', '--url', 'http://user:hunter2@x'], environment)).stderr, /hunter2/)
})

test('a connection is for a group, for everyone or an application, and a credential for a role, of a kind or for a connection', async () => {
  const add = ['connection', 'add', '--name', 'x', '--vendor', 'bandwidth', '--credentials', 'f']
  assert.match((await run(add)).stderr, /--group DISPLAYNAME, --everyone or --application/)
  assert.match((await run([...add, '--group', 'g', '--everyone'])).stderr, /--group DISPLAYNAME, --everyone or --application/)
  assert.match((await run([...add, '--application', '--everyone'])).stderr, /--group DISPLAYNAME, --everyone or --application/)
  for (const more of [[], ['--role', 'owner', '--connection', 'x'], ['--kind', 'scim', '--connection', 'x']])
    assert.match((await run(['credential', 'create', '--name', 'x', ...more])).stderr, /--role .*--connection NAME/)
})

test('commands on a home say when there is none, and make none', async (t) => {
  const home = join(temporaryFolder(t), 'none')
  for (const argv of [['verify'], ['backup', 'f'], ['migrate', 'status']])
    assert.match((await run([...argv, '--home', home])).stderr, /no installation in/)
})

test('backup and restore refuse what is no backup', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'x.db')
  assert.match((await run(['restore', file, '--home', join(folder, 'h')])).stderr, /There is no file/)
  writeFileSync(file, 'not a database, but long enough to look at '.repeat(50))
  assert.match((await run(['restore', file, '--home', join(folder, 'h')])).stderr, /not a database that rollcall backup wrote/)
})

test('an id that is no id is not found, and no bug', async () => {
  for (const id of ['', '.', '..']) {
    const { code, stderr } = await run(['apply', id], { ROLLCALL_KEY: 'x' })
    assert.equal(code, 1)
    assert.match(stderr, /is no id/)
  }
})
