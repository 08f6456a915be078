import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Gate } from '../../../tests/keyring.ts'
import { openKeyWorld, type KeyBench, type KeyWorld } from '../../../tests/key-world.ts'
import type { Work } from '../ledger.ts'
import { workOnce } from '../run.ts'
import { isOpen, type RotationState } from './rotation.ts'

const minute = 60_000
const quietMs = 10 * minute
/** The vendor allows one key more than there are at first: a key that is lost anywhere leaves no room. */
const others = 2
const most = others + 2

type Input = Parameters<KeyBench['start']>[0]
/** Ways to rotate, and the states in which they differ from those before. */
const ways: readonly { readonly way: string; readonly input: Input; readonly states: readonly RotationState[] }[] = [
  {
    way: 'the connection’s own key',
    input: { quietMs },
    states: ['started', 'creating', 'stored', 'handedOut', 'quiet', 'deleting', 'done'],
  },
  { way: 'a key that is handed out to a file', input: { quietMs, handOut: 'file' }, states: ['stored', 'handedOut'] },
]

/** A rotation to be worked on to its end by one process after another. */
async function begin({ open }: KeyWorld, input: Input) {
  const bench = await open({ most })
  for (let other = 0; other < others; other++) bench.ring.add(`Other ${other}`)
  return { ...bench, id: await bench.start(input) }
}

/** Works on whatever is due, confirms what waits for a person, and lets time pass, until the rotation has ended. */
async function work(keyWorld: KeyWorld, bench: Awaited<ReturnType<typeof begin>>, gate?: Gate): Promise<void> {
  const { world, engine, process } = keyWorld
  // No lease is prolonged: a process that dies is taken over from.
  const parts = { ...process(gate ? 'dying' : 'other', gate), sleep: () => new Promise<void>(() => undefined) }
  const workOf = (kind: Work['kind']): Work => ({
    organizationId: world.organizationId,
    kind,
    subject: bench.connectionId,
  })
  for (let rounds = 0; rounds < 40; rounds++) {
    while ((await workOnce(parts, workOf('rotate'))) || (await workOnce(parts, workOf('reconcile'))));
    const { state } = await bench.rotation(bench.id)
    if (!isOpen({ state })) return
    if (state === 'handedOut') await engine.confirmRotation(world.by('ops'), { id: bench.id })
    else await world.time.advance(minute)
  }
}

/** What has to hold at every moment: both sides of a rotation are never without a key that works. */
async function checkAlways({ ring, old, rotation, ownKey, id }: Awaited<ReturnType<typeof begin>>): Promise<void> {
  const { newKeyId, state } = await rotation(id)
  assert.ok(ring.keys.has(old.id) || (newKeyId !== undefined && ring.keys.has(newKeyId)), `no valid key in ${state}`)
  assert.ok(ring.keys.has((await ownKey()).id), `the connection calls with a key that is gone, in ${state}`)
  assert.ok(ring.keys.size <= most)
}

for (const { way, input, states } of ways) {
  test(`${way}: wherever a process dies, another goes on, with no key lost and never without a valid one`, async (t) => {
    const keyWorld = await openKeyWorld(t)
    const points: { readonly at: number; readonly point: string; readonly state: RotationState }[] = []
    const whole = await begin(keyWorld, input)
    await work(keyWorld, whole, async (point) => {
      points.push({ at: points.length, point, state: (await whole.rotation(whole.id)).state })
      await checkAlways(whole)
    })
    assert.equal((await whole.rotation(whole.id)).state, 'done')
    for (const effect of ['create after', 'use after', 'remove after', 'commit before', 'commit after'])
      assert.ok(
        points.some(({ point }) => point === effect),
        `${effect} is a point to die at`,
      )
    const diedIn = new Set<RotationState>()
    for (const { at, point } of points.filter(({ state }) => states.includes(state))) {
      const bench = await begin(keyWorld, input)
      let passed = -1
      const { promise: died, resolve: die } = Promise.withResolvers<void>()
      void work(keyWorld, bench, async () => {
        passed++
        if (passed !== at) return
        diedIn.add((await bench.rotation(bench.id)).state)
        die()
        await new Promise(() => undefined)
      })
      await died
      await keyWorld.world.time.advance(minute)
      await work(keyWorld, bench, () => checkAlways(bench))
      const done = await bench.rotation(bench.id)
      assert.equal(done.state, 'done', `died at ${at}, ${point}: ${done.reason}`)
      const { keys, overflows, refused } = bench.ring
      assert.deepEqual([keys.size, overflows, refused], [most - 1, 0, 0], `died at ${at}, ${point}`)
      assert.ok(!keys.has(bench.old.id))
      assert.equal((await bench.ownKey()).id, done.newKeyId)
      if (input?.handOut !== undefined) assert.equal(bench.handedOut().key.id, done.newKeyId, `died at ${at}, ${point}`)
    }
    assert.deepEqual([...diedIn].toSorted(), states.toSorted())
  })
}

test('given up at any moment, both keys stay, no other does, and no sealed secret is kept', async (t) => {
  const keyWorld = await openKeyWorld(t)
  const { engine, world } = keyWorld
  const ends: string[] = []
  for (let at = 0, reached = true; reached; at++) {
    const bench = await begin(keyWorld, { quietMs })
    reached = false
    let passed = -1
    await work(keyWorld, bench, async () => {
      passed++
      if (passed !== at) return
      reached = true
      await engine.abortRotation(world.by('ops'), { id: bench.id, reason: 'enough' }).catch((error: { refusal?: string }) => {
        assert.equal(error.refusal, 'conflict')
      })
      await checkAlways(bench)
    })
    const ended = await bench.rotation(bench.id)
    ends.push(ended.state)
    assert.deepEqual([ended.sealedSecret, ended.ownSecret], [undefined, undefined])
    await checkAlways(bench)
    assert.deepEqual([bench.ring.overflows, bench.ring.refused], [0, 0])
    if (ended.state === 'done') continue
    assert.equal(ended.state, 'aborted', `given up at ${at}`)
    assert.ok(bench.ring.keys.has(bench.old.id))
    assert.equal((await bench.ownKey()).id, bench.old.id)
    assert.equal(bench.ring.keys.size, 1 + others + (ended.newKeyId === undefined ? 0 : 1), `given up at ${at}`)
  }
  assert.ok(ends.includes('aborted') && ends.includes('done'))
})

test('of two processes that work on one rotation at once one does it, and the other changes nothing', async (t) => {
  const keyWorld = await openKeyWorld(t)
  const bench = await begin(keyWorld, { quietMs: 0 })
  let stands: () => void = () => undefined
  const held = new Promise<void>((resolve) => (stands = resolve))
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>()
  let first = true
  const late = work(keyWorld, bench, async (point) => {
    if (point !== 'create after' || !first) return
    first = false
    reach()
    await held
  })
  await reached
  await keyWorld.world.time.advance(minute)
  await work(keyWorld, bench)
  assert.equal((await bench.rotation(bench.id)).state, 'done')
  stands()
  await late
  assert.equal(bench.ring.keys.size, 1 + others, 'the late process made no further key')
  assert.equal(bench.ring.overflows, 0)
})
