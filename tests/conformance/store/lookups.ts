import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { userColumns } from '../../../src/dialects/scim/columns.ts'
import { compileFilter } from '../../../src/dialects/scim/filter/compile.ts'
import { parseFilter } from '../../../src/dialects/scim/filter/parse.ts'
import { plainIds } from '../../../src/dialects/scim/ids.ts'
import { indexType, userType } from '../../../src/dialects/scim/schema/resource-type.ts'
import type { Call } from '../../../src/directory/call.ts'
import type { Condition } from '../../../src/directory/condition.ts'
import type { Email } from '../../../src/directory/membership.ts'
import { compileCondition, describeCondition } from '../../../src/store/condition.ts'
import { writeDownThoseThere } from '../../../src/store/migrations/0020-member-emails.ts'
import { postgresDialect, sqliteDialect, type SqlDialect } from '../../../src/store/sql-dialect.ts'
import { bind, prepare } from '../../../src/store/statement.ts'
import { addMember, stateOf, useBench, type CreateDatabase } from './bench.ts'

const users = indexType(userType)
const whereOf = (filter: string): Condition => compileFilter(parseFilter(filter), users, userColumns(plainIds))
const pairs = (count: number, word: 'and' | 'or') =>
  Array.from(
    { length: count },
    (_, index) => `(userName eq "p${index}@example.com" or emails.value eq "p${index}@example.com")`,
  ).join(` ${word} `)

/** What identity providers look people up by, and what they make of it. */
const lookups: Readonly<Record<string, string>> = {
  'an address': 'emails.value eq "ADA@home.example"',
  'an address, by its list': 'emails eq "ada@home.example"',
  'an address of a type': 'emails[type eq "work"].value eq "ada@work.example"',
  'an address beside something else of it': 'emails[type eq "home" and value eq "ada@home.example"]',
  'one address or another': 'emails[value eq "ada@home.example" or value eq "bob@home.example"]',
  'an address beside something else': 'active eq true and emails eq "ada@home.example" and title ne "x"',
  'a name or an address': 'userName eq "ada" or emails eq "bob@home.example"',
  'an external id or an id': 'externalId eq "x-1" or id eq "01900000-0000-7000-8000-000000000000"',
  'sixteen pairs of which one holds': pairs(16, 'or'),
  'sixteen pairs that all hold': pairs(16, 'and'),
  'a name beside attributes that are compared again and again': `userName eq "ada" and ${['title', 'nickName', 'locale', 'timezone'].map((name) => `(${name} ne "x" and ${name} ne "y")`).join(' and ')}`,
}

