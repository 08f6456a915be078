import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { DirectoryError } from '../../directory/errors.ts'
import { exampleType, extension } from './fixtures/example-type.ts'
import { indexType, userType } from './schema/resource-type.ts'
import { keepImmutable, readResource } from './validate.ts'

const users = indexType(userType)
const example = { identifier: 'x', [extension]: { must: 'y' } }
const read = (body: object) => readResource({ ...example, ...body }, exampleType)
const refuses = (code: string, act: () => unknown) =>
  assert.throws(act, (error) => error instanceof DirectoryError && error.code === code)

test('SCIM-003 SCIM-004 SCIM-020 names and URNs may have any case; what the type does not have is left out', () => {
  assert.deepEqual(
    readResource(
      { IDENTIFIER: 'x', [extension.toUpperCase()]: { MUST: 'y', other: 1 }, other: 1, 'urn:unknown': { a: 1 }, 'part.one': 'x' },
      exampleType,
    ),
    example,
  )
  assert.deepEqual(
    readResource({ ...example, identifier: undefined, [`${exampleType.schema.id}:identifier`]: 'x' }, exampleType),
    example,
  )
  refuses('invalidSyntax', () => readResource({ ...example, Identifier: 'z' }, exampleType))
})

test('SCIM-005 SCIM-007 null and empty lists are the same as nothing', () => {
  assert.deepEqual(read({ words: [], part: null, parts: [null], flag: null, count: [] }), example)
  assert.deepEqual(read({ part: '', parts: {} }), example)
})

test('SCIM-015 a boolean may come as text, and is kept as a boolean', () => {
  assert.deepEqual(read({ flag: 'True' }), { ...example, flag: true })
  assert.deepEqual(read({ parts: [{ value: 'a', primary: 'False' }] }), { ...example, parts: [{ value: 'a', primary: false }] })
  for (const flag of ['yes', 1, {}]) refuses('invalidValue', () => read({ flag }))
})

test('SCIM-016 SCIM-017 SCIM-018 SCIM-019 SCIM-021 SCIM-050 each type takes its own values and no others', () => {
  const good = { count: -3, share: 1.5, when: '2026-01-31T12:00:00.5+02:00', bytes: 'QUJD', link: '/Users/1', words: ['a', 'b'] }
  assert.deepEqual(read(good), { ...example, ...good })
  for (const [name, values] of Object.entries({
    count: [1.5, '1', 2 ** 60],
    share: ['1.5', true],
    when: ['2026-01-31', '2026-02-30T00:00:00Z', 'yesterday', 5],
    bytes: ['%%%%', 'QUJ', 5],
    link: [5, {}],
    words: [[5], [['a']]],
    part: ['x', 5, [{}, {}]],
    parts: [[[]], [5]],
  }))
    for (const value of values) refuses('invalidValue', () => read({ [name]: value }))
})

test('SCIM-023 SCIM-025 what is read-only is left out, what is write-only is kept', () => {
  assert.deepEqual(read({ given: 'x', secret: 's' }), { ...example, secret: 's' })
})

test('SCIM-024 SCIM-108 an immutable attribute keeps its first value', () => {
  const next = read({ fixed: 'b' })
  assert.deepEqual(keepImmutable(read({}), next, exampleType)['fixed'], 'b')
  assert.deepEqual(keepImmutable(next, read({}), exampleType)['fixed'], 'b')
  refuses('mutability', () => keepImmutable(read({ fixed: 'a' }), next, exampleType))
})

test('SCIM-032 SCIM-110 what is required must be there, in a required extension too', () => {
  for (const body of [
    { identifier: undefined },
    { identifier: '' },
    { identifier: null },
    { [extension]: undefined },
    { [extension]: { may: 1 } },
  ])
    refuses('invalidValue', () => read(body))
})

test('SCIM-033 SCIM-034 a list has one primary at most', () => {
  refuses('invalidValue', () =>
    read({
      parts: [
        { value: 'a', primary: true },
        { value: 'b', primary: true },
      ],
    }),
  )
})

test('SCIM-035 a value is kept once with each type', () => {
  const emails = [
    { value: 'a@b', type: 'work', display: 'first' },
    { value: 'a@b', type: 'work' },
    { value: 'a@b', type: 'home' },
  ]
  assert.deepEqual(readResource({ userName: 'x', emails }, users), { userName: 'x', emails: [emails[0], emails[2]] })
})

test('SCIM-047 SCIM-048 texts are kept as they were sent', () => {
  const body = {
    userName: ' Ada ',
    phoneNumbers: [{ value: '+1 (555) 0100' }],
    addresses: [{ country: 'usa' }],
    ims: [{ value: 'A B' }],
  }
  assert.deepEqual(readResource(body, users), body)
})

test('one value stands for a list of one, and a list of one for a value', () => {
  assert.deepEqual(readResource({ userName: ['x'], emails: { value: 'a@b' }, roles: 'Admin' }, users), {
    userName: 'x',
    emails: [{ value: 'a@b' }],
    roles: [{ value: 'Admin' }],
  })
})

test('any JSON is read or refused, and nothing else happens', () => {
  const names = fc.constantFrom(
    'userName',
    'name',
    'emails',
    'active',
    'schemas',
    'groups',
    '__proto__',
    users.extensions[0]?.schema.id ?? '',
    users.schema.id,
  )
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(names, fc.jsonValue())), (body) => {
      try {
        readResource(body, users)
      } catch (error) {
        assert.ok(error instanceof DirectoryError, String(error))
      }
    }),
  )
})
