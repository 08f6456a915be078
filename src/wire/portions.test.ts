import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { contentOf, type Content } from './content.ts'
import { cutList } from './portions.ts'

const member = 'Users'

/** The document as one that gives so many bytes at a time. */
function contentInPieces(text: string, size: number): Content {
  const content = contentOf(Buffer.from(text))
  return { ...content, read: (target, from) => content.read(target.subarray(0, size), from) }
}
const cut = (text: string, { size = 2, piece = 7 } = {}): readonly string[] =>
  [...cutList(contentInPieces(text, piece), { member, size })].map((bytes) => Buffer.from(bytes).toString())

test('a list is cut into documents that have whatever stands around it', () => {
  assert.deepEqual(cut('{ "a": [1, {"Users": [1]}], "Users" : [ {"b":1}, "x" ,[3,4],null ,5 ], "z": {"Users": [2]} }'), [
    '{ "a": [1, {"Users": [1]}], "Users" : [ {"b":1}, "x" ], "z": {"Users": [2]} }',
    '{ "a": [1, {"Users": [1]}], "Users" : [[3,4],null ], "z": {"Users": [2]} }',
    '{ "a": [1, {"Users": [1]}], "Users" : [5 ], "z": {"Users": [2]} }',
  ])
})

test('a short list, an empty one, another one and none at all stay whole', () => {
  for (const text of [
    '{"Users":[1,2]}',
    '{"Users":[]}',
    '{"Users": [ ] }',
    '{"Others":[1,2,3,4,5]}',
    '{"Users":{"Users":[1,2,3,4,5]}}',
    '{"Users":"[1,2,3,4,5]"}',
    '{"a":"Users","b":[1,2,3,4,5]}',
    '[1,2,3,4,5]',
    '"Users"',
    '',
  ])
    assert.deepEqual(cut(text), [text])
})

test('what is no JSON stays so: whole, or in one of the portions', () => {
  for (const text of [
    '{"Users":[1,2,3,4,5]',
    '{"Users":[1,2,3,4,5',
    '{"Users":[1,2,3,4,"5]}',
    '{"Users":[1,2,3,4,]}',
    '{"Users":[1,2, ]}',
    '{"Users":[,1,2,3]}',
    '{"Users":[1,2,,3]}',
    '{"Users":[1,2,3,4 5]}',
    '{"Users":[1,2,{"a":},4]}',
    '{"Users":[1,2,3]]}',
    '{"Users":[1,2,3]}}',
    '<html>',
  ])
    assert.throws(() => cut(text).map((portion): unknown => JSON.parse(portion)), SyntaxError, text)
})

test('what stands around a list is not repeated when there is much of it', () => {
  const text = `{"Users":[1,2,3,4,5],"note":"${'x'.repeat(100_000)}"}`
  assert.deepEqual(cut(text, { piece: 1_000 }), [text])
})

test('whatever the items, the pieces and the size, the portions have all items in their order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.jsonValue()),
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 0, max: 3 }),
      (items, around, size, piece, indent) => {
        const { [member]: _, ...rest } = around
        const text = JSON.stringify({ ...rest, [member]: items, last: 1 }, undefined, indent)
        const portions = cut(text, { size, piece }).map((portion) => JSON.parse(portion) as Record<string, unknown>)
        const whole = JSON.parse(text) as Record<string, unknown>
        assert.deepEqual(
          portions.flatMap((portion) => portion[member]),
          whole[member],
        )
        assert.equal(portions.length, Math.max(1, Math.ceil(items.length / size)))
        for (const portion of portions) assert.deepEqual({ ...portion, [member]: [] }, { ...whole, [member]: [] })
      },
    ),
  )
})
