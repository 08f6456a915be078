import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RemoteError } from './call.ts'
import { probe, probeWriting } from './probe.ts'

const failing =
  (status: number, from: 'vendor' | 'other' = 'vendor') =>
  async () => {
    throw new RemoteError(status, 'No.', { retryable: false, effect: 'none', from })
  }

test('a probe answers the value or the vendor’s failure, and lets a bug through', async () => {
  assert.deepEqual(await probe(async () => 1), { value: 1 })
  const answer = await probe(failing(403))
  assert.ok('error' in answer && answer.error.status === 403)
  await assert.rejects(
    probe(async () => {
      throw new TypeError('a bug')
    }),
    TypeError,
  )
})

test('who is told that nobody is there may write; who is refused may not; nothing else tells', async () => {
  assert.equal(await probeWriting(failing(404)), 'allowed')
  for (const status of [401, 403]) assert.equal(await probeWriting(failing(status)), 'refused')
  for (const status of [0, 400, 405, 422, 429, 500]) assert.equal(await probeWriting(failing(status)), 'unknown')
  assert.equal(await probeWriting(failing(404, 'other')), 'unknown')
  assert.equal(await probeWriting(async () => undefined), 'unknown')
})
