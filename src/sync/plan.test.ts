import assert from 'node:assert/strict'
import { test } from 'node:test'
import { able, account, basis, linked, wanted, type Person } from '../../tests/plan-basis.ts'
import { stateOfAccount } from './account-state.ts'
import { difference, digestOf, type StepDraft } from './plan.ts'

const jane: Person = { id: 'm1', userName: 'jane', email: 'jane@x.test', givenName: 'Jane', familyName: 'Doe' }
const janes = account({ id: 'a1', userName: 'jane', email: 'jane@x.test', givenName: 'Jane', familyName: 'Doe' })
const brief = (steps: readonly StepDraft[]) => steps.map(({ kind, subject, state }) => `${kind} ${subject} ${state}`)

test('somebody without an account gets one, with names where the directory has none', () => {
  const [step] = difference(
    basis({ wanted: [wanted({ id: 'm1', userName: 'jd@x.test', displayName: 'Jane van Doe' })] }),
    'report',
  ).steps
  assert.deepEqual(step?.desired, {
    userName: 'jd@x.test',
    email: undefined,
    givenName: 'Jane van',
    familyName: 'Doe',
    roleIds: [],
  })
  const [bare] = difference(basis({ wanted: [wanted({ id: 'm1', userName: 'jd@x.test' })] }), 'report').steps
  assert.equal(bare?.desired?.givenName, 'jd')
  assert.equal(bare.desired.familyName, 'jd')
})

test('names made up for a new account never take the place of real ones', () => {
  const bare = { id: 'm1', userName: 'jane' }
  assert.deepEqual(
    difference(basis({ wanted: [wanted(bare)], accounts: [janes], links: [linked('m1', janes)] }), 'revert').steps,
    [],
  )
})

test('BAND-32 role names resolve to the roles that the vendor has now, without regard to case', () => {
  const [step] = difference(
    basis({
      wanted: [wanted({ ...jane, roles: ['admin', 'Ghost'], groups: ['Finance', 'Unmapped'], scimRoles: [{ value: 'MEMBER' }] })],
      policy: { roleMap: { finance: 'billing' } },
    }),
    'report',
  ).steps
  assert.deepEqual(step?.desired?.roleIds, ['r1', 'r2', 'r3'])
  assert.match(step.reason, /has no role named "Ghost"$/)
})

test('roles are left alone when no name resolves', () => {
  const held = { ...janes, roles: [{ id: 'r1', name: 'Admin' }] }
  assert.deepEqual(
    difference(
      basis({ wanted: [wanted({ ...jane, roles: ['Ghost'] })], accounts: [held], links: [linked('m1', held)] }),
      'revert',
    ).steps,
    [],
  )
})

test('a change in the directory is an update, only roles are setRoles', () => {
  const renamed = difference(
    basis({ wanted: [wanted({ ...jane, familyName: 'Roe' })], accounts: [janes], links: [linked('m1', janes)] }),
    'report',
  ).steps
  assert.deepEqual(brief(renamed), ['update jane planned'])
  assert.deepEqual(renamed[0]?.changes, [{ attribute: 'familyName', from: 'Doe', to: 'Roe' }])
  const promoted = difference(
    basis({ wanted: [wanted({ ...jane, roles: ['Admin'] })], accounts: [janes], links: [linked('m1', janes)] }),
    'report',
  ).steps
  assert.deepEqual(brief(promoted), ['setRoles jane planned'])
})

test('a change at the vendor is drift: reported, and put back only where asked', () => {
  const drifted = { ...janes, email: 'else@x.test' }
  const given = basis({ wanted: [wanted(jane)], accounts: [drifted], links: [linked('m1', janes)] })
  const reported = difference(given, 'report')
  assert.deepEqual(reported.steps, [])
  assert.match(reported.drift.get('a1') ?? '', /jane: email was changed at memory/)
  assert.deepEqual(difference(given, 'revert').steps[0]?.changes, [
    { attribute: 'email', from: 'else@x.test', to: 'jane@x.test' },
  ])
})

