import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSyncWorld, type SyncWorld } from '../../tests/sync.ts'

const asked = (world: SyncWorld, state: 'open' | 'answered' | 'withdrawn' = 'open') =>
  world.engine.listQuestions(world.by('owner'), { state, limit: 100 })

const only = async (world: SyncWorld) => {
  const [question, ...others] = await asked(world)
  assert.ok(question && others.length === 0)
  return question
}

const findings = async (world: SyncWorld) =>
  (await world.engine.listFindings(world.by('owner'), { open: true, limit: 100 }))
    .map(({ kind, subject }) => `${kind} ${subject}`)
    .toSorted()

/** Jane has one account by her user name and another one by her address. */
async function ambiguous(t: Parameters<typeof openSyncWorld>[0], options: Parameters<typeof openSyncWorld>[1] = {}) {
  const world = await openSyncWorld(t, options)
  const jane = await world.join('jane')
  world.vendor.put({ userName: 'jane', givenName: 'Given', familyName: 'Family', email: 'old@example.com' })
  world.vendor.put({ userName: 'jdoe', email: 'JANE@example.com' })
  const connection = await world.connect()
  await world.pass(20, 5)
  return { world, jane, connection }
}

test('until a person answers, nothing is made and nothing linked; what speaks for each candidate is told', async (t) => {
  const { world, connection } = await ambiguous(t)
  assert.deepEqual(world.vendor.writes, [])
  assert.deepEqual(await world.engine.listLinks(world.by('owner'), { connectionId: connection.id, limit: 10 }), [])
  const question = await only(world)
  assert.deepEqual(
    question.candidates.map(({ accountId, compared }) => [
      accountId,
      compared.map(({ attribute, agrees }) => `${agrees ? '+' : '-'}${attribute}`),
    ]),
    [
      ['a1', ['+userName', '-email', '+name']],
      ['a2', ['-userName', '+email']],
    ],
  )
  assert.deepEqual(await findings(world), ['duplicate a1', 'duplicate a2'])
  assert.equal(question.version, 1, 'asked once, not with every read')
  assert.equal(
    (await world.directory.listFacts(world.by('o'), { limit: 1000 })).filter(({ action }) => action === 'question.asked').length,
    1,
  )
})

test('a link closes the question, and what is left over is a duplicate to be merged', async (t) => {
  const { world, jane, connection } = await ambiguous(t)
  const { id, version } = await only(world)
  const answered = await world.engine.answerQuestion(world.by('boss'), {
    id,
    version,
    answer: { kind: 'link', accountId: 'a1' },
    reason: 'she told me',
  })
  assert.deepEqual([answered.state, answered.answer?.kind, answered.answer?.by], ['answered', 'link', 'boss'])
  await world.settle()
  const { link, question } = await world.engine.explainLink(world.by('owner'), {
    connectionId: connection.id,
    membershipId: jane.id,
  })
  assert.deepEqual([link.accountId, link.rule, link.madeBy, question?.id], ['a1', 'manual', 'boss', id])
  assert.deepEqual(await findings(world), ['duplicate a2'])
  assert.equal(world.vendor.accounts.get('a1')?.email, 'jane@example.com', 'the account is hers, so what she wants follows')
})

test('as long as an answer stands nothing asks again: not the same lets an account be made, ignoring does not', async (t) => {
  const world = await openSyncWorld(t)
  for (const name of ['jane', 'john']) {
    await world.join(name)
    world.vendor.put({ userName: `old-${name}`, email: `${name}@example.com` })
  }
  await world.connect()
  await world.settle()
  const answers = { jane: 'notTheSame', john: 'ignore' } as const
  for (const { id, version, subject } of await asked(world))
    await world.engine.answerQuestion(world.by('boss'), {
      id,
      version,
      answer: { kind: subject === 'jane' ? answers.jane : answers.john },
      reason: 'known',
    })
  await world.pass(40, 5)
  assert.deepEqual(await asked(world), [])
  assert.deepEqual(
    [...world.vendor.accounts.values()].map(({ userName }) => userName),
    ['old-jane', 'old-john', 'jane'],
  )
  const failed = (await world.steps()).find(({ subject, state }) => subject === 'john' && state === 'failed')
  assert.match(failed?.reason ?? '', /boss left it so that nothing is linked or made/)
  world.vendor.put({ userName: 'john', email: 'another@example.com' })
  await world.pass(20, 5)
  assert.deepEqual((await only(world)).candidates.length, 2, 'another account is another question')
})

