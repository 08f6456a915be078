import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { openSyncWorld, type SyncWorld } from '../../../tests/sync.ts'
import type { Policy } from '../connection.ts'
import type { Capabilities } from '../vendor.ts'
import { raise } from '../raising.ts'
import { workOnce } from '../run.ts'
import { verifyLeaverReceipt } from './receipt.ts'

/** Twenty people with accounts at a vendor that can suspend and withdraw invitations; jane is one of them. */
async function openLeaving(
  t: TestContext,
  { policy, capabilities, people = 20 }: { policy?: Partial<Policy>; capabilities?: Partial<Capabilities>; people?: number } = {},
) {
  const world = await openSyncWorld(t, { capabilities: { suspend: true, cancelInvitation: true, ...capabilities } })
  const connection = await world.connect({ ...(policy && { policy }) })
  const jane = await world.join('jane')
  const others = []
  for (let index = 1; index < people; index++) others.push(await world.join(`p${String(index).padStart(2, '0')}`))
  await world.settle()
  world.vendor.writes.length = 0
  world.vendor.calls.length = 0
  const account = () => [...world.vendor.accounts.values()].find(({ userName }) => userName === 'jane')
  return { world, connection, jane, others, account }
}

async function newest(world: SyncWorld) {
  const [offboarding] = await world.engine.listOffboardings(world.by('owner'), { limit: 1 })
  assert.ok(offboarding)
  const view = await world.engine.getOffboarding(world.by('owner'), { id: offboarding.id })
  const [visit] = view.visits
  assert.ok(visit)
  return { ...view, visit }
}

async function approveAll(world: SyncWorld): Promise<void> {
  for (const { id, digest } of await world.engine.listPlans(world.by('owner'), { state: 'open', limit: 10 }))
    await world.engine.approvePlan(world.by('boss', 'approver'), { id, digest, reason: 'ticket 4711' })
  await world.settle()
}

const receiptOf = async (world: SyncWorld, offboardingId: string) => {
  const stored = await world.engine.getLeaverReceipt(world.by('audit', 'auditor'), { offboardingId })
  const verdict = verifyLeaverReceipt(stored.text, world.engine.receiptKey)
  assert.ok(verdict.valid, verdict.valid ? '' : verdict.reason)
  return { ...stored, receipt: verdict.receipt }
}

const factsOf = async (world: SyncWorld) =>
  (await world.directory.listFacts(world.by('audit', 'auditor'), { after: 0, limit: 1000 })).map(({ action }) => action)

test('a deactivation locks the person out before anything is listed, and the removal waits for an approval', async (t) => {
  const { world, jane, account } = await openLeaving(t)
  await world.pass(10)
  world.vendor.calls.length = 0
  await world.leave(jane.id)
  await world.settle()
  assert.equal(account()?.status, 'suspended')
  assert.ok(world.vendor.calls.indexOf('suspend') < world.vendor.calls.indexOf('list'))
  const { offboarding, visit } = await newest(world)
  assert.deepEqual([offboarding.state, offboarding.asked.how, offboarding.asked.by], ['waiting', 'deactivation', 'idp'])
  assert.deepEqual([visit.state, visit.lock.state, visit.lock.kind], ['waiting', 'done', 'suspend'])
  assert.match(visit.reason, /waits for an approval: plan /)
  assert.deepEqual(visit.account?.status, 'active')
  assert.deepEqual(
    world.vendor.writes.map(({ operation }) => operation),
    ['suspend'],
  )
  await world.pass(60)
  assert.equal(world.vendor.writes.length, 1)
  // Whoever asks later who had access when finds the lock among the facts.
  const told = (await world.directory.listFacts(world.by('audit', 'auditor'), { after: 0, limit: 1000 })).filter(
    ({ action }) => action === 'accounts.changed',
  )
  assert.match(JSON.stringify(told.at(-1)?.detail), /"userName":"jane".*"status":"suspended"/)
})

