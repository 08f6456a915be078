import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesOf, contentOf, gather } from './content.ts'

const megabyte = 1024 * 1024

/** Bytes that tell where they stand. */
const bytesFrom = (start: number, length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => (start + index) % 251)

function gatherAll(lengths: readonly number[]) {
  const gathering = gather()
  let size = 0
  for (const length of lengths) {
    gathering.add(bytesFrom(size, length))
    size += length
  }
  return { size, content: gathering.content(), counted: gathering.size() }
}

test('what was added comes back in order, however long it is and however it was cut, as often as it is asked for', () => {
  for (const lengths of [
    [],
    [0],
    [5, 0, 7],
    [megabyte],
    [megabyte + 1],
    [700_000, 700_000, 1, 2 * megabyte, 3],
    Array.from({ length: 50 }, () => 60_000),
    [megabyte, megabyte, megabyte],
  ]) {
    const { size, content, counted } = gatherAll(lengths)
    assert.deepEqual([counted, content.size], [size, size])
    for (let time = 0; time < 2; time++) assert.ok(Buffer.from(bytesOf(content)).equals(bytesFrom(0, size)), String(lengths))
  }
})

test('of a long body only a fraction is held: a chunk is let go when it is added, a piece when the next one is asked for', () => {
  const gathering = gather()
  gathering.add(new Uint8Array(megabyte))
  const own = new Uint8Array(2 * megabyte)
  const shared = new Uint8Array(2_000).subarray(0, 1_000)
  gathering.add(own)
  gathering.add(shared)
  assert.deepEqual([own.length, shared.length], [0, 1_000])
  const pieces = gathering.content()[Symbol.iterator]()
  const first: Uint8Array = pieces.next().value
  assert.equal(first.length, megabyte)
  pieces.next()
  assert.equal(first.length, 0)
})

test('a short body is what it was', () => {
  const chunk = bytesFrom(0, 30)
  const gathering = gather()
  gathering.add(chunk)
  assert.deepEqual([...gathering.content()], [chunk])
  assert.deepEqual(bytesOf(contentOf(chunk)), Buffer.from(chunk))
})
