import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSyncWorld, type SyncWorld } from '../../tests/sync.ts'

const open = async (world: SyncWorld) =>
  (await world.engine.listFindings(world.by('owner'), { open: true, limit: 100 }))
    .map(({ kind, subject }) => `${kind} ${subject}`)
    .toSorted()

test('a link says by which rule it was made, for what values, when and by whom', async (t) => {
  const world = await openSyncWorld(t)
  const jane = await world.join('jane')
  world.vendor.put({ userName: 'JANE', email: 'other@example.com' })
  const connection = await world.connect({ policy: { changes: 'approval' } })
  await world.settle()
  const where = { connectionId: connection.id, membershipId: jane.id }
  const { link, history, question } = await world.engine.explainLink(world.by('owner'), where)
  assert.deepEqual(
    [link.rule, link.confidence, link.madeBy, link.compared],
    [
      'userName',
      'certain',
      'system:sync',
      [
        { attribute: 'userName', member: 'jane', account: 'JANE', agrees: true },
        { attribute: 'email', member: 'jane@example.com', account: 'other@example.com', agrees: false },
      ],
    ],
  )
  assert.equal(question, undefined)
  assert.deepEqual(
    history.map(({ action, actor }) => `${action} ${actor}`),
    ['link.made system:sync'],
  )
  assert.deepEqual(
    (await world.engine.listLinks(world.by('owner'), { connectionId: connection.id, limit: 10 })).map(
      ({ accountId }) => accountId,
    ),
    ['a1'],
  )
  await assert.rejects(world.engine.explainLink(world.by('owner'), { ...where, membershipId: 'x' }), { refusal: 'notFound' })
})

test('an account that is unlinked by hand is not linked again by a rule: somebody is asked, and nothing made meanwhile', async (t) => {
  const world = await openSyncWorld(t)
  const connection = await world.connect()
  const jane = await world.join('jane')
  await world.settle()
  const where = { connectionId: connection.id, membershipId: jane.id }
  await assert.rejects(world.engine.unlinkAccount(world.by('ops'), { ...where, reason: '  ' }), { field: 'reason' })
  const question = await world.engine.unlinkAccount(world.by('ops'), { ...where, reason: 'that is another Jane' })
  assert.ok(question)
  assert.equal((await world.engine.unlinkAccount(world.by('ops'), { ...where, reason: 'sent twice' }))?.id, question.id)
  await world.pass(40, 5)
  assert.deepEqual(await world.engine.listLinks(world.by('owner'), { connectionId: connection.id, limit: 10 }), [])
  assert.deepEqual(await open(world), ['duplicate a1'])
  assert.equal(world.vendor.writes.length, 1)
  const { version } = await world.engine.getQuestion(world.by('owner'), { id: question.id })
  await world.engine.answerQuestion(world.by('ops'), {
    id: question.id,
    version,
    answer: { kind: 'notTheSame' },
    reason: 'she has none yet',
  })
  await world.pass(20, 5)
  assert.deepEqual(await open(world), ['orphan a1'])
  const step = (await world.steps()).find(({ kind, state }) => kind === 'create' && state === 'failed')
  assert.match(step?.reason ?? '', /account a1 has this user name, and somebody said that it is not theirs/)
  assert.equal(world.vendor.writes.length, 1, 'the account of the other Jane is not taken over')
  await assert.rejects(world.engine.unlinkAccount(world.by('ops'), { ...where, reason: 'again' }), { refusal: 'notFound' })
})

