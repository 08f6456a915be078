import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromCursor, toCursor } from './cursor.ts'

const scope = { list: 'members', organizationId: 'o1', filter: { status: 'active', email: undefined } }

test('a cursor reads back for the list that it was made for', () => {
  assert.equal(fromCursor(toCursor('a.b.c', scope), scope), 'a.b.c')
})

test('a cursor is refused for another list, another organization, other filters, and when a character of it is changed', () => {
  const cursor = toCursor('0199d3a0-2000-7000-8000-000000000002', scope)
  const refused = { refusal: 'malformed', field: 'cursor' }
  assert.throws(() => fromCursor(cursor, { ...scope, list: 'groups' }), refused)
  assert.throws(() => fromCursor(cursor, { ...scope, organizationId: 'o2' }), refused)
  assert.throws(() => fromCursor(cursor, { ...scope, filter: {} }), refused)
  for (let at = 0; at < cursor.length; at++) {
    const changed = cursor.slice(0, at) + (cursor[at] === 'A' ? 'B' : 'A') + cursor.slice(at + 1)
    assert.throws(() => fromCursor(changed, scope), refused)
  }
  for (const foreign of ['', 'x', 'MQ', '….', `${cursor}=`]) assert.throws(() => fromCursor(foreign, scope), refused)
})
