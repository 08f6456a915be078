import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Membership } from '../directory/membership.ts'
import type { Link } from './ledger.ts'
import { matchAccounts } from './match.ts'
import type { Account } from './vendor.ts'

const member = (id: string, userName: string, email?: string): Membership => ({
  id,
  organizationId: 'o1',
  personId: `p-${id}`,
  userName,
  externalId: undefined,
  displayName: undefined,
  name: {},
  emails: email === undefined ? [] : [{ value: email }],
  roleIds: [],
  attributes: {},
  status: 'active',
  acceptedAt: new Date(0),
  createdAt: new Date(0),
  updatedAt: new Date(0),
  version: 1,
})
const account = (id: string, userName: string, email?: string): Account => ({
  id,
  userName,
  email,
  givenName: undefined,
  familyName: undefined,
  status: 'active',
  roles: [],
  raw: {},
})
const link = (membershipId: string, accountId: string): Link => ({
  organizationId: 'o1',
  connectionId: 'c1',
  membershipId,
  accountId,
  rule: 'created',
  madeAt: new Date(0),
  written: { userName: undefined, email: undefined, givenName: undefined, familyName: undefined, roleIds: [] },
})

function pairs(input: Partial<Parameters<typeof matchAccounts>[0]>) {
  const { matches, conflicts, duplicates } = matchAccounts({
    members: [],
    accounts: [],
    links: [],
    matchBy: ['userName'],
    ...input,
  })
  return { pairs: matches.map((match) => `${match.member.id} ${match.account.id} ${match.rule}`), conflicts, duplicates }
}

test('an equal user name links without regard to case', () => {
  assert.deepEqual(pairs({ members: [member('m1', 'Jane')], accounts: [account('a1', 'JANE')] }).pairs, ['m1 a1 userName'])
})

test('members and accounts that are linked already are left alone', () => {
  const seen = pairs({
    members: [member('m1', 'jane')],
    accounts: [account('a1', 'other'), account('a2', 'jane')],
    links: [link('m1', 'a1')],
  })
  assert.deepEqual(seen.pairs, [])
  assert.equal(seen.conflicts.size, 0)
})

test('an equal e-mail under another user name links nobody unless the policy says so, and is told as a duplicate', () => {
  const people = { members: [member('m1', 'jane', 'Jane@x.test')], accounts: [account('a1', 'jdoe', 'jane@X.test')] }
  const held = pairs(people)
  assert.deepEqual(held.pairs, [])
  assert.match(held.conflicts.get('m1') ?? '', /same e-mail address under another user name.*matchBy "email".*accountId a1/)
  assert.match(held.duplicates.get('a1') ?? '', /may belong to jane/)
  assert.deepEqual(pairs({ ...people, matchBy: ['userName', 'email'] }).pairs, ['m1 a1 email'])
})

test('the rules apply in their order', () => {
  const people = {
    members: [member('m1', 'jane', 'jane@x.test')],
    accounts: [account('a1', 'other', 'jane@x.test'), account('a2', 'jane')],
  }
  assert.deepEqual(pairs({ ...people, matchBy: ['userName', 'email'] }).pairs, ['m1 a2 userName'])
  assert.deepEqual(pairs({ ...people, matchBy: ['email', 'userName'] }).pairs, ['m1 a1 email'])
})

test('two candidates are a conflict, never a guess', () => {
  const two = pairs({
    members: [member('m1', 'jane', 'jane@x.test')],
    accounts: [account('a1', 'j1', 'jane@x.test'), account('a2', 'j2', 'jane@x.test')],
    matchBy: ['email'],
  })
  assert.deepEqual(two.pairs, [])
  assert.match(two.conflicts.get('m1') ?? '', /2 accounts have the same email/)
  assert.deepEqual([...two.duplicates.keys()].toSorted(), ['a1', 'a2'])
})

test('an account that somebody else is linked to is in the way and stays theirs', () => {
  const seen = pairs({ members: [member('m2', 'jane')], accounts: [account('a1', 'jane')], links: [link('m1', 'a1')] })
  assert.deepEqual(seen.pairs, [])
  assert.match(seen.conflicts.get('m2') ?? '', /account a1 has this user name and is linked to somebody else/)
})

test('an equal user name is a conflict where the policy does not match by it', () => {
  const seen = pairs({ members: [member('m1', 'jane')], accounts: [account('a1', 'jane')], matchBy: ['email'] })
  assert.deepEqual(seen.pairs, [])
  assert.match(seen.conflicts.get('m1') ?? '', /does not match by it/)
})
