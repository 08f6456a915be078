import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Fact, FactAction } from '../../directory/fact.ts'
import type { JsonObject } from '../../directory/json.ts'
import { applyFact, emptyAccess, rowsOf, type AccessState } from './fold.ts'

const at = new Date('2025-01-02T03:04:05.000Z')

const factOf = (action: FactAction, subject: string, detail: JsonObject = {}): Fact => ({
  organizationId: 'o',
  sequence: 1,
  at,
  actor: 'a',
  via: 'v',
  requestId: 'r',
  action,
  subject,
  detail,
  previousHash: '',
  hash: '',
})

function after(...facts: readonly Fact[]): AccessState {
  const state = emptyAccess()
  for (const fact of facts) applyFact(state, fact)
  return state
}

const connected = factOf('connection.created', 'c', { name: 'desk', vendor: 'bird', assignments: [{ kind: 'everyone' }] })
const joined = factOf('member.added', 'm', { userName: 'ada', email: 'ada@example.com', status: 'active' })
const linked = factOf('link.made', '17', { connectionId: 'c', membershipId: 'm', rule: 'userName' })

test('facts older than this version tell whose an account is, and say that they do not tell the rest', () => {
  const [row, ...rest] = rowsOf(after(connected, joined, linked))
  assert.deepEqual(rest, [])
  assert.deepEqual(row, {
    connection: { id: 'c', name: 'desk', vendor: 'bird' },
    account: { id: '17', userName: undefined, email: undefined, status: 'unknown', roles: undefined },
    person: { id: 'm', userName: 'ada', email: 'ada@example.com', status: 'active' },
    why: [{ kind: 'everyone' }],
    linkedBy: 'userName',
    since: at,
    read: undefined,
    source: 'factsPartly',
  })
})

test('a removal that an older fact tells of takes the account away', () => {
  const removed = factOf('step.done', 's', { connectionId: 'c', kind: 'remove', accountId: '17', membershipId: 'm' })
  assert.deepEqual([...rowsOf(after(connected, joined, linked, removed))], [])
  const updated = factOf('step.done', 's', { connectionId: 'c', kind: 'update', accountId: '17', membershipId: 'm' })
  assert.equal([...rowsOf(after(connected, joined, linked, updated))].length, 1)
})

test('a first complete read makes the facts whole, and drops what they only seemed to tell', () => {
  const account = { id: '18', userName: 'bob', status: 'active', roles: [{ id: 'r1', name: 'Admin' }] }
  const read = [{ baseline: 'begins' }, { accounts: [account] }, { baseline: 'whole' }].map((detail) =>
    factOf('accounts.changed', 'c', detail),
  )
  const rows = [...rowsOf(after(connected, joined, linked, ...read))]
  assert.deepEqual(
    rows.map((row) => [row.account.id, row.account.roles, row.why, row.source]),
    [['18', [{ id: 'r1', name: 'Admin' }], [{ kind: 'orphan' }], 'facts']],
  )
})

test('somebody of whom the facts know nothing is unknown, and what is no shape of ours is passed over', () => {
  const nonsense = factOf('accounts.changed', 'c', {
    accounts: [7, { id: 8 }, { id: '9', roles: ['x', { id: 'r' }] }],
    gone: [1],
  })
  const rows = [...rowsOf(after(connected, nonsense, linked))]
  assert.deepEqual(
    rows.map(({ account, person }) => [account.id, person?.status]),
    [
      ['17', 'unknown'],
      ['9', undefined],
    ],
  )
})

test('a connection that was removed has no accounts, and a fact about an unknown one changes nothing', () => {
  const state = after(joined, linked, connected, linked, factOf('connection.removed', 'c'))
  assert.deepEqual([...rowsOf(state)], [])
})
