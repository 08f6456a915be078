import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Condition } from '../../../directory/condition.ts'
import { DirectoryError } from '../../../directory/errors.ts'
import { plainIds } from '../ids.ts'
import { groupColumns, userColumns } from '../columns.ts'
import { enterpriseUserSchema } from '../schema/enterprise-user.ts'
import { groupType, indexType, userType } from '../schema/resource-type.ts'
import { compileFilter } from './compile.ts'
import { parseFilter } from './parse.ts'

const users = indexType(userType)
const groups = indexType(groupType)
const compile = (text: string): Condition => compileFilter(parseFilter(text), users, userColumns(plainIds))
const refuses = (text: string, of = compile) =>
  assert.throws(
    () => of(text),
    (error) => error instanceof DirectoryError && error.code === 'invalidFilter',
    text,
  )

test('SCIM-004 names are found in any case', () => {
  assert.deepEqual(compile('USERNAME eq "Ada"'), compile('userName eq "ada"'))
  assert.deepEqual(compile(`${enterpriseUserSchema.id.toUpperCase()}:DEPARTMENT pr`), {
    kind: 'present',
    attribute: { names: ['attributes', enterpriseUserSchema.id, 'department'] },
  })
})

test('SCIM-031 SCIM-085 the type of an attribute, and its case rule, decide how it is compared', () => {
  const value = (text: string) => {
    const condition = compile(text)
    return condition.kind === 'compare' ? condition.value : condition
  }
  assert.deepEqual(value('userName eq "ÄDA"'), { type: 'folded', value: 'äda' })
  assert.deepEqual(value('externalId eq "Ab"'), { type: 'text', value: 'Ab' })
  assert.deepEqual(value('profileUrl sw "http://X"'), { type: 'text', value: 'http://X' })
  assert.deepEqual(value('meta.created gt "2026-01-01T02:00:00+02:00"'), {
    type: 'dateTime',
    value: new Date('2026-01-01T00:00:00Z'),
  })
  assert.deepEqual(value('phoneNumbers.primary eq "True"'), { type: 'boolean', value: true })
})

test('SCIM-084 SCIM-097 pr, and null, ask whether there is a value', () => {
  assert.deepEqual(compile('emails pr'), { kind: 'present', attribute: { names: ['emails'] } })
  assert.deepEqual(compile('name pr'), { kind: 'present', attribute: { names: ['name'] } })
  assert.deepEqual(compile('title eq null'), {
    kind: 'compare',
    attribute: { names: ['attributes', 'title'] },
    operator: 'eq',
    value: { type: 'null' },
  })
  refuses('title gt null')
})

test('SCIM-086 SCIM-087 an operator that a type does not have is refused', () => {
  for (const text of [
    'active gt true',
    'active co "t"',
    'x509Certificates.value gt "x"',
    'meta.created co "2026"',
    'userName eq 5',
    'meta.created eq "today"',
  ])
    refuses(text)
})

test('SCIM-088 any element of a list may match, and brackets mean one and the same', () => {
  const at = (names: readonly string[], value: string): Condition => ({
    kind: 'compare',
    attribute: { names, ...(names.length > 1 && { listAt: 0 }) },
    operator: 'eq',
    value: { type: 'folded', value },
  })
  assert.deepEqual(compile('emails.type eq "work" and emails.value eq "a"'), {
    kind: 'and',
    of: [at(['emails', 'type'], 'work'), at(['emails', 'value'], 'a')],
  })
  assert.deepEqual(compile('emails[type eq "work" and value eq "a"]'), {
    kind: 'element',
    attribute: { names: ['emails'], listAt: 0 },
    where: { kind: 'and', of: [at(['type'], 'work'), at(['value'], 'a')] },
  })
})

test('SCIM-089 a list without a sub-attribute means its value; a complex attribute without one is refused', () => {
  assert.deepEqual(compile('emails co "x"'), compile('emails.value co "x"'))
  assert.deepEqual(
    compile(`${enterpriseUserSchema.id}:manager eq "7"`),
    compile(`${enterpriseUserSchema.id}:manager.value eq "7"`),
  )
  refuses('name eq "x"')
})

test('SCIM-091 the URN of the type may stand before a name', () => {
  assert.deepEqual(compile('urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J"'), compile('userName sw "j"'))
})

test('SCIM-092 SCIM-036 schemas, id, externalId and meta can be filtered by', () => {
  const always: Condition = { kind: 'not', of: { kind: 'never' } }
  assert.deepEqual(compile('schemas eq "urn:ietf:params:scim:schemas:core:2.0:User"'), always)
  assert.deepEqual(compile(`schemas eq "${enterpriseUserSchema.id}"`), {
    kind: 'present',
    attribute: { names: ['attributes', enterpriseUserSchema.id] },
  })
  assert.deepEqual(compile('schemas eq "urn:other"'), { kind: 'never' })
  assert.deepEqual(compile('id eq "A"'), {
    kind: 'compare',
    attribute: { names: ['id'] },
    operator: 'eq',
    value: { type: 'text', value: 'A' },
  })
  assert.deepEqual(compile('meta.location eq "https://x/v2/Users/A"'), compile('id eq "A"'))
  assert.deepEqual(compile('meta.resourceType eq "User"'), always)
  assert.deepEqual(compile('meta.version eq "W/\\"3\\""'), {
    kind: 'compare',
    attribute: { names: ['version'] },
    operator: 'eq',
    value: { type: 'number', value: 3 },
  })
})

test('SCIM-094 an attribute that the type does not have is named in the refusal', () => {
  assert.throws(() => compile('shoeSize eq 43'), /User has no attribute "shoeSize"/)
  refuses('password eq "x"')
  refuses('emails[colour eq "red"]')
  refuses('emails[emails[type eq "x"]]')
  refuses('userName[value eq "x"]')
})

test('active is the opposite of suspended', () => {
  const suspended: Condition = {
    kind: 'compare',
    attribute: { names: ['status'] },
    operator: 'eq',
    value: { type: 'text', value: 'suspended' },
  }
  assert.deepEqual(compile('active eq false'), suspended)
  assert.deepEqual(compile('active ne true'), suspended)
  assert.deepEqual(compile('active eq "True"'), { kind: 'not', of: suspended })
})

test('members and groups are found by id, and what the directory cannot search is refused', () => {
  assert.deepEqual(compileFilter(parseFilter('members[value eq "A"]'), groups, groupColumns(plainIds)), {
    kind: 'element',
    attribute: { names: ['members'], listAt: 0 },
    where: { kind: 'compare', attribute: { names: ['value'] }, operator: 'eq', value: { type: 'text', value: 'A' } },
  })
  for (const text of ['roles eq "Admin"', 'groups.type eq "direct"', 'groups[type eq "direct"]', 'meta eq "x"']) refuses(text)
  refuses('members[display eq "x"]', (text) => compileFilter(parseFilter(text), groups, groupColumns(plainIds)))
})
