import assert from 'node:assert/strict'
import { test } from 'node:test'
import { walkByOffset } from './walk.ts'

const numbers = (count: number): string[] => Array.from({ length: count }, (_, index) => `n${index}`)

/** Walks a list that changes before the given fetches. */
async function walk(
  list: string[],
  {
    size = 10,
    declares = true,
    changes = {},
  }: { readonly size?: number; readonly declares?: boolean; readonly changes?: Readonly<Record<number, () => void>> } = {},
) {
  const froms: number[] = []
  const found: string[] = []
  const portions = walkByOffset({
    fetch: async (from) => {
      changes[froms.length]?.()
      froms.push(from)
      return { items: list.slice(from, from + size), total: declares ? list.length : undefined }
    },
    idOf: (item) => item,
  })
  for await (const { items } of portions) found.push(...items)
  return { found, froms }
}

test('a list that stands is walked once, with an item of overlap', async () => {
  const { found, froms } = await walk(numbers(25))
  assert.deepEqual(found, numbers(25))
  assert.deepEqual(froms, [0, 9, 18])
})

test('without a declared total it ends where nothing more comes', async () => {
  for (const count of [0, 1, 9, 10, 19, 25])
    assert.deepEqual((await walk(numbers(count), { declares: false })).found, numbers(count))
})

test('a side that gives one item at a time is walked without overlap', async () => {
  assert.deepEqual((await walk(numbers(4), { size: 1 })).found, numbers(4))
})

test('nothing is skipped when items are taken out of what was read already', async () => {
  const list = numbers(40)
  const { found } = await walk(list, { changes: { 2: () => list.splice(0, 5) } })
  assert.deepEqual(found, numbers(40))
})

test('nothing is skipped when the whole part before is taken out', async () => {
  const list = numbers(40)
  const { found } = await walk(list, { changes: { 2: () => list.splice(5, 14) } })
  assert.deepEqual(found, numbers(40))
})

test('nothing comes twice when items are put in before', async () => {
  const list = numbers(40)
  const { found } = await walk(list, { changes: { 2: () => list.unshift('x', 'y', 'z') } })
  assert.deepEqual(found, numbers(40))
})

test('a side that ignores the position, or gives other items each time, does not hold the walk for ever', async () => {
  let fetches = 0
  const same = walkByOffset({ fetch: async () => ({ items: ['a', 'b'], total: 50 }), idOf: (item) => item })
  for await (const { items } of same) fetches += items.length >= 0 ? 1 : 0
  assert.ok(fetches <= 60)
  let made = 0
  const other = walkByOffset({ fetch: async () => ({ items: [`a${made++}`, `a${made++}`], total: 50 }), idOf: (item) => item })
  for await (const _ of other);
  assert.ok(made <= 200)
})

test('a repetition that is no overlap is passed on', async () => {
  const { found } = await walk(['a', 'b', 'a', 'c'], { size: 10 })
  assert.deepEqual(found, ['a', 'b', 'a', 'c'])
})

test('a long list is walked as a short one is: of what was read long ago nothing has to be known', async () => {
  const list = numbers(20_000)
  const { found } = await walk(list, {
    size: 100,
    changes: { 150: () => list.unshift(...numbers(250).map((name) => `x${name}`)), 180: () => list.splice(0, 1_500) },
  })
  assert.deepEqual(found, numbers(20_000))
})

test('however large the parts are, what was read is known as far back as the walk steps', async () => {
  const list = numbers(50_000)
  const { found } = await walk(list, { size: 1_000, changes: { 30: () => list.splice(15_000, 14_900) } })
  assert.deepEqual(found, numbers(50_000))
})
