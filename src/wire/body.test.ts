import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { z } from 'zod'
import { decodeBody, encodeBody, textOf } from './body.ts'
import { form, json, jsonText, WireError, xmlOrJson } from './operation.ts'
import { flag, integer } from './spelling.ts'

const Person = z.strictObject({
  name: z.string(),
  active: flag,
  age: integer,
  tags: z.array(z.strictObject({ tag: z.string() })),
})
const both = xmlOrJson(Person, { root: 'Person', items: { tags: 'item' } })
// oxlint-disable-next-line no-control-regex -- the characters that XML 1.0 forbids
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/
const xmlText = fc.string({ unit: 'binary' }).filter((value) => !forbidden.test(value))
const person = fc.record({
  name: xmlText,
  active: fc.boolean(),
  age: fc.maxSafeInteger(),
  tags: fc.array(fc.record({ tag: xmlText })),
})

test('one codec reads what it wrote, in XML and in JSON alike', () => {
  fc.assert(
    fc.property(person, fc.constantFrom('xml' as const, 'json' as const), (value, media) =>
      assert.deepEqual(decodeBody(both, media, encodeBody(both, media, value)).value, {
        ...value,
        tags: value.tags.map((tag) => ({ ...tag })),
      }),
    ),
  )
})

test('a form reads what it wrote, with lists as repeated names', () => {
  const body = form(z.strictObject({ name: z.string(), active: flag, many: z.array(z.string()) }))
  const value = fc.record({
    name: fc.string({ unit: 'binary' }),
    active: fc.boolean(),
    many: fc.array(fc.string({ unit: 'binary' }), { minLength: 2 }),
  })
  fc.assert(
    fc.property(value, (given) =>
      assert.deepEqual(decodeBody(body, 'form', encodeBody(body, 'form', given)).value, { ...given }),
    ),
  )
})

test('a form with broken escapes is refused', () => {
  const body = form(z.record(z.string(), z.string()))
  for (const text of ['a=%', 'a=%2', 'a=%GG', 'a=%FF', '__proto__=1'])
    assert.throws(() => decodeBody(body, 'form', text), WireError, text)
  assert.deepEqual(decodeBody(body, 'form', '?a=1+2').value, { '?a': '1 2' })
})

test('a shape that does not fit names the member and never its value', () => {
  const read = (text: string) => () => decodeBody(json(Person), 'json', text)
  assert.throws(read('{"name":"a","active":true,"age":1,"tags":[{"tag":12345678}]}'), {
    name: 'WireError',
    kind: 'shape',
    field: 'tags.0.tag',
  })
  assert.throws(read('{"name":"a","active":true,"age":1,"tags":[],"canary":1}'), {
    name: 'WireError',
    kind: 'shape',
    field: 'canary',
  })
  assert.throws(read('{"name":"a","active":"canary","age":1,"tags":[]}'), (error: Error) => !error.message.includes('canary'))
})

test('spelled booleans and integers are exact', () => {
  for (const text of ['"TRUE"', '"1"', '1', 'null', '""'])
    assert.throws(() => decodeBody(json(flag), 'json', text), WireError, text)
  for (const text of ['"1.5"', '"01"', '"1e3"', '" 1"', '1.5', '"9007199254740993"', '""'])
    assert.throws(() => decodeBody(json(integer), 'json', text), WireError, text)
})

test('encoding strips what the codec does not name', () => {
  const body = json(z.object({ name: z.string() }))
  const account = { name: 'a', password: 'canary' }
  assert.equal(encodeBody(body, 'json', account), '{"name":"a"}')
})

test('a verbatim body travels untouched', () => {
  assert.equal(encodeBody(jsonText, 'json', '{"a" : 1}'), '{"a" : 1}')
  assert.equal(decodeBody(jsonText, 'json', '{"a" : 1}').value, '{"a" : 1}')
  assert.throws(() => encodeBody(jsonText, 'json', { a: 1 }), TypeError)
})

test('bytes that are not UTF-8 are refused, a byte order mark is not', () => {
  assert.throws(() => textOf(Buffer.from([0x22, 0xc3, 0x28, 0x22])), { name: 'WireError', kind: 'syntax' })
  assert.throws(() => textOf(Buffer.from([0xff, 0xfe, 0x41, 0x00])), WireError)
  assert.equal(textOf(Buffer.from('\ufeffé')), 'é')
})

test('what fits none of several shapes is blamed on the shape that it comes nearest to', () => {
  const body = json(
    z.union([
      z.strictObject({ id: z.string() }),
      z.strictObject({ name: z.string(), age: z.strictObject({ years: z.number() }) }),
    ]),
  )
  const fieldOf = (value: unknown) => {
    try {
      decodeBody(body, 'json', JSON.stringify(value))
    } catch (error) {
      return error instanceof WireError ? error.field : 'another error'
    }
    return 'accepted'
  }
  assert.equal(fieldOf({ id: 7 }), 'id')
  assert.equal(fieldOf({ name: 'x' }), 'age')
  assert.equal(fieldOf({ name: 'x', age: { years: 'many' } }), 'age.years')
  assert.equal(fieldOf({ id: 'x', other: 1 }), 'other')
})
