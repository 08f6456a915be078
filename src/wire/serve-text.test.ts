import assert from 'node:assert/strict'
import { request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import Fastify from 'fastify'
import { operation, scimText } from './operation.ts'
import { mountOn } from './serve.ts'

const read = operation({ name: 'read', summary: 'For tests', method: 'GET', path: '/text', status: 200, reply: scimText })

/** What a server that answers with the text sends, and the error that it met. */
async function ask(
  t: TestContext,
  { text, location = '/', method = 'GET' }: { text: string; location?: string; method?: string },
) {
  const app = Fastify()
  let error: unknown
  app.setErrorHandler((met, _request, reply) => {
    error = met
    return reply.code(500).send('an error')
  })
  const mount = mountOn(app, async () => undefined, { headersOf: ({ method: asked }) => ({ 'x-asked': asked }) })
  mount(read, async () => ({ text, headers: { Location: location } }))
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  t.after(() => app.close())
  const { promise, resolve, reject } = Promise.withResolvers<{ status?: number; headers: object; body: Buffer }>()
  request(`${url}/text`, { method, agent: false }, (answer) => {
    buffer(answer).then(
      (body) => resolve({ ...(answer.statusCode && { status: answer.statusCode }), headers: answer.headers, body }),
      reject,
    )
  })
    .on('error', reject)
    .end()
  return { ...(await promise), error }
}

for (const [size, length] of [
  ['short', 10],
  ['long', 100_000],
] as const)
  test(`a ${size} text arrives as it is, with its length in bytes, its own headers and those of every answer`, async (t) => {
    const text = JSON.stringify('é'.repeat(length))
    const { status, headers, body } = await ask(t, { text })
    assert.equal(status, 200)
    assert.equal(body.toString(), text)
    const told = {
      'content-type': 'application/scim+json',
      'content-length': String(body.length),
      location: '/',
      'x-asked': 'GET',
    }
    assert.deepEqual({ ...headers, ...told }, headers)
    const head = await ask(t, { text, method: 'HEAD' })
    assert.equal(head.body.length, 0)
    assert.deepEqual({ ...head.headers, ...told, 'x-asked': 'HEAD' }, head.headers)
  })

test('an answer whose head cannot be sent is an error like any other', async (t) => {
  const { status, body, error } = await ask(t, { text: '{}', location: '/\r\nSet-Cookie: a=b' })
  assert.equal(status, 500)
  assert.equal(body.toString(), 'an error')
  assert.match(String(error), /Invalid character in header content/)
})
