import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSyncWorld } from './sync.ts'
import { tamperOften } from './tamperings.ts'

test('whatever is changed, deleted, inserted, reordered or cut off among facts, checkpoints and receipts is found, and the first bad row named', (t) =>
  tamperOften(t, 46))

test('a checkpoint is signed when something happened since the last one, and a fact tells of it', async (t) => {
  const world = await openSyncWorld(t)
  const call = () => world.by('record', 'auditor')
  await world.engine.takeCheckpoint(call())
  await world.engine.takeCheckpoint(call())
  const checkpoints = () => world.database.ledger.read((tx) => tx.checkpoints(world.organizationId, { after: 0, limit: 10 }))
  assert.equal((await checkpoints()).length, 1)
  await world.join('jane')
  await world.engine.takeCheckpoint(call())
  const [, second] = await checkpoints()
  const facts = await world.directory.listFacts(call(), { limit: 100 })
  assert.equal(facts.at(-1)?.action, 'checkpoint.signed')
  assert.equal(facts.at(-1)?.detail['sequence'], second?.sequence)
  assert.equal(second?.sequence, facts.length - 1)
  const verdict = await world.engine.verifyRecord(call())
  assert.ok(verdict.intact)
  assert.equal(verdict.checkpoints, 2)
})
