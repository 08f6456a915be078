import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultPolicy } from './connection.ts'
import { exceedsLimit, needsApproval, refusalToSend, validApproval } from './guard.ts'
import type { Approval, Plan, Step } from './ledger.ts'

const plan = (over: Partial<Plan> = {}): Plan => ({
  id: 'p1',
  organizationId: 'o1',
  connectionId: 'c1',
  snapshotId: 's1',
  digest: 'd1',
  authors: ['idp'],
  reason: 'raised by member.suspended',
  accounts: 100,
  removals: 1,
  state: 'open',
  supersededBy: undefined,
  createdAt: new Date(0),
  ...over,
})
const approval = (over: Partial<Approval> = {}): Approval => ({
  id: 'x1',
  organizationId: 'o1',
  planId: 'p1',
  digest: 'd1',
  actor: 'boss',
  at: new Date(0),
  removals: undefined,
  reason: 'left',
  ...over,
})
const removal: Step = {
  id: 't1',
  organizationId: 'o1',
  connectionId: 'c1',
  planId: 'p1',
  position: 0,
  kind: 'remove',
  membershipId: 'm1',
  accountId: 'a1',
  subject: 'Jane',
  desired: undefined,
  observed: undefined,
  changes: [],
  state: 'approved',
  reason: 'is suspended in the directory',
  attempts: 0,
  retryAt: undefined,
  updatedAt: new Date(0),
}

test('a plan that removes more than 5 accounts or more than 5 % exceeds the limit, and one removal never does', () => {
  const cases: readonly (readonly [removals: number, accounts: number, exceeds: boolean])[] = [
    [0, 0, false],
    [1, 1, false],
    [1, 3, false],
    [2, 3, true],
    [2, 39, true],
    [2, 40, false],
    [5, 100, false],
    [5, 99, true],
    [6, 120, true],
    [6, 1_000, true],
    [5, 1_000, false],
  ]
  for (const [removals, accounts, exceeds] of cases)
    assert.equal(exceedsLimit({ removals, accounts }, defaultPolicy), exceeds, `${removals} of ${accounts}`)
})

test('what removes needs an approval under every policy, the rest where the policy says so', () => {
  for (const additions of ['automatic', 'approval'] as const)
    for (const changes of ['automatic', 'approval'] as const) {
      assert.equal(needsApproval('remove', { additions, changes }), true)
      assert.equal(needsApproval('create', { additions, changes }), additions === 'approval')
      assert.equal(needsApproval('update', { additions, changes }), changes === 'approval')
      assert.equal(needsApproval('setRoles', { additions, changes }), changes === 'approval')
    }
})

test('only an approval of this digest by somebody who is no author counts, and beyond the limit only one that names the number', () => {
  assert.ok(validApproval(plan(), [approval()], defaultPolicy))
  assert.equal(validApproval(plan(), [], defaultPolicy), undefined)
  assert.equal(validApproval(plan(), [approval({ digest: 'd2' })], defaultPolicy), undefined)
  assert.equal(validApproval(plan(), [approval({ planId: 'p2' })], defaultPolicy), undefined)
  assert.equal(validApproval(plan({ authors: ['idp', 'boss'] }), [approval()], defaultPolicy), undefined)
  const large = plan({ removals: 6 })
  assert.equal(validApproval(large, [approval()], defaultPolicy), undefined)
  assert.equal(validApproval(large, [approval({ removals: 5 })], defaultPolicy), undefined)
  assert.ok(validApproval(large, [approval(), approval({ removals: 6 })], defaultPolicy))
})

test('a removal is refused at the last moment without an approval, beyond the limit, and for a protected account', () => {
  const refusal = (over: {
    readonly plan?: Plan
    readonly approvals?: readonly Approval[]
    readonly protectedAccounts?: readonly string[]
  }) =>
    refusalToSend({
      step: removal,
      plan: over.plan ?? plan(),
      approvals: over.approvals ?? [approval()],
      policy: { ...defaultPolicy, protectedAccounts: over.protectedAccounts ?? [] },
    })
  assert.equal(refusal({}), undefined)
  assert.match(refusal({ approvals: [] }) ?? '', /no valid approval/)
  assert.match(refusal({ plan: plan({ removals: 50 }) }) ?? '', /removes 50 of 100 accounts.*--removals 50/)
  assert.match(refusal({ protectedAccounts: ['a1'] }) ?? '', /protected/)
  assert.match(refusal({ protectedAccounts: ['JANE'] }) ?? '', /protected/)
})
