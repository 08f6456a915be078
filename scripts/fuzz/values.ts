import { z } from 'zod'
import type { Operation } from '../../src/wire/operation.ts'
import type { Dice } from './dice.ts'

export type JsonSchema = z.core.JSONSchema.JSONSchema

/** A schema of what callers send, as JSON Schema. */
export const schemaOf = (codec: z.ZodType): JsonSchema => z.toJSONSchema(codec, { io: 'input', unrepresentable: 'any' })

/** Ids and names that a request may use: the caller's own, another organization's, and ones that nobody has. */
export interface Known {
  readonly ids: readonly string[]
  /** For texts that may come back in an answer: nobody else's ids are among them. */
  readonly texts: readonly string[]
}

const words = [
  'ada',
  'Ada Lovelace',
  'ops',
  'a@example.com',
  'b@example.com',
  'x',
  'true',
  '1',
  'Admin',
  'userName',
  'userName eq "ada"',
  'Str0ng-enough!',
]

/** A value that the schema mostly allows. */
export function sample(schema: unknown, dice: Dice, known: Known, depth = 0): unknown {
  if (typeof schema !== 'object' || schema === null || depth > 6) return text(dice)
  const node = schema as JsonSchema
  if (node.const !== undefined) return node.const
  if (node.enum) return dice.pick(node.enum)
  const choices = node.anyOf ?? node.oneOf
  if (choices && choices.length > 0) return sample(dice.pick(choices), dice, known, depth + 1)
  switch (node.type) {
    case 'object': {
      const value: Record<string, unknown> = {}
      const required = new Set(node.required ?? [])
      for (const [key, child] of Object.entries(node.properties ?? {}))
        if (required.has(key) || dice.chance(0.5)) value[key] = sample(child, dice, known, depth + 1)
      if (node.additionalProperties && dice.chance(0.5))
        value[text(dice)] = sample(node.additionalProperties, dice, known, depth + 1)
      return value
    }
    case 'array':
      return Array.from({ length: dice.below(4) }, () => sample(node.items, dice, known, depth + 1))
    case 'integer':
    case 'number':
      return dice.pick([0, 1, 2, 5, 100, 1000])
    case 'boolean':
      return dice.chance(0.5)
    case 'null':
      return null
    case 'string':
      if (node.format === 'uuid') return dice.pick(known.ids)
      if (node.format === 'email') return `n${dice.below(1000)}@example.com`
      if (node.format === 'date-time') return '2030-01-01T00:00:00.000Z'
      return dice.chance(0.25) ? dice.pick(known.texts) : text(dice)
    default:
      return anything(dice)
  }
}

const text = (dice: Dice): string => (dice.chance(0.3) ? `n${dice.below(1000)}@example.com` : dice.pick(words))

/** A SCIM message, which no schema of the wire describes. */
export function scimMessage(
  operation: Pick<Operation, 'method' | 'path'>,
  { dice, known }: { readonly dice: Dice; readonly known: Known },
): unknown {
  const user = 'urn:ietf:params:scim:schemas:core:2.0:User'
  const group = 'urn:ietf:params:scim:schemas:core:2.0:Group'
  const patch = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
  const search = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest'
  const name = `n${dice.below(1000)}@example.com`
  const paths = [
    'active',
    'userName',
    'name.givenName',
    'emails',
    'emails[type eq "work"].value',
    'members',
    `members[value eq "${dice.pick(known.ids)}"]`,
    'roles',
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager',
    'displayName',
    'id',
    'meta.created',
    'emails[',
    'x y',
    '',
    'schemas',
    '__proto__',
  ]
  const values = [
    true,
    false,
    'False',
    name,
    { value: name },
    [{ value: dice.pick(known.ids) }],
    { givenName: 'A' },
    null,
    [],
    {},
    anything(dice),
  ]
  const change = () => ({
    op: dice.pick(['add', 'replace', 'remove', 'Replace', 'move', 1, undefined]),
    ...(dice.chance(0.8) && { path: dice.pick(paths) }),
    ...(dice.chance(0.8) && { value: dice.pick(values) }),
  })
  const bulked = () => ({
    method: dice.pick(['POST', 'put', 'PATCH', 'DELETE', 'GET', 5]),
    path: dice.pick(['/Users', '/Groups', `/Users/${dice.pick(known.ids)}`, '/Groups/bulkId:a', '/Users/bulkId:b', '//', 'x']),
    bulkId: dice.pick(['a', 'b', undefined]),
    data: dice.pick([
      { userName: name, name: { givenName: 'bulkId:a' } },
      { displayName: name, members: [{ value: 'bulkId:b' }, { value: dice.pick(known.ids) }] },
      { Operations: [change()] },
      anything(dice),
      undefined,
    ]),
    version: dice.pick([undefined, '*', 'W/"1"', 'x']),
  })
  const messages = {
    user: () => ({
      schemas: [user],
      userName: name,
      active: dice.chance(0.8),
      emails: [{ value: name, primary: true }],
      name: { givenName: 'A' },
    }),
    group: () => ({ schemas: [group], displayName: `group ${dice.below(100)}`, members: [{ value: dice.pick(known.ids) }] }),
    patch: () => ({ schemas: [patch], Operations: Array.from({ length: 1 + dice.below(3) }, change) }),
    search: () => ({
      schemas: [search],
      filter: filter(dice, known),
      startIndex: dice.below(5),
      count: dice.pick([0, 1, -1, 1e9]),
      sortBy: dice.pick([undefined, 'userName', 'emails', 'members', 5]),
      cursor: dice.pick([undefined, '', 'x', `${name}.x`]),
    }),
    bulk: () => ({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      failOnErrors: dice.pick([undefined, 1, -1, 'x']),
      Operations: Array.from({ length: 1 + dice.below(4) }, bulked),
    }),
  }
  return dice.chance(0.7) ? messages[kindOf(operation)]() : dice.pick([...Object.values(messages), () => anything(dice)])()
}

