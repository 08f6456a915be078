import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test, type TestContext } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import Fastify from 'fastify'
import { z } from 'zod'
import { operation, scim } from './operation.ts'
import { mountOn } from './serve.ts'

const large = operation({
  name: 'readLarge',
  summary: 'For tests',
  method: 'GET',
  path: '/large',
  status: 200,
  reply: scim(z.unknown()),
})

/** A server that answers with the portions, and whom it told of answers that broke off. */
async function serve(t: TestContext, portions: () => AsyncIterable<string>) {
  const app = Fastify()
  const broken: unknown[] = []
  const mount = mountOn(app, async () => undefined, { broken: (error) => void broken.push(error) })
  mount(large, async () => ({ portions: portions(), headers: { ETag: 'W/"7"' } }))
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  t.after(() => app.close())
  return { url: `${url}/large`, port: Number(new URL(url).port), broken }
}

test('an answer in portions arrives whole, with its headers and the type that was asked for', async (t) => {
  const { url, broken } = await serve(t, async function* () {
    yield '{"a":['
    for (let index = 0; index < 300; index++) yield `${index > 0 ? ',' : ''}"${'é'.repeat(100)}"`
    yield ']}'
  })
  for (const accept of ['application/scim+json', 'application/json']) {
    const response = await fetch(url, { headers: { accept } })
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('etag'), 'W/"7"')
    assert.match(response.headers.get('content-type') ?? '', new RegExp(`^${accept.replace('+', '\\+')}`))
    assert.equal(response.headers.get('transfer-encoding'), 'chunked')
    const { a } = (await response.json()) as { readonly a: readonly string[] }
    assert.deepEqual([a.length, a.at(-1)], [300, 'é'.repeat(100)])
  }
  assert.deepEqual(broken, [])
})

test('half an answer is a broken connection and never the whole, and is told', async (t) => {
  const { url, broken } = await serve(t, async function* () {
    yield `{"a":["${'x'.repeat(200_000)}"`
    throw new Error('the store went away')
  })
  const response = await fetch(url)
  assert.equal(response.status, 200)
  await assert.rejects(response.text())
  assert.match(String(broken[0]), /the store went away/)
})

test('what fails before the first portion is answered as any error is', async (t) => {
  const { url, broken } = await serve(t, async function* () {
    await Promise.reject(new Error('nothing to read'))
    yield ''
  })
  const response = await fetch(url)
  assert.equal(response.status, 500)
  assert.match(await response.text(), /nothing to read/)
  assert.deepEqual(broken, [])
})

test('portions are made as they are taken, others are answered between them, and who hangs up ends them', async (t) => {
  let made = 0
  const { promise: ended, resolve: end } = Promise.withResolvers<undefined>()
  const { port, broken } = await serve(t, async function* () {
    try {
      for (; made < 10_000; made++) yield 'x'.repeat(10_000)
    } finally {
      end(undefined)
    }
  })
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.pause()
  socket.write('GET /large HTTP/1.1\r\nHost: x\r\n\r\n')
  // The client takes nothing: there comes a time when no turn of the loop makes another one.
  for (let still = 0, last = 0; still < 500; still = made > 0 && made === last ? still + 1 : 0) {
    last = made
    await nextTurn()
  }
  assert.ok(made < 9_000, `${made}`)
  socket.destroy()
  await ended
  assert.deepEqual(broken, [])
})
