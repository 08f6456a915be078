import assert from 'node:assert/strict'
import { test } from 'node:test'
import { idempotencyOf } from './idempotency.ts'

const request = { method: 'POST', url: '/things?x=1', headers: { 'idempotency-key': 'k' }, body: Buffer.from('{}') }

test('the fingerprint tells method, path, query and body apart', () => {
  const fingerprint = (over: Partial<typeof request>) => idempotencyOf({ ...request, ...over })?.fingerprint
  const all = [
    {},
    { method: 'PUT' },
    { url: '/things?x=2' },
    { url: '/other?x=1' },
    { body: Buffer.from('{ }') },
    { body: Buffer.alloc(0) },
  ].map(fingerprint)
  assert.equal(new Set(all).size, all.length)
  assert.equal(fingerprint({}), fingerprint({ body: Buffer.from('{}') }))
})

test('reads and requests without the header have no key', () => {
  assert.equal(idempotencyOf({ ...request, method: 'GET' }), undefined)
  assert.equal(idempotencyOf({ ...request, headers: {} }), undefined)
})

test('a key is 1 to 255 visible characters', () => {
  const withKey = (key: string) => () => idempotencyOf({ ...request, headers: { 'idempotency-key': key } })
  assert.equal(withKey('x'.repeat(255))()?.key.length, 255)
  for (const key of ['', ' ', 'a b', 'é', 'a\u0000', 'x'.repeat(256)]) assert.throws(withKey(key), { refusal: 'invalid' }, key)
})
