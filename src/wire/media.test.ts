import assert from 'node:assert/strict'
import { test } from 'node:test'
import { familyOf, mediaOf, negotiate } from './media.ts'

const xmlFirst = ['xml', 'json'] as const

test('BAND-03 without Accept, and with wildcards, the first medium answers', () => {
  for (const accept of [undefined, '*/*', 'application/*', 'text/html, */*;q=0.1', ''])
    assert.equal(negotiate(accept, xmlFirst), 'xml', String(accept))
})

test('BAND-04 JSON answers when it is asked for, in any case and with parameters', () => {
  for (const accept of ['application/json', 'Application/JSON; charset=utf-8', 'text/html, application/json;q=0.5'])
    assert.equal(negotiate(accept, xmlFirst), 'json', accept)
})

test('BAND-Q11 the highest weight wins and a tie goes to the first medium', () => {
  assert.equal(negotiate('application/xml;q=0.5, application/json;q=0.9', xmlFirst), 'json')
  assert.equal(negotiate('application/json;q=0.5, application/xml;q=0.9', xmlFirst), 'xml')
  assert.equal(negotiate('application/json, application/xml', xmlFirst), 'xml')
  assert.equal(negotiate('text/xml;q=0.4, application/json;q=0.3', xmlFirst), 'xml')
})

test('a medium that is named goes before one that only a wildcard of the same weight covers', () => {
  assert.equal(negotiate('application/json, text/plain, */*', xmlFirst), 'json')
  assert.equal(negotiate('application/json;q=0.1, */*', xmlFirst), 'xml')
})

test('a weight of 0, a broken weight and a medium not spoken do not count', () => {
  assert.equal(negotiate('application/json;q=0', xmlFirst), 'xml')
  assert.equal(negotiate('application/xml;q=0, application/json;q=0.1', xmlFirst), 'json')
  assert.equal(negotiate('application/xml;q=0, */*', xmlFirst), 'json')
  assert.equal(negotiate('application/json;q=7', xmlFirst), 'xml')
  assert.equal(negotiate('text/csv', xmlFirst), 'xml')
})

test('BAND-Q12 parameters and case of a Content-Type do not count', () => {
  assert.equal(mediaOf('Application/JSON ; charset="UTF-8"'), 'json')
  assert.equal(mediaOf('application/scim+json;charset=utf-8'), 'scim')
  assert.equal(mediaOf('text/xml'), 'xml')
  assert.equal(mediaOf('text/plain'), undefined)
  assert.equal(mediaOf(''), undefined)
})

test('answers are read by the family of their type', () => {
  assert.equal(familyOf('application/problem+json'), 'json')
  assert.equal(familyOf('application/problem+xml; charset=utf-8'), 'xml')
  assert.equal(familyOf('application/x-www-form-urlencoded'), 'form')
  for (const type of ['text/html', 'application/xhtml+xml', 'text/plain', '']) assert.equal(familyOf(type), undefined, type)
})
