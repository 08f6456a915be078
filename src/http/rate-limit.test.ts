import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRateLimiter } from './rate-limit.ts'

const start = Date.parse('2026-01-01T00:00:00Z')
const at = (seconds: number) => new Date(start + seconds * 1_000)

test('a bucket is full at first and fills evenly', () => {
  const { take } = createRateLimiter({ toy: { requests: 3, perSeconds: 30 } })
  assert.deepEqual(
    [take('toy', 'a', at(0)), take('toy', 'a', at(0)), take('toy', 'a', at(0)), take('toy', 'a', at(0))],
    [undefined, undefined, undefined, 10],
  )
  assert.equal(take('toy', 'a', at(4)), 6)
  assert.equal(take('toy', 'a', at(10)), undefined)
  assert.equal(take('toy', 'a', at(10)), 10)
  for (let taken = 0; taken < 3; taken++) assert.equal(take('toy', 'a', at(1_000)), undefined)
  assert.equal(take('toy', 'a', at(1_000)), 10)
})

test('organizations and dialects do not share a bucket, and a dialect without a limit has none', () => {
  const { take } = createRateLimiter({ toy: { requests: 1, perSeconds: 1 }, other: { requests: 1, perSeconds: 1 } })
  assert.deepEqual(
    [take('toy', 'a', at(0)), take('toy', 'b', at(0)), take('other', 'a', at(0))],
    [undefined, undefined, undefined],
  )
  assert.equal(take('toy', 'a', at(0)), 1)
  for (let taken = 0; taken < 1_000; taken++) assert.equal(take('free', 'a', at(0)), undefined)
})

test('a clock that goes back gives nothing away', () => {
  const { take } = createRateLimiter({ toy: { requests: 1, perSeconds: 10 } })
  assert.equal(take('toy', 'a', at(100)), undefined)
  assert.equal(take('toy', 'a', at(50)), 10)
  assert.equal(take('toy', 'a', at(55)), 5)
})

test('a bucket that was emptied is not forgotten when many others come', () => {
  const { take } = createRateLimiter({ toy: { requests: 1, perSeconds: 10 } })
  take('toy', 'a', at(0))
  for (let index = 0; index < 20_000; index++) take('toy', `other-${index}`, at(1))
  assert.equal(take('toy', 'a', at(1)), 9)
})
