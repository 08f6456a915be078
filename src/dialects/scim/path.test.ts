import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { filterTexts, paths } from '../../../tests/scim-inputs.ts'
import { DirectoryError } from '../../directory/errors.ts'
import { parsePath, printPath } from './path.ts'

test('SCIM-117 a path is a name, or a name with brackets and a sub-attribute', () => {
  assert.deepEqual(parsePath('name.givenName'), { attribute: 'name.givenName', where: undefined, sub: undefined })
  assert.deepEqual(parsePath('emails[type eq "work"].value'), {
    attribute: 'emails',
    where: { kind: 'compare', attribute: 'type', operator: 'eq', value: 'work' },
    sub: 'value',
  })
  assert.equal(parsePath('urn:ietf:params:scim:schemas:extension:enterprise:2.0:User').attribute.endsWith('2.0:User'), true)
})

test('SCIM-117 a path that is none is refused as invalidPath', () => {
  for (const text of [
    '',
    ' ',
    'emails[0]',
    'emails[type eq]',
    'emails[type eq "work"',
    'emails[type eq "w"]value',
    'a b',
    '[type eq "w"]',
    'a.b.c',
    '1a',
    'emails[type eq "w"].a.b.c',
  ])
    assert.throws(
      () => parsePath(text),
      (error) => error instanceof DirectoryError && error.code === 'invalidPath',
      text,
    )
})

test('printing a path and parsing it gives the same path', () => {
  fc.assert(fc.property(paths, (path) => assert.deepEqual(parsePath(printPath(path)), path)))
})

test('a text that is no path is refused, and nothing else happens', () => {
  fc.assert(
    fc.property(filterTexts, (text) => {
      try {
        parsePath(text)
      } catch (error) {
        assert.ok(error instanceof DirectoryError)
      }
    }),
  )
})
