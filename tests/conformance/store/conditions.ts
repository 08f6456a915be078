import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Call } from '../../../src/directory/call.ts'
import type { Comparable, Condition, Operator } from '../../../src/directory/condition.ts'
import { DirectoryError } from '../../../src/directory/errors.ts'
import { fold } from '../../../src/directory/fold.ts'
import type { MemberState } from '../../../src/directory/membership.ts'
import { addMember, useBench, type CreateDatabase } from './bench.ts'

const extension = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'

const people: Readonly<Record<string, Partial<MemberState>>> = {
  Ada: {
    externalId: 'X-1',
    displayName: 'Ada L.',
    name: { familyName: 'Ärger' },
    emails: [
      { value: 'ada@work.example', type: 'work', primary: true },
      { value: 'ada@home.example', type: 'HOME' },
    ],
    attributes: {
      title: 'Analyst',
      level: 10,
      hired: '2026-01-01T00:00:00Z',
      remote: true,
      tags: ['Red', 'green'],
      [extension]: { department: 'R&D' },
    },
  },
  bob: {
    externalId: 'x-1',
    displayName: 'zoë',
    emails: [{ value: 'bob@home.example', type: 'work' }],
    attributes: { title: '', level: 9.5, hired: '2026-01-01T01:00:00.500+01:00', remote: false, tags: [], [extension]: {} },
  },
  Cyd: {
    suspended: true,
    displayName: 'Zoe',
    name: { familyName: 'ARGER' },
    attributes: { title: '10', level: -1, hired: 'soon', tags: ['RED'], odd: { '0': 'a', $x: 'b', "it's": 'c' } },
  },
  dan: { emails: [{ value: 'dan@work.example' }], attributes: { title: null, level: '10', tags: 'red' } },
}

const compare = (path: string, operator: Operator, value: Comparable, listAt?: number): Condition => ({
  kind: 'compare',
  attribute: { names: namesOf(path), ...(listAt !== undefined && { listAt }) },
  operator,
  value,
})
const namesOf = (path: string) => path.split('/')
const text = (value: string): Comparable => ({ type: 'text', value })
const folded = (value: string): Comparable => ({ type: 'folded', value: fold(value) })
const number = (value: number): Comparable => ({ type: 'number', value })
const boolean = (value: boolean): Comparable => ({ type: 'boolean', value })
const instant = (value: string): Comparable => ({ type: 'dateTime', value: new Date(value) })
const absent: Comparable = { type: 'null' }
const present = (path: string, listAt?: number): Condition => ({
  kind: 'present',
  attribute: { names: namesOf(path), ...(listAt !== undefined && { listAt }) },
})
const not = (of: Condition): Condition => ({ kind: 'not', of })
const element = (path: string, where: Condition): Condition => ({
  kind: 'element',
  attribute: { names: namesOf(path), listAt: namesOf(path).length - 1 },
  where,
})
const all = (...of: Condition[]): Condition => ({ kind: 'and', of })
const any = (...of: Condition[]): Condition => ({ kind: 'or', of })

const department = `attributes/${extension}/department`

