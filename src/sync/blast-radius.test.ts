import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { memoryRoles } from '../../tests/memory-vendor.ts'
import { account, basis, linked } from '../../tests/plan-basis.ts'
import { weigh, type Surroundings } from './blast-radius.ts'
import { difference } from './plan.ts'
import type { Account } from './vendor.ts'

const admin = { id: 'r1', name: 'Admin' }
const billing = { id: 'r3', name: 'Billing' }
const jane = account({ id: 'a1', userName: 'jane', email: 'jane@x.test', roles: [admin, billing] })

const around = (over: Partial<Surroundings> = {}): Surroundings => ({
  vendor: 'memory',
  capabilities: {},
  policy: {},
  roles: memoryRoles,
  accounts: [jane],
  keys: undefined,
  elsewhere: new Map(),
  ...over,
})

/** What taking the accounts of these people away brings with it, by account. */
function risks(leaving: readonly Account[], surroundings: Surroundings) {
  const links = leaving.map((one) => linked(`m-${one.id}`, one))
  const { steps } = difference(basis({ accounts: surroundings.accounts, links }), 'report')
  return new Map(weigh(steps, surroundings).map((step) => [step.accountId, step.risks ?? []]))
}
const kinds = (found: ReturnType<typeof risks>, id: string) => found.get(id)?.map(({ kind, weight }) => `${kind} ${weight}`)

test('whoever is the last to run or to pay for the account is a grave risk', () => {
  assert.deepEqual(kinds(risks([jane], around()), 'a1'), ['lastOwner grave', 'lastBilling grave'])
  const other = account({ id: 'a2', userName: 'joe', roles: [admin] })
  assert.deepEqual(kinds(risks([jane], around({ accounts: [jane, other] })), 'a1'), ['lastBilling grave'])
})

test('somebody who is suspended or has not accepted yet runs nothing, and neither does somebody who leaves in the same breath', () => {
  for (const status of ['suspended', 'invited'] as const) {
    const other = account({ id: 'a2', userName: 'joe', roles: [admin], status })
    assert.ok(kinds(risks([jane], around({ accounts: [jane, other] })), 'a1')?.includes('lastOwner grave'), status)
  }
  const joe = account({ id: 'a2', userName: 'joe', roles: [admin] })
  const both = risks([jane, joe], around({ accounts: [jane, joe] }))
  assert.ok(kinds(both, 'a1')?.includes('lastOwner grave'))
  assert.deepEqual(kinds(both, 'a2'), ['lastOwner grave'])
})

test('a policy may name the roles that matter', () => {
  const policy = { ownerRoles: ['captain'], billingRoles: [] }
  const captain = account({ id: 'a1', userName: 'jane', roles: [{ id: 'r9', name: 'Captain' }, admin] })
  assert.deepEqual(kinds(risks([captain], around({ policy, accounts: [captain] })), 'a1'), ['lastOwner grave'])
})

test('keys that go on working, open sessions, what the vendor keeps, accounts elsewhere and pending invitations are told', () => {
  const invited = account({ ...jane, roles: [], status: 'invited', activeSessions: 2 })
  const found = risks(
    [invited],
    around({
      accounts: [invited],
      capabilities: { residue: 'the identity stays' },
      keys: [
        { id: 'k1', name: 'ci', owner: 'JANE@x.test' },
        { id: 'k2', name: 'other', owner: 'joe' },
        { id: 'k3', name: 'unknown' },
      ],
      elsewhere: new Map([['m-a1', ['desk (sinch)', 'eu (bird)']]]),
    }),
  )
  assert.deepEqual(
    found.get('a1')?.map(({ kind, weight, message }) => [kind, weight, message]),
    [
      ['ownsKeys', 'note', 'made keys that go on working: ci'],
      ['openSessions', 'note', 'is signed in at memory now, open sessions: 2'],
      ['residue', 'note', 'the identity stays'],
      ['keepsAccess', 'note', 'has accounts elsewhere too: desk (sinch), eu (bird)'],
      ['invitationPending', 'note', 'was invited by memory and has not accepted yet'],
    ],
  )
  assert.deepEqual(kinds(risks([invited], around({ accounts: [invited], keys: 'unread' })), 'a1'), [
    'keysUnread note',
    'openSessions note',
    'invitationPending note',
  ])
})

test('whatever leaves, a role that runs the account is left with nobody only where that is called grave', () => {
  const someone = fc.record({
    admin: fc.boolean(),
    leaves: fc.boolean(),
    status: fc.constantFrom('active', 'suspended', 'invited'),
  })
  fc.assert(
    fc.property(fc.array(someone, { maxLength: 8 }), (people) => {
      const accounts = people.map((one, index) =>
        account({ id: `a${index}`, userName: `p${index}`, status: one.status, roles: one.admin ? [admin] : [] }),
      )
      const found = risks(
        accounts.filter((_, index) => people[index]?.leaves),
        around({ accounts }),
      )
      const runs = people.filter((one) => one.admin && one.status === 'active')
      const isOrphaned = runs.length > 0 && runs.every(({ leaves }) => leaves)
      assert.equal(
        [...found.values()].flat().some(({ kind }) => kind === 'lastOwner'),
        isOrphaned,
      )
    }),
    { numRuns: 300 },
  )
})
