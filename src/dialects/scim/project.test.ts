import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exampleType, extension } from './fixtures/example-type.ts'
import { project, readProjection, splitNames, wants } from './project.ts'

const resource = {
  schemas: [exampleType.schema.id, extension],
  id: '1',
  identifier: 'x',
  secret: 's',
  asked: 'a',
  shown: 'b',
  part: { one: '1', two: 2 },
  parts: [
    { value: 'a', type: 'x' },
    { value: 'b', type: 'y' },
  ],
  [extension]: { must: 'm', may: 1, hint: 'h' },
}
const show = (attributes: string, excluded = '') =>
  project(resource, exampleType, readProjection(exampleType, splitNames(attributes), splitNames(excluded)))

test('SCIM-027 SCIM-028 SCIM-029 by default what is never or on request shown is left out', () => {
  const { secret: _, asked: __, ...rest } = resource
  assert.deepEqual(show(''), { ...rest, [extension]: { must: 'm', may: 1 } })
})

test('SCIM-026 SCIM-076 named attributes replace the default ones, beside those that are always shown', () => {
  const least = { schemas: resource.schemas, id: '1', shown: 'b' }
  assert.deepEqual(show('identifier'), { ...least, identifier: 'x' })
  assert.deepEqual(show('asked,secret'), { ...least, asked: 'a' })
  assert.deepEqual(show('part.two'), { ...least, part: { two: 2 } })
  assert.deepEqual(show('parts.type'), { ...least, parts: [{ type: 'x' }, { type: 'y' }] })
  assert.deepEqual(show('nothing'), least)
  assert.deepEqual(show(`${exampleType.schema.id}:part.one`), { ...least, part: { one: '1' } })
})

test('SCIM-077 excluded attributes are left out of the default ones, those that are always shown never', () => {
  const shown = show('', 'id,shown,identifier,part.one,parts')
  assert.deepEqual(
    [shown['id'], shown['shown'], shown['identifier'], shown['part'], shown['parts'], shown['asked']],
    ['1', 'b', undefined, { two: 2 }, undefined, undefined],
  )
})

test('SCIM-079 the URN of an extension names the whole of it', () => {
  assert.deepEqual(show(extension)[extension], { must: 'm', may: 1 })
  assert.deepEqual(show(`${extension}:hint`)[extension], { hint: 'h' })
  assert.equal(show('', extension)[extension], undefined)
})

test('what will not be shown need not be read', () => {
  const of = (attributes: string, excluded = '') => readProjection(exampleType, splitNames(attributes), splitNames(excluded))
  assert.deepEqual([wants(of(''), 'parts'), wants(of('parts.type'), 'parts'), wants(of('PARTS'), 'parts')], [true, true, true])
  assert.deepEqual([wants(of('identifier'), 'parts'), wants(of('', 'parts'), 'parts')], [false, false])
})
