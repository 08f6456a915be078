import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { temporaryFolder } from '../../tests/folder.ts'
import type { Json } from '../directory/json.ts'
import type { HandedKey } from '../sync/keys/hand-out.ts'
import { readHandOuts } from './hand-out-settings.ts'
import { createPost } from './hand-out-webhook.ts'
import { createHandOuts } from './hand-out.ts'

const connection = '0199d3a0-3000-7000-8000-000000000001'
const handed: HandedKey = {
  rotation: '0199d3a0-8000-7000-8000-000000000001',
  connection,
  vendor: 'sinch',
  key: { id: 'new', secret: 'the-new-secret' },
  replaces: 'old',
}

/** Hand-outs by these settings, in a folder. */
function open(t: TestContext, settings: Readonly<Record<string, Json>>, folder = temporaryFolder(t)) {
  const handOuts = createHandOuts(readHandOuts(settings, folder), { post: createPost(fetch), clock: () => new Date() })
  return { folder, offeredTo: handOuts.offeredTo, deliver: (name: string, key = handed) => handOuts.deliver(name, key) }
}

test('a file is replaced whole, is readable by its owner alone, and a link in its place is not followed', async (t) => {
  const { folder, deliver } = open(t, { crm: { kind: 'file', path: 'crm.json', connections: [connection] } })
  const path = join(folder, 'crm.json')
  writeFileSync(join(folder, 'elsewhere'), 'untouched', { mode: 0o644 })
  symlinkSync('elsewhere', path)
  writeFileSync(`${path}.${handed.rotation}.new`, 'left by a process that died', { mode: 0o644 })
  assert.deepEqual(await deliver('crm'), { outcome: 'written' })
  assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), handed)
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.equal(readFileSync(join(folder, 'elsewhere'), 'utf8'), 'untouched')
  assert.deepEqual(readdirSync(folder).toSorted(), ['crm.json', 'elsewhere'])
})

test('a file in a folder that is not there fails, and leaves nothing', async (t) => {
  const { deliver } = open(t, { crm: { kind: 'file', path: 'missing/crm.json', connections: [connection] } })
  assert.deepEqual(await deliver('crm'), { outcome: 'failed', reason: 'its file cannot be written (ENOENT)' })
})

test('a command gets the key on its standard input, and nowhere else', async (t) => {
  const folder = temporaryFolder(t)
  const script = `cat > ${folder}/got; (env; echo "$0 $*"; cat /proc/$$/cmdline | tr '\\0' ' ') > ${folder}/seen`
  const { deliver } = open(t, {
    put: { kind: 'command', argv: ['/bin/sh', '-c', script, 'name', 'argument'], connections: [connection] },
  })
  assert.deepEqual(await deliver('put'), { outcome: 'acknowledged' })
  assert.deepEqual(JSON.parse(readFileSync(join(folder, 'got'), 'utf8')), handed)
  const seen = readFileSync(join(folder, 'seen'), 'utf8')
  assert.match(seen, /name argument/)
  assert.doesNotMatch(seen, /the-new-secret|HOME=/)
})

test('a command that fails, that is not there, or that reads nothing is told apart', async (t) => {
  const command = (...argv: string[]): Json => ({ kind: 'command', argv, connections: [connection] })
  const { deliver } = open(t, {
    fails: command('/bin/sh', '-c', 'echo the-new-secret; exit 3'),
    missing: command('/nonexistent/command'),
    killed: command('/bin/sh', '-c', 'kill -9 $$'),
    deaf: command('/bin/true'),
  })
  assert.deepEqual(await deliver('fails'), { outcome: 'failed', reason: 'its command ended with 3' })
  assert.deepEqual(await deliver('missing'), { outcome: 'failed', reason: 'its command cannot be run (ENOENT)' })
  assert.deepEqual(await deliver('killed'), { outcome: 'failed', reason: 'its command was ended by SIGKILL' })
  assert.deepEqual(await deliver('deaf'), { outcome: 'acknowledged' })
})

test('a webhook is signed, has one id for each rotation, follows no redirection, and is acknowledged by 2xx alone', async (t) => {
  const answers = [204, 500, 302]
  const seen: { readonly headers: Record<string, string>; readonly body: string }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (part: Buffer) => (body += part.toString()))
    request.on('end', () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
      seen.push({ headers, body })
      response.writeHead(answers.shift() ?? 410, { location: '/elsewhere' }).end('the-new-secret')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const address = server.address()
  assert.ok(address && typeof address === 'object')
  const folder = temporaryFolder(t)
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
  writeFileSync(join(folder, 'hook.secret'), `${secret}\n`)
  const url = `http://127.0.0.1:${address.port}/keys`
  const { deliver } = open(t, { hook: { kind: 'webhook', url, secretFile: 'hook.secret', connections: [connection] } }, folder)
  assert.deepEqual(await deliver('hook'), { outcome: 'acknowledged' })
  assert.deepEqual(await deliver('hook'), { outcome: 'failed', reason: 'its address answered 500' })
  assert.deepEqual(await deliver('hook'), { outcome: 'failed', reason: 'its address answered 302' })
  assert.equal(seen.length, 3)
  assert.equal(new Set(seen.map(({ headers }) => headers['webhook-id'])).size, 1)
  const [first] = seen
  assert.ok(first)
  const verified = new Webhook(secret).verify(first.body, first.headers)
  assert.deepEqual((verified as { readonly data: unknown }).data, handed)
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  assert.deepEqual(await deliver('hook'), { outcome: 'failed', reason: 'its address did not answer' })
})

test('a hand-out takes the keys of the connections that it names, and of no other', async (t) => {
  const { offeredTo, deliver } = open(t, { crm: { kind: 'file', path: 'crm.json', connections: [connection] } })
  const other = '0199d3a0-3000-7000-8000-000000000002'
  assert.deepEqual(offeredTo(connection), [{ name: 'crm', kind: 'file' }])
  assert.deepEqual(offeredTo(other), [])
  assert.equal((await deliver('crm', { ...handed, connection: other })).outcome, 'failed')
  assert.equal((await deliver('unknown')).outcome, 'failed')
})

test('settings that are wrong are named, and no secret is repeated', (t) => {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'empty'))
  writeFileSync(join(folder, 'short'), 'whsec_c2hvcnQ=')
  const connections = [connection]
  const webhook = { kind: 'webhook', url: 'https://example.com', connections }
  for (const [settings, message] of [
    [{ Bad_Name: { kind: 'file', path: 'a', connections } }, /lower-case letters.*\n.*Bad_Name/],
    [{ a: { kind: 'file', path: 'a', connections: [] } }, /connections/],
    [{ a: { kind: 'command', argv: ['sh'], connections } }, /absolute path/],
    [{ a: { kind: 'command', argv: [], connections } }, /argv/],
    [{ a: { ...webhook, url: 'http://example.com', secretFile: 'short' } }, /https/],
    [{ a: { ...webhook, url: 'https://user:word@example.com', secretFile: 'short' } }, /https/],
    [{ a: { ...webhook, secretFile: 'short' } }, /24 to 64 bytes/],
    [{ a: { ...webhook, secretFile: 'missing' } }, /"secretFile" of the hand-out "a"/],
    [{ a: { kind: 'post', path: 'a', connections } }, /kind/],
  ] as const)
    assert.throws(
      () => readHandOuts(settings, folder),
      (error: Error) => error.name === 'ConfigError' && message.test(error.message) && !error.message.includes('c2hvcnQ'),
    )
})
