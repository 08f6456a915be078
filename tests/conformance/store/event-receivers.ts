import assert from 'node:assert/strict'
import { test } from 'node:test'
import { useBench, type CreateDatabase } from './bench.ts'

export function eventReceiverConformance(create: CreateDatabase): void {
  const bench = useBench(create)

  test('a receiver is found by its organization and id alone, as it was written last', async () => {
    const { opened, other, organization } = bench()
    const [{ organizationId }, stranger] = [await organization(), await organization()]
    const has = (id: string) => other.store.read((tx) => tx.hasEventReceivers(id))
    assert.equal(await has(organizationId), false)
    const receiver = { organizationId, id: 'token', position: 3, taken: [5, 9] }
    await opened.store.write(organizationId, (tx) => tx.putEventReceiver({ ...receiver, position: 1, taken: [] }))
    await opened.store.write(organizationId, (tx) => tx.putEventReceiver(receiver))
    const read = (id: string, of = organizationId) => other.store.read((tx) => tx.eventReceiver(of, id))
    assert.deepEqual(await read('token'), receiver)
    assert.equal(await read('other'), undefined)
    assert.equal(await read('token', stranger.organizationId), undefined)
    assert.deepEqual([await has(organizationId), await has(stranger.organizationId)], [true, false])
  })

  test('two that take at once both count', async () => {
    const { directory, otherDirectory, organization } = bench()
    const call = await organization()
    await directory.takeEvents(call, { taken: [], refused: [] })
    for (let count = 0; count < 4; count++)
      await directory.addGroup(call, {
        displayName: `g${count}`,
        externalId: undefined,
        roleIds: [],
        attributes: {},
        membershipIds: [],
      })
    const events = await directory.readEvents(call, { limit: 10 })
    const [first, second, third, fourth] = events.facts.map(({ sequence }) => sequence)
    await Promise.all([
      directory.takeEvents(call, { taken: [first ?? 0], refused: [] }),
      otherDirectory.takeEvents(call, { taken: [third ?? 0], refused: [] }),
    ])
    const left = (await otherDirectory.readEvents(call, { limit: 10 })).facts.map(({ sequence }) => sequence)
    assert.deepEqual(left, [second, fourth])
  })
}
