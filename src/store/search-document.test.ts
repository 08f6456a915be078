import assert from 'node:assert/strict'
import { test } from 'node:test'
import { searchDocument } from './search-document.ts'

test('each value is kept with what it can be compared by', () => {
  assert.deepEqual(
    JSON.parse(searchDocument({ a: 'Ä', b: 1.5, c: false, d: '2026-01-01T01:00:00.5+01:00', e: ['X', { y: 'z' }] })),
    {
      a: { t: 'Ä', f: 'ä' },
      b: { n: 1.5 },
      c: { b: 0 },
      d: { t: '2026-01-01T01:00:00.5+01:00', f: '2026-01-01t01:00:00.5+01:00', i: Date.UTC(2026, 0, 1, 0, 0, 0, 500) },
      e: [{ t: 'X', f: 'x' }, { y: { t: 'z', f: 'z' } }],
    },
  )
})

test('a dateTime without a zone is UTC, and what only looks like one is a text', () => {
  const instants = ['2026-01-01T00:00:00', '2026-13-01T00:00:00Z', '2026-01-01', 'Thursday'].map(
    (text) => JSON.parse(searchDocument({ text })).text.i,
  )
  assert.deepEqual(instants, [Date.UTC(2026, 0, 1), undefined, undefined, undefined])
})

test('what is null or empty is left out, an empty text is not', () => {
  assert.equal(searchDocument({ a: null, b: [], c: {}, d: [null, {}], e: undefined, f: { g: [] } }), '{}')
  assert.equal(searchDocument({ a: '' }), '{"a":{"t":"","f":""}}')
})
