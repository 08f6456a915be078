import assert from 'node:assert/strict'
import { test } from 'node:test'
import { idIn, versionIn } from './request.ts'

test('a path id that cannot be ours never reaches the database', () => {
  const id = '0199d3a0-2000-7000-8000-000000000002'
  assert.equal(idIn({ memberId: id }, 'memberId'), id)
  for (const foreign of ['', 'x', '\u0000', id.toUpperCase(), `${id}0`, "' or 1=1"])
    assert.throws(() => idIn({ memberId: foreign }, 'memberId'), { refusal: 'notFound', field: 'memberId' })
  assert.throws(() => idIn({}, 'memberId'), { refusal: 'notFound' })
})

test('If-Match is an ETag of ours, any version, or absent', () => {
  assert.equal(versionIn({ 'if-match': '"12"' }), 12)
  assert.equal(versionIn({ 'if-match': '*' }), undefined)
  assert.equal(versionIn({}), undefined)
  for (const text of ['12', 'W/"12"', '"x"', '"1", "2"', ''])
    assert.throws(() => versionIn({ 'if-match': text }), { refusal: 'malformed' })
})
