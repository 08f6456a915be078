import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createIdSource, fromHex, isId, toHex } from './id.ts'

test('ids of one process sort in the order they were made, also when the clock stands still or goes back', () => {
  let now = 1_800_000_000_000
  const newId = createIdSource(() => new Date(now))
  const ids = Array.from({ length: 20_000 }, (_, index) => {
    if (index === 12_000) now -= 60_000
    if (index === 15_000) now += 120_000
    return newId()
  })
  assert.deepEqual(ids, ids.toSorted())
  assert.equal(new Set(ids).size, ids.length)
  for (const id of ids.slice(0, 100)) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('an id is spelled in 32 digits and read back; anything else is no id', () => {
  const id = createIdSource(() => new Date())()
  assert.equal(fromHex(toHex(id)), id)
  for (const text of ['', 'u1', toHex(id).toUpperCase(), `${toHex(id)}0`, "' or 1=1"]) {
    assert.equal(fromHex(text), undefined)
    assert.equal(isId(text), false)
  }
})
