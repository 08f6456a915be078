import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { test } from 'node:test'
import { DirectoryError } from '../directory/errors.ts'
import { openToy } from '../../tests/toy.ts'

test('an operation answers in its first medium, and in JSON when that is asked for', async (t) => {
  const { app, headers } = await openToy(t)
  const xml = await app.inject({ url: '/toy/v1/things/7', headers })
  assert.equal(xml.headers['content-type'], 'application/xml; charset=utf-8')
  assert.match(xml.body, /<ThingResponse><Thing><id>7<\/id><name>thing<\/name><\/Thing><\/ThingResponse>$/)
  const json = await app.inject({ url: '/toy/v1/things/7', headers: { ...headers, accept: 'application/json' } })
  assert.equal(json.headers['content-type'], 'application/json')
  assert.deepEqual(json.json(), { id: '7', name: 'thing' })
})

test('BAND-07 bodies are read by their Content-Type, whatever its case and parameters; without one as the first medium', async (t) => {
  const { app, headers } = await openToy(t)
  const put = (payload: string | Buffer, type?: string) =>
    app.inject({
      method: 'PUT',
      url: '/toy/v1/things/7',
      headers: { ...headers, accept: 'application/json', ...(type && { 'content-type': type }) },
      payload,
    })
  assert.equal((await put('{"name":"é"}', 'Application/JSON; charset=ISO-8859-1')).json().name, 'é')
  assert.equal((await put('<Thing><name>a</name></Thing>', 'text/xml')).json().name, 'a')
  assert.equal((await put(Buffer.from('<Thing><name>b</name></Thing>'))).json().name, 'b')
})

test('a body that cannot be read is refused in the dialect’s own words', async (t) => {
  const { app, headers } = await openToy(t)
  const post = async (payload: string | Buffer, type = 'application/json') => {
    const response = await app.inject({
      method: 'POST',
      url: '/toy/v1/things',
      headers: { ...headers, 'content-type': type },
      payload,
    })
    assert.equal(response.headers['content-type'], 'application/vnd.toy+json')
    return [response.statusCode, response.json().refusal, response.json().field]
  }
  assert.deepEqual(await post('{"name":'), [400, 'malformed', undefined])
  assert.deepEqual(await post(''), [400, 'malformed', undefined])
  assert.deepEqual(await post(Buffer.from([0x22, 0xc3, 0x28, 0x22])), [400, 'malformed', undefined])
  assert.deepEqual(await post('{"name":"a","name":"b"}'), [400, 'malformed', undefined])
  assert.deepEqual(await post('{"name":1}'), [400, 'invalid', 'name'])
  assert.deepEqual(await post('{"name":"a","role":"admin"}'), [400, 'invalid', 'role'])
  assert.deepEqual(await post('{"name":"a","__proto__":{"admin":true}}'), [400, 'invalid', '__proto__'])
  assert.deepEqual(await post('name=a', 'application/x-www-form-urlencoded'), [415, 'mediaType', undefined])
  assert.deepEqual(await post('<name/>', 'application/xml'), [415, 'mediaType', undefined])
  assert.deepEqual(await post('{}', 'nonsense'), [415, 'mediaType', undefined])
})

test('a query that does not fit is refused, and of a repeated name the last one counts', async (t) => {
  const { app, headers } = await openToy(t)
  assert.equal((await app.inject({ url: '/toy/v1/things?name=a&name=b', headers })).json().things[0].name, 'b')
  const refused = await app.inject({ url: '/toy/v1/things?nam=a', headers })
  assert.deepEqual([refused.statusCode, refused.json().refusal, refused.json().field], [400, 'invalid', 'nam'])
})

test('a body of more than 1 MiB is refused over a real connection, announced or not', async (t) => {
  const { app, headers } = await openToy(t)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const big = Buffer.alloc(10 * 1024 * 1024, 'x')
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (let part = 0; part < 160; part++) controller.enqueue(big.subarray(0, 65_536))
      controller.close()
    },
  })
  for (const body of [big, stream]) {
    const response = await fetch(`${url}/toy/v1/things`, {
      method: 'POST',
      body,
      duplex: 'half',
      headers: { ...headers, 'content-type': 'application/json' },
    })
    assert.deepEqual([response.status, JSON.parse(await response.text()).refusal], [413, 'tooLarge'])
  }
})

test('an answer without a body has none, and text that was made before is sent as it is', async (t) => {
  const { app, headers } = await openToy(t)
  const removed = await app.inject({ method: 'DELETE', url: '/toy/v1/things/7', headers })
  assert.deepEqual([removed.statusCode, removed.body, removed.headers['content-type']], [204, '', undefined])
  assert.equal((await app.inject({ url: '/toy/v1/text', headers })).body, '{"a" : 1}')
  const same = await app.inject({ url: '/toy/v1/text', headers: { ...headers, 'if-none-match': '"1"' } })
  assert.deepEqual([same.statusCode, same.body], [304, ''])
})

