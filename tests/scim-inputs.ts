import * as fc from 'fast-check'
import { enterpriseUserSchema } from '../src/dialects/scim/schema/enterprise-user.ts'
import { filterOperators, type Filter } from '../src/dialects/scim/filter/filter.ts'
import type { Path } from '../src/dialects/scim/path.ts'

// What the parsers of the SCIM engine are fed: a little of it in `npm test`, a million of each in `npm run parsers`.

const names = fc.constantFrom(
  'a',
  'userName',
  'name.givenName',
  '$ref',
  'not',
  'and',
  'or',
  'pr',
  'true',
  'urn:x:y:2.0:User:manager.value',
)
const literals = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
  fc.boolean(),
  fc.constant(null),
)

/** Filters of every kind, up to five levels deep. Their names need mean nothing. */
export const filters: fc.Arbitrary<Filter> = fc.letrec<{ filter: Filter; leaf: Filter }>((tie) => ({
  leaf: fc.oneof(
    names.map((attribute): Filter => ({ kind: 'present', attribute })),
    fc.record(
      { kind: fc.constant('compare' as const), attribute: names, operator: fc.constantFrom(...filterOperators), value: literals },
      { noNullPrototype: true },
    ),
  ),
  filter: fc.oneof(
    { maxDepth: 5 },
    tie('leaf'),
    fc.record(
      { kind: fc.constantFrom('and' as const, 'or' as const), of: fc.array(tie('filter'), { minLength: 2, maxLength: 4 }) },
      { noNullPrototype: true },
    ),
    fc.record({ kind: fc.constant('not' as const), of: tie('filter') }, { noNullPrototype: true }),
    fc.record({ kind: fc.constant('element' as const), attribute: names, where: tie('filter') }, { noNullPrototype: true }),
  ),
})).filter

const pieces = ['a', ' ', '(', ')', '[', ']', '"', '\\', 'eq', ' and ', ' or ', 'not', '.', 'pr', '1', ':', '\u2028', 'null']

/** Texts that are a filter or a path now and then, most of them of the tokens that those are made of. */
export const filterTexts: fc.Arbitrary<string> = fc.oneof(
  fc.string({ maxLength: 500 }),
  fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((parts) => parts.join('')),
)

/** The longest text that `longTexts` gives, in characters. */
export const longTextLength = 10_000

/** Texts of 10,000 characters, each the same few pieces again and again: what a parser that goes back over its input is slow at. */
export const longTexts: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ minLength: 1, maxLength: 8 })), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join(''))
  .filter((piece) => piece.length > 0)
  .map((piece) => piece.repeat(Math.ceil(longTextLength / piece.length)).slice(0, longTextLength))

/** Paths of PATCH operations. */
export const paths: fc.Arbitrary<Path> = fc.oneof(
  fc.record({ attribute: names, where: fc.constant(undefined), sub: fc.constant(undefined) }, { noNullPrototype: true }),
  fc.record({ attribute: names, where: filters, sub: fc.constantFrom(undefined, 'value', '$ref') }, { noNullPrototype: true }),
)

const enterprise = enterpriseUserSchema.id
const knownPaths = [
  'emails',
  'emails[type eq "work"].value',
  'emails[primary eq true]',
  'name',
  'name.givenName',
  'active',
  'roles[primary eq "True"]',
  enterprise,
  `${enterprise}:manager`,
  'schemas',
]

/** The operations of a PATCH on a User: half of their paths are ones that a User has, and any JSON may be a value. */
export const patchOperations: fc.Arbitrary<readonly object[]> = fc.array(
  fc.record(
    {
      op: fc.oneof(fc.constantFrom('add', 'Remove', 'replace'), fc.jsonValue({ maxDepth: 1 })),
      path: fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...knownPaths, undefined) },
        filterTexts,
        fc.jsonValue({ maxDepth: 1 }),
      ),
      value: fc.oneof(
        fc.jsonValue(),
        fc.dictionary(fc.constantFrom(...knownPaths, 'members', '__proto__'), fc.jsonValue(), { noNullPrototype: true }),
        fc.array(fc.record({ value: fc.string(), type: fc.constantFrom('work', 'home'), primary: fc.boolean() })),
      ),
    },
    { requiredKeys: ['op'], noNullPrototype: true },
  ),
  { minLength: 1, maxLength: 5 },
)

/** Operations that are 10,000 characters of JSON together: as many of the same few as fit. */
export const longPatches: fc.Arbitrary<readonly object[]> = patchOperations.map((operations) => {
  const fit = Math.max(1, Math.floor(longTextLength / JSON.stringify(operations).length))
  return Array.from({ length: fit }, () => operations).flat()
})
