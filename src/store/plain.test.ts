import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { decode, encode } from './plain.ts'

const leaf = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
  fc.boolean(),
  fc.constant(null),
  fc.date({ noInvalidDate: true }),
)
const key = fc.oneof(fc.string(), fc.constantFrom('$date', '$object')).filter((name) => name !== '__proto__')
const { data } = fc.letrec((tie) => ({
  data: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('data'), { maxLength: 4 }),
    fc.dictionary(key, tie('data'), { maxKeys: 4, noNullPrototype: true }),
  ),
}))

test('plain data comes back as it was, dates as dates, whatever its members are called', () => {
  fc.assert(fc.property(data, (value) => assert.deepEqual(decode(encode(value)), value)))
})

test('members that are undefined are left out', () => {
  assert.deepEqual(decode(encode({ a: undefined, b: 1 })), { b: 1 })
})
