import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSyncWorld } from '../../tests/sync.ts'
import { readAccounts } from './snapshot.ts'
import type { Account, VendorReader } from './vendor.ts'

const account = (id: string): Account => ({
  id,
  userName: id,
  email: undefined,
  givenName: undefined,
  familyName: undefined,
  status: 'active',
  roles: [],
  raw: {},
})
const ids = (count: number) => Array.from({ length: count }, (_, index) => `a${index}`)

/** A vendor that answers lists only, one after the other, and the last one for ever. */
function readerOf(...lists: readonly (readonly string[])[]): VendorReader {
  let turn = 0
  return {
    absence: 'list',
    async *list() {
      yield { accounts: (lists[Math.min(turn++, lists.length - 1)] ?? []).map(account), declaredTotal: undefined }
    },
    read: () => Promise.reject(new Error('nothing is asked for by id')),
    roles: async () => [],
    check: async () => ({ usable: true, findings: [] }),
  }
}

test('where only lists answer, a few who lack in two equal walks are gone', async () => {
  const { certificate, provenGone } = await readAccounts(readerOf(ids(28)), ids(30))
  assert.deepEqual([certificate.complete, provenGone], [true, ['a28', 'a29']])
})

test('where only lists answer, many who lack, an empty list, or walks that differ prove nobody gone', async () => {
  for (const reader of [readerOf(ids(20)), readerOf([]), readerOf(ids(28), ids(29)), readerOf(ids(28), ids(27))]) {
    const { certificate, provenGone } = await readAccounts(reader, ids(30))
    assert.deepEqual([certificate.complete, provenGone], [false, []])
  }
  assert.equal((await readAccounts(readerOf([]), ['a0'])).certificate.complete, false)
})

test('where only lists answer, nobody is walked for twice when nobody lacks', async () => {
  assert.equal((await readAccounts(readerOf(ids(3), []), ids(3))).certificate.complete, true)
})

test('where only lists answer, who lacks right before a removal is removed by id all the same', async (t) => {
  const world = await openSyncWorld(t)
  Object.assign(world.vendor.reader, { absence: 'list' })
  await world.connect()
  const member = await world.join('jane')
  await world.join('john')
  await world.settle()
  await world.leave(member.id)
  await world.pass(60)
  const [open] = await world.engine.listPlans(world.by('owner'), { state: 'open', limit: 10 })
  assert.ok(open)
  await world.engine.approvePlan(world.by('boss', 'approver'), { id: open.id, digest: open.digest, reason: 'left' })
  const { reader } = world.vendor
  const read = reader.read.bind(reader)
  let reads = 0
  Object.assign(reader, { read: (id: string) => (++reads === 1 ? Promise.resolve(undefined) : read(id)) })
  const { steps } = await world.engine.applyPlan(world.by('ops'), { id: open.id })
  assert.deepEqual(
    steps.map(({ state }) => state),
    ['done'],
  )
  assert.deepEqual(
    [...world.vendor.accounts.values()].map(({ userName }) => userName),
    ['john'],
  )
})
