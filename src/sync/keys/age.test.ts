import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ageInDays, isTooOld } from './age.ts'

const now = new Date('2026-03-31T12:00:00Z')
const madeAt = (text: string) => ({ createdAt: new Date(text) })
const policy = { findings: { keyMaxAgeDays: 90 } }

test('a key is as old as the whole days since it was made, and of unknown age where the vendor does not say', () => {
  assert.equal(ageInDays(madeAt('2026-03-30T12:00:01Z'), now), 0)
  assert.equal(ageInDays(madeAt('2026-03-30T12:00:00Z'), now), 1)
  assert.equal(ageInDays(madeAt('2026-04-01T00:00:00Z'), now), 0, 'the vendor’s clock is ahead')
  assert.equal(ageInDays({ createdAt: undefined }, now), undefined)
})

test('a key is too old on the day that the policy names, and never without a policy or an age', () => {
  assert.equal(isTooOld(madeAt('2025-12-31T12:00:01Z'), policy, now), false)
  assert.equal(isTooOld(madeAt('2025-12-31T12:00:00Z'), policy, now), true)
  assert.equal(isTooOld(madeAt('2000-01-01T00:00:00Z'), {}, now), false)
  assert.equal(isTooOld({ createdAt: undefined }, policy, now), false)
})
