import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSyncWorld } from '../../tests/sync.ts'
import { compare } from './compare.ts'

const residue = 'the identity survives: ask the vendor'

test('SNCH-26 what a vendor keeps after a removal is a residual finding, until the account is listed again', async (t) => {
  const world = await openSyncWorld(t, { capabilities: { residue } })
  const connection = await world.connect()
  const member = await world.join('jane')
  await world.join('john')
  await world.settle()
  const account = [...world.vendor.accounts.values()].find(({ userName }) => userName === 'jane')
  await world.leave(member.id)
  await world.pass(60)
  const [open] = await world.engine.listPlans(world.by('owner'), { state: 'open', limit: 10 })
  assert.ok(open && account)
  await world.engine.approvePlan(world.by('boss', 'approver'), { id: open.id, digest: open.digest, reason: 'left' })
  await world.engine.applyPlan(world.by('ops'), { id: open.id })
  const residues = async () =>
    (await world.engine.listFindings(world.by('owner'), { connectionId: connection.id, open: true, limit: 10 }))
      .filter(({ kind }) => kind === 'residual')
      .map(({ subject, message }) => [subject, message])
  assert.deepEqual(await residues(), [[account.id, `jane: ${residue}`]])
  await world.engine.importAccounts(world.by('ops', 'operator'), { id: connection.id })
  assert.deepEqual(await residues(), [[account.id, `jane: ${residue}`]])
  world.vendor.put(account)
  await world.engine.importAccounts(world.by('ops', 'operator'), { id: connection.id })
  assert.deepEqual(await residues(), [])
})

test('attributes that a vendor does not keep are neither changed nor called drift', () => {
  const account = {
    id: 'a1',
    userName: 'ada@example.com',
    email: 'ada@example.com',
    givenName: undefined,
    familyName: undefined,
    status: 'active',
    roles: [],
    raw: {},
  } as const
  const written = { userName: 'ada', email: 'ada@example.com', givenName: 'Ada', familyName: 'King', roleIds: [] }
  const input = {
    desire: {
      userName: 'ada',
      email: 'new@example.com',
      givenName: 'Ada',
      familyName: 'King',
      fallback: { givenName: 'Ada', familyName: 'King' },
      roleIds: undefined,
      unknownRoles: [],
    },
    account,
    link: {
      organizationId: 'o',
      connectionId: 'c',
      membershipId: 'm',
      accountId: 'a1',
      rule: 'created',
      madeAt: new Date(0),
      written,
    },
    drift: 'report',
    roles: [],
    policy: {},
  } as const
  const { changes, drifted, desired } = compare({ ...input, attributes: ['email'] })
  assert.deepEqual(
    changes.map(({ attribute, to }) => [attribute, to]),
    [['email', 'new@example.com']],
  )
  assert.equal(drifted, '')
  assert.deepEqual([desired.userName, desired.givenName], ['ada@example.com', undefined])
  assert.notEqual(compare(input).drifted, '')
})
