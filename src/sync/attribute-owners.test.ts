import assert from 'node:assert/strict'
import { test } from 'node:test'
import { account, basis, linked, wanted, type Person } from '../../tests/plan-basis.ts'
import { openSyncWorld } from '../../tests/sync.ts'
import { stateOfAccount } from './account-state.ts'
import type { AttributeOwner } from './connection.ts'
import { difference } from './plan.ts'
import { checkObserved } from './update-account.ts'

const jane: Person = { id: 'm1', userName: 'jane', email: 'new@x.test', givenName: 'Jane', familyName: 'Roe', roles: ['Admin'] }
const janes = account({ id: 'a1', userName: 'jane', email: 'old@x.test', givenName: 'Jane', familyName: 'Doe' })

/** What becomes of an address that the directory changed and one that the vendor changed, under each owner. */
function seen(owner: AttributeOwner, changedBy: 'directory' | 'vendor') {
  const written = changedBy === 'vendor' ? { email: 'new@x.test' } : {}
  const given = basis({
    wanted: [wanted({ ...jane, familyName: 'Doe', roles: [] })],
    accounts: [janes],
    links: [linked('m1', janes, written)],
    policy: { attributeOwners: { email: owner } },
  })
  const { steps, drift } = difference(given, 'revert')
  return { changes: steps.flatMap(({ changes }) => changes), desired: steps[0]?.desired?.email, drift: drift.get('a1') ?? '' }
}

test('the provider’s attribute is written back, the vendor’s and the ignored one stand, and one kept by hand is told', () => {
  const change = { attribute: 'email', from: 'old@x.test', to: 'new@x.test' }
  for (const changedBy of ['directory', 'vendor'] as const) {
    assert.deepEqual(seen('provider', changedBy).changes, [change])
    for (const owner of ['vendor', 'ignore'] as const)
      assert.deepEqual(seen(owner, changedBy), { changes: [], desired: undefined, drift: '' })
    const byHand = seen('manual', changedBy)
    assert.deepEqual(byHand.changes, [])
    assert.match(
      byHand.drift,
      /^jane: email old@x.test → new@x.test differs from the directory and is kept by hand: change it there/,
    )
  }
})

test('a change of another attribute leaves what is not ours as it is at the vendor', () => {
  for (const owner of ['vendor', 'manual', 'ignore'] as const) {
    const given = basis({
      wanted: [wanted(jane)],
      accounts: [janes],
      links: [linked('m1', janes)],
      policy: { attributeOwners: { email: owner, roles: owner } },
    })
    const [step] = difference(given, 'report').steps
    assert.deepEqual(step?.changes, [{ attribute: 'familyName', from: 'Doe', to: 'Roe' }])
    assert.deepEqual([step.desired?.email, step.desired?.roleIds], ['old@x.test', []])
  }
})

test('a new account gets roles from the directory unless they are kept by hand or ignored', () => {
  for (const [owner, roleIds] of [
    ['provider', ['r1']],
    ['vendor', ['r1']],
    ['manual', []],
    ['ignore', []],
  ] as const) {
    const given = basis({ wanted: [wanted(jane)], policy: { attributeOwners: { roles: owner } } })
    assert.deepEqual(difference(given, 'report').steps[0]?.desired?.roleIds, roleIds, owner)
  }
})

test('a removal becomes stale by a change of what somebody owns, not of what is ignored; a write by either', () => {
  const policy = { attributeOwners: { email: 'ignore', givenName: 'vendor' } } as const
  const [removal] = difference(basis({ accounts: [janes], links: [linked('m1', janes)], policy }), 'report').steps
  assert.ok(removal)
  const step = { ...removal, id: 's', organizationId: 'o', connectionId: 'c', planId: 'p', position: 0, attempts: 1 } as const
  const full = { ...step, retryAt: undefined, updatedAt: new Date(0) }
  assert.ok('account' in checkObserved(full, { ...janes, email: 'else@x.test' }, policy))
  assert.ok('ending' in checkObserved(full, { ...janes, givenName: 'Joan' }, policy))
  assert.ok('ending' in checkObserved(full, { ...janes, userName: 'else' }, policy))
  const desired = { userName: 'jane', email: 'old@x.test', givenName: 'Jane', familyName: 'Roe', roleIds: [] }
  const write = { ...full, desired, observed: stateOfAccount(janes) }
  assert.ok('ending' in checkObserved(write, { ...janes, email: 'else@x.test' }, policy))
})

test('over a connection, what the vendor owns is never written and what is kept by hand is a finding until both agree', async (t) => {
  const world = await openSyncWorld(t)
  await world.connect({ policy: { drift: 'revert', attributeOwners: { familyName: 'manual', givenName: 'vendor' } } })
  await world.join('jane')
  await world.settle()
  const [made] = world.vendor.accounts.values()
  assert.ok(made)
  world.vendor.put({ ...made, givenName: 'Joan', familyName: 'Else' })
  await world.pass(20)
  assert.deepEqual(
    [...world.vendor.accounts.values()].map(({ givenName, familyName }) => [givenName, familyName]),
    [['Joan', 'Else']],
  )
  const open = () => world.engine.listFindings(world.by('boss'), { open: true, limit: 10 })
  assert.deepEqual(
    (await open()).map(({ kind, message }) => [kind, message.includes('familyName Else → Family')]),
    [['drift', true]],
  )
  world.vendor.put({ ...made, givenName: 'Joan' })
  await world.pass(20)
  assert.deepEqual(await open(), [])
})
