import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { createBucket } from './bucket.ts'
import { call, RemoteError } from './call.ts'
import { json, operation } from './operation.ts'
import { createPace, createPaces } from './paced-fetch.ts'

/** A clock that only sleeping moves. */
function open(answer: (request: number) => Response | Error) {
  const time = { ms: 1_000_000 }
  const waits: number[] = []
  let requests = 0
  const paced = createPace({
    clock: () => new Date(time.ms),
    sleep: async (ms) => {
      waits.push(ms)
      time.ms += ms
    },
  })(async () => {
    const answered = answer(requests++)
    if (answered instanceof Error) throw answered
    return answered
  })
  return { time, waits, paced, send: () => paced('http://vendor.test/'), requests: () => requests }
}

const ok = () => new Response('{}', { headers: { 'content-type': 'application/json' } })
const limited = (headers: Record<string, string> = {}) => new Response('{}', { status: 429, headers })

test('nothing is held back until the first 429', async () => {
  const { send, waits } = open(ok)
  for (let count = 0; count < 50; count++) await send()
  assert.deepEqual(waits, [])
})

test('a 429 halves the rate that led to it, and success raises it slowly', async () => {
  const bucket = createBucket()
  for (let ms = 0; ms < 5_000; ms += 100) bucket.take(ms)
  bucket.limited(5_000, undefined)
  const first = bucket.rate ?? 0
  assert.ok(first > 4 && first < 6, String(first))
  bucket.succeeded()
  assert.ok((bucket.rate ?? 0) > first && (bucket.rate ?? 0) < first + 0.2)
  bucket.limited(10_000, undefined)
  assert.ok((bucket.rate ?? 0) < first * 0.6)
})

test('a burst of 429s slows down once, and never below a request in five seconds', () => {
  const bucket = createBucket()
  for (let ms = 0; ms < 1_000; ms += 10) bucket.take(ms)
  bucket.limited(1_000, undefined)
  const rate = bucket.rate
  bucket.limited(1_010, undefined)
  assert.equal(bucket.rate, rate)
  for (let ms = 10_000; ms < 100_000; ms += 2_000) bucket.limited(ms, undefined)
  assert.equal(bucket.rate, 0.2)
})

test('the rate that is learnt comes to a vendor’s limit', async () => {
  // Five requests in each second.
  const time = { ms: 0 }
  const inSecond = new Map<number, number>()
  let refused = 0
  const paced = createPace({ clock: () => new Date(time.ms), sleep: async (ms) => void (time.ms += ms) })(async () => {
    time.ms += 20
    const second = Math.floor(time.ms / 1_000)
    const count = (inSecond.get(second) ?? 0) + 1
    inSecond.set(second, count)
    if (count <= 5) return ok()
    refused++
    return limited()
  })
  for (let count = 0; count < 400; count++) await paced('http://vendor.test/')
  assert.ok(refused < 60, `${refused} of 400 were refused`)
  assert.ok(400 / (time.ms / 1_000) > 2, `it took ${time.ms} ms`)
})

test('a Retry-After holds back the requests that follow, up to a minute', async () => {
  const { send, waits } = open((request) => (request === 0 ? limited({ 'retry-after': '7' }) : ok()))
  await send()
  await send()
  assert.ok((waits[0] ?? 0) >= 7_000)
  const long = open((request) => (request === 0 ? limited({ 'retry-after': '3600' }) : ok()))
  await long.send()
  await long.send()
  assert.ok((long.waits[0] ?? 0) <= 5_000)
})

test('after failures in a row nothing is sent for half a minute, then one request finds out', async () => {
  let broken = true
  const { send, time, requests } = open(() => (broken ? new Error('no answer') : ok()))
  for (let count = 0; count < 11; count++) await assert.rejects(send(), { message: 'no answer' })
  await assert.rejects(send(), { name: 'NotSent' })
  assert.equal(requests(), 11)
  time.ms += 30_000
  await assert.rejects(send(), { message: 'no answer' })
  await assert.rejects(send(), { name: 'NotSent' })
  time.ms += 30_000
  broken = false
  const [first, second] = await Promise.allSettled([send(), send()])
  assert.deepEqual([first.status, second.status], ['fulfilled', 'rejected'])
  await send()
  assert.equal(requests(), 14)
})

test('a 500 counts as a failure, a refusal does not', async () => {
  const broken = open(() => new Response('', { status: 503 }))
  for (let count = 0; count < 11; count++) await broken.send()
  await assert.rejects(broken.send(), { name: 'NotSent' })
  const refusing = open(() => new Response('', { status: 404 }))
  for (let count = 0; count < 30; count++) await refusing.send()
})

test('a write that was held back is known not to have been sent, and is not tried at once again', async () => {
  const { paced, requests } = open(() => new Error('no answer'))
  const write = operation({ name: 'w', summary: 'W', method: 'POST', path: '/w', status: 200, reply: json(z.object({})) })
  const sleeps: number[] = []
  const remote = {
    baseUrl: 'http://vendor.test',
    headers: {},
    fetch: paced,
    sleep: async (ms: number) => void sleeps.push(ms),
    random: () => 0,
    timeoutMs: 1_000,
  }
  for (let count = 0; count < 11; count++) await assert.rejects(call(remote, write, {}), { effect: 'unknown' })
  await assert.rejects(
    call(remote, write, {}),
    (error) => error instanceof RemoteError && error.effect === 'none' && error.retryable && /left alone/.test(error.message),
  )
  assert.deepEqual([requests(), sleeps], [11, []])
})

test('a request whose time passed while it waited is not sent', async () => {
  const { paced, requests } = open(ok)
  await assert.rejects(paced('http://vendor.test/', { signal: AbortSignal.abort() }), { name: 'NotSent' })
  assert.equal(requests(), 0)
})

test('the same key has the same pace', () => {
  const paces = createPaces({ clock: () => new Date(0), sleep: async () => undefined })
  assert.equal(paces('a'), paces('a'))
  assert.notEqual(paces('a'), paces('b'))
})
