import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesOf, contentOf, gather, sliceOf } from './content.ts'

const megabyte = 1024 * 1024

/** Bytes that tell where they stand. */
const bytesFrom = (start: number, length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => (start + index) % 251)
const same = (some: Uint8Array, others: Uint8Array): boolean => Buffer.from(some).equals(others)

function gatherAll(lengths: readonly number[]) {
  const gathering = gather()
  let size = 0
  for (const length of lengths) {
    gathering.add(bytesFrom(size, length))
    size += length
  }
  return { size, content: gathering.content(), counted: gathering.size() }
}

test('what was added comes back, however long it is and however it was cut, as often as it is asked for', () => {
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
    for (let time = 0; time < 2; time++) assert.ok(same(bytesOf(content), bytesFrom(0, size)), String(lengths))
  }
})

test('any part of it can be had, in any order, and stays what it was when another one is taken', () => {
  const { size, content } = gatherAll([700_000, 700_000, 2 * megabyte])
  const parts: readonly (readonly [number, number])[] = [
    [0, 1],
    [megabyte - 1, megabyte + 1],
    [3 * megabyte, 3 * megabyte + 5],
    [5, size - 5],
    [megabyte, megabyte],
    [size - 1, size],
    [0, megabyte],
    [2 * megabyte, 3 * megabyte],
  ]
  const taken = parts.map(([from, to]) => sliceOf(content, from, to))
  for (const [index, [from, to]] of parts.entries())
    assert.ok(same(taken[index]!, bytesFrom(from, to - from)), `${from} to ${to}`)
})

test('beyond its end there is nothing', () => {
  for (const { size, content } of [gatherAll([10]), gatherAll([2 * megabyte]), gatherAll([2 * megabyte + 10])]) {
    assert.equal(sliceOf(content, size - 3, size + 3).length, 3)
    assert.equal(content.read(new Uint8Array(8), size - 3), 3)
    assert.equal(content.read(new Uint8Array(8), size), 0)
  }
})

test('of a long body only a fraction is held: a chunk is let go when it is added, unless it shares its memory with others', () => {
  const gathering = gather()
  const chunks = [new Uint8Array(megabyte), new Uint8Array(2 * megabyte), new Uint8Array(2_000).subarray(0, 1_000)]
  for (const chunk of chunks) gathering.add(chunk)
  assert.deepEqual(
    chunks.map(({ length }) => length),
    [0, 0, 1_000],
  )
  assert.equal(gathering.content().size, 3 * megabyte + 1_000)
})

test('a short body is what it was', () => {
  const chunk = bytesFrom(0, 30)
  const gathering = gather()
  gathering.add(chunk)
  assert.deepEqual(bytesOf(gathering.content()), Buffer.from(chunk))
  assert.deepEqual(bytesOf(contentOf(chunk)), Buffer.from(chunk))
})