test('an answer to what was asked before is refused, and so is one that names another account', async (t) => {
  const { world } = await ambiguous(t)
  const { id, version } = await only(world)
  const answer = { id, version, reason: 'r' } as const
  const boss = world.by('boss')
  await assert.rejects(world.engine.answerQuestion(boss, { ...answer, answer: { kind: 'link', accountId: 'a9' } }), {
    refusal: 'invalid',
    field: 'accountId',
  })
  await assert.rejects(world.engine.answerQuestion(boss, { ...answer, reason: ' ', answer: { kind: 'ignore' } }), {
    refusal: 'invalid',
    field: 'reason',
  })
  world.vendor.put({ userName: 'j.doe', email: 'jane@example.com' })
  await world.pass(20, 5)
  await assert.rejects(world.engine.answerQuestion(boss, { ...answer, answer: { kind: 'notTheSame' } }), { refusal: 'stale' })
  await assert.rejects(
    world.engine.answerQuestion(world.by('eve', 'auditor'), { ...answer, version: 2, answer: { kind: 'ignore' } }),
    { refusal: 'forbidden' },
  )
  const current = { ...answer, version: 2, answer: { kind: 'notTheSame' } } as const
  const first = await world.engine.answerQuestion(boss, current)
  assert.deepEqual(await world.engine.answerQuestion(boss, current), first, 'sent again, the same answer is the same')
  await assert.rejects(world.engine.answerQuestion(world.by('other'), current), { refusal: 'stale' })
  assert.deepEqual(first.ruledOut, ['a1', 'a2', 'a3'])
})

test('a question goes when it does not arise any more, and stays when the person leaves while the account stands', async (t) => {
  const { world, jane } = await ambiguous(t)
  await world.leave(jane.id)
  await world.pass(20, 5)
  const { id, version } = await only(world)
  await world.engine.answerQuestion(world.by('boss'), {
    id,
    version,
    answer: { kind: 'link', accountId: 'a2' },
    reason: 'it was hers',
  })
  await world.settle()
  const removal = (await world.steps()).find(({ kind, state }) => kind === 'remove' && state === 'planned')
  assert.equal(removal?.accountId, 'a2', 'what belongs to somebody who left is planned to go')

  const other = await ambiguous(t)
  other.world.vendor.accounts.delete('a2')
  await other.world.pass(20, 5)
  assert.deepEqual(
    (await asked(other.world, 'withdrawn')).map(({ subject }) => subject),
    ['jane'],
  )
  assert.equal(
    (await other.world.engine.listLinks(other.world.by('o'), { connectionId: other.connection.id, limit: 5 })).length,
    1,
  )
})

test('an incomplete read neither links nor asks nor makes anything beside an account that fits', async (t) => {
  const world = await openSyncWorld(t)
  world.vendor.put({ userName: 'jane' })
  world.vendor.put({ userName: 'ghost' })
  await world.connect()
  await world.settle()
  world.vendor.faults = [{ kind: 'changingList' }]
  await world.time.advance(10 * 60_000)
  await world.join('jane')
  await world.join('new')
  await world.settle()
  assert.deepEqual(
    world.vendor.writes.map(({ subject }) => subject),
    ['new'],
    'additions go on',
  )
  assert.deepEqual(await asked(world), [])
  world.vendor.faults = []
  await world.pass(20, 5)
  assert.equal((await world.steps()).filter(({ state }) => state === 'failed').length, 0)
})