/** Who satisfies what. */
const cases: readonly (readonly [string, Condition, string])[] = [
  ['userName exactly', compare('userName', 'eq', text('Ada')), 'Ada'],
  ['userName exactly, in the wrong case', compare('userName', 'eq', text('ada')), ''],
  ['userName without regard to case', compare('userName', 'eq', folded('ADA')), 'Ada'],
  ['userName ne', compare('userName', 'ne', folded('ADA')), 'bob Cyd dan'],
  ['userName contains', compare('userName', 'co', folded('D')), 'Ada Cyd dan'],
  ['userName starts with', compare('userName', 'sw', folded('DA')), 'dan'],
  ['userName ends with', compare('userName', 'ew', folded('D')), 'Cyd'],
  ['ends with more than there is', compare('userName', 'ew', folded('xxAda')), ''],
  ['starts with nothing', compare('userName', 'sw', text('')), 'Ada bob Cyd dan'],
  ['ends with nothing', compare('userName', 'ew', text('')), 'Ada bob Cyd dan'],
  ['contains nothing', compare('userName', 'co', text('')), 'Ada bob Cyd dan'],
  ['a pattern is no pattern', compare('userName', 'co', text('%')), ''],
  ['code points order, upper case first', compare('userName', 'lt', text('a')), 'Ada Cyd'],
  ['folded order', compare('userName', 'ge', folded('Bob')), 'bob Cyd dan'],
  ['non-ASCII sorts after ASCII', compare('displayName', 'gt', folded('zoez')), 'bob'],
  ['externalId is exact', compare('externalId', 'eq', text('X-1')), 'Ada'],
  ['an absent column is not equal', compare('externalId', 'ne', text('X-1')), 'bob Cyd dan'],
  ['an absent column is not what it is compared with', not(compare('externalId', 'gt', text('A'))), 'Cyd dan'],
  ['a present column', present('externalId'), 'Ada bob'],
  ['equal to null is absent', compare('externalId', 'eq', absent), 'Cyd dan'],
  ['not equal to null is present', compare('externalId', 'ne', absent), 'Ada bob'],
  ['active', compare('active', 'eq', boolean(true)), 'Ada bob dan'],
  ['not active', compare('active', 'eq', boolean(false)), 'Cyd'],
  ['status', compare('status', 'eq', text('suspended')), 'Cyd'],
  ['version', compare('version', 'le', number(1)), 'Ada bob Cyd dan'],
  ['version is never a fraction', compare('version', 'eq', number(1.5)), ''],
  ['createdAt', compare('createdAt', 'gt', instant('2020-01-01T00:00:00Z')), 'Ada bob Cyd dan'],
  ['updatedAt', compare('updatedAt', 'lt', instant('2020-01-01T00:00:00Z')), ''],
  ['a name part without regard to case', compare('name/familyName', 'eq', folded('äRGER')), 'Ada'],
  ['a name part contains', compare('name/familyName', 'co', folded('RGE')), 'Ada Cyd'],
  ['displayName without regard to case', compare('displayName', 'eq', folded('ZOË')), 'bob'],
  ['a text attribute exactly', compare('attributes/title', 'eq', text('Analyst')), 'Ada'],
  ['a text attribute ne, where absent too', compare('attributes/title', 'ne', text('Analyst')), 'bob Cyd dan'],
  ['an empty text is equal to an empty text', compare('attributes/title', 'eq', text('')), 'bob'],
  ['an empty text and null are absent', present('attributes/title'), 'Ada Cyd'],
  ['a digit is no number', compare('attributes/title', 'eq', number(10)), ''],
  ['a number', compare('attributes/level', 'eq', number(10)), 'Ada'],
  ['numbers in their order', compare('attributes/level', 'lt', number(10)), 'bob Cyd'],
  ['not a number and not less', not(compare('attributes/level', 'lt', number(10))), 'Ada dan'],
  ['a boolean', compare('attributes/remote', 'eq', boolean(true)), 'Ada'],
  ['false is present', present('attributes/remote'), 'Ada bob'],
  ['false is not absent', compare('attributes/remote', 'eq', boolean(false)), 'bob'],
  ['an instant whatever its zone', compare('attributes/hired', 'le', instant('2026-01-01T00:00:00.000Z')), 'Ada'],
  ['an instant with its fraction', compare('attributes/hired', 'eq', instant('2026-01-01T00:00:00.500Z')), 'bob'],
  ['an extension', compare(department, 'eq', folded('r&d')), 'Ada'],
  ['an extension that holds something', present(`attributes/${extension}`), 'Ada'],
  ['any element of a list', compare('emails/value', 'ew', folded('@HOME.example'), 0), 'Ada bob'],
  ['no element of a list', compare('emails/value', 'ne', folded('ada@home.example'), 0), 'bob Cyd dan'],
  ['a list is present', present('emails'), 'Ada bob dan'],
  ['an element has a part', present('emails/type', 0), 'Ada bob'],
  [
    'one and the same element',
    element('emails', all(compare('type', 'eq', folded('work')), compare('value', 'ew', folded('@home.example')))),
    'bob',
  ],
  [
    'different elements',
    all(compare('emails/type', 'eq', folded('work'), 0), compare('emails/value', 'ew', folded('@home.example'), 0)),
    'Ada bob',
  ],
  [
    'one element by many alternatives, some of them about the same part',
    any(
      compare('emails/value', 'sw', folded('nobody'), 0),
      compare('emails/value', 'ew', folded('@nowhere'), 0),
      compare('emails/value', 'co', folded('dan@'), 0),
      element('emails', all(compare('value', 'sw', folded('BOB')), compare('type', 'eq', folded('WORK')))),
      element('emails', all(compare('value', 'sw', folded('ada')), not(present('type')))),
      compare('emails/type', 'ne', folded('work'), 0),
    ),
    'bob Cyd dan',
  ],
  [
    'one attribute compared again and again, beside a column, a list and what is absent',
    any(
      ...['a', 'b', 'c', 'd'].map((text) => compare('attributes/title', 'sw', text === 'a' ? folded('ANA') : folded(`z${text}`))),
      all(compare('externalId', 'eq', text('x-1')), not(compare('attributes/title', 'co', folded('x')))),
      all(
        compare('attributes/title', 'eq', folded('10')),
        present('attributes/tags'),
        element('attributes/tags', not({ kind: 'never' })),
      ),
      compare('attributes/level', 'ge', number(100)),
    ),
    'Ada bob Cyd',
  ],
  [
    'a column looked up beside an attribute that is compared again and again',
    all(
      compare('userName', 'eq', folded('ADA')),
      ...['x', 'y', 'z'].map((other) => compare('attributes/title', 'ne', folded(other))),
      compare('attributes/title', 'ne', text('x')),
      compare('attributes/title', 'co', folded('lys')),
    ),
    'Ada',
  ],
  ['an element without a part', element('emails', not(present('type'))), 'dan'],
  ['an element by boolean', element('emails', compare('primary', 'eq', boolean(true))), 'Ada'],
  ['a list of texts', compare('attributes/tags', 'eq', folded('red'), 1), 'Ada Cyd'],
  ['a list of texts exactly', compare('attributes/tags', 'eq', text('RED'), 1), 'Cyd'],
  ['an empty list is absent', not(present('attributes/tags')), 'bob'],
  ['a list is no text', compare('attributes/tags', 'eq', folded('red')), 'dan'],
  [
    'odd names',
    all(
      compare('attributes/odd/0', 'eq', text('a')),
      compare('attributes/odd/$x', 'eq', text('b')),
      compare("attributes/odd/it's", 'eq', text('c')),
    ),
    'Cyd',
  ],
  ['a name that is an index', compare('emails/0/value', 'eq', text('ada@work.example')), ''],
  ['a name that is a path', compare('attributes/odd.0', 'eq', text('a')), ''],
  ['an attribute that nobody has', compare('nothing/at/all', 'eq', text('x')), ''],
  ['or', any(compare('userName', 'eq', folded('ada')), compare('userName', 'eq', folded('DAN'))), 'Ada dan'],
  ['not and', not(all(present('externalId'), present('name/familyName'))), 'bob Cyd dan'],
  [
    'a list inside what has none, beside something else',
    any(element('groups', element('inner', compare('value', 'eq', text('x')))), compare('userName', 'eq', folded('ADA'))),
    'Ada',
  ],
  ['any text in a list of texts', present('attributes/tags', 1), 'Ada Cyd'],
  ['never', { kind: 'never' }, ''],
  ['not never', not({ kind: 'never' }), 'Ada bob Cyd dan'],
  ['no parts of and', all(), 'Ada bob Cyd dan'],
  ['no parts of or', any(), ''],
  ['an ordering of null', compare('userName', 'gt', absent), ''],
  ['no text in a boolean', compare('active', 'co', boolean(true)), ''],
  [
    'nine hundred alternatives',
    any(...Array.from({ length: 900 }, (_, index) => compare('userName', 'eq', folded(`dan${index || ''}`)))),
    'dan',
  ],
  ['forty nots', Array.from({ length: 40 }).reduce<Condition>((of) => not(of), compare('userName', 'eq', text('dan'))), 'dan'],
]