/** A SCIM message that a server should take, for the operations that take one. */
export function soundScimMessage(operation: Pick<Operation, 'method' | 'path'>, dice: Dice): unknown {
  const name = `n${dice.below(100_000)}@example.com`
  return {
    user: {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: name,
      emails: [{ value: name, type: 'work', primary: true }],
    },
    group: { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: `group ${dice.below(100_000)}` },
    patch: {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [
        operation.path.includes('/Groups')
          ? { op: 'replace', path: 'displayName', value: `group ${dice.below(100_000)}` }
          : { op: 'replace', path: 'active', value: dice.chance(0.5) },
      ],
    },
    search: { schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'], startIndex: 1, count: 5 },
    bulk: {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: [
        {
          method: 'POST',
          path: '/Groups',
          bulkId: 'a',
          data: { schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'], displayName: `group ${dice.below(100_000)}` },
        },
      ],
    },
  }[kindOf(operation)]
}

function kindOf({ method, path }: Pick<Operation, 'method' | 'path'>): 'user' | 'group' | 'patch' | 'search' | 'bulk' {
  if (path.endsWith('.search')) return 'search'
  if (path.endsWith('/Bulk')) return 'bulk'
  if (method === 'PATCH') return 'patch'
  return path.includes('/Groups') ? 'group' : 'user'
}

/** A filter, sound or hostile. */
export function filter(dice: Dice, known: Known): string {
  const attributes = [
    'userName',
    'emails.value',
    'emails[type eq "work"]',
    'active',
    'meta.created',
    'name.familyName',
    'id',
    'displayName',
    'nothing',
    '$ref',
    "a'b",
    'roles',
  ]
  const operators = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'le', 'pr', 'EQ', 'like', '=']
  const literals = [
    '"ada"',
    '"%_\\\\"',
    'true',
    'null',
    '12',
    '"2030-01-01T00:00:00Z"',
    "'x'",
    '"',
    `"${dice.pick(known.ids)}"`,
    '"\\u0000"',
    '"\\ud800"',
    '1e999',
    '"; drop table memberships; --"',
  ]
  const compare = () => `${dice.pick(attributes)} ${dice.pick(operators)} ${dice.pick(literals)}`
  const many = dice.pick([10, 100, 1000, 5000])
  return dice.pick([
    compare,
    () => `${compare()} and ${compare()} or not (${compare()})`,
    () => `${'('.repeat(many)}${compare()}${')'.repeat(many)}`,
    () => `${'not ('.repeat(many)}active eq true${')'.repeat(many)}`,
    () => Array.from({ length: Math.min(many, 1000) }, compare).join(' or '),
    () => `emails[${'type eq "a" and '.repeat(Math.min(many, 500))}type pr]`,
    () => 'emails['.repeat(Math.min(many, 1000)),
    () => `userName eq "${'a'.repeat(many)}"`,
    () => '',
    () => ' ',
  ])()
}

/** Something that nobody asked for. */
export function anything(dice: Dice): unknown {
  return dice.pick<() => unknown>([
    () => null,
    () => dice.pick([0, -0, -1, 1e308, 2 ** 53, 0.1, -2147483649]),
    () => dice.chance(0.5),
    () => '',
    () => '\u0000',
    () => '\ud800',
    () => '‮e\u0301İıẞﬀ𝕏🤷🏽‍♀️',
    () => 'x'.repeat(dice.pick([257, 1025, 70_000, 900_000])),
    () => [],
    () => ({}),
    () => nested(dice.pick([10, 200, 3000])),
    () => Array.from({ length: 2000 }, () => 0),
    () => ({ constructor: { prototype: { polluted: true } }, toString: 1, hasOwnProperty: null }),
    () => JSON.parse('{"__proto__":{"polluted":true}}') as unknown,
    () => "'; drop table memberships; --",
    () => '2030-13-45T99:99:99Z',
    () => '${7*7}{{7*7}}<script>alert(1)</script>',
  ])()
}

/** Changes one place of a value: takes it away, or puts something else or something more there. */
export function mutate(value: unknown, dice: Dice): unknown {
  if (typeof value !== 'object' || value === null || dice.chance(0.1)) return anything(dice)
  if (Array.isArray(value)) {
    if (value.length === 0 || dice.chance(0.3)) return [...value, anything(dice)]
    const place = dice.below(value.length)
    return value.map((item, index) => (index === place ? mutate(item, dice) : item)) as unknown
  }
  const copy: Record<string, unknown> = { ...value }
  const keys = Object.keys(copy)
  const key = keys.length > 0 ? dice.pick(keys) : 'x'
  const kind = dice.below(4)
  if (kind === 0) delete copy[key]
  else if (kind === 1) copy[dice.pick(['unknown', '', 'constructor', key.toUpperCase(), 'x'.repeat(300)])] = anything(dice)
  else copy[key] = mutate(copy[key], dice)
  return copy
}

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < depth; level++) value = level % 2 ? { a: value } : [value]
  return value
}