test('a change in the directory leaves what drifted as it is', () => {
  const drifted = { ...janes, email: 'else@x.test' }
  const [step] = difference(
    basis({ wanted: [wanted({ ...jane, familyName: 'Roe' })], accounts: [drifted], links: [linked('m1', janes)] }),
    'report',
  ).steps
  assert.deepEqual(step?.changes, [{ attribute: 'familyName', from: 'Doe', to: 'Roe' }])
  assert.equal(step.desired?.email, 'else@x.test')
})

test('an account that came to be as wanted by itself is accepted, so that the next change in the directory is one', () => {
  const { accepted, steps } = difference(
    basis({ wanted: [wanted(jane)], accounts: [janes], links: [linked('m1', janes, { email: 'before@x.test' })] }),
    'report',
  )
  assert.deepEqual(steps, [])
  assert.equal(accepted[0]?.written.email, 'jane@x.test')
})

test('an account of somebody who left is removed, one of nobody and a protected one never', () => {
  const others = [account({ id: 'a2', userName: 'orphan' }), account({ id: 'a3', userName: 'Root' })]
  const given = {
    accounts: [janes, ...others],
    links: [linked('m1', janes), linked('m3', account({ id: 'a3', userName: 'Root' }))],
    policy: { protectedAccounts: ['root'] },
  }
  const { steps, residual } = difference(basis(given), 'revert')
  assert.deepEqual(brief(steps), ['remove jane planned'])
  assert.match(residual.get('a3') ?? '', /protected/)
})

test('a link of a leaver whose account is gone is stale, one of a member is missing and made again only where asked', () => {
  const left = difference(basis({ links: [linked('m1', janes)] }), 'report')
  assert.deepEqual(left.steps, [])
  assert.deepEqual(
    left.stale.map(({ accountId }) => accountId),
    ['a1'],
  )
  const given = basis({ wanted: [wanted(jane)], links: [linked('m1', janes)] })
  assert.deepEqual(difference(given, 'report').steps, [])
  assert.match(difference(given, 'report').missing.get('m1') ?? '', /taken away/)
  assert.deepEqual(brief(difference(given, 'revert').steps), ['create jane planned'])
})

test('what the vendor cannot is a task for a person, never dropped', () => {
  const unable = { ...able, create: false, update: false, remove: false, setRoles: false }
  const john = account({ id: 'a2', userName: 'john' })
  const { steps } = difference(
    basis({
      capabilities: unable,
      wanted: [wanted({ id: 'm3', userName: 'new' }), wanted({ ...jane, familyName: 'Roe' })],
      accounts: [janes, john],
      links: [linked('m1', janes), linked('m2', john)],
    }),
    'report',
  )
  assert.deepEqual(brief(steps), ['create new unsupported', 'update jane unsupported', 'remove john unsupported'])
  for (const { reason } of steps) assert.match(reason, /console/)
})

test('the digest covers what the steps do and nothing else: one changed character is another digest', () => {
  const { steps } = difference(basis({ wanted: [wanted(jane)] }), 'report')
  const [step] = steps
  assert.ok(step)
  const digest = digestOf('c1', steps)
  assert.equal(digestOf('c1', [{ ...step, reason: 'another', state: 'failed' } as StepDraft]), digest)
  for (const other of [
    { ...step, subject: 'janf' },
    { ...step, kind: 'update' as const },
    { ...step, accountId: 'a1' },
    { ...step, membershipId: 'm2' },
    { ...step, desired: step.desired && { ...step.desired, roleIds: ['r1'] } },
    { ...step, observed: stateOfAccount(janes) },
    { ...step, changes: [] },
  ])
    assert.notEqual(digestOf('c1', [other]), digest)
  assert.notEqual(digestOf('c2', steps), digest)
  assert.notEqual(digestOf('c1', [step, step]), digest)
})
