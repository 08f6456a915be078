import type { AttributePath, Condition } from '../../directory/condition.ts'
import { always, never, refuseFilter, type Columns, type Test } from './filter/compile.ts'
import { refusal } from './errors.ts'
import { plainIds, type ScimIds } from './ids.ts'
import { enterpriseUserSchema } from './schema/enterprise-user.ts'
import { groupSchema } from './schema/group.ts'
import { lifecycleSchema } from './schema/lifecycle.ts'
import type { ResourceType } from './schema/resource-type.ts'
import { userSchema } from './schema/user.ts'

/** Where a filter on Users looks; `own` are the extensions that the organization defined. */
export const userColumns = (ids: ScimIds, own: ReadonlySet<string> = new Set()): Columns =>
  new Map([
    ...commonColumns('User', ids, ids.fromUser),
    ...valueColumns('groups', ids, ids.fromGroup),
    ['username', ['userName']],
    ['displayname', ['displayName']],
    ['name', ['name']],
    ['emails', ['emails']],
    ['active', testActive],
    ['roles', refuseFilter('roles')],
    ['groups', ['groups']],
    ['groups.$ref', refuseFilter('groups.$ref')],
    ['groups.type', refuseFilter('groups.type')],
    ['schemas', testUserSchemas(own)],
    [`${lifecycleSchema.id}:lifecycle`.toLowerCase(), ['status']],
    ...['invitedAt', 'provisioning', 'provisioningDetail'].map((name): Column => [
      `${lifecycleSchema.id}:${name}`.toLowerCase(),
      refuseFilter(name),
    ]),
  ])

/** Where a filter on Groups looks; `own` are the extensions that the organization defined. */
export const groupColumns = (ids: ScimIds, own: ReadonlySet<string> = new Set()): Columns =>
  new Map([
    ...commonColumns('Group', ids, ids.fromGroup),
    ...valueColumns('members', ids, ids.fromUser),
    ['displayname', ['displayName']],
    ['members', ['members']],
    ['members.$ref', refuseFilter('members.$ref')],
    ['members.display', refuseFilter('members.display')],
    ['schemas', testSchemas([groupSchema.id], [...own])],
  ])

/** Where a filter on resources looks that are stored whole: all that they say stands under `attributes`. */
export const storedColumns = ({ name, schema, extensions }: ResourceType): Columns =>
  new Map([
    ...commonColumns(name, plainIds, plainIds.fromUser),
    ['externalid', ['attributes', 'externalId']],
    [
      'schemas',
      testSchemas(
        [schema.id],
        extensions.map((extension) => extension.schema.id),
      ),
    ],
  ])

type Column = [string, readonly string[] | ((test: Test) => Condition)]

function commonColumns(resourceType: string, ids: ScimIds, fromText: (text: string) => string | undefined): Column[] {
  return [
    ['id', ids === plainIds ? ['id'] : testId({ names: ['id'] }, fromText)],
    ['externalid', ['externalId']],
    ['meta', (test) => (test === 'present' ? always : refuseFilter('meta')())],
    ['meta.created', ['createdAt']],
    ['meta.lastmodified', ['updatedAt']],
    ['meta.resourcetype', testConstant('meta.resourceType', resourceType)],
    ['meta.location', testLocation(`/${resourceType}s/`, ids === plainIds ? (text) => text : fromText)],
    ['meta.version', testVersion],
  ]
}

/** Ids in a list of references. Ours as they are need no translation. */
const valueColumns = (name: string, ids: ScimIds, fromText: (text: string) => string | undefined): Column[] =>
  ids === plainIds ? [] : [[`${name}.value`, testId({ names: [name, 'value'], listAt: 0 }, fromText)]]

