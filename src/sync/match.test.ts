import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Membership } from '../directory/membership.ts'
import { candidateOf } from './evidence.ts'
import type { Link } from './ledger.ts'
import { matchAccounts, type MatchInput } from './match.ts'
import type { Question } from './question.ts'
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

function pairs(input: Partial<MatchInput>) {
  const { matches, ambiguities, conflicts } = matchAccounts({
    members: [],
    accounts: [],
    links: [],
    matchBy: ['userName'],
    ...input,
  })
  return {
    pairs: matches.map(
      ({ member: { id }, account: { id: accountId }, rule, confidence }) => `${id} ${accountId} ${rule} ${confidence}`,
    ),
    asked: ambiguities.map(
      ({ member: { id }, candidates }) => `${id}: ${candidates.map(({ accountId }) => accountId).join(' ')}`,
    ),
    reasons: ambiguities.map(({ reason }) => reason),
    conflicts,
  }
}

const question = (membershipId: string, over: Partial<Question>): ReadonlyMap<string, Question> =>
  new Map([
    [
      membershipId,
      {
        id: 'q1',
        organizationId: 'o1',
        connectionId: 'c1',
        membershipId,
        subject: 'jane',
        reason: 'r',
        candidates: [],
        ruledOut: [],
        unlinked: [],
        state: 'answered',
        answer: undefined,
        askedAt: new Date(0),
        version: 2,
        ...over,
      },
    ],
  ])

test('an equal user name links without regard to case, and for certain', () => {
  assert.deepEqual(pairs({ members: [member('m1', 'Jane')], accounts: [account('a1', 'JANE')] }).pairs, [
    'm1 a1 userName certain',
  ])
})

test('members and accounts that are linked already are left alone', () => {
  const seen = pairs({
    members: [member('m1', 'jane')],
    accounts: [account('a1', 'other'), account('a2', 'jane')],
    links: [link('m1', 'a1')],
  })
  assert.deepEqual([seen.pairs, seen.asked, seen.conflicts.size], [[], [], 0])
})

test('an equal e-mail alone links nobody unless the policy says so, and is asked about', () => {
  const people = { members: [member('m1', 'jane', 'Jane@x.test')], accounts: [account('a1', 'jdoe', 'jane@X.test')] }
  const held = pairs(people)
  assert.deepEqual([held.pairs, held.asked], [[], ['m1: a1']])
  assert.match(held.reasons[0] ?? '', /a1 \(jdoe\) has the same e-mail address, by which the policy links nobody/)
  assert.match(held.conflicts.get('m1') ?? '', /rollcall questions list/)
  assert.deepEqual(pairs({ ...people, matchBy: ['userName', 'email'] }).pairs, ['m1 a1 email weak'])
  assert.deepEqual(pairs({ ...people, matchBy: ['userName', 'externalId', 'emailAndName'] }).asked, ['m1: a1'])
})

test('e-mail and name together are strong, where the policy asks for both', () => {
  const jane = { ...member('m1', 'jane', 'jane@x.test'), name: { givenName: 'Jane', familyName: 'Doe' } }
  const same = { ...account('a1', 'jdoe', 'jane@x.test'), givenName: 'JANE', familyName: 'Doe' }
  const matchBy = ['userName', 'emailAndName'] as const
  assert.deepEqual(pairs({ members: [jane], accounts: [same], matchBy }).pairs, ['m1 a1 emailAndName strong'])
  for (const other of [{ familyName: 'Roe' }, { familyName: undefined }])
    assert.deepEqual(pairs({ members: [jane], accounts: [{ ...same, ...other }], matchBy }).asked, ['m1: a1'])
})

test('an equal external id links where the policy says so, and is asked about where it does not', () => {
  const people = {
    members: [{ ...member('m1', 'jane'), externalId: '00u1' }],
    accounts: [
      { ...account('a1', 'jdoe'), externalId: '00u1' },
      { ...account('a2', 'eve'), externalId: '00U1' },
    ],
  }
  assert.deepEqual(pairs({ ...people, matchBy: ['externalId'] }).pairs, ['m1 a1 externalId strong'])
  assert.deepEqual(pairs(people).asked, ['m1: a1'])
})

test('a user name that fits one account and an address that fits another are a question, whatever the policy', () => {
  const people = {
    members: [member('m1', 'jane', 'jane@x.test')],
    accounts: [account('a1', 'other', 'jane@x.test'), account('a2', 'jane')],
  }
  for (const matchBy of [['userName'], ['userName', 'email'], ['email', 'userName']] as const)
    assert.deepEqual([pairs({ ...people, matchBy }).pairs, pairs({ ...people, matchBy }).asked], [[], ['m1: a1 a2']])
})

test('two accounts for one member are a question, never a guess', () => {
  const two = pairs({
    members: [member('m1', 'jane', 'jane@x.test')],
    accounts: [account('a2', 'j2', 'jane@x.test'), account('a1', 'j1', 'jane@x.test')],
    matchBy: ['email'],
  })
  assert.deepEqual([two.pairs, two.asked], [[], ['m1: a1 a2']])
  assert.match(two.reasons[0] ?? '', /2 accounts may be theirs: a1 \(j1\), a2 \(j2\)/)
})

