import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { ConfigError } from '../../directory/errors.ts'
import { readAccounts } from '../../sync/snapshot.ts'
import type { Account } from '../../sync/vendor.ts'
import { connectCsv } from './connect.ts'

const connect = (list: string) =>
  connectCsv({
    baseUrl: 'https://payroll.example/admin',
    credentials: { list, application: 'Payroll' },
    fetch: () => assert.fail('nobody is called'),
    sleep: async () => undefined,
    random: Math.random,
    randomBytes,
    clock: () => new Date(),
  })

const text = [
  '\uFEFFUser Name;E-Mail;First Name;Last Name;Status;Roles;Cost centre',
  'ada;ada@example.com;Ada;King;active;"Admin|Billing";7',
  'bob;bob@example.com;Bob;"O""Neil; jr.";Disabled;;8',
  '',
  'eve;eve@example.com;Eve;"Two',
  'lines";pending;Billing;9',
].join('\r\n')

const wanted = { userName: 'zoe', email: 'zoe@example.com', givenName: 'Zoe', familyName: 'Wu', roleIds: ['Admin'] }

async function listAll(list: string): Promise<readonly Account[]> {
  const accounts: Account[] = []
  for await (const page of connect(list).reader.list()) accounts.push(...page.accounts)
  return accounts
}

test('a list is read with its columns by any usual name, quotes and separators included', async () => {
  const accounts = await listAll(text)
  assert.deepEqual(
    accounts.map(({ id, email, familyName, status }) => [id, email, familyName, status]),
    [
      ['ada', 'ada@example.com', 'King', 'active'],
      ['bob', 'bob@example.com', 'O"Neil; jr.', 'suspended'],
      ['eve', 'eve@example.com', 'Two\r\nlines', 'invited'],
    ],
  )
  assert.deepEqual(
    (await connect(text).reader.roles()).map(({ name }) => name),
    ['Admin', 'Billing'],
  )
  const { certificate } = await readAccounts(connect(text).reader, ['ada', 'gone'])
  assert.deepEqual([certificate.complete, certificate.provenGone], [true, 1])
})

test('every write is a task for a person', async () => {
  const { writer, capabilities } = connect(text)
  const made = await writer.create(wanted)
  assert.ok(made.outcome === 'needsPerson')
  assert.match(
    made.task,
    /^Make an account in Payroll \(https:\/\/payroll\.example\/admin\) with: user name zoe, .*roles Admin\. Then/,
  )
  assert.equal((await writer.create({ ...wanted, userName: 'ADA' })).outcome, 'exists')
  assert.deepEqual([capabilities.update, capabilities.remove, capabilities.suspend], [false, false, false])
  await assert.rejects(writer.update('ada', wanted), { name: 'RemoteError', effect: 'none', message: /Change ada in Payroll/ })
  await assert.rejects(writer.remove('ada'), { name: 'RemoteError', effect: 'none', message: /Remove ada in Payroll/ })
  await writer.remove('gone')
})

test('a check tells what the list lacks', async () => {
  const { findings } = await connect('login,team\nada,x').reader.check()
  const told = findings.map(({ message }) => message).join(' ')
  for (const part of [/1 accounts/, /further columns: team/, /no column with e-mail/, /no column with a status/])
    assert.match(told, part)
})

test('a list that cannot be read is refused with its line, and without what stands there', () => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['', /credentials of a csv/],
    ['   ', /Line 1 .* empty/],
    ['a,b\nx,y', /Line 1 .*userName or email/],
    ['login,user\nx,y', /Line 1 .*two columns/],
    ['login,email\nsecret', /Line 2 .*1 values/],
    ['login,email\nsecret,a@x\nSECRET,b@x', /Line 3 .*line 2/],
    ['login,email\n"secret,a', /Line 2 .*never closed/],
    ['login,email\n"secret"x,a', /Line 2 .*beside/],
  ]
  for (const [list, message] of wrong) {
    assert.throws(
      () => connect(list),
      (error) => error instanceof ConfigError && message.test(error.message) && !/secret/i.test(error.message),
      list,
    )
  }
})

test('rows of nothing but separators are no accounts', async () => {
  assert.deepEqual(await listAll('login,email\n,\nada,\n'), [
    {
      id: 'ada',
      userName: 'ada',
      email: undefined,
      givenName: undefined,
      familyName: undefined,
      status: 'active',
      roles: [],
      raw: { login: 'ada', email: '' },
    },
  ])
})