test('a refusal is spelled by the dialect, and a bug is answered without its message', async (t) => {
  const { app, headers } = await openToy(t)
  const gone = await app.inject({ url: '/toy/v1/things/gone', headers })
  assert.deepEqual([gone.statusCode, gone.json().message], [404, 'There is no such thing.'])
  for (const id of ['bug', 'teapot']) {
    const bug = await app.inject({ url: `/toy/v1/things/${id}`, headers: { ...headers, 'x-request-id': 'req-1' } })
    assert.deepEqual(bug.json(), {
      refusal: 'internal',
      message: 'Something went wrong here. Report it with the request id.',
      requestId: 'req-1',
    })
    assert.equal(bug.statusCode, 500)
  }
})

test('a path that is not known, and one that cannot be decoded, are refused by the dialect of the prefix', async (t) => {
  const { app } = await openToy(t)
  for (const url of [
    '/toy/v1',
    '/toy/v1/',
    '/toy/v1/nothing?x=1',
    `/toy/v1/things/${'x'.repeat(600)}`,
    '/toy/v1/things/7/more',
    '/toy/v1//things',
  ]) {
    const response = await app.inject({ url })
    assert.deepEqual([response.statusCode, response.json().refusal], [404, 'notFound'], url)
  }
  const broken = await app.inject({ url: '/toy/v1/things/%zz' })
  assert.deepEqual(
    [broken.statusCode, broken.json().refusal, broken.headers['x-content-type-options']],
    [400, 'malformed', 'nosniff'],
  )
})

test('a known path with another method is unsupported, and Allow names the methods', async (t) => {
  const { app, headers } = await openToy(t)
  const response = await app.inject({ method: 'PATCH', url: '/toy/v1/things/7?x=1', headers })
  assert.deepEqual(
    [response.statusCode, response.headers['allow'], response.json().refusal],
    [405, 'GET, HEAD, PUT, DELETE', 'unsupported'],
  )
  assert.equal((await app.inject({ method: 'OPTIONS', url: '/toy/v1/things' })).headers['allow'], 'GET, HEAD, POST')
})

test('outside every dialect a plain problem answers', async (t) => {
  const { app } = await openToy(t)
  for (const url of ['/', '/toy', '/toy/v12', '/nothing']) {
    const response = await app.inject({ url })
    assert.equal(response.headers['content-type'], 'application/problem+json', url)
    assert.deepEqual([response.statusCode, response.json().title], [404, 'Not Found'])
  }
})

test('under the vendor’s host its base path stands for ours, and nothing else is reached there', async (t) => {
  const { app, headers } = await openToy(t)
  const at = (url: string, host: string) => app.inject({ url, headers: { ...headers, host } })
  const found = await at('/v1/things?name=a', 'API.toy.example:8443')
  assert.deepEqual(
    [found.statusCode, found.json().url, found.json().base],
    [200, '/v1/things?name=a', 'http://API.toy.example:8443/v1'],
  )
  for (const url of ['/toy/v1/things', '/things', '/v12/things', '/livez', '/']) {
    const response = await at(url, 'api.toy.example')
    assert.deepEqual([response.statusCode, response.json().refusal], [404, 'notFound'], url)
  }
  assert.equal((await at('/v1/things', 'other.example')).statusCode, 404)
})

test('links begin as the caller reaches the server, or with the public URL', async (t) => {
  const near = await openToy(t)
  const base = async (world: typeof near, host: string) =>
    (await world.app.inject({ url: '/toy/v1/things', headers: { ...world.headers, host } })).json().base
  assert.equal(await base(near, 'rollcall.local:8080'), 'http://rollcall.local:8080/toy/v1')
  assert.equal(await base(near, '[::1]:8080'), 'http://[::1]:8080/toy/v1')
  assert.equal(await base(near, 'evil"><script>'), '/toy/v1')
  const far = await openToy(t, { publicUrl: 'https://rollcall.example' })
  assert.equal(await base(far, 'internal:8080'), 'https://rollcall.example/toy/v1')
  const vendor = await far.app.inject({ url: '/v1/things', headers: { ...far.headers, host: 'api.toy.example' } })
  assert.equal(vendor.json().base, 'https://api.toy.example/v1')
})

test('every answer carries its request id, the caller’s own when it is a sane one, and is not to be stored or guessed at', async (t) => {
  const { app, headers } = await openToy(t)
  const idOf = async (id: string | undefined, url = '/toy/v1/things') =>
    (await app.inject({ url, headers: { ...headers, ...(id !== undefined && { 'x-request-id': id }) } })).headers['x-request-id']
  assert.equal(await idOf('trace.1_2-3'), 'trace.1_2-3')
  assert.equal(await idOf('mine', '/nowhere'), 'mine')
  for (const bad of ['', 'a b', 'x'.repeat(65), '<script>', undefined])
    assert.match(String(await idOf(bad)), /^[0-9a-f]{8}-[0-9a-f-]{27}$/)
  const response = await app.inject({ url: '/toy/v1/things' })
  assert.deepEqual([response.headers['x-content-type-options'], response.headers['cache-control']], ['nosniff', 'no-store'])
})