test('of two accounts one is kept; the other goes through a plan that somebody else approves, and not when the kept one is gone', async (t) => {
  const world = await openSyncWorld(t)
  const connection = await world.connect()
  await world.join('jane')
  await world.settle()
  world.vendor.put({ id: 'a7', userName: 'jane.old', email: 'jane@example.com' })
  world.vendor.put({ id: 'a8', userName: 'jane.older', email: 'jane@example.com' })
  await world.pass(20, 5)
  assert.deepEqual(await open(world), ['duplicate a7', 'duplicate a8'])
  const merge = { connectionId: connection.id, keepAccountId: 'a1', reason: 'both are hers' }
  const view = await world.engine.mergeAccounts(world.by('ops'), { ...merge, removeAccountId: 'a7' })
  assert.deepEqual(
    view.steps.map(({ kind, accountId, state }) => [kind, accountId, state]),
    [['remove', 'a7', 'planned']],
  )
  await world.pass(40, 5)
  assert.equal(world.vendor.accounts.has('a7'), true, 'nothing is removed by itself')
  await assert.rejects(world.engine.applyPlan(world.by('ops'), { id: view.plan.id }), { refusal: 'needsApproval' })
  const decision = { id: view.plan.id, digest: view.plan.digest, reason: 'seen' }
  await assert.rejects(world.engine.approvePlan(world.by('ops'), decision), { refusal: 'forbidden' })
  await world.engine.approvePlan(world.by('boss'), decision)
  await world.settle()
  assert.deepEqual([...world.vendor.accounts.keys()], ['a1', 'a8'])
  await world.pass(20, 5)
  assert.deepEqual(await open(world), ['duplicate a8'])
  assert.equal((await world.engine.listLinks(world.by('o'), { connectionId: connection.id, limit: 5 }))[0]?.accountId, 'a1')
  assert.equal((await world.engine.listMarkings(world.by('o'), { connectionId: connection.id, limit: 5 })).length, 0)

  const second = await world.engine.mergeAccounts(world.by('ops'), { ...merge, removeAccountId: 'a8' })
  world.vendor.accounts.delete('a1')
  await world.pass(20, 5)
  const { steps } = await world.engine.getPlan(world.by('o'), { id: second.plan.id })
  assert.deepEqual(
    steps.map(({ state }) => state),
    ['superseded'],
    'the last account of somebody is not removed as their second one',
  )
})

test('what cannot be merged is refused with what to do', async (t) => {
  const world = await openSyncWorld(t)
  const connection = await world.connect({ policy: { protectedAccounts: ['root'] } })
  await world.join('jane')
  await world.join('john')
  await world.settle()
  world.vendor.put({ id: 'a8', userName: 'root' })
  world.vendor.put({ id: 'a9', userName: 'ghost' })
  const merge = (keepAccountId: string, removeAccountId: string) =>
    world.engine.mergeAccounts(world.by('ops'), { connectionId: connection.id, keepAccountId, removeAccountId, reason: 'r' })
  await assert.rejects(merge('a1', 'a1'), { refusal: 'invalid' })
  await assert.rejects(merge('a1', 'a99'), { refusal: 'notFound', field: 'removeAccountId' })
  await assert.rejects(merge('a1', 'a8'), { refusal: 'unsafe', message: /protected/ })
  await assert.rejects(merge('a9', 'a1'), { refusal: 'conflict', message: /jane is linked to a1.*unlink/ })
  await assert.rejects(merge('a1', 'a2'), { refusal: 'conflict', message: /belongs to john, an active member/ })
  const john = (await world.engine.listLinks(world.by('o'), { connectionId: connection.id, limit: 5 })).find(
    ({ accountId }) => accountId === 'a2',
  )
  await world.leave(john?.membershipId ?? '')
  const view = await merge('a1', 'a2')
  assert.deepEqual(
    view.steps.map(({ kind, accountId }) => `${kind} ${accountId}`),
    ['remove a2'],
    'the account of a second record of the same human, once that record has left',
  )
  await world.engine.unmarkAccount(world.by('ops'), { connectionId: connection.id, accountId: 'a2' })
  await world.pass(20, 5)
  assert.equal((await world.engine.getPlan(world.by('o'), { id: view.plan.id })).steps[0]?.state, 'superseded')
  await assert.rejects(world.engine.unmarkAccount(world.by('ops'), { connectionId: connection.id, accountId: 'a2' }), {
    refusal: 'notFound',
  })
})

test('while the outcome of a step on an account is not known, nobody changes whose it is', async (t) => {
  const world = await openSyncWorld(t)
  const connection = await world.connect()
  const jane = await world.join('jane')
  await world.settle()
  world.vendor.faults = [{ kind: 'closeAfter', operation: 'update', times: 1 }]
  world.vendor.before = async (operation) => {
    if (operation === 'update') world.vendor.faults.push({ kind: 'status500Before', operation: 'read' })
  }
  await world.directory.changeMember(world.by('idp'), {
    id: jane.id,
    change: ({ name, ...rest }) => ({ ...rest, name: { ...name, givenName: 'Johanna' }, suspended: false }),
    sessions: 'keep',
  })
  await world.settle()
  assert.deepEqual(
    (await world.steps()).map(({ state }) => state),
    ['done', 'unknown'],
  )
  const where = { connectionId: connection.id, membershipId: jane.id }
  await assert.rejects(world.engine.unlinkAccount(world.by('ops'), { ...where, reason: 'r' }), { refusal: 'conflict' })
  world.vendor.before = async () => undefined
  world.vendor.faults = []
  await world.pass(5)
  assert.ok(await world.engine.unlinkAccount(world.by('ops'), { ...where, reason: 'r' }))
})
