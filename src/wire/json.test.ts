import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { parseJson } from './json.ts'
import { WireError } from './operation.ts'

const refuses = (text: string, kind: WireError['kind']) =>
  assert.throws(
    () => parseJson(text),
    (error) => error instanceof WireError && error.kind === kind,
    text.slice(0, 80),
  )

test('reads whatever JSON.stringify writes, unless a reader could be misled by it', () => {
  const safe = fc.jsonValue({ maxDepth: 5 }).filter((value) => !/"(__proto__|constructor)"/.test(JSON.stringify(value)))
  fc.assert(
    fc.property(safe, fc.constantFrom(undefined, 2, '\t'), (value, space) =>
      assert.deepEqual(parseJson(JSON.stringify(value, undefined, space)), JSON.parse(JSON.stringify(value))),
    ),
  )
})

test('refuses a member that is named twice, however the name is spelled', () => {
  refuses('{"a":1,"a":2}', 'syntax')
  refuses('[{"b":[{"a":1, "\\u0061" : {}}]}]', 'syntax')
})

test('the same name in different objects, in a list, or as a value is no repetition', () => {
  for (const text of [
    '{"a":{"a":1},"b":"a"}',
    '[{"a":1},{"a":1},"a","a"]',
    '{"a":["a","a"],"b":"{\\"a\\":1,\\"a\\":2}"}',
    '{"\\"a":1,"a":2}',
  ])
    assert.deepEqual(parseJson(text), JSON.parse(text))
})

test('refuses members that poison prototypes when they are copied', () => {
  refuses('{"__proto__":{"admin":true}}', 'shape')
  refuses('{"a":[{"\\u005f_proto__":1}]}', 'shape')
  refuses('{"constructor" : {"prototype":{"admin":true}}}', 'shape')
  assert.deepEqual(parseJson('{"constructor":"Smith & Sons"}'), { constructor: 'Smith & Sons' })
})

test('refuses what is nested more than 64 levels deep', () => {
  assert.ok(parseJson('['.repeat(64) + ']'.repeat(64)))
  refuses('['.repeat(65) + ']'.repeat(65), 'syntax')
  refuses('{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000), 'syntax')
})

test('what is not JSON is refused without being repeated', () => {
  for (const text of ['', '{', '{"password":"canary"', 'canary', "{'a':1}", '{"a":1}canary', '[NaN]'])
    assert.throws(
      () => parseJson(text),
      (error) =>
        error instanceof WireError && error.kind === 'syntax' && !error.message.includes('canary') && error.cause === undefined,
    )
})