test('the receipt is issued when the account is verified as gone, and anew after an hour and a day, citing the one before', async (t) => {
  const { world, jane } = await openLeaving(t, { capabilities: { residue: 'the identity survives' } })
  await world.leave(jane.id)
  await world.settle()
  await assert.rejects(receiptOf(world, (await newest(world)).offboarding.id), { refusal: 'notFound', message: /no receipt yet/ })
  await approveAll(world)
  const { offboarding, visit } = await newest(world)
  assert.deepEqual([offboarding.state, visit.state], ['verifying', 'gone'])
  const first = await receiptOf(world, offboarding.id)
  const [told] = first.receipt.connections
  assert.ok(told)
  assert.equal(first.receipt.former, null)
  assert.deepEqual(
    told.requests.map(({ kind, answer }) => [kind, answer]),
    [
      ['suspend', 'accepted'],
      ['remove', 'accepted'],
    ],
  )
  assert.deepEqual(
    told.reads.map(({ occasion, found }) => [occasion, found]),
    [
      ['suspend', 'suspended'],
      ['remove', 'gone'],
    ],
  )
  assert.deepEqual(
    told.approvals.map(({ actor, reason }) => [actor, reason]),
    [['boss', 'ticket 4711']],
  )
  assert.deepEqual(told.residues, ['memory: the identity survives.'])
  const [stored] = await world.engine.listReceipts(world.by('audit', 'auditor'), { limit: 1 })
  assert.equal(told.removal?.receiptId, stored?.id)

  await world.pass(61)
  const second = await receiptOf(world, offboarding.id)
  assert.deepEqual([second.number, second.receipt.former], [2, { id: first.id, sha256: first.sha256 }])
  assert.equal((await newest(world)).offboarding.state, 'verifying')
  await world.pass(24 * 60, 60)
  const third = await receiptOf(world, offboarding.id)
  assert.deepEqual([third.number, third.receipt.former?.sha256], [3, second.sha256])
  assert.deepEqual(
    third.receipt.connections[0]?.reads.map(({ occasion }) => occasion),
    ['suspend', 'remove', 'hour', 'day'],
  )
  assert.equal((await newest(world)).offboarding.state, 'settled')
  await world.pass(24 * 60, 120)
  assert.equal((await newest(world)).receipts.length, 3)
  assert.equal((await world.directory.verifyFacts(world.by('audit', 'auditor'), undefined)).intact, true)
})

test('one changed bit anywhere, and a leaver’s receipt does not verify', async (t) => {
  const { world, jane } = await openLeaving(t)
  await world.leave(jane.id)
  await world.settle()
  await approveAll(world)
  const { text } = await receiptOf(world, (await newest(world)).offboarding.id)
  const bytes = Buffer.from(text)
  for (let index = 0; index < bytes.length; index += 3) {
    const changed = Buffer.from(bytes)
    changed[index]! ^= 1 << (index % 8)
    assert.equal(verifyLeaverReceipt(changed.toString('utf8')).valid, false, `byte ${index}`)
  }
  assert.equal(verifyLeaverReceipt(`${text} `).valid, false)
  assert.equal(verifyLeaverReceipt(text.replace('"kind"', '"surplus": 1,\n  "kind"')).valid, false)
})

test('whoever left loses access also while the vendor’s list cannot be read', async (t) => {
  const { world, jane, account } = await openLeaving(t)
  await world.pass(10)
  world.vendor.faults = [{ kind: 'status500Before', operation: 'list' }]
  await world.leave(jane.id)
  await world.settle()
  assert.equal(account()?.status, 'suspended')
  assert.equal((await newest(world)).visit.state, 'present')
  world.vendor.faults = []
  await world.pass(2)
  assert.equal((await newest(world)).offboarding.state, 'waiting')
})

