import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import http from 'node:http'
import { test, type TestContext } from 'node:test'
import { invite, kinds, openFace, type Body } from '../../../tests/messagebird.ts'

/** The part of messagebird 4.0.1, the vendor's own client, whose requests have the shape of those on users: it knows no users itself. */
interface Client {
  readonly contacts: {
    list(limit: number, offset: number, done: Done): void
    read(id: string, done: Done): void
    create(phoneNumber: string, params: object, done: Done): void
    update(id: string, params: object, done: Done): void
    delete(id: string, done: Done): void
  }
}
type Done = (error: (Error & { statusCode: number; errors?: readonly object[] }) | null, value: Body) => void

const require = createRequire(import.meta.url)
const https: { request: unknown } = require('node:https')
const { request } = https

/** The real client over a real socket: its host is fixed, and its contacts are sent to /users. */
async function openClient(
  t: TestContext,
  key?: (face: Awaited<ReturnType<typeof openFace>>) => Promise<string> | string,
  options = {},
) {
  const face = await openFace(t, options)
  const port = new URL(await face.world.app.listen({ port: 0, host: '127.0.0.1' })).port
  t.after(() => {
    https.request = request
  })
  https.request = (options: http.RequestOptions, done: () => void) =>
    http.request(
      {
        ...options,
        protocol: 'http:',
        hostname: '127.0.0.1',
        port,
        path: options.path?.replace(/^\/contacts/, '/users') ?? '',
        headers: { ...(options.headers as http.OutgoingHttpHeaders), host: options.hostname ?? '' },
      },
      done,
    )
  const { initClient }: { initClient: (key: string) => Client } = require('messagebird')
  const { contacts } = initClient((await key?.(face)) ?? face.accessKey)
  const ask = (send: (done: Done) => void) =>
    new Promise<Body>((resolve, reject) => {
      send((error, value) => (error ? reject(error) : resolve(value)))
    })
  return { face, contacts, ask }
}

test('the real client lists by offset and reads one, with its own authorization and host', async (t) => {
  const { face, contacts, ask } = await openClient(t)
  const ids = [await invite(face, 'a@example.com'), await invite(face, 'b@example.com')]
  const page = await ask((done) => contacts.list(1, 1, done))
  assert.deepEqual([page['offset'], page['limit'], page['count'], page['totalCount']], [1, 1, 2, 2])
  assert.deepEqual(
    page.items.map((item) => item.id),
    [ids[1]],
  )
  assert.equal((await ask((done) => contacts.read(ids[0]!, done)))['email'], 'a@example.com')
})

test('the real client changes and deletes: a 204 is true', async (t) => {
  const { face, contacts, ask } = await openClient(t)
  const id = await invite(face, 'a@example.com')
  const changed = await ask((done) => contacts.update(id, { role: 'admin' }, done))
  assert.deepEqual([changed.id, changed['role']], [id, 'admin'])
  assert.equal(await ask((done) => contacts.delete(id, done)), true)
  assert.equal((await face.send('GET', '/users')).json['count'], 0)
})

test('the real client sees errors with status, code, description and parameter', async (t) => {
  const { face, contacts, ask } = await openClient(t)
  const id = await invite(face, 'a@example.com')
  await assert.rejects(
    ask((done) => contacts.read('abc-123', done)),
    {
      statusCode: 404,
      errors: [{ code: 20, description: 'There is no such user in this organization.', parameter: 'userId' }],
    },
  )
  await assert.rejects(
    ask((done) => contacts.update(id, { role: 'wizard' }, done)),
    { statusCode: 422 },
  )
  await assert.rejects(
    ask((done) => contacts.list(500, 0, done)),
    { statusCode: 422 },
  )
  await assert.rejects(
    ask((done) => contacts.create('31612345678', {}, done)),
    { statusCode: 422 },
  )
})

test('the real client with the SCIM token, or a key that may only read, is told that its access_key is not allowed', async (t) => {
  const message = 'api error(s): Request not allowed (incorrect access_key) (code: 2, parameter: access_key)'
  const wrong = await openClient(t, (face) => face.scimToken)
  await assert.rejects(
    wrong.ask((done) => wrong.contacts.list(20, 0, done)),
    { statusCode: 401, message },
  )
  const reading = await openClient(t, (face) => face.credential(kinds.liveKeyKind, ['read']))
  assert.equal((await reading.ask((done) => reading.contacts.list(20, 0, done)))['count'], 0)
  await assert.rejects(
    reading.ask((done) => reading.contacts.delete('abc-123', done)),
    { statusCode: 403, message },
  )
})

test('the real client can read a 429', async (t) => {
  const { contacts, ask } = await openClient(t, undefined, { limits: { messagebird: { requests: 1, perSeconds: 60 } } })
  await ask((done) => contacts.list(20, 0, done))
  await assert.rejects(
    ask((done) => contacts.list(20, 0, done)),
    { statusCode: 429, message: /^api error/ },
  )
})

test('MBRD-P01 the real client knows neither users nor SCIM: what it shares with them is shown above', () => {
  const { initClient }: { initClient: (key: string) => object } = require('messagebird')
  const names = Object.keys(initClient('live_key'))
  assert.ok(names.includes('contacts') && names.includes('balance'))
  assert.deepEqual(
    names.filter((name) => /user|scim|member/i.test(name)),
    [],
  )
})
