import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { userColumns } from '../src/dialects/scim/columns.ts'
import { compileFilter } from '../src/dialects/scim/filter/compile.ts'
import { filterOperators, type Filter, type FilterOperator, type Literal } from '../src/dialects/scim/filter/filter.ts'
import { printFilter } from '../src/dialects/scim/filter/print.ts'
import { plainIds } from '../src/dialects/scim/ids.ts'
import { enterpriseUserSchema } from '../src/dialects/scim/schema/enterprise-user.ts'
import { indexType, userType, type IndexedAttribute } from '../src/dialects/scim/schema/resource-type.ts'
import { fromUser, toUser } from '../src/dialects/scim/translate.ts'
import { readResource } from '../src/dialects/scim/validate.ts'
import { useBench } from './conformance/store/bench.ts'
import { satisfies } from './reference-filter.ts'
import { stores } from './stores.ts'

const users = indexType(userType)
const enterprise = enterpriseUserSchema.id
const seed = 7
const [howManyPeople, howManyFilters] = [60, 400]

/** Few, so that they meet; some differ by case, by composition, by length, or by where UTF-16 would order them. */
const texts = ['a', 'A', 'ab', 'b', 'Ä', 'a\u0308', 'ß', 'ss', 'İ', '10', '9', '%', '_', '\u{1F600}', '\uFF5E', "it's", 'a b']
const dates = ['2026-01-01T00:00:00Z', '2999-01-01T01:00:00+01:00', '2026-01-01T00:00:00.5']
const text = fc.constantFrom(...texts)
const optional = <T extends object>(model: { [Key in keyof T]: fc.Arbitrary<T[Key]> }) =>
  fc.record(model, { requiredKeys: [], noNullPrototype: true })
/** Up to three; the first, or none, is the primary one, and the others say that they are not, or nothing. */
const plural = (value: fc.Arbitrary<string>) =>
  fc
    .tuple(
      fc.array(optional({ value, type: fc.constantFrom('work', 'WORK', 'home'), display: text }), { maxLength: 3 }),
      fc.constantFrom(true, false, undefined),
      fc.constantFrom(false, undefined),
    )
    .map(([elements, first, rest]) =>
      elements.map((element, index) => {
        const primary = index === 0 ? first : rest
        return { ...element, ...(primary !== undefined && { primary }) }
      }),
    )

const people = fc
  .sample(
    optional({
      externalId: text,
      displayName: fc.oneof(text, fc.constant('')),
      nickName: text,
      title: fc.oneof(text, fc.constant('')),
      profileUrl: text,
      active: fc.boolean(),
      name: optional({ givenName: text, familyName: text }),
      emails: plural(fc.constantFrom('a@x', 'A@X', 'b@ä')),
      phoneNumbers: plural(text),
      entitlements: plural(text),
      addresses: fc.array(optional({ locality: text, country: text, type: fc.constantFrom('work', 'home') }), { maxLength: 2 }),
      [enterprise]: optional({ department: text, manager: optional({ value: text }) }),
    }),
    { numRuns: howManyPeople, seed },
  )
  .map((person, index) => ({
    ...person,
    userName: `Person-${index}`,
    // Nobody has somebody else's address.
    ...(person.emails && {
      emails: person.emails.map((email, place) => ({
        ...email,
        ...(email.value && { value: `${email.value}.${index}-${place}` }),
      })),
    }),
  }))

const subsOf = (name: string) => [...(users.attributes.get(name.toLowerCase())?.subs.values() ?? [])]
const singles = [
  'userName',
  'externalId',
  'displayName',
  'nickName',
  'title',
  'profileUrl',
  'active',
  'meta.created',
  'name.givenName',
].concat(
  'name.familyName',
  `${enterprise}:department`,
  `${enterprise}:manager.value`,
  `${enterprise}:manager`,
  `${users.schema.id}:title`,
)
const lists = ['emails', 'phoneNumbers', 'entitlements', 'addresses']
const inLists = lists.flatMap((name) => subsOf(name).map((sub) => `${name}.${sub.name}`)).concat('emails', 'phoneNumbers')

function attributeOf(name: string): IndexedAttribute {
  const target = users.targets.get(name.toLowerCase())
  const found = target?.sub ?? target?.attribute
  assert.ok(found, name)
  return found.type === 'complex' ? (found.subs.get('value') ?? found) : found
}