test('a flood of deactivations is locked out up to the limit, and the rest waits for a person', async (t) => {
  const { world, jane, others } = await openLeaving(t, { policy: { removalLimit: { accounts: 3, percent: 50 } } })
  for (const { id } of [jane, ...others.slice(0, 7)]) await world.leave(id)
  await world.pass(180, 15)
  assert.deepEqual(
    world.vendor.writes.map(({ operation }) => operation),
    ['suspend', 'suspend', 'suspend'],
  )
  const all = await world.engine.listOffboardings(world.by('owner'), { limit: 20 })
  const visits = await Promise.all(all.map(({ id }) => world.engine.getOffboarding(world.by('owner'), { id })))
  const held = visits.filter(({ visits: [visit] }) => visit?.lock.state === 'held')
  assert.equal(held.length, 5)
  assert.match(held[0]?.visits[0]?.lock.reason ?? '', /limit is 3 accounts or 50 % of 20/)
  assert.equal((await factsOf(world)).filter((action) => action === 'offboarding.held').length, 5)
  // Asked for by a person, one more is locked out once the hour has passed.
  await world.engine.offboard(world.by('ops', 'operator'), { person: held[0]?.offboarding.person.userName ?? '' })
  assert.equal(world.vendor.writes.length, 4)
})

test('where the policy leaves it to the approval, nobody is locked out before', async (t) => {
  const { world, jane, account } = await openLeaving(t, { policy: { leavers: { suspendAtOnce: 'approval' } } })
  await world.leave(jane.id)
  await world.pass(30)
  assert.equal(account()?.status, 'active')
  const { visit } = await newest(world)
  assert.deepEqual([visit.state, visit.lock.state], ['waiting', 'held'])
})

test('a pending invitation is withdrawn at once, and that is its end', async (t) => {
  const { world, jane, account } = await openLeaving(t)
  const found = account()
  assert.ok(found)
  world.vendor.put({ ...found, status: 'invited' })
  await world.leave(jane.id)
  await world.settle()
  assert.equal(account(), undefined)
  const { offboarding, visit } = await newest(world)
  assert.deepEqual([offboarding.state, visit.state, visit.account?.status], ['verifying', 'gone', 'invited'])
  const { receipt } = await receiptOf(world, offboarding.id)
  assert.deepEqual(
    receipt.connections[0]?.requests.map(({ kind, answer }) => [kind, answer]),
    [['cancelInvitation', 'accepted']],
  )
  assert.deepEqual(await world.engine.listPlans(world.by('owner'), { state: 'open', limit: 10 }), [])
})

test('an account that is back within the hour is a finding, and is locked out and removed again', async (t) => {
  const { world, jane, account } = await openLeaving(t)
  const before = account()
  assert.ok(before)
  await world.leave(jane.id)
  await world.settle()
  await approveAll(world)
  assert.equal(account(), undefined)
  world.vendor.put(before)
  await world.pass(62)
  const returned = async (open?: true) =>
    (await world.engine.listFindings(world.by('owner'), { limit: 50, ...(open && { open }) })).filter(
      ({ kind }) => kind === 'returned',
    )
  assert.match((await returned(true))[0]?.message ?? '', /jane is back at memory/)
  const back = await newest(world)
  assert.deepEqual([back.offboarding.state, back.visit.state, back.visit.lock.state], ['waiting', 'waiting', 'done'])
  assert.equal(account()?.status, 'suspended')
  assert.ok((await factsOf(world)).includes('offboarding.reopened'))
  await approveAll(world)
  assert.deepEqual([(await newest(world)).visit.state, (await returned(true)).length], ['gone', 0])
  assert.equal((await returned()).length, 1)
  const { receipt } = await receiptOf(world, back.offboarding.id)
  assert.deepEqual(
    receipt.connections[0]?.reads.map(({ occasion, found }) => [occasion, found]),
    [
      ['suspend', 'suspended'],
      ['remove', 'gone'],
      ['hour', 'active'],
      ['suspend', 'suspended'],
      ['remove', 'gone'],
    ],
  )
})

test('an account under another id with the person’s name is a finding too, and is theirs by the rules of the policy', async (t) => {
  const { world, jane, account } = await openLeaving(t)
  await world.leave(jane.id)
  await world.settle()
  await approveAll(world)
  const made = world.vendor.put({ userName: 'Jane' })
  await world.pass(62)
  const { offboarding, visit } = await newest(world)
  assert.deepEqual([offboarding.state, visit.state, visit.account?.id, visit.lock.state], ['waiting', 'waiting', made.id, 'done'])
  assert.deepEqual(visit.reads.find(({ occasion }) => occasion === 'hour')?.others, [made.id])
  await approveAll(world)
  assert.deepEqual([account(), world.vendor.accounts.has(made.id), (await newest(world)).visit.state], [undefined, false, 'gone'])
})

