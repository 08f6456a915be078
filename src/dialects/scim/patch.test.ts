import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { patchOperations } from '../../../tests/scim-inputs.ts'
import { DirectoryError } from '../../directory/errors.ts'
import { exampleType, extension } from './fixtures/example-type.ts'
import { applyPatch, type MissingElement } from './patch.ts'
import { readPatch } from './patch-steps.ts'
import type { Resource } from './resource.ts'
import { enterpriseUserSchema } from './schema/enterprise-user.ts'
import { indexType, userType } from './schema/resource-type.ts'

const type = indexType(userType)
const enterprise = enterpriseUserSchema.id
const ada: Resource = {
  userName: 'ada',
  name: { givenName: 'Ada', familyName: 'Lovelace' },
  emails: [
    { value: 'a@work', type: 'work', primary: true },
    { value: 'a@home', type: 'home' },
  ],
  [enterprise]: { department: 'Engines' },
}
const patch = (operations: unknown, missing: MissingElement = 'refuse') =>
  applyPatch(ada, readPatch({ Operations: operations }, type), { type, missing })
const one = (op: string, path: string | undefined, value?: unknown) =>
  patch([{ op, ...(path !== undefined && { path }), ...(value !== undefined && { value }) }])
const refuses = (code: string, act: () => unknown) =>
  assert.throws(act, (error) => error instanceof DirectoryError && (error.code ?? error.refusal) === code)

test('SCIM-114 a body that is no PatchOp is refused', () => {
  refuses('malformed', () => readPatch([], type))
  for (const body of [
    {},
    { Operations: [] },
    { Operations: {} },
    { Operations: [5] },
    { Operations: [{ op: 'move', path: 'title' }] },
    { Operations: [{ path: 'title', value: 'x' }] },
    { Operations: [{ op: 'add', path: 5, value: 'x' }] },
    { schemas: ['urn:x'], Operations: [{ op: 'add', path: 'title', value: 'x' }] },
  ])
    refuses('invalidSyntax', () => readPatch(body, type))
  assert.equal(readPatch({ operations: [{ OP: 'Add', PATH: 'title', Value: 'x' }] }, type).length, 1)
})

test('SCIM-115 operations apply in order, each on the result of the last, and leave the original alone', () => {
  const before = structuredClone(ada)
  const after = patch([
    { op: 'add', path: 'title', value: 'a' },
    { op: 'replace', path: 'title', value: 'b' },
    { op: 'remove', path: 'emails[type eq "home"]' },
    { op: 'add', path: 'emails', value: [{ value: 'new@home', type: 'home' }] },
  ])
  assert.equal(after['title'], 'b')
  assert.deepEqual(after['emails'], [
    { value: 'a@work', type: 'work', primary: true },
    { value: 'new@home', type: 'home' },
  ])
  assert.deepEqual(ada, before)
})

test('SCIM-117 a path that the type does not have is refused', () => {
  for (const path of [
    'shoeSize',
    'name.shoeSize',
    'emails[type eq "work"].shoeSize',
    'emails[shoeSize eq 1]',
    'title[value eq "x"]',
    'emails[',
    `${enterprise}:shoeSize`,
  ])
    refuses('invalidPath', () => one('replace', path, 'x'))
})

