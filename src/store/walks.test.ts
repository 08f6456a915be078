import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWalks } from './walks.ts'

test('the nearest item before a position is known until something happened in the organization', () => {
  const walks = createWalks()
  const walk = walks.of('list', 7)
  assert.equal(walk.before(100), undefined)
  walk.total = 40
  walk.mark({ position: 9, id: 'j' })
  walk.mark({ position: 19, id: 't' })
  assert.equal(walks.of('list', 7).total, 40)
  assert.equal(walks.of('list', 7).before(8), undefined)
  assert.deepEqual(walks.of('list', 7).before(9), { position: 9, id: 'j' })
  assert.deepEqual(walks.of('list', 7).before(18), { position: 9, id: 'j' })
  assert.deepEqual(walks.of('list', 7).before(1_000), { position: 19, id: 't' })
  assert.equal(walks.of('another list', 7).total, undefined)
  assert.equal(walks.of('list', 8).total, undefined)
  assert.equal(walks.of('list', 8).before(1_000), undefined)
})

test('of many lists and many pages only those seen last are remembered', () => {
  const walks = createWalks()
  const walk = walks.of('kept', 1)
  for (let position = 0; position < 1_000; position++) walk.mark({ position, id: String(position) })
  assert.equal(walk.before(900), undefined)
  assert.equal(walk.before(999)?.id, '999')
  for (let number = 0; number < 1_000; number++) {
    walks.of(`list ${number}`, 1).total = number
    walks.of('kept', 1)
  }
  assert.equal(walks.of('kept', 1).before(999)?.id, '999')
  assert.equal(walks.of('list 999', 1).total, 999)
  assert.equal(walks.of('list 0', 1).total, undefined)
})