test('whoever comes back is offboarded no more: access is given back, nothing is read again', async (t) => {
  const { world, jane, account } = await openLeaving(t)
  await world.leave(jane.id)
  await world.settle()
  assert.equal(account()?.status, 'suspended')
  await world.directory.resumeMember(world.by('idp'), { id: jane.id })
  await world.pass(5)
  assert.equal(account()?.status, 'active')
  assert.equal((await newest(world)).offboarding.state, 'withdrawn')
  assert.deepEqual(await world.engine.listPlans(world.by('owner'), { state: 'open', limit: 10 }), [])
  await world.leave(jane.id)
  await world.settle()
  assert.equal(account()?.status, 'suspended')
  assert.equal((await world.engine.listOffboardings(world.by('owner'), { limit: 10 })).length, 2)
})

for (const kind of ['closeAfter', 'status500After'] as const)
  test(`an answer that is lost (${kind}) is settled by reading, and nothing is sent twice`, async (t) => {
    const { world, jane } = await openLeaving(t)
    world.vendor.faults = [{ kind, operation: 'suspend', times: 1 }]
    await world.leave(jane.id)
    await world.pass(5)
    const { visit } = await newest(world)
    assert.deepEqual([visit.lock.state, visit.requests.map(({ answer }) => answer)], ['done', ['lost']])
    assert.equal(world.vendor.calls.filter((operation) => operation === 'suspend').length, 1)
  })

test('a vendor that fails is asked again, later each time, and of its refusals the first and the last are told', async (t) => {
  const { world, jane, account } = await openLeaving(t)
  world.vendor.faults = [{ kind: 'status429', operation: 'suspend', times: 5 }]
  await world.leave(jane.id)
  await world.pass(1)
  assert.equal((await newest(world)).visit.lock.state, 'failed')
  await world.pass(10)
  assert.equal(account()?.status, 'suspended')
  assert.deepEqual(
    (await newest(world)).visit.requests.map(({ answer, status }) => [answer, status]),
    [
      ['refused', 429],
      ['refused', 429],
      ['accepted', undefined],
    ],
  )
})

test('an approval that comes while the lock is refused removes all the same', async (t) => {
  const { world, jane, account } = await openLeaving(t)
  world.vendor.faults = [{ kind: 'refused', operation: 'suspend' }]
  await world.leave(jane.id)
  await world.settle()
  const { visit } = await newest(world)
  assert.deepEqual([visit.lock.state, visit.lock.retryAt], ['failed', undefined])
  await approveAll(world)
  assert.equal(account(), undefined)
  assert.equal((await newest(world)).offboarding.state, 'verifying')
})

test('where the policy lets leavers keep a suspended account, that is the end of a deactivation, and it is read again', async (t) => {
  const { world, jane, account } = await openLeaving(t, { policy: { onLeave: 'suspend' } })
  await world.leave(jane.id)
  await world.pass(1)
  const { offboarding, visit } = await newest(world)
  assert.deepEqual([offboarding.state, visit.state], ['verifying', 'suspended'])
  const found = account()
  assert.ok(found)
  world.vendor.put({ ...found, status: 'active' })
  await world.pass(62)
  assert.equal(account()?.status, 'suspended')
  assert.ok((await factsOf(world)).includes('offboarding.reopened'))
})

