import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { filters, filterTexts } from '../../../../tests/scim-inputs.ts'
import type { Filter } from './filter.ts'
import { filterOperators } from './filter.ts'
import { FilterSyntaxError } from './lexer.ts'
import { maxComparisons, maxFilterDepth, parseFilter } from './parse.ts'
import { printFilter } from './print.ts'

const present = (attribute: string): Filter => ({ kind: 'present', attribute })
const equals = (attribute: string, value: string): Filter => ({ kind: 'compare', attribute, operator: 'eq', value })

test('SCIM-080 operators and keywords are read in any case', () => {
  for (const operator of filterOperators)
    assert.deepEqual(parseFilter(`userName ${operator.toUpperCase()} "x"`), {
      kind: 'compare',
      attribute: 'userName',
      operator,
      value: 'x',
    })
  assert.deepEqual(parseFilter('title PR AND NOT (nickName Pr)'), {
    kind: 'and',
    of: [present('title'), { kind: 'not', of: present('nickName') }],
  })
})

test('SCIM-081 grouping binds before not, not before and, and before or', () => {
  assert.deepEqual(parseFilter('a pr or b pr and c pr'), {
    kind: 'or',
    of: [present('a'), { kind: 'and', of: [present('b'), present('c')] }],
  })
  assert.deepEqual(parseFilter('(a pr or b pr) and c pr'), {
    kind: 'and',
    of: [{ kind: 'or', of: [present('a'), present('b')] }, present('c')],
  })
  assert.deepEqual(parseFilter('not (a pr) and b pr'), { kind: 'and', of: [{ kind: 'not', of: present('a') }, present('b')] })
})

test('SCIM-082 not stands before parentheses alone, with or without a blank', () => {
  assert.deepEqual(parseFilter('not(a pr)'), parseFilter('not (a pr)'))
  assert.throws(() => parseFilter('not userName pr'), FilterSyntaxError)
})

test('SCIM-083 a value is JSON, with its escapes', () => {
  assert.deepEqual(parseFilter(String.raw`a eq "O'Malley \"\u00e9\\"`), equals('a', `O'Malley "é\\`))
  for (const [text, value] of [
    ['1.5', 1.5],
    ['-2', -2],
    ['1e3', 1000],
    ['true', true],
    ['False', false],
    ['null', null],
  ] as const)
    assert.deepEqual(parseFilter(`a eq ${text}`), { kind: 'compare', attribute: 'a', operator: 'eq', value })
  for (const text of ['2026-01-01T00:00:00Z', 'x', '01', '"x', String.raw`"\q"`, '1e999'])
    assert.throws(() => parseFilter(`a eq ${text}`), FilterSyntaxError)
})

test('SCIM-090 brackets hold a filter of their own, and a sub-attribute after them means the same element', () => {
  assert.deepEqual(parseFilter('emails[type eq "work" and not (value co "x")]'), {
    kind: 'element',
    attribute: 'emails',
    where: {
      kind: 'and',
      of: [equals('type', 'work'), { kind: 'not', of: { kind: 'compare', attribute: 'value', operator: 'co', value: 'x' } }],
    },
  })
  assert.deepEqual(parseFilter('emails[type eq "work"].value eq "x"'), parseFilter('emails[type eq "work" and value eq "x"]'))
})

test('SCIM-091 a name may stand with its URN', () => {
  const name = 'urn:ietf:params:scim:schemas:core:2.0:User:name.givenName'
  assert.deepEqual(parseFilter(`${name} eq "J"`), equals(name, 'J'))
})

test('SCIM-093 what is no filter is refused with the place where it stops being one', () => {
  for (const [text, at] of [
    ['', 0],
    ['   ', 0],
    ['userName', 8],
    ['userName eq', 11],
    ['userName is "x"', 9],
    ['(userName pr', 12],
    ['userName pr)', 11],
    ['userName pr x', 12],
    ['emails[type eq "work"', 21],
    ['emails[]', 7],
    ['9a pr', 0],
    ['a..b pr', 0],
    ['"a" eq "b"', 0],
  ] as const)
    assert.throws(
      () => parseFilter(text),
      (error) => error instanceof FilterSyntaxError && error.at === at,
      text,
    )
})

test('a filter nests and compares within bounds', () => {
  const nest = (depth: number) => '('.repeat(depth) + 'a pr' + ')'.repeat(depth)
  assert.deepEqual(parseFilter(nest(maxFilterDepth)), present('a'))
  assert.throws(() => parseFilter(nest(maxFilterDepth + 1)), FilterSyntaxError)
  const chain = (length: number) => Array.from({ length }, () => 'a pr').join(' or ')
  assert.equal(parseFilter(chain(maxComparisons)).kind, 'or')
  assert.throws(() => parseFilter(chain(maxComparisons + 1)), FilterSyntaxError)
  assert.throws(() => parseFilter('('.repeat(10_000)), FilterSyntaxError)
})

test('printing a filter and parsing it gives the same filter', () => {
  fc.assert(fc.property(filters, (filter) => assert.deepEqual(parseFilter(printFilter(filter)), filter)))
})

test('what is read at a glance is what it is in any other spelling', () => {
  const read = (text: string) => {
    try {
      return parseFilter(text)
    } catch (error) {
      assert.ok(error instanceof FilterSyntaxError)
      return 'refused'
    }
  }
  const names = fc.constantFrom('userName', '$ref', 'not', '12', 'a.b', 'urn:a:b', 'é', 'a'.repeat(300), 'a'.repeat(301))
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('ada', 'é', 'a\\u0041', '\\', '"', '\n', 'a'.repeat(17_000)),
  )
  fc.assert(
    fc.property(names, texts, (name, text) => assert.deepEqual(read(`${name} eq "${text}"`), read(`${name}  EQ  "${text}"`))),
    { numRuns: 1_000, seed: 5 },
  )
})

test('a text that is no filter is refused, and nothing else happens', () => {
  fc.assert(
    fc.property(filterTexts, (text) => {
      try {
        parseFilter(text)
      } catch (error) {
        assert.ok(error instanceof FilterSyntaxError)
        assert.ok(error.at >= 0 && error.at <= text.length)
      }
    }),
  )
})