test('an open operation is answered without a credential and without authority, whatever is sent', async (t) => {
  const { app, headers } = await openToy(t)
  for (const sent of [{}, headers, { authorization: 'Bearer nonsense' }]) {
    const response = await app.inject({ url: '/toy/v1/version', headers: sent })
    assert.deepEqual([response.statusCode, response.json()], [200, { scopes: 0 }])
  }
})

test('livez answers always, readyz says why it is not ready', async (t) => {
  let trouble: Error | undefined
  const { app } = await openToy(t, {
    check: async () => {
      if (trouble) throw trouble
    },
  })
  assert.equal((await app.inject({ url: '/readyz' })).statusCode, 200)
  trouble = new DirectoryError('unavailable', 'The database does not answer. Check that it runs.')
  const notReady = await app.inject({ url: '/readyz' })
  assert.deepEqual([notReady.statusCode, notReady.json().reason], [503, 'The database does not answer. Check that it runs.'])
  trouble = new Error('connect ECONNREFUSED postgres://ann:canary@db')
  assert.doesNotMatch((await app.inject({ url: '/readyz' })).body, /canary/)
  assert.equal((await app.inject({ url: '/livez' })).statusCode, 200)
})

test('a dialect over its limit refuses with the time to wait, for that organization alone', async (t) => {
  let now = new Date('2026-01-01T00:00:00Z')
  const { app, headers, store, addCredential } = await openToy(t, {
    clock: () => now,
    limits: { toy: { requests: 2, perSeconds: 10 } },
  })
  const get = (sent = headers) => app.inject({ url: '/toy/v1/things', headers: sent })
  assert.deepEqual([(await get()).statusCode, (await get()).statusCode], [200, 200])
  const limited = await get()
  assert.deepEqual([limited.statusCode, limited.headers['retry-after'], limited.json().refusal], [429, '5', 'limited'])
  const { secret, credential } = await addCredential({})
  assert.equal((await get({ authorization: `Bearer ${secret}` })).statusCode, 429)
  await store.write(credential.organizationId, (writer) => writer.putCredential({ ...credential, revokedAt: now }))
  assert.equal((await get({ authorization: `Bearer ${secret}` })).statusCode, 401)
  now = new Date(now.getTime() + 5_000)
  assert.deepEqual([(await get()).statusCode, (await get()).statusCode], [200, 429])
})

test('an Idempotency-Key reaches the call of a write with the fingerprint of its request', async (t) => {
  const { app, headers } = await openToy(t)
  const post = async (key: string | undefined, payload: string) =>
    app.inject({
      method: 'POST',
      url: '/toy/v1/things',
      headers: { ...headers, 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) },
      payload,
    })
  const first = (await post('key-1', '{"name":"a"}')).json()
  assert.equal(first.key, 'key-1')
  assert.equal((await post('key-1', '{"name":"a"}')).json().fingerprint, first.fingerprint)
  assert.notEqual((await post('key-1', '{"name":"b"}')).json().fingerprint, first.fingerprint)
  assert.equal((await post(undefined, '{"name":"a"}')).json().key, undefined)
  for (const bad of ['', 'a b', 'x'.repeat(256)])
    assert.deepEqual((await post(bad, '{"name":"a"}')).json().field, 'Idempotency-Key', bad)
})

test('what is no HTTP, and a header that is too long, are answered and the connection is closed', async (t) => {
  const { app } = await openToy(t)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const address = app.server.address()
  assert.ok(address !== null && typeof address === 'object')
  const say = (text: string) =>
    new Promise<string>((resolve, reject) => {
      let answer = ''
      const socket = connect(address.port, '127.0.0.1', () => socket.write(text))
      socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk))
      socket.on('close', () => resolve(answer)).on('error', reject)
    })
  assert.match(await say('nonsense\r\n\r\n'), /^HTTP\/1\.1 400 Bad Request\r\ncontent-type: application\/problem\+json/)
  assert.match(await say(`GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`), /^HTTP\/1\.1 431 /)
})

test('closing answers what is under way and lets go of idle connections', async (t) => {
  const { app, headers } = await openToy(t)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const first = await fetch(`${url}/toy/v1/things`, { headers })
  await first.text()
  const slow = httpRequest(`${url}/toy/v1/things`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', 'content-length': '12' },
  })
  const arrived = new Promise((resolve) => app.server.once('request', resolve))
  const answered = new Promise<number | undefined>((resolve, reject) =>
    slow.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject),
  )
  slow.write('{"name"')
  await arrived
  const closed = app.close()
  slow.end(':"a"}')
  assert.equal(await answered, 201)
  await closed
})
