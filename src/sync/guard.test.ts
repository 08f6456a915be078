import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultPolicy, type Policy } from './connection.ts'
import { countedApprovals, dutiesOf, exceedsLimit, needsApproval, refusalToSend } from './guard.ts'
import type { Approval, Plan, RiskKind, Step } from './ledger.ts'

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

test('what removes needs an approval under every policy, what takes the last of a role too, the rest where the policy says so', () => {
  const grave = [{ kind: 'lastOwner', weight: 'grave', message: 'jane is the last active one' }] as const
  for (const additions of ['automatic', 'approval'] as const)
    for (const changes of ['automatic', 'approval'] as const) {
      const policy = { additions, changes }
      assert.equal(needsApproval({ kind: 'remove' }, policy), true)
      assert.equal(needsApproval({ kind: 'create' }, policy), additions === 'approval')
      assert.equal(needsApproval({ kind: 'update' }, policy), changes === 'approval')
      assert.equal(needsApproval({ kind: 'setRoles' }, policy), changes === 'approval')
      assert.equal(needsApproval({ kind: 'setRoles', risks: grave }, policy), true)
      assert.equal(needsApproval({ kind: 'setRoles', risks: [{ ...grave[0], weight: 'note' }] }, policy), changes === 'approval')
    }
})

const day = 86_400_000
const counted = (
  over: Partial<Plan>,
  approvals: readonly Approval[],
  {
    policy = {},
    risks = [],
    now = new Date(1),
  }: { readonly policy?: Partial<Policy>; readonly risks?: readonly RiskKind[]; readonly now?: Date } = {},
) => countedApprovals(plan(over), approvals, { policy: { ...defaultPolicy, ...policy }, risks, now }).map(({ id }) => id)

test('only an approval of this digest by somebody who is no author counts, and beyond the limit only one that names the number', () => {
  assert.deepEqual(counted({}, [approval()]), ['x1'])
  assert.deepEqual(counted({}, []), [])
  assert.deepEqual(counted({}, [approval({ digest: 'd2' })]), [])
  assert.deepEqual(counted({}, [approval({ planId: 'p2' })]), [])
  assert.deepEqual(counted({ authors: ['idp', 'boss'] }, [approval()]), [])
  assert.deepEqual(counted({ removals: 6 }, [approval()]), [])
  assert.deepEqual(counted({ removals: 6 }, [approval({ removals: 5 })]), [])
  assert.deepEqual(counted({ removals: 6 }, [approval(), approval({ id: 'x2', removals: 6 })]), ['x2'])
})

test('an approval counts for as long as the policy says, seven days where it says nothing', () => {
  assert.deepEqual(counted({}, [approval()], { now: new Date(7 * day - 1) }), ['x1'])
  assert.deepEqual(counted({}, [approval()], { now: new Date(7 * day) }), [])
  assert.deepEqual(counted({}, [approval()], { now: new Date(3_600_000), policy: { planExpiryHours: 1 } }), [])
})

test('where approvers are named, by credential or by duty, nobody else counts', () => {
  const policy = { approvers: ['chief', 'approver'] }
  assert.deepEqual(counted({}, [approval()], { policy }), [])
  assert.deepEqual(counted({}, [approval({ actor: 'chief' })], { policy }), ['x1'])
  assert.deepEqual(counted({}, [approval({ duties: ['approver', 'auditor'] })], { policy }), ['x1'])
  assert.deepEqual(counted({}, [approval({ duties: ['auditor'] })], { policy }), [])
  assert.deepEqual(dutiesOf(new Set(['read', 'approve', 'audit'])), ['approver', 'auditor'])
})

test('one person counts once, and a grave risk has to be named', () => {
  const two = [approval(), approval({ id: 'x2' }), approval({ id: 'x3', actor: 'chief' })]
  assert.deepEqual(counted({}, two), ['x2', 'x3'])
  assert.deepEqual(counted({}, two, { risks: ['lastOwner'] }), [])
  assert.deepEqual(counted({}, [approval({ accepted: ['lastOwner'] })], { risks: ['lastOwner'] }), ['x1'])
  assert.deepEqual(counted({}, [approval({ accepted: ['lastBilling'] })], { risks: ['lastOwner'] }), [])
})

test('a removal is refused at the last moment without an approval, beyond the limit, for a protected account, and while it is held', () => {
  const refusal = (over: {
    readonly plan?: Plan
    readonly step?: Partial<Step>
    readonly approvals?: readonly Approval[]
    readonly policy?: Partial<Policy>
    readonly heldSince?: Date
    readonly now?: Date
  }) =>
    refusalToSend({
      step: { ...removal, ...over.step },
      plan: over.plan ?? plan(),
      approvals: over.approvals ?? [approval()],
      policy: { ...defaultPolicy, ...over.policy },
      now: over.now ?? new Date(1),
      link: over.heldSince ? { heldSince: over.heldSince } : {},
      suspends: true,
    }) ?? ''
  assert.equal(refusal({}), '')
  assert.match(refusal({ approvals: [] }), /no valid approval: somebody/)
  assert.match(refusal({ plan: plan({ removals: 50 }) }), /removes 50 of 100 accounts.*--removals 50/)
  assert.match(refusal({ policy: { protectedAccounts: ['a1'] } }), /protected/)
  assert.match(refusal({ policy: { protectedAccounts: ['JANE'] } }), /protected/)
  assert.match(refusal({ now: new Date(8 * day) }), /the approval expired 168 hours after it was given: approve again/)
  assert.match(refusal({ policy: { quorum: 2 } }), /no valid approval: 1 of 2 people/)
  const risks = [{ kind: 'lastOwner', weight: 'grave', message: '' }] as const
  assert.match(refusal({ step: { risks } }), /does not name what is grave about it now: approve again with --accept lastOwner/)
  const policy = { deletion: { onLeave: 'suspend', holdDays: 2 } } as const
  assert.match(refusal({ policy }), /holds the account for 2 days/)
  assert.match(refusal({ policy, heldSince: new Date(1), now: new Date(2 * day) }), /holds the account for 2 days/)
  assert.equal(refusal({ policy, heldSince: new Date(0), now: new Date(2 * day) }), '')
})