test('an operation with a capital whose attribute the type does not have is left out, and the others apply', () => {
  const Operations = [
    { op: 'Add', path: 'shoeSize', value: '42' },
    { op: 'Replace', path: 'name.shoeSize', value: 'x' },
    { op: 'Add', path: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0User:department', value: 'x' },
    { op: 'Replace', path: 'displayName', value: 'Countess' },
  ]
  const steps = readPatch({ Operations }, type)
  assert.deepEqual(
    steps.map(({ attribute }) => attribute.name),
    ['displayName'],
  )
  refuses('mutability', () => one('Replace', 'id', 'x'))
})

test('SCIM-118 SCIM-023 what is read-only, or immutable and set, is not changed; a wrong type is refused', () => {
  for (const path of [
    'id',
    'meta',
    'meta.version',
    'groups',
    'groups[value eq "x"].display',
    `${enterprise}:manager.displayName`,
  ])
    refuses('mutability', () => one('replace', path, 'x'))
  refuses('invalidValue', () => one('replace', 'active', 'maybe'))
  refuses('invalidValue', () => one('replace', 'name', 'Ada'))
  const example: Resource = { identifier: 'x', [extension]: { must: 'y' }, part: { fixed: '1' } }
  const steps = (path: string, value: string) => readPatch({ Operations: [{ op: 'add', path, value }] }, exampleType)
  const apply = (resource: Resource, path: string, value: string) =>
    applyPatch(resource, steps(path, value), { type: exampleType, missing: 'refuse' })
  assert.equal(apply(example, 'fixed', 'a')['fixed'], 'a')
  assert.equal(apply({ ...example, fixed: 'a' }, 'fixed', 'a')['fixed'], 'a')
  refuses('mutability', () => apply({ ...example, fixed: 'a' }, 'fixed', 'b'))
  refuses('mutability', () => apply(example, 'part.fixed', '2'))
})

test('SCIM-119 a new primary takes the place of the old one', () => {
  const home = { value: 'a@home', type: 'home', primary: true }
  const work = { value: 'a@work', type: 'work', primary: false }
  assert.deepEqual(one('replace', 'emails[type eq "home"].primary', true)['emails'], [work, home])
  assert.deepEqual(one('add', 'emails', [{ value: 'b', primary: true }])['emails'], [
    work,
    { value: 'a@home', type: 'home' },
    { value: 'b', primary: true },
  ])
  assert.deepEqual(one('add', 'emails', [home])['emails'], [work, home])
})

test('SCIM-120 an attribute of an extension is reached by its full name, and schemas are not written by hand', () => {
  assert.deepEqual(one('replace', `${enterprise}:department`, 'Looms')[enterprise], { department: 'Looms' })
  assert.deepEqual(one('add', enterprise, { costCenter: '7' })[enterprise], { department: 'Engines', costCenter: '7' })
  assert.equal(one('remove', `${enterprise}:department`)[enterprise], undefined)
  assert.deepEqual(one('add', 'schemas', ['urn:x']), ada)
})

test('SCIM-121 SCIM-122 add merges objects, appends to lists, and sets single values', () => {
  refuses('invalidValue', () => one('add', 'title'))
  assert.deepEqual(one('add', undefined, { title: 'x', emails: [{ value: 'n' }] }), {
    ...ada,
    title: 'x',
    emails: [...Object(ada['emails']), { value: 'n' }],
  })
  assert.deepEqual(one('add', 'name', { middleName: 'K' })['name'], { givenName: 'Ada', familyName: 'Lovelace', middleName: 'K' })
  assert.deepEqual(one('add', 'phoneNumbers', { value: '1' })['phoneNumbers'], [{ value: '1' }])
  assert.equal(one('add', 'userName', 'new')['userName'], 'new')
})

test('SCIM-123 adding what is there changes nothing', () => {
  assert.deepEqual(one('add', 'emails', [{ value: 'a@home', type: 'home' }]), ada)
  assert.deepEqual(one('add', undefined, { userName: 'ada', name: { givenName: 'Ada' } }), ada)
})

test('SCIM-124 SCIM-125 SCIM-127 remove clears a value, a list, matching elements, or a part of them', () => {
  refuses('noTarget', () => one('remove', undefined))
  assert.equal(one('remove', 'name')['name'], undefined)
  assert.equal(one('remove', 'emails')['emails'], undefined)
  assert.equal(one('remove', 'emails[value pr]')['emails'], undefined)
  assert.deepEqual(one('remove', 'emails[type eq "WORK"]')['emails'], [{ value: 'a@home', type: 'home' }])
  assert.deepEqual(one('remove', 'emails[type eq "home"].type')['emails'], [
    { value: 'a@work', type: 'work', primary: true },
    { value: 'a@home' },
  ])
  assert.deepEqual(one('remove', 'name.familyName')['name'], { givenName: 'Ada' })
  for (const path of ['title', 'emails[type eq "other"]', 'emails[type eq "other"].value', 'addresses'])
    assert.deepEqual(one('remove', path), ada)
})

test('SCIM-126 what is required is not removed', () => {
  refuses('mutability', () => one('remove', 'userName'))
  for (const value of [null, '', []]) refuses('invalidValue', () => one('replace', 'userName', value))
})

test('SCIM-128 SCIM-129 replace sets what it names, adds what is absent, and keeps the rest', () => {
  assert.deepEqual(one('replace', undefined, { title: 'x', name: { givenName: 'A' } }), {
    ...ada,
    title: 'x',
    name: { givenName: 'A', familyName: 'Lovelace' },
  })
  assert.deepEqual(one('replace', 'emails', [{ value: 'only' }])['emails'], [{ value: 'only' }])
  assert.deepEqual(one('replace', 'emails[type eq "work"]', { value: 'new', type: 'work' })['emails'], [
    { value: 'new', type: 'work' },
    { value: 'a@home', type: 'home' },
  ])
  assert.deepEqual(one('replace', 'emails[type eq "work"].value', 'new')['emails'], [
    { value: 'new', type: 'work', primary: true },
    { value: 'a@home', type: 'home' },
  ])
  for (const value of [null, []]) assert.equal(one('replace', 'emails', value)['emails'], undefined)
})

test('SCIM-130 replacing an element that is not there is refused, but for the provider that counts on its creation', () => {
  refuses('noTarget', () => one('replace', 'emails[type eq "other"].value', 'x'))
  refuses('noTarget', () => one('replace', 'emails[type eq "other"]', { value: 'x' }))
  const created = [...Object(ada['emails']), { type: 'other', value: 'x' }]
  assert.deepEqual(patch([{ op: 'replace', path: 'emails[type eq "other"].value', value: 'x' }], 'create')['emails'], created)
  assert.deepEqual(one('Replace', 'emails[type eq "other"].value', 'x')['emails'], created)
})

test('SCIM-131 add creates the element that the brackets describe', () => {
  assert.deepEqual(one('add', 'addresses[type eq "work"].country', 'GB')['addresses'], [{ type: 'work', country: 'GB' }])
  assert.deepEqual(one('add', 'roles[primary eq "True"].value', 'x')['roles'], [{ primary: true, value: 'x' }])
  refuses('noTarget', () => one('add', 'addresses[type ne "work"].country', 'GB'))
})

test('a value without a path may have dotted, qualified and bracketed names; what is read-only or unknown in it is left out', () => {
  const after = one('replace', undefined, {
    id: 'x',
    'name.givenName': 'A',
    [`${enterprise}:department`]: 'Looms',
    'emails[type eq "work"].value': 'new',
    shoeSize: 43,
    [enterprise]: { costCenter: '7' },
  })
  assert.deepEqual(after, {
    ...ada,
    name: { givenName: 'A', familyName: 'Lovelace' },
    emails: [
      { value: 'new', type: 'work', primary: true },
      { value: 'a@home', type: 'home' },
    ],
    [enterprise]: { department: 'Looms', costCenter: '7' },
  })
})

test('a manager comes as an object, a list of one, or text, and goes by an empty text', () => {
  const path = `${enterprise}:manager`
  for (const value of [{ value: 'm' }, [{ $ref: null, value: 'm' }], 'm'])
    assert.deepEqual(one('Add', path, value)[enterprise], { department: 'Engines', manager: { value: 'm' } })
  assert.deepEqual(one('Replace', path, '')[enterprise], { department: 'Engines' })
})

test('any operations are applied or refused, and nothing else happens', () => {
  fc.assert(
    fc.property(patchOperations, (operations) => {
      try {
        patch(operations)
      } catch (error) {
        assert.ok(error instanceof DirectoryError, String(error))
      }
    }),
  )
})