export function lookupConformance(create: CreateDatabase): void {
  const bench = useBench(create)
  const dialect = (): SqlDialect => (bench().database.location.startsWith('postgres') ? postgresDialect() : sqliteDialect())
  const found = async (call: Call, filter: string) =>
    (await bench().directory.listMembers(call, { where: whereOf(filter), limit: 10 })).map(({ userName }) => userName).join(' ')

  for (const [name, filter] of Object.entries(lookups))
    test(`people are looked up by ${name}, not searched for`, async () => {
      const call = await bench().organization()
      const plan = await planOf(whereOf(filter), call)
      assert.match(plan, /organization_id=\? AND id=\?|id = ANY/, plan)
      assert.doesNotMatch(plan, /SCAN (memberships|member_emails|k)\b|Seq Scan/, plan)
    })

  test('nobody is looked up by what a filter does not want of everybody', async () => {
    const call = await bench().organization()
    for (const filter of [
      'emails eq "a@b.example" or title eq "x"',
      'not (emails eq "a@b.example")',
      'emails ne "a@b.example"',
      'emails sw "a"',
    ])
      assert.doesNotMatch(await planOf(whereOf(filter), call), /AND id=\?|id = ANY/, filter)
  })

  test('people are found by every address that they have, and by none that they had', async () => {
    const { directory, organization } = bench()
    const call = await organization()
    const [work, home, other]: Email[] = [
      { value: 'Ada@work.example', type: 'work', primary: true },
      { value: 'ada@Home.example', type: 'home' },
      { value: 'ada@other.example' },
    ]
    assert.ok(work && home && other)
    const ada = await addMember(bench(), call, 'ada', { emails: [work, home] })
    await addMember(bench(), call, 'bob', { emails: [{ value: 'bob@work.example', type: 'work' }, home] })
    await addMember(bench(), await organization(), 'elsewhere', { emails: [work, home] })
    const become = async (emails: readonly Email[]) =>
      directory.changeMember(call, { id: ada.id, sessions: 'keep', change: () => stateOf('ada', { emails }) })
    const finds = async () => [
      await found(call, 'emails eq "ADA@WORK.example"'),
      await found(call, 'emails eq "ada@home.EXAMPLE"'),
      await found(call, 'emails[type eq "home"].value eq "ada@home.example"'),
      await found(call, 'emails eq "ada@other.example"'),
    ]
    assert.deepEqual(await finds(), ['ada', 'ada bob', 'ada bob', ''])
    await become([work, other, { ...other, type: 'home' }])
    assert.deepEqual(await finds(), ['ada', 'bob', 'bob', 'ada'])
    await become([other, { ...home, primary: true }, { ...work, primary: false }])
    assert.deepEqual(await finds(), ['ada', 'ada bob', 'ada bob', 'ada'])
    assert.equal(await found(call, pairs(16, 'or')), '')
    await become([])
    assert.deepEqual(await finds(), ['', 'bob', 'bob', ''])
    await become([work, home])
    await directory.removeMember(call, { id: ada.id })
    assert.deepEqual(await finds(), ['', 'bob', 'bob', ''])
    assert.equal((await emailsOf(call)).length, 1)
  })

  test('those who were there before are found as well', async () => {
    const { organization, database } = bench()
    const call = await organization()
    const emails = (name: string) => [
      { value: `${name}@work.example`, primary: true },
      { value: `${name.toUpperCase()}@Ä.example` },
      { value: `${name}@\u0041\u0308.example`, type: 'home' },
    ]
    for (const name of ['ada', 'bob']) await addMember(bench(), call, name, { emails: emails(name) })
    await addMember(bench(), call, 'nobody')
    const kept = await emailsOf(call)
    assert.equal(kept.length, 2)
    await database.execute('delete from member_emails')
    const { sql: text, parameters } = writeDownThoseThere(dialect()).compile()
    await database.execute(withValues(text, parameters))
    assert.deepEqual(await emailsOf(call), kept)
  })

  test('an attribute that may be one of several texts is compared with all of them at once', async () => {
    const call = await bench().organization()
    for (const title of ['One', 'two', 'three']) await addMember(bench(), call, title, { attributes: { title } })
    assert.equal(await found(call, 'title eq "ONE" or (title eq "TWO" or nickName pr) or title eq null'), 'One two')
    assert.equal(await found(call, 'not (title eq "one" or title eq "two")'), 'three')
    const wide = prepared(
      whereOf(Array.from({ length: 16 }, (_, index) => `(title eq "${index}" or nickName eq "${index}")`).join(' or ')),
    )
    assert.equal(wide.text.match(/ in \(/g)?.length, 2)
  })

  const emailsOf = (call: Call) =>
    bench().database.execute(
      `select * from member_emails where organization_id = '${call.organizationId}' order by value_key, membership_id`,
    )

  const prepared = (where: Condition) =>
    prepare(
      dialect(),
      (db, parameters: Record<string, string>, { name }) =>
        db
          .selectFrom('memberships')
          .select('id')
          .where(sql<boolean>`memberships.organization_id = ${parameters['organization_id']}`)
          .where(
            compileCondition(where, {
              target: 'memberships',
              dialect: name === 'sqlite' ? sqliteDialect() : postgresDialect(),
              groups: 'flat',
              parameters,
            }),
          )
          .orderBy('memberships.id'),
      undefined,
    )

  /** How the database goes about a list: the plan that it makes, where the table is too small to say by itself that it should not be read whole. */
  async function planOf(where: Condition, call: Call): Promise<string> {
    const query = prepared(where)
    const { values } = describeCondition('memberships', where)
    const text = withValues(query.text, bind(query, { ...values, organization_id: call.organizationId }))
    const { execute, location } = bench().database
    if (!location.startsWith('postgres')) return JSON.stringify(await execute(`explain query plan ${text}`))
    const database = new URL(location).pathname.slice(1)
    await execute(`alter database "${database}" set enable_seqscan = off`)
    return JSON.stringify(await execute(`explain ${text}`))
  }
}

/** A statement's text with its values written into it. */
const withValues = (text: string, values: readonly unknown[]): string => {
  let next = 0
  return text.replaceAll(/\$(\d+)|\?/g, (_, number: string | undefined) => {
    const value = String(values[number === undefined ? next++ : Number(number) - 1])
    return `'${value.replaceAll("'", "''")}'`
  })
}