export function conditionConformance(create: CreateDatabase): void {
  const bench = useBench(create)
  let call: Call
  const ids = new Map<string, string>()
  before(async () => {
    call = await bench().organization()
    for (const [userName, over] of Object.entries(people)) ids.set(userName, (await addMember(bench(), call, userName, over)).id)
    const stranger = await bench().organization()
    await addMember(bench(), stranger, 'Ada', people['Ada'])
  })
  const namesWhere = async (where: Condition) =>
    (await bench().directory.listMembers(call, { where, limit: 10 })).map(({ userName }) => userName).join(' ')

  for (const [name, condition, expected] of cases)
    test(`members: ${name}`, async () => {
      assert.equal(await namesWhere(condition), expected)
      assert.equal(
        await bench().directory.countMembers(call, { where: condition }),
        expected === '' ? 0 : expected.split(' ').length,
      )
    })

  test('members by group', async () => {
    const { directory } = bench()
    const membershipIds = ['Ada', 'Cyd'].map((name) => ids.get(name) ?? '')
    const group = await directory.addGroup(call, {
      displayName: 'Team',
      externalId: undefined,
      roleIds: [],
      attributes: {},
      membershipIds,
    })
    assert.equal(await namesWhere(compare('groups/value', 'eq', text(group.id), 0)), 'Ada Cyd')
    assert.equal(await namesWhere(compare('groups/display', 'eq', folded('TEAM'), 0)), 'Ada Cyd')
    assert.equal(await namesWhere(compare('groups/value', 'ne', text(group.id), 0)), 'bob dan')
    assert.equal(await namesWhere(present('groups')), 'Ada Cyd')
  })

  test('groups by what they are and whom they hold', async () => {
    const { directory } = bench()
    const [ada, bob] = ['Ada', 'bob'].map((name) => ids.get(name) ?? '')
    const add = (displayName: string, membershipIds: readonly string[]) =>
      directory.addGroup(call, {
        displayName,
        externalId: `x-${displayName}`,
        roleIds: [],
        attributes: { kind: displayName },
        membershipIds,
      })
    for (const [name, members] of [
      ['Red', [ada, bob]],
      ['Blue', [bob]],
      ['Empty', []],
    ] as const)
      await add(
        name,
        members.map((id) => id ?? ''),
      )
    const groupsWhere = async (where: Condition) =>
      (await directory.listGroups(call, { where: all(present('externalId'), where), limit: 10 }))
        .map(({ displayName }) => displayName)
        .join(' ')
    assert.equal(await groupsWhere(compare('displayName', 'eq', folded('RED'))), 'Red')
    assert.equal(await groupsWhere(compare('members/value', 'eq', text(bob ?? ''), 0)), 'Red Blue')
    assert.equal(await groupsWhere(element('members', compare('value', 'eq', text(ada ?? '')))), 'Red')
    assert.equal(await groupsWhere(not(present('members'))), 'Empty')
    assert.equal(await groupsWhere(compare('attributes/kind', 'sw', folded('e'))), 'Empty')
    assert.equal(await directory.countGroups(call, { where: compare('members/value', 'eq', text(bob ?? ''), 0) }), 2)
  })

  test('lists walk by id, skip, and end', async () => {
    const { directory } = bench()
    const names = async (page: {
      readonly after?: string | undefined
      readonly offset?: number
      readonly limit: number
      readonly where?: Condition
    }) => (await directory.listMembers(call, page)).map(({ userName }) => userName).join(' ')
    assert.equal(await names({ limit: 2 }), 'Ada bob')
    assert.equal(await names({ after: ids.get('bob'), limit: 2 }), 'Cyd dan')
    assert.equal(await names({ offset: 3, limit: 2 }), 'dan')
    assert.equal(await names({ after: ids.get('Ada'), offset: 1, limit: 1, where: not({ kind: 'never' }) }), 'Cyd')
    assert.equal(await names({ limit: 0 }), '')
    assert.equal(await directory.countMembers(call, {}), 4)
  })

  test('a name that could break out of a path is refused', async () => {
    for (const name of ['a"', 'a\\', 'a\n'])
      await assert.rejects(
        namesWhere(compare(`attributes/${name}`, 'eq', text('x'))),
        (error) => error instanceof DirectoryError && error.refusal === 'invalid',
      )
  })

  test('a condition that no database takes is refused', async () => {
    const deep = Array.from({ length: 100 }).reduce<Condition>((of) => not(of), { kind: 'never' })
    const wide = any(...Array.from({ length: 5_000 }, () => compare('userName', 'eq', text('x'))))
    for (const condition of [deep, wide])
      await assert.rejects(namesWhere(condition), (error) => error instanceof DirectoryError && error.refusal === 'invalid')
  })
}
