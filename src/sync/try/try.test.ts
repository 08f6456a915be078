import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { openSyncWorld, type SyncWorld } from '../../../tests/sync.ts'
import type { TryReport } from './engine.ts'

const outcomes = ({ steps }: TryReport) => steps.map(({ name, outcome }) => `${name} ${outcome}`)
const messageOf = ({ steps }: TryReport, name: string) => steps.find((step) => step.name === name)?.message ?? ''
const written = ({ attributes }: TryReport) =>
  attributes.filter(({ action }) => action === 'write').map(({ attribute, atVendor, wanted }) => [attribute, atVendor, wanted])

async function open(t: TestContext, input: Parameters<SyncWorld['connect']>[0] = {}) {
  const world = await openSyncWorld(t)
  const { id: connectionId } = await world.connect(input)
  const asked = (person: string) => ({ connectionId, person })
  const counts = async () => ({
    facts: (await world.directory.chainHead(world.by('x'), undefined)).sequence,
    writes: world.vendor.writes.length,
  })
  return {
    world,
    connectionId,
    counts,
    show: (person: string) => world.engine.tryPerson(world.by('operator'), asked(person)),
    act: (person: string) => world.engine.provisionPerson(world.by('operator'), asked(person)),
  }
}

test('a joiner’s steps are shown without anything being changed, and done when asked', async (t) => {
  const { world, show, act, counts } = await open(t, { policy: { defaultRoles: ['Admin'] } })
  await world.settle()
  await world.join('ada', { name: {}, displayName: 'Ada King' })
  const before = await counts()
  const shown = await show('ada@example.com')
  assert.deepEqual(outcomes(shown), ['person ok', 'assignment ok', 'match ok', 'write would', 'readBack notAsked'])
  assert.match(messageOf(shown, 'assignment'), /is assigned to desk as everybody is/)
  assert.deepEqual(written(shown), [
    ['userName', undefined, 'ada'],
    ['email', undefined, 'ada@example.com'],
    ['givenName', undefined, 'Ada'],
    ['familyName', undefined, 'King'],
    ['roles', undefined, 'Admin'],
  ])
  assert.match(shown.attributes[2]?.reason ?? '', /made of the other names/)
  assert.deepEqual(await counts(), before)
  assert.deepEqual(
    world.vendor.calls.filter((operation) => operation === 'list').length,
    1,
    'the list was read when the connection was made, and not again',
  )

  const done = await act('ada')
  assert.deepEqual(outcomes(done), ['person ok', 'assignment ok', 'match ok', 'write done', 'readBack ok'])
  assert.match(messageOf(done, 'readBack'), /account a1 is active: ada, ada@example\.com, Ada, King; roles Admin/)
  assert.deepEqual([done.accountId, done.kind], ['a1', 'create'])
  const again = await act('ada')
  assert.deepEqual(outcomes(again), ['person ok', 'assignment ok', 'match ok', 'write nothing', 'readBack ok'])
  assert.equal(world.vendor.writes.length, 1)
})

test('nobody else is touched, though they wait in the same plan', async (t) => {
  const { world, act, connectionId } = await open(t, { policy: { drift: 'report' } })
  for (const name of ['ada', 'bob']) await world.join(name)
  await world.settle()
  for (const account of world.vendor.accounts.values()) world.vendor.put({ ...account, givenName: 'Changed there' })
  const plan = await world.engine.createPlan(world.by('operator'), { connectionId })
  assert.equal(plan.steps.length, 2)
  const done = await act('ada')
  assert.deepEqual(outcomes(done).at(-2), 'write done')
  assert.equal(done.planId, plan.plan.id)
  assert.deepEqual(
    [...world.vendor.accounts.values()].map(({ userName, givenName }) => [userName, givenName]),
    [
      ['ada', 'Given'],
      ['bob', 'Changed there'],
    ],
  )
})

test('what was changed at the vendor is told apart from what the directory changed', async (t) => {
  const { world, show } = await open(t)
  const { id } = await world.join('ada')
  await world.settle()
  const [account] = world.vendor.accounts.values()
  assert.ok(account)
  world.vendor.put({ ...account, givenName: 'Changed there' })
  await world.directory.changeMember(world.by('idp'), {
    id,
    sessions: 'keep',
    change: ({ status: _, ...member }) => ({ ...member, suspended: false, name: { ...member.name, familyName: 'King' } }),
  })
  const report = await show('ada')
  const reasons = new Map(report.attributes.map(({ attribute, action, reason }) => [attribute, `${action}: ${reason}`]))
  assert.equal(reasons.get('givenName'), 'write: was changed at the vendor and is put back')
  assert.equal(reasons.get('familyName'), 'write: differs from the directory')
  assert.equal(reasons.get('email'), 'same: is as the directory has it')
  assert.match(reasons.get('roles') ?? '', /^leave: the directory names no role/)
})

