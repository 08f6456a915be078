import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSyncWorld, type SyncWorld } from '../../tests/sync.ts'
import { knownAccounts, wholeAccount } from './known-accounts.ts'
import { readVendor, type Known } from './read-vendor.ts'
import { withConnection } from './run.ts'
import type { KnownAccount } from './vendor.ts'
import type { Hand } from './work.ts'

async function openWorld(t: Parameters<typeof openSyncWorld>[0], people: number) {
  const world = await openSyncWorld(t)
  for (let index = 0; index < people; index++) world.vendor.put({ userName: `person${index}` })
  const { id: connectionId } = await world.connect({ writes: false })
  return { world, connectionId }
}

/** Reads as somebody asks for it, and looks at what is known then. */
const readAnd = <T>(world: SyncWorld, connectionId: string, look: (hand: Hand, known: Known) => Promise<T>): Promise<T> =>
  withConnection(world.parts, world.by('ops', 'operator'), {
    connectionId,
    work: async (hand) => look(hand, await readVendor(hand, 'person')),
  })
const namesOf = (accounts: readonly KnownAccount[]) => accounts.map(({ userName }) => userName).toSorted()
const namesKnown = (world: SyncWorld, connectionId: string) =>
  readAnd(world, connectionId, async (hand, known) => namesOf(await knownAccounts(hand, known)))

test('of a complete read the accounts there are, however many, without the records of the vendor', async (t) => {
  const { world, connectionId } = await openWorld(t, 1_250)
  const accounts = await readAnd(world, connectionId, knownAccounts)
  assert.equal(accounts.length, 1_250)
  const [expected] = world.vendor.accounts.values()
  const { raw: _, ...one } = expected!
  assert.deepEqual(
    accounts.find(({ id }) => id === one.id),
    // Members that are undefined are not kept.
    Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined)),
  )
  world.vendor.accounts.delete(one.id)
  world.vendor.put({ ...[...world.vendor.accounts.values()][3]!, userName: 'renamed' })
  const again = await readAnd(world, connectionId, knownAccounts)
  assert.equal(again.length, 1_249)
  assert.ok(again.some(({ userName }) => userName === 'renamed'))
})

test('of an incomplete read those known before and those seen, of which nothing is kept once the list is whole again', async (t) => {
  const { world, connectionId } = await openWorld(t, 4)
  assert.deepEqual(await namesKnown(world, connectionId), ['person0', 'person1', 'person2', 'person3'])
  const shown = ['a1', 'a2'].map((id) => world.vendor.accounts.get(id)!)
  const stranger = { ...shown[0]!, id: 'x', userName: 'stranger', raw: { of: 'stranger' } }
  const { reader } = world.vendor
  const list = reader.list.bind(reader)
  Object.assign(world.vendor.reader, {
    async *list() {
      yield { accounts: [{ ...shown[0]!, userName: 'renamed' }, shown[1]!, stranger], declaredTotal: 9 }
    },
  })
  await readAnd(world, connectionId, async (hand, known) => {
    assert.equal(known.snapshot.certificate.complete, false)
    const accounts = await knownAccounts(hand, known)
    assert.deepEqual(namesOf(accounts), ['person1', 'person2', 'person3', 'renamed', 'stranger'])
    const found = accounts.find(({ id }) => id === 'x')
    assert.ok(found)
    assert.deepEqual((await wholeAccount(hand, found)).raw, { of: 'stranger' })
    const stored = await hand.parts.ledger.read((tx) => tx.accountIds(world.organizationId, connectionId, { limit: 10 }))
    assert.deepEqual(stored, ['a1', 'a2', 'a3', 'a4'])
  })
  Object.assign(world.vendor.reader, { list })
  assert.deepEqual(await namesKnown(world, connectionId), ['person0', 'person1', 'person2', 'person3'])
})
