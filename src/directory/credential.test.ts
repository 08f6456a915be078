import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createSecret, hashSecret, parseSecret, secretMatches } from './credential.ts'

test('a secret names its kind and its identifier, and its checksum notices a typing error', () => {
  const { identifier, secret } = createSecret('scim', randomBytes)
  assert.match(secret, /^rc_scim_r[0-9A-Za-z]{47}$/)
  assert.deepEqual(parseSecret(secret), { kind: 'scim', identifier })
  for (let index = 0; index < secret.length; index++) {
    const wrong = secret[index] === 'x' ? 'y' : 'x'
    assert.equal(parseSecret(secret.slice(0, index) + wrong + secret.slice(index + 1)), undefined, `position ${index}`)
  }
})

test('what was never issued is not taken for a secret', () => {
  for (const text of ['', 'rc_', 'rc_scim_', `rc_scim_${'a'.repeat(48)}`, 'x'.repeat(10_000), 'Bearer'])
    assert.equal(parseSecret(text), undefined)
})

test('a secret matches its own hash and no other', () => {
  const { secret } = createSecret('native', randomBytes)
  const credential = { secretHash: hashSecret(secret) }
  assert.equal(secretMatches(credential, secret), true)
  assert.equal(secretMatches(credential, ''), false)
  assert.equal(secretMatches(credential, `${secret} `), false)
})
