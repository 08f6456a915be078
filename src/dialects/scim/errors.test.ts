import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Problem } from '../dialect.ts'
import { refusal, scimProblem } from './errors.ts'

const problem = (over: Partial<Problem>): Problem => ({
  refusal: 'invalid',
  message: 'The message.',
  field: undefined,
  code: undefined,
  retryAfterSeconds: undefined,
  requestId: 'r-1',
  ...over,
})

test('SCIM-145 SCIM-146 SCIM-147 every refusal is a SCIM error whose status is text', () => {
  const error = refusal('invalidFilter', 'Wrong.')
  assert.deepEqual(JSON.parse(scimProblem(problem({ code: error.code })).text), {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: '400',
    scimType: 'invalidFilter',
    detail: 'The message.',
  })
  assert.equal(JSON.parse(scimProblem(problem({ refusal: 'taken' })).text).scimType, 'uniqueness')
  assert.equal('scimType' in JSON.parse(scimProblem(problem({ refusal: 'notFound' })).text), false)
})

test('a limit says in whole seconds when to come again', () => {
  assert.equal(scimProblem(problem({ refusal: 'limited', retryAfterSeconds: 0.2 })).headers['Retry-After'], '1')
})

test('a bug of ours shows its request and nothing else', () => {
  const { status, text } = scimProblem(problem({ refusal: 'internal' }))
  assert.equal(status, 500)
  assert.ok(text.includes('r-1') && !text.includes('The message.'))
})
