import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Claim, Work } from '../../../src/sync/ledger.ts'
import { addMember, useBench, type CreateDatabase } from './bench.ts'
import { connectionOf } from './connections.ts'

const start = new Date('2026-03-01T10:00:00.000Z')
const after = (ms: number): Date => new Date(start.getTime() + ms)

export function queueConformance(create: CreateDatabase): void {
  const bench = useBench(create)
  const schedule = async (dueAt: Date, again?: Work): Promise<Work> => {
    const { opened, newId } = bench()
    const work = again ?? ({ organizationId: newId(), kind: 'reconcile', subject: newId() } as const)
    await opened.ledger.write(work.organizationId, (tx) => tx.schedule({ ...work, dueAt }))
    return work
  }
  const claim = (now: Date, only?: Work, holder = 'one') => bench().opened.queue.claim({ holder, now, leaseMs: 1_000, only })
  const holds = (inHand: Claim) => bench().opened.ledger.write(inHand.organizationId, (tx) => tx.holds(inHand))
  const taken = async (now: Date, only?: Work, holder?: string): Promise<Claim> => {
    const found = await claim(now, only, holder)
    assert.ok(found)
    return found
  }

  test('the earliest work that is due is claimed, each once, and none before its time', async () => {
    const { opened } = bench()
    const [late, early, future] = [await schedule(after(20)), await schedule(after(10)), await schedule(after(900))]
    const first = await taken(after(30))
    const second = await taken(after(30))
    assert.deepEqual([first.subject, second.subject], [early.subject, late.subject])
    assert.equal(await claim(after(30)), undefined)
    for (const inHand of [first, second]) await opened.queue.finish(inHand, undefined)
    assert.equal(await claim(after(30)), undefined)
    const third = await taken(after(900))
    assert.equal(third.subject, future.subject)
    await opened.queue.finish(third, undefined)
  })

  test('of many who ask at once, through two processes, each gets other work', async () => {
    const { opened, other } = bench()
    const works = []
    for (let index = 0; index < 5; index++) works.push(await schedule(after(index)))
    const claims = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        (index % 2 ? opened : other).queue.claim({ holder: `h${index}`, now: after(10), leaseMs: 1_000 }),
      ),
    )
    const got = claims.filter((one) => one !== undefined)
    assert.deepEqual(got.map(({ subject }) => subject).toSorted(), works.map(({ subject }) => subject).toSorted())
    for (const inHand of got) await opened.queue.finish(inHand, undefined)
  })

  test('work that is due earlier stays so, and an earlier time brings it forward', async () => {
    const { opened } = bench()
    const work = await schedule(after(100))
    await schedule(after(200), work)
    assert.equal(await claim(after(99), work), undefined)
    await schedule(after(50), work)
    await opened.queue.finish(await taken(after(50), work), undefined)
  })

  test('with only, that work and no other is claimed', async () => {
    const { opened } = bench()
    const [first, second] = [await schedule(after(1)), await schedule(after(2))]
    const inHand = await taken(after(5), second)
    assert.equal(inHand.subject, second.subject)
    assert.equal(await claim(after(5), second), undefined)
    assert.equal(await claim(after(5), { ...first, subject: 'unknown' }), undefined)
    await opened.queue.finish(inHand, undefined)
    await opened.queue.finish(await taken(after(5), first), undefined)
  })

  test('work that is taken need not be due, must be there, and is nobody else’s meanwhile', async () => {
    const { opened } = bench()
    const work = await schedule(after(900))
    const take = (now: Date, what: Work = work, holder = 'person') =>
      opened.queue.take({ holder, now, leaseMs: 1_000, work: what })
    const inHand = await take(after(5))
    assert.ok(inHand)
    assert.equal(await holds(inHand), true)
    assert.equal(await take(after(1_004)), undefined)
    assert.equal(await claim(after(1_004), work), undefined)
    assert.equal(await take(after(5), { ...work, subject: 'unknown' }), undefined)
    const late = await take(after(1_005), work, 'another')
    assert.ok(late)
    assert.equal(await holds(inHand), false)
    await opened.queue.finish(late, undefined)
    const idle = await take(after(2_000))
    assert.ok(idle)
    await opened.queue.finish(idle, after(3_000))
    await opened.queue.finish(await taken(after(3_000), work), undefined)
  })

  test('when a lease runs out another takes the work, and the late worker is refused everywhere', async () => {
    const { opened } = bench()
    const work = await schedule(after(0))
    const late = await taken(after(0), work, 'late')
    assert.equal(await claim(after(999), work), undefined)
    assert.equal(await holds(late), true)
    const next = await taken(after(1_000), work, 'next')
    assert.ok(next.fence > late.fence)
    assert.equal(await holds(late), false)
    assert.equal(await holds(next), true)
    assert.equal(await opened.queue.renew(late, after(9_000)), false)
    await opened.queue.finish(late, after(0))
    assert.equal(await holds(next), true)
    assert.equal(await claim(after(1_500), work), undefined)
    await opened.queue.finish(next, undefined)
    assert.equal(await holds(next), false)
    assert.equal(await opened.queue.renew(next, after(9_000)), false)
  })

  test('a late worker is refused also when the same process holds the work again', async () => {
    const { opened } = bench()
    const work = await schedule(after(0))
    const late = await taken(after(0), work)
    await opened.queue.finish(await taken(after(2_000), work), undefined)
    await schedule(after(2_000), work)
    const next = await taken(after(3_000), work)
    assert.equal(await holds(late), false)
    await opened.queue.finish(next, undefined)
  })

  test('a lease that ran out holds until somebody takes the work', async () => {
    const { opened } = bench()
    const work = await schedule(after(0))
    const inHand = await taken(after(0), work)
    assert.equal(await holds(inHand), true)
    assert.equal(await opened.queue.renew(inHand, after(5_000)), true)
    assert.equal(await claim(after(4_999), work), undefined)
    await opened.queue.finish(inHand, undefined)
  })

  test('what is asked for while the work is in hand runs again after it, at the earlier of both times', async () => {
    const { opened } = bench()
    const work = await schedule(after(0))
    const first = await taken(after(0), work)
    await schedule(after(100), work)
    assert.equal(await claim(after(500), work), undefined)
    await opened.queue.finish(first, undefined)
    assert.equal(await claim(after(99), work), undefined)
    const second = await taken(after(100), work)
    await schedule(after(300), work)
    await opened.queue.finish(second, after(200))
    const third = await taken(after(200), work)
    await schedule(after(300), work)
    await opened.queue.finish(third, after(400))
    const fourth = await taken(after(300), work)
    await opened.queue.finish(fourth, after(600))
    assert.equal(await claim(after(599), work), undefined)
    await opened.queue.finish(await taken(after(600), work), undefined)
    assert.equal(await claim(after(9_999), work), undefined)
  })

  test('work that was asked for in a transaction that failed is not there', async () => {
    const { opened, newId } = bench()
    const work = { organizationId: newId(), kind: 'reconcile', subject: newId() } as const
    await assert.rejects(
      opened.ledger.write(work.organizationId, async (tx) => {
        await tx.schedule({ ...work, dueAt: after(0) })
        throw new Error('stop')
      }),
    )
    assert.equal(await claim(after(10), work), undefined)
  })

  test('nobody claims work while a transaction that asked whether it is held is open', async () => {
    const { opened, other } = bench()
    const work = await schedule(after(0))
    const inHand = await taken(after(0), work)
    const order: string[] = []
    const stolen = Promise.withResolvers<Claim | undefined>()
    await opened.ledger.write(work.organizationId, async (tx) => {
      assert.equal(await tx.holds(inHand), true)
      void other.queue
        .claim({ holder: 'thief', now: after(5_000), leaseMs: 1_000, only: work })
        .then((found) => order.push('claimed') && stolen.resolve(found), stolen.reject)
      for (let turn = 0; turn < 20; turn++) await tx.chainHead(work.organizationId)
      assert.equal(await tx.holds(inHand), true)
      order.push('written')
    })
    const found = await stolen.promise
    assert.deepEqual(order, ['written', 'claimed'])
    if (found) await opened.queue.finish(found, undefined)
  })

  test('freeing every lease makes claimed work due, and its holder is refused', async () => {
    const { opened } = bench()
    const work = await schedule(after(0))
    const lost = await taken(after(0), work, 'lost')
    await opened.queue.releaseAll()
    assert.equal(await holds(lost), false)
    const next = await taken(after(1), work)
    assert.ok(next.fence > lost.fence)
    await opened.queue.finish(next, undefined)
  })

  test('an organization has new facts when it has a connection and its cursor is behind', async () => {
    const { opened, organization } = bench()
    const [call, elsewhere] = [await organization(), await organization()]
    const { organizationId } = call
    const isBehind = async () => (await opened.queue.organizationsWithNewFacts()).includes(organizationId)
    const connection = connectionOf(bench(), call)
    assert.equal(await isBehind(), false)
    await opened.ledger.write(organizationId, (tx) => tx.putConnection(connection))
    assert.equal(await isBehind(), true)
    assert.ok(!(await opened.queue.organizationsWithNewFacts()).includes(elsewhere.organizationId))
    await addMember(bench(), call, 'ada')
    const sequences = async () =>
      (await opened.ledger.read((reader) => reader.newFacts(organizationId, 10))).map(({ sequence }) => sequence)
    assert.deepEqual(await sequences(), [1, 2])
    await opened.ledger.write(organizationId, (tx) => tx.moveCursor(organizationId, 1))
    assert.deepEqual(await sequences(), [2])
    assert.equal(await isBehind(), true)
    await opened.ledger.write(organizationId, (tx) => tx.moveCursor(organizationId, 2))
    await opened.ledger.write(organizationId, (tx) => tx.moveCursor(organizationId, 1))
    assert.equal(await isBehind(), false)
    await addMember(bench(), call, 'bob')
    assert.deepEqual(await sequences(), [3])
    assert.equal(await isBehind(), true)
    await opened.ledger.write(organizationId, (tx) => tx.removeConnection(organizationId, connection.id))
    assert.equal(await isBehind(), false)
  })
}