test('a removal waits for an approval, whoever asks for it', async (t) => {
  const { world, show, act } = await open(t)
  const { id } = await world.join('ada')
  await world.settle()
  await world.leave(id)
  const shown = await show('ada')
  assert.deepEqual(outcomes(shown), ['person ok', 'assignment nothing', 'match ok', 'write waits', 'readBack notAsked'])
  assert.match(messageOf(shown, 'write'), /remove: is suspended in the directory; would wait for an approval/)
  const asked = await act('ada')
  assert.deepEqual(outcomes(asked).at(-1), 'readBack waits')
  assert.match(messageOf(asked, 'readBack'), /rollcall approve/)
  await world.settle()
  assert.equal(world.vendor.accounts.size, 1)
  assert.ok(asked.planId)
  const { plan } = await world.engine.getPlan(world.by('x'), { id: asked.planId })
  await assert.rejects(world.engine.approvePlan(world.by('operator'), { id: plan.id, digest: plan.digest, reason: 'mine' }), {
    refusal: 'forbidden',
  })
  await world.engine.approvePlan(world.by('other'), { id: plan.id, digest: plan.digest, reason: 'gone' })
  assert.match(messageOf(await act('ada'), 'readBack'), /has no account a1 any more/)
  assert.equal(world.vendor.accounts.size, 0)
})

test('where additions need an approval, or writes are off, it waits and says for what', async (t) => {
  const { world, show, act } = await open(t, { writes: false, policy: { additions: 'approval' } })
  await world.join('ada')
  await world.settle()
  assert.match(messageOf(await show('ada'), 'write'), /an approval by .* and for writes to be enabled/)
  assert.equal(outcomes(await act('ada')).at(-1), 'readBack waits')
  assert.deepEqual(world.vendor.writes, [])
})

test('nobody of that name, an account of somebody else, and a vendor that fails each stop it where they are', async (t) => {
  const { world, show, act, counts } = await open(t)
  assert.deepEqual(outcomes(await show('nobody@example.com')), ['person stopped'])
  world.vendor.put({ userName: 'other', email: 'ada@example.com' })
  await world.join('ada')
  await world.settle()
  const before = await counts()
  for (const ask of [show, act]) {
    const report = await ask('ada')
    assert.deepEqual(outcomes(report), ['person ok', 'assignment ok', 'match stopped', 'write stopped'])
    assert.match(messageOf(report, 'match'), /rollcall questions list/)
  }
  assert.deepEqual(await counts(), before)
  world.vendor.faults = [{ kind: 'status500Before', operation: 'roles' }]
  assert.deepEqual(outcomes(await act('ada')).at(-1), 'match stopped')
})

test('a vendor’s refusal is the end of it, and its reason is told', async (t) => {
  const { world, act } = await open(t)
  await world.settle()
  world.vendor.faults = [{ kind: 'refused', operation: 'create' }]
  await world.join('ada')
  const report = await act('ada')
  assert.equal(outcomes(report).at(-1), 'readBack stopped')
  assert.match(messageOf(report, 'readBack'), /create is failed: the vendor answered 400/)
})

test('an account that only matches is shown with the rule that would link it', async (t) => {
  const { world, show, act } = await open(t)
  world.vendor.put({ userName: 'ADA', email: 'old@example.com' })
  await world.settle()
  await world.join('ada')
  const shown = await show('ada')
  assert.match(messageOf(shown, 'match'), /fits by userName and would be linked by it/)
  assert.deepEqual([shown.kind, shown.accountId], ['update', 'a1'])
  assert.equal(outcomes(await act('ada')).at(-2), 'write done')
  assert.equal(world.vendor.accounts.get('a1')?.email, 'ada@example.com')
})

test('only who may operate a connection may try somebody', async (t) => {
  const { world, connectionId } = await open(t)
  for (const duty of ['auditor', 'approver'] as const)
    await assert.rejects(world.engine.tryPerson(world.by('x', duty), { connectionId, person: 'ada' }), { refusal: 'forbidden' })
  await assert.rejects(world.engine.tryPerson(world.by('x'), { connectionId: world.parts.newId(), person: 'ada' }), {
    refusal: 'notFound',
  })
})
