import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { plainIds } from '../src/dialects/scim/ids.ts'
import { enterpriseUserSchema } from '../src/dialects/scim/schema/enterprise-user.ts'
import { lifecycleSchema } from '../src/dialects/scim/schema/lifecycle.ts'
import { indexType, userType } from '../src/dialects/scim/schema/resource-type.ts'
import { toUser } from '../src/dialects/scim/translate.ts'
import { createUserText } from '../src/dialects/scim/user-text.ts'
import { isUnread, readMembership, type AnyMembership, type MembershipText } from '../src/directory/membership.ts'
import { attributeNames } from '../src/store/migrations/0021-attribute-names.ts'
import { postgresDialect, sqliteDialect } from '../src/store/sql-dialect.ts'
import { addMember, useBench } from './conformance/store/bench.ts'
import { stores } from './stores.ts'

const howMany = 80
/** Much that could be taken for the text of a profile itself. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }).filter((value) => !value.includes('\0') && value.isWellFormed()),
  fc.constantFrom(
    '',
    '],"attributes":{',
    '"name":{},',
    '{},"emails":',
    ',"emails":[]',
    'a\\',
    '\\"',
    '"}',
    '\u2028\n\t',
    '\u{1F600}',
  ),
)
const optional = <T extends object>(model: { [Key in keyof T]: fc.Arbitrary<T[Key]> }) =>
  fc.record(model, { requiredKeys: [], noNullPrototype: true })
const elements = fc.array(optional({ value: text, type: text, attributes: optional({ a: text }) }), { maxLength: 2 })
const usual = {
  title: text,
  nickName: text,
  phoneNumbers: elements,
  addresses: elements,
  [enterpriseUserSchema.id]: optional({ department: text, manager: optional({ value: text }) }),
}
/** What is shown otherwise than it is kept, or not at all. */
const odd = {
  profileUrl: fc.constant(null),
  roles: fc.constant([{ value: 'Auditor' }]),
  password: text,
  'urn:example:else': text,
  [lifecycleSchema.id]: optional({ note: text }),
  'urn:rollcall:params:scim:unassigned': fc.record({ active: fc.boolean() }, { noNullPrototype: true }),
}
const person = fc.record({
  externalId: fc.option(text, { nil: undefined }),
  displayName: fc.option(text, { nil: undefined }),
  name: optional({ formatted: text, familyName: text, givenName: text }),
  emails: fc.array(optional({ type: text, display: text }), { maxLength: 2 }),
  suspended: fc.boolean(),
  attributes: fc.oneof({ weight: 3, arbitrary: optional(usual) }, { weight: 1, arbitrary: optional({ ...usual, ...odd }) }),
})

const users = indexType(userType)
const base = 'https://example.com/scim/v2'
const groups = [
  { id: 'g', displayName: 'Ops "1"', membership: 'direct' },
  { id: 'h', displayName: 'All', membership: 'indirect' },
] as const

for (const [store, create] of Object.entries(stores))
  describe(`people as text on ${store}`, () => {
    const bench = useBench(create)

    const everybody = async () => {
      const call = await bench().organization()
      const people = fc.sample(person, { numRuns: howMany, seed: 11 })
      for (const [number, { emails, ...state }] of people.entries()) {
        const addressed = emails.map((email, place) => ({ ...email, value: `${number}-${place}@example.com` }))
        await addMember(bench(), call, `person "${number}"`, { ...state, emails: addressed })
      }
      return call
    }
    const isText = (member: AnyMembership): member is MembershipText => isUnread(member)
    const namesOf = (members: readonly MembershipText[]) =>
      members.map(({ attributeNames: names }): unknown => names && JSON.parse(names))

    test('a User as text is the User as data, in the order of its members too', async () => {
      const { directory } = bench()
      const call = await everybody()
      const members = await directory.listMembers(call, { limit: howMany })
      const unread = (await directory.listMembersInGroups(call, { limit: howMany })).map(({ member }) => member).filter(isText)
      assert.deepEqual(unread.map(readMembership), members)
      for (const lifecycle of ['shown', 'hidden', 'always'] as const) {
        // As where an organization defined that extension.
        const manners = { ids: plainIds, lifecycle, own: new Set(lifecycle === 'shown' ? ['urn:example:else'] : []) }
        const toText = createUserText(users, manners)
        let written = 0
        for (const [index, member] of unread.entries()) {
          const around = { base, groups: index % 2 === 0 ? groups : [] }
          const resource = toText(member, around)
          if (!resource) continue
          written++
          assert.equal(resource.text, JSON.stringify(toUser(members[index]!, { ...around, roles: [], ...manners })))
          const { id, meta } = JSON.parse(resource.text)
          assert.deepEqual([resource.id, resource.location, resource.version], [id, meta.location, meta.version])
        }
        assert.ok(lifecycle === 'always' ? written === 0 : written > howMany / 2 && written < howMany, `${written}`)
      }
    })

    test('a role, and what is never shown or on request, keep a User from being text', async () => {
      const { directory } = bench()
      const call = await bench().organization()
      const [role] = await directory.listRoles(call, undefined)
      await addMember(bench(), call, 'ada', { attributes: { title: 'Countess' } })
      await addMember(bench(), call, 'grace', { roleIds: [role?.id ?? ''] })
      const members = (await directory.listMembersInGroups(call, { limit: 2 })).map(({ member }) => member).filter(isText)
      const written = (hidden: readonly string[]) =>
        members.map((member) => createUserText({ ...users, hidden }, around)(member, { base, groups: [] }) !== undefined)
      const around = { ids: plainIds, lifecycle: 'shown', own: new Set<string>() } as const
      assert.deepEqual(written([]), [true, false])
      assert.deepEqual(written(['title']), [false, false])
    })

    test('profiles that were kept before have their names beside them after the migration', async () => {
      const { database, directory } = bench()
      const call = await everybody()
      const before = namesOf(
        (await directory.listMembersInGroups(call, { limit: howMany })).map(({ member }) => member).filter(isText),
      )
      await database.execute('update memberships set attribute_names = null')
      const dialect = store === 'SQLite' ? sqliteDialect() : postgresDialect()
      await database.execute(attributeNames(dialect).at(-1)!.compile().sql)
      const after = namesOf(
        (await directory.listMembersInGroups(call, { limit: howMany })).map(({ member }) => member).filter(isText),
      )
      assert.deepEqual(after, before)
      assert.ok(after.includes(undefined) && after.some((names) => names !== undefined))
    })
  })
