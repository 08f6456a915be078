import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTwilio } from '../../../tests/twilio.ts'
import type { Refusal } from '../../directory/errors.ts'
import { statuses, toProblemReply } from './problem.ts'

const paths = { rest: '/v1/Organizations/ORx/Users', scim: '/scim/v2/Users', organizations: '/Organizations/ORx/RoleAssignments' }
const reply = (refusal: Refusal | 'internal', url: string, over: object = {}) =>
  toProblemReply(
    {
      refusal,
      message: 'Do this instead.',
      field: undefined,
      code: undefined,
      retryAfterSeconds: 7,
      requestId: 'r1',
      ...over,
    },
    { method: 'GET', url, headers: {} },
  )
const refusals = Object.keys(statuses) as (Refusal | 'internal')[]

test('TWIL-Q02 every refusal by REST is code, message, more_info and status', () => {
  for (const refusal of refusals) {
    const { status, type, text } = reply(refusal, paths.rest)
    const body: Record<string, unknown> = JSON.parse(text)
    assert.deepEqual(Object.keys(body), ['code', 'message', 'more_info', 'status'])
    assert.deepEqual([body['status'], type], [status, 'application/json'])
    assert.equal(body['more_info'], `https://www.twilio.com/docs/errors/${String(body['code'])}`)
  }
  assert.match(reply('notFound', paths.rest).text, /^\{"code":20404,/)
  assert.match(reply('limited', paths.rest).text, /^\{"code":20429,/)
})

test('TWIL-P10 every refusal by SCIM has what the RFC wants and what the vendor’s client reads', () => {
  for (const refusal of refusals) {
    const { status, type, text } = reply(refusal, paths.scim)
    const body: Record<string, unknown> = JSON.parse(text)
    assert.equal(type, 'application/scim+json')
    assert.deepEqual(body['schemas'], ['urn:ietf:params:scim:api:messages:2.0:Error'])
    assert.equal(body['status'], String(status))
    assert.equal(body['message'], body['detail'])
    assert.equal(typeof body['code'], 'number')
    // An RFC 9457 body would be another class of error to that client.
    for (const member of ['type', 'title']) assert.equal(member in body, false)
  }
})

test('TWIL-59 a 429 has no Retry-After, on every surface', () => {
  for (const url of Object.values(paths)) {
    const { status, headers } = reply('limited', url)
    assert.equal(status, 429)
    assert.ok(!Object.keys(headers).some((name) => /retry-after/i.test(name)))
  }
})

test('TWIL-59 TWIL-61 TWIL-Q07 a configured limit is kept, over REST and SCIM together, and told by X-RateLimit headers', async (t) => {
  const face = await openTwilio(t, { limits: { twilio: { requests: 2, perSeconds: 60 } } })
  assert.equal((await face.send('GET', face.users)).status, 200)
  assert.equal((await face.sendScim('GET', `${face.scim}/Users`)).status, 200)
  const limited = await face.send('GET', face.users)
  assert.deepEqual([limited.status, limited.json['code']], [429, 20429])
  assert.equal(limited.headers['retry-after'], undefined)
  assert.equal(limited.headers['x-ratelimit-remaining'], '0')
})

test('a bug’s message is not shown, and a refused credential’s neither', () => {
  for (const url of Object.values(paths)) {
    assert.doesNotMatch(reply('internal', url).text, /Do this/)
    assert.equal(reply('unauthenticated', url).text, reply('wrongCredential', url).text)
  }
})

test('an address that does not exist is a 404 in the shape of its surface', async (t) => {
  const face = await openTwilio(t)
  assert.equal((await face.send('GET', '/twilio/v2/nothing')).json['code'], 20404)
  assert.equal((await face.sendScim('GET', `${face.scim}/Nothing`)).json['status'], '404')
})