/** An id as a face spells it can be told apart from another, and no more. */
function testId(attribute: AttributePath, fromText: (text: string) => string | undefined) {
  return (test: Test): Condition => {
    if (test === 'present') return { kind: 'present', attribute }
    const { operator, value } = test
    if ((operator !== 'eq' && operator !== 'ne') || typeof value !== 'string')
      throw refusal('invalidFilter', 'An id is compared by eq or ne with text.', 'id')
    const id = fromText(value)
    if (id === undefined) return operator === 'eq' ? never : always
    return { kind: 'compare', attribute, operator, value: { type: 'text', value: id } }
  }
}

function testActive(test: Test): Condition {
  if (test === 'present') return always
  const suspended: Condition = {
    kind: 'compare',
    attribute: { names: ['status'] },
    operator: 'eq',
    value: { type: 'text', value: 'suspended' },
  }
  const { operator, value } = test
  const wanted = String(value).toLowerCase()
  const isEquality = operator === 'eq' || operator === 'ne'
  if (isEquality && value === null) return operator === 'eq' ? never : always
  if (!isEquality || (wanted !== 'true' && wanted !== 'false'))
    throw refusal('invalidFilter', 'active is compared by eq or ne with true or false.', 'active')
  return (wanted === 'true') === (operator === 'eq') ? { kind: 'not', of: suspended } : suspended
}

/** Whom our own extension is shown of is no stored value. */
const testUserSchemas =
  (own: ReadonlySet<string>) =>
  (test: Test): Condition => {
    if (test !== 'present' && typeof test.value === 'string' && test.value.toLowerCase() === lifecycleSchema.id.toLowerCase())
      throw refusal('invalidFilter', 'schemas is not compared with this extension. Compare its lifecycle instead.', 'schemas')
    return testSchemas([userSchema.id], [enterpriseUserSchema.id, ...own])(test)
  }

/** A list of URNs of which some are always there, and some where the extension holds something. */
function testSchemas(constant: readonly string[], held: readonly string[]) {
  return (test: Test): Condition => {
    if (test === 'present') return always
    const { operator, value } = test
    if (operator === 'ne') return { kind: 'not', of: testSchemas(constant, held)({ operator: 'eq', value }) }
    if (operator !== 'eq' || typeof value !== 'string')
      throw refusal('invalidFilter', 'schemas is compared by eq or ne with a URN.', 'schemas')
    if (constant.some((urn) => urn.toLowerCase() === value.toLowerCase())) return always
    const urn = held.find((urn) => urn.toLowerCase() === value.toLowerCase())
    return urn === undefined ? never : { kind: 'present', attribute: { names: ['attributes', urn] } }
  }
}

function testConstant(name: string, constant: string) {
  return (test: Test): Condition => {
    if (test === 'present') return always
    if (test.operator !== 'eq' && test.operator !== 'ne') throw refusal('invalidFilter', `${name} is compared by eq or ne.`, name)
    return (test.value === constant) === (test.operator === 'eq') ? always : never
  }
}

/** Locations differ by their id alone: the base, and a version in it, do not tell resources apart (RFC 7643 §2.4). */
function testLocation(endpoint: string, fromText: (text: string) => string | undefined) {
  return (test: Test): Condition => {
    if (test === 'present') return always
    const { operator, value } = test
    if ((operator !== 'eq' && operator !== 'ne') || typeof value !== 'string')
      throw refusal('invalidFilter', 'meta.location is compared by eq or ne with a URI.', 'meta.location')
    const at = value.lastIndexOf(endpoint)
    if (at === -1) return operator === 'eq' ? never : always
    return testId({ names: ['id'] }, fromText)({ operator, value: value.slice(at + endpoint.length) })
  }
}

function testVersion(test: Test): Condition {
  if (test === 'present') return always
  const { operator, value } = test
  if (operator !== 'eq' && operator !== 'ne')
    throw refusal('invalidFilter', 'meta.version is compared by eq or ne.', 'meta.version')
  const digits = typeof value === 'string' ? /^W\/"(\d{1,15})"$/.exec(value)?.[1] : undefined
  if (digits === undefined) return operator === 'eq' ? never : always
  return { kind: 'compare', attribute: { names: ['version'] }, operator, value: { type: 'number', value: Number(digits) } }
}
