import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { pino } from 'pino'
import { basic, john, openFace } from '../../../tests/bandwidth.ts'
import { createServer } from '../../http/server.ts'
import { dialects } from '../index.ts'

test('BAND-16 a password stands in no response, no log record, no fact and no stored byte', async (t) => {
  const face = await openFace(t)
  const { home, call, folder } = face.world
  const lines: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  const app = createServer({
    directory: home.directory,
    store: home.database.store,
    dialects,
    engine: undefined,
    settings: {},
    clock: () => new Date(),
    newId: home.newId,
    log: pino({ level: 'trace' }, stream),
    check: () => home.database.check(),
  })
  t.after(() => app.close())

  const canary = 'Canary-9-Password-Yellow'
  const weak = 'canarypasswordweak'
  const xml = `<User><Username>x</Username><FirstName>X</FirstName><LastName>Y</LastName><Email>x@example.com</Email><Password>${canary}</Password></User>`
  const replies: string[] = []
  const send = async (method: 'GET' | 'POST' | 'PUT', path: string, body?: string, type = 'application/json') => {
    const headers = {
      authorization: basic(face.username, face.password),
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': type }),
    }
    const reply = await app.inject({
      method,
      url: `${face.account}${path}`,
      headers,
      ...(body !== undefined && { payload: body }),
    })
    replies.push(JSON.stringify(reply.headers), reply.body)
    return reply
  }
  const made = await send('POST', '/users', JSON.stringify({ ...john, Password: canary }))
  assert.equal(made.statusCode, 201)
  const { UserId } = made.json<{ UserId: string }>()
  assert.equal((await send('POST', '/users', xml, 'application/xml')).statusCode, 201)
  assert.equal((await send('PUT', `/users/${UserId}`, JSON.stringify({ FirstName: 'J', Password: canary }))).statusCode, 200)
  await send('GET', '/users')
  for (const body of [
    JSON.stringify({ ...john, Password: weak }),
    JSON.stringify({ ...john, Password: canary }),
    JSON.stringify({ ...john, Password: { nested: canary } }),
    `{"Password":"${canary}",`,
    `{"Username":"a","Password":"${canary}"}`,
  ])
    assert.ok((await send('POST', '/users', body)).statusCode >= 400)
  for (const body of [xml.replace('</User>', ''), xml.replace('Username', 'Nickname')])
    assert.ok((await send('POST', '/users', body, 'application/xml')).statusCode >= 400)

  const facts = await home.directory.listFacts(call(), { limit: 100 })
  assert.ok(facts.some((fact) => fact.action === 'member.added'))
  assert.ok(lines.length > 0)
  const everything = [...replies, ...lines, JSON.stringify(facts)].join('\n')
  for (const secret of [canary, weak, face.password, basic(face.username, face.password).slice(6)])
    assert.ok(!everything.includes(secret))
  for (const file of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue
    const bytes = readFileSync(join(file.parentPath, file.name))
    for (const secret of [canary, weak, face.password]) assert.ok(!bytes.includes(secret), file.name)
  }
})
