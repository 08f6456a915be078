import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explanations, problems, problemType, refusalOfType, toProblem } from './problem.ts'
import type { Refusal } from '../../directory/errors.ts'

const head = { method: 'GET', url: '/x', headers: {} }
const all = Object.keys(problems) as (Refusal | 'internal')[]

test('every refusal has a type of its own, by which it is told apart again', () => {
  assert.equal(new Set(all.map(problemType)).size, all.length)
  for (const refusal of all) {
    assert.equal(refusalOfType(problemType(refusal)), refusal)
    assert.ok(explanations[refusal])
  }
  assert.equal(refusalOfType('/docs#problem-made-up'), undefined)
})

test('a problem is RFC 9457 with the request id, and names the field at fault', () => {
  const reply = toProblem(
    { refusal: 'taken', message: 'In use.', field: 'userName', code: undefined, retryAfterSeconds: undefined, requestId: 'q1' },
    head,
  )
  assert.equal(reply.status, 409)
  assert.equal(reply.type, 'application/problem+json')
  assert.deepEqual(JSON.parse(reply.text), {
    type: '/docs#problem-taken',
    title: 'Already in use',
    status: 409,
    detail: 'In use.',
    requestId: 'q1',
    field: 'userName',
  })
})

test('a bug of ours never shows its message', () => {
  const reply = toProblem(
    {
      refusal: 'internal',
      message: 'column secret',
      field: undefined,
      code: undefined,
      retryAfterSeconds: undefined,
      requestId: 'q2',
    },
    head,
  )
  assert.equal(reply.status, 500)
  assert.doesNotMatch(reply.text, /column secret/)
})

test('no key is answered with a challenge, too many requests with the time to wait', () => {
  const base = { message: 'm', field: undefined, code: undefined, requestId: 'q3' }
  assert.match(
    toProblem({ ...base, refusal: 'unauthenticated', retryAfterSeconds: undefined }, head).headers['www-authenticate'] ?? '',
    /^Bearer/,
  )
  assert.equal(toProblem({ ...base, refusal: 'limited', retryAfterSeconds: 7 }, head).headers['retry-after'], '7')
})
