import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasChanges, outcomeOf, waitsForApproval, type Plan } from './plan-outcome.ts'

type State = Plan['steps'][number]['state']

const planOf = (...states: readonly State[]): Plan => ({
  id: 'p',
  connectionId: 'c',
  snapshotId: 's',
  digest: 'd',
  authors: [],
  reason: '',
  accounts: 1,
  removals: 0,
  state: states.includes('planned') ? 'open' : 'closed',
  createdAt: new Date(0),
  approvals: [],
  text: '',
  steps: states.map((state, position) => ({
    id: 'x',
    position,
    kind: 'create',
    subject: 'a',
    changes: [],
    state,
    reason: '',
    attempts: 0,
    updatedAt: new Date(0),
  })),
})

test('the exit code of apply tells done, partly done and waiting apart', () => {
  assert.equal(outcomeOf(planOf()), 0)
  assert.equal(outcomeOf(planOf('done', 'done')), 0)
  assert.equal(outcomeOf(planOf('done', 'failed')), 6)
  assert.equal(outcomeOf(planOf('done', 'unknown')), 6)
  assert.equal(outcomeOf(planOf('unsupported')), 6)
  assert.equal(outcomeOf(planOf('done', 'planned')), 4)
})

test('where nothing but stale steps is left, the plan is stale', () => {
  const stale = { stale: { changes: [] } }
  const [done, failed] = planOf('done', 'failed').steps
  assert.ok(done && failed)
  const outcome = (...steps: Plan['steps']) => outcomeOf({ ...planOf(), steps })
  assert.equal(outcome(done, { ...failed, ...stale }), 5)
  assert.equal(outcome({ ...failed, ...stale }, failed), 6)
  assert.equal(outcome({ ...done, ...stale }), 0)
})

test('a plan has changes until each step is done or stands in a newer plan', () => {
  assert.equal(hasChanges(planOf()), false)
  assert.equal(hasChanges(planOf('done', 'superseded')), false)
  for (const state of ['planned', 'approved', 'sending', 'failed', 'unknown', 'unsupported'] as const)
    assert.equal(hasChanges(planOf('done', state)), true, state)
  assert.equal(waitsForApproval(planOf('planned')), true)
  assert.equal(waitsForApproval(planOf('done')), false)
})