test('two members for one account are both asked about, in whatever order they come', () => {
  const members = [member('m1', 'jane'), member('m2', 'john', 'jane@x.test')]
  const accounts = [account('a1', 'jane', 'jane@x.test')]
  for (const order of [members, members.toReversed()]) {
    const seen = pairs({ members: order, accounts, matchBy: ['userName', 'email'] })
    assert.deepEqual([seen.pairs, seen.asked.toSorted()], [[], ['m1: a1', 'm2: a1']])
  }
})

test('an account that somebody else is linked to is in the way and stays theirs', () => {
  const held = { members: [member('m2', 'jane')], accounts: [account('a1', 'jane')], links: [link('m1', 'a1')] }
  const seen = pairs(held)
  assert.deepEqual([seen.pairs, seen.asked], [[], ['m2: a1']])
  assert.match(seen.conflicts.get('m2') ?? '', /account a1 has this user name and is linked to somebody else/)
})

test('an equal user name is a question where the policy does not match by it', () => {
  const seen = pairs({ members: [member('m1', 'jane')], accounts: [account('a1', 'jane')], matchBy: ['email'] })
  assert.deepEqual([seen.pairs, seen.asked], [[], ['m1: a1']])
})

test('who is not the same is never linked, and no account is made under a name that is taken', () => {
  const people = { members: [member('m1', 'jane', 'jane@x.test')], accounts: [account('a1', 'jdoe', 'jane@x.test')] }
  const questions = question('m1', { ruledOut: ['a1'], answer: { kind: 'notTheSame', by: 'x', at: new Date(0), reason: 'r' } })
  const free = pairs({ ...people, matchBy: ['email'], questions })
  assert.deepEqual([free.pairs, free.asked, free.conflicts.size], [[], [], 0])
  const taken = pairs({ members: people.members, accounts: [account('a1', 'jane')], questions })
  assert.deepEqual([taken.pairs, taken.asked], [[], []])
  assert.match(taken.conflicts.get('m1') ?? '', /said that it is not theirs/)
  const byAddress = pairs({ ...people, questions, identifiedBy: 'email' })
  assert.match(byAddress.conflicts.get('m1') ?? '', /has this e-mail address, and somebody said/)
})

test('an account of somebody else that is not the same is not asked about for ever', () => {
  const held = { members: [member('m2', 'jane')], accounts: [account('a1', 'jane')], links: [link('m1', 'a1')] }
  const seen = pairs({ ...held, questions: question('m2', { ruledOut: ['a1'] }) })
  assert.deepEqual([seen.pairs, seen.asked], [[], []])
  assert.match(seen.conflicts.get('m2') ?? '', /somebody said that it is not theirs/)
})

test('an address that very many accounts share makes a question of bounded length', () => {
  const accounts = Array.from({ length: 1_000 }, (_, at) => account(`a${at}`, `robot${at}`, 'ops@x.test'))
  const { ambiguities } = matchAccounts({
    members: [member('m1', 'jane', 'ops@x.test')],
    accounts,
    links: [],
    matchBy: ['email'],
  })
  assert.equal(ambiguities[0]?.candidates.length, 100)
  assert.match(ambiguities[0].reason, /^1000 accounts may be theirs: .{1,100} …$/)
})

test('what was left alone is asked again only when another account fits', () => {
  const jane = member('m1', 'jane', 'jane@x.test')
  const accounts = [account('a1', 'jdoe', 'jane@x.test')]
  const candidates = [candidateOf(jane, account('a1', 'jdoe', 'jane@x.test'))]
  const questions = question('m1', { candidates, answer: { kind: 'ignore', by: 'boss', at: new Date(0), reason: 'r' } })
  const left = pairs({ members: [jane], accounts, questions })
  assert.deepEqual(left.asked, [])
  assert.match(left.conflicts.get('m1') ?? '', /boss left it/)
  assert.deepEqual(pairs({ members: [jane], accounts: [...accounts, account('a2', 'jane')], questions }).asked, ['m1: a1 a2'])
})

test('an account that was unlinked by hand is asked about although a rule would link it', () => {
  const seen = pairs({
    members: [member('m1', 'jane')],
    accounts: [account('a1', 'jane')],
    questions: question('m1', { state: 'open', unlinked: ['a1'] }),
  })
  assert.deepEqual([seen.pairs, seen.asked], [[], ['m1: a1']])
})

test('a marked account is nobody’s, and its name is taken', () => {
  const seen = pairs({ members: [member('m1', 'jane')], accounts: [account('a1', 'jane')], marked: new Set(['a1']) })
  assert.deepEqual([seen.pairs, seen.asked], [[], []])
  assert.match(seen.conflicts.get('m1') ?? '', /is marked as nobody's.*unlink --account a1/)
})