/** A comparison that the attribute's type has. */
const leaf = (attribute: string, { type }: IndexedAttribute): fc.Arbitrary<Filter> =>
  fc.oneof(
    { weight: 1, arbitrary: fc.constant<Filter>({ kind: 'present', attribute }) },
    {
      weight: 5,
      arbitrary: fc
        .tuple(fc.constantFrom(...operatorsOf(type)), literalOf(type))
        .map(([operator, value]): Filter => ({ kind: 'compare', attribute, operator, value })),
    },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom('eq' as const, 'ne' as const)
        .map((operator): Filter => ({ kind: 'compare', attribute, operator, value: null })),
    },
  )

function operatorsOf(type: string): readonly FilterOperator[] {
  if (type === 'boolean') return ['eq', 'ne']
  return type === 'dateTime' ? ['eq', 'ne', 'gt', 'ge', 'lt', 'le'] : filterOperators
}

function literalOf(type: string): fc.Arbitrary<Literal> {
  if (type === 'boolean') return fc.boolean()
  return type === 'dateTime' ? fc.constantFrom(...dates) : fc.oneof(text, fc.constantFrom('person-1', 'WORK', 'a@x', ''))
}

/** One attribute, or the elements of one list, looked at again and again. */
const wide = fc
  .tuple(fc.constantFrom('and' as const, 'or' as const), fc.constantFrom('title', 'displayName', 'name.familyName', ...inLists))
  .chain(([kind, name]) =>
    fc.array(leaf(name, attributeOf(name)), { minLength: 4, maxLength: 7 }).map((of): Filter => ({ kind, of })),
  )

const { filter: anyFilter } = fc.letrec<{ leaf: Filter; inside: Filter; filter: Filter }>((tie) => ({
  leaf: fc.oneof(
    fc.constantFrom(...singles, ...inLists).chain((name) => leaf(name, attributeOf(name))),
    fc.constantFrom(...lists, 'name').chain((attribute) =>
      fc
        .array(
          fc.constantFrom(...subsOf(attribute)).chain((sub) => leaf(sub.name, sub)),
          { minLength: 1, maxLength: 2 },
        )
        .map((of): Filter => ({ kind: 'element', attribute, where: of.length === 1 ? of[0]! : { kind: 'and', of } })),
    ),
  ),
  inside: tie('leaf'),
  filter: fc.oneof(
    { maxDepth: 3 },
    tie('leaf'),
    wide,
    fc.array(tie('filter'), { minLength: 2, maxLength: 3 }).map((of): Filter => ({ kind: 'and', of })),
    fc.array(tie('filter'), { minLength: 2, maxLength: 3 }).map((of): Filter => ({ kind: 'or', of })),
    tie('filter').map((of): Filter => ({ kind: 'not', of })),
  ),
}))

for (const [store, create] of Object.entries(stores))
  describe(`filters on ${store}`, () => {
    const bench = useBench(create)

    test(`SCIM-080 ${howManyFilters} made-up filters find whom a plain reading of the specification finds`, async () => {
      const { directory, organization } = bench()
      const call = await organization()
      for (const person of people) {
        const state = fromUser(readResource(person, users), {
          current: undefined,
          roles: undefined,
          lifecycle: 'hidden',
        })
        await directory.addMember(call, { state, as: 'active' })
      }
      const surroundings = {
        base: 'https://example.com/scim/v2',
        groups: [],
        roles: [],
        ids: plainIds,
        lifecycle: 'hidden',
      } as const
      const shown = (await directory.listMembers(call, { limit: howManyPeople })).map((member) => toUser(member, surroundings))
      let found = 0
      for (const filter of fc.sample(anyFilter, { numRuns: howManyFilters, seed })) {
        const where = compileFilter(filter, users, userColumns(plainIds))
        const listed = await directory.listMembers(call, { where, limit: howManyPeople })
        const expected = shown.filter((user) => satisfies(filter, user, users)).map((user) => user['userName'])
        assert.deepEqual(
          listed.map(({ userName }) => userName),
          expected,
          printFilter(filter),
        )
        if (expected.length > 0 && expected.length < howManyPeople) found++
      }
      // Filters that find all or nobody show little.
      assert.ok(found > howManyFilters / 3, `${found}`)
    })
  })
