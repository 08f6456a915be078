import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Problem } from '../dialect.ts'
import { problems, toProblemReply } from './problem.ts'

const head = (url: string) => ({ method: 'GET', url, headers: {} })
const places = ['/projects/p/members', '/oauth2/token', '/scim/v2/cus_1/Users']

test('every refusal has an answer in the shape of each place, and a bug of ours shows nothing', () => {
  for (const [refusal, [status]] of Object.entries(problems))
    for (const url of places) {
      const problem: Problem = {
        refusal: refusal as keyof typeof problems,
        message: 'secret detail',
        field: undefined,
        code: undefined,
        retryAfterSeconds: 7,
        requestId: '1',
      }
      const reply = toProblemReply(problem, head(url))
      const isScim = url.startsWith('/scim')
      if (!isScim) assert.equal(reply.status, status)
      assert.ok(!Object.keys(reply.headers).some((name) => /retry-after/i.test(name)), `${refusal} ${url}`)
      if (refusal === 'internal') assert.ok(!reply.text.includes('secret detail'))
      assert.equal(reply.type, isScim ? 'application/scim+json' : 'application/json')
      const body = JSON.parse(reply.text)
      assert.deepEqual(Object.keys(body)[0], isScim ? 'schemas' : 'error')
    }
})