test('what only a person can do is told as a task, and seen when it was done', async (t) => {
  const { world, jane, account } = await openLeaving(t, { capabilities: { remove: false, suspend: false } })
  await world.leave(jane.id)
  await world.settle()
  const { offboarding, visit } = await newest(world)
  assert.deepEqual([offboarding.state, visit.state, visit.lock.state], ['failed', 'forPerson', 'unable'])
  assert.match(visit.tasks.join(), /jane at desk: .*remove it in the vendor's console/)
  assert.equal((await receiptOf(world, offboarding.id)).receipt.connections[0]?.outcome, 'forPerson')
  world.vendor.accounts.delete(account()?.id ?? '')
  await world.pass(20)
  assert.deepEqual([(await newest(world)).offboarding.state, (await newest(world)).visit.state], ['verifying', 'gone'])
})

test('a protected account is neither locked nor removed, and is told as a task', async (t) => {
  const { world, jane, account } = await openLeaving(t, { policy: { protectedAccounts: ['jane'] } })
  await world.leave(jane.id)
  await world.pass(20)
  assert.equal(account()?.status, 'active')
  const { offboarding, visit } = await newest(world)
  assert.deepEqual([offboarding.state, visit.state, visit.lock.state], ['failed', 'forPerson', 'held'])
})

test('who has no account is told so by a complete read, and a removed connection ends its visits', async (t) => {
  const { world, connection } = await openLeaving(t, { policy: { matchBy: [] } })
  const stranger = await world.join('stranger')
  await world.engine.changeConnection(world.by('admin'), { id: connection.id, writesEnabled: false })
  await world.settle()
  await world.leave(stranger.id)
  await world.pass(10)
  const { visit, offboarding } = await newest(world)
  assert.deepEqual([offboarding.state, visit.state, visit.look !== undefined], ['settled', 'none', true])
  assert.equal((await receiptOf(world, offboarding.id)).receipt.connections[0]?.reason, 'no account among 20, by a complete read')
  world.vendor.put({ userName: 'someone', email: 'other@example.com' })
  const other = await world.join('other')
  await world.leave(other.id)
  await world.pass(1)
  assert.deepEqual((await newest(world)).visit.state, 'forPerson')
  await world.engine.removeConnection(world.by('admin'), { id: connection.id })
  await world.settle()
  assert.deepEqual((await newest(world)).visit.state, 'disconnected')
})

test('offboarding by a person locks out, answers where it stands, and names the person and the reason in the receipt', async (t) => {
  const { world, account } = await openLeaving(t)
  const report = await world.engine.offboard(world.by('ops', 'operator'), { person: 'jane', reason: 'end of contract' })
  assert.equal(account()?.status, 'suspended')
  assert.deepEqual(
    [report.view.offboarding.state, report.view.offboarding.asked.how, report.view.visits[0]?.state],
    ['waiting', 'request', 'waiting'],
  )
  await world.settle()
  assert.equal((await world.engine.listOffboardings(world.by('owner'), { limit: 10 })).length, 1)
  await approveAll(world)
  const { receipt } = await receiptOf(world, report.view.offboarding.id)
  assert.deepEqual([receipt.asked.by, receipt.asked.reason], ['ops', 'end of contract'])
})

test('each method for leavers needs its scope', async (t) => {
  const { world } = await openLeaving(t, { people: 1 })
  const none = { ...world.by('nobody'), scopes: new Set<never>() }
  const { engine } = world
  for (const attempt of [
    () => engine.offboard(none, { person: 'jane' }),
    () => engine.listOffboardings(none, { limit: 1 }),
    () => engine.getOffboarding(none, { id: 'o' }),
    () => engine.getLeaverReceipt(none, { offboardingId: 'o' }),
    () => engine.offboard(world.by('boss', 'approver'), { person: 'jane' }),
  ])
    await assert.rejects(attempt, { refusal: 'forbidden' }, String(attempt))
})

test('keys that the person made, and those that nobody is known to have made, are tasks for a person', async (t) => {
  const { world, jane, account } = await openLeaving(t)
  const key = { name: 'ci', createdAt: undefined }
  Object.assign(world.vendor, {
    keys: {
      list: async () => [
        { ...key, id: 'k1', owner: 'JANE@example.com' },
        { ...key, id: 'k2', owner: 'p01' },
        { ...key, id: 'k3' },
      ],
    },
  })
  await world.leave(jane.id)
  await world.settle()
  assert.deepEqual((await newest(world)).visit.tasks, [
    'They made keys at desk that stay valid: replace ci (k1).',
    'memory does not say who made the keys at desk: replace those that they knew of ci (k3).',
  ])
  await world.pass(30)
  assert.equal((await newest(world)).visit.tasks.length, 2)
  assert.ok(account())
})

test('two processes that see the same deactivation open one offboarding and send one suspension', async (t) => {
  const { world, jane } = await openLeaving(t)
  await world.leave(jane.id)
  const [one, two] = [world.parts, world.process('two')]
  await Promise.all([raise(one, world.organizationId), raise(two, world.organizationId)])
  await Promise.all([workOnce(one), workOnce(two)])
  await world.settle()
  assert.equal((await world.engine.listOffboardings(world.by('owner'), { limit: 10 })).length, 1)
  assert.equal(world.vendor.calls.filter((operation) => operation === 'suspend').length, 1)
})

test('a process that dies after the suspension was sent leaves it to be settled by reading', async (t) => {
  const { world, jane, account } = await openLeaving(t)
  await world.leave(jane.id)
  world.vendor.before = async (operation) => {
    if (operation !== 'suspend') return
    world.vendor.before = async () => undefined
    const found = account()
    if (found) world.vendor.put({ ...found, status: 'suspended' })
    throw new Error('the process is gone')
  }
  await world.settle()
  assert.equal((await newest(world)).visit.lock.state, 'sending')
  await world.pass(2)
  const { visit } = await newest(world)
  assert.deepEqual([visit.lock.state, visit.requests.map(({ answer }) => answer)], ['done', ['lost']])
  assert.deepEqual(world.vendor.writes, [])
  await world.directory.resumeMember(world.by('idp'), { id: jane.id })
  await world.pass(5)
  assert.equal(account()?.status, 'active')
})

test('where the policy holds accounts, the lock begins the hold, and whoever made them leave cannot approve the removal that follows', async (t) => {
  const { world, jane, account } = await openLeaving(t, { policy: { deletion: { onLeave: 'suspend', holdDays: 2 } } })
  await world.leave(jane.id)
  await world.pass(31)
  assert.equal(account()?.status, 'suspended')
  const held = await newest(world)
  assert.deepEqual([held.offboarding.state, held.visit.state], ['waiting', 'waiting'])
  assert.match(held.visit.reason, /held until 2026-11-23T.*; then its removal waits for an approval/)
  await world.engine.offboard(world.by('ops', 'operator'), { person: 'jane' })
  assert.deepEqual(await world.engine.listPlans(world.by('owner'), { state: 'open', limit: 10 }), [])
  await world.pass(2 * 24 * 60, 8 * 60)
  const [plan] = await world.engine.listPlans(world.by('owner'), { state: 'open', limit: 10 })
  assert.deepEqual(plan?.authors, ['idp', 'ops'])
  await approveAll(world)
  assert.equal((await newest(world)).visit.state, 'gone')
})

test('the last who runs the vendor’s account is not locked out: the removal’s approval has to name that', async (t) => {
  const { world, jane, others, account } = await openLeaving(t, { policy: { removalLimit: { accounts: 5, percent: 50 } } })
  const admin = { id: 'r1', name: 'Admin' }
  for (const userName of ['jane', 'p01']) {
    const found = [...world.vendor.accounts.values()].find((each) => each.userName === userName)
    assert.ok(found)
    world.vendor.put({ ...found, roles: [admin] })
  }
  await world.pass(20)
  await world.leave(others[0]?.id ?? '')
  await world.leave(jane.id)
  await world.settle()
  assert.deepEqual(
    world.vendor.writes.map(({ operation }) => operation),
    ['suspend'],
  )
  assert.equal(account()?.status, 'active')
  const { visit } = await newest(world)
  assert.deepEqual([visit.lock.state, visit.state], ['held', 'waiting'])
  assert.match(visit.lock.reason, /jane is the last active one with the role Admin at memory: that is decided with the removal/)
  await assert.rejects(approveAll(world), { refusal: 'unsafe', message: /--accept lastOwner/ })
})
