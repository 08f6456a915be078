import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { DirectoryError } from '../directory/errors.ts'
import { gather } from './gather.ts'

/** Answers every key in capitals, but for those that are not known. */
function asking() {
  const asked: string[] = []
  const find = gather(async (owner, keys) => {
    asked.push(`${owner}: ${keys.join(' ')}`)
    await nextTurn()
    return new Map(keys.filter((key) => key !== 'nobody').map((key) => [key, `${owner} ${key.toUpperCase()}`]))
  })
  return { asked, find }
}

test('what is wanted in one turn is asked for once, of each owner, and everybody gets their own', async () => {
  const { asked, find } = asking()
  const found = await Promise.all([find('a', 'x'), find('a', 'y'), find('b', 'x'), find('a', 'x'), find('a', 'nobody')])
  assert.deepEqual(found, ['a X', 'a Y', 'b X', 'a X', undefined])
  assert.deepEqual(asked, ['a: x y nobody', 'b: x'])
})

test('who comes while others are being answered is asked for anew, and never answered with what was seen before', async () => {
  const { asked, find } = asking()
  const first = find('a', 'x')
  await nextTurn()
  const second = find('a', 'x')
  assert.deepEqual(await Promise.all([first, second]), ['a X', 'a X'])
  assert.deepEqual(asked, ['a: x', 'a: x'])
})

test('a key that no database takes is refused alone', async () => {
  const { asked, find } = asking()
  const [good, bad] = await Promise.allSettled([find('a', 'x'), find('a', 'x\0')])
  assert.equal(good.status === 'fulfilled' && good.value, 'a X')
  assert.ok(bad.status === 'rejected' && bad.reason instanceof DirectoryError && bad.reason.refusal === 'invalid')
  assert.deepEqual(asked, ['a: x'])
})

test('a look that fails fails for all who waited for it, and the next one is a new one', async () => {
  let fails = true
  const find = gather(async (_owner, keys) => {
    if (fails) throw new Error('away')
    return new Map(keys.map((key) => [key, key]))
  })
  const settled = await Promise.allSettled([find('a', 'x'), find('a', 'y')])
  assert.deepEqual(
    settled.map((each) => each.status === 'rejected' && String(each.reason)),
    ['Error: away', 'Error: away'],
  )
  fails = false
  assert.equal(await find('a', 'x'), 'x')
})
