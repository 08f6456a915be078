import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gather, release } from './segments.ts'

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
  return { gathering, size, chunks: gathering.chunks() }
}

test('what was added comes back in order, however long it is and however it was cut', () => {
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
    const { gathering, size, chunks } = gatherAll(lengths)
    assert.equal(gathering.size(), size)
    assert.ok(Buffer.concat(chunks).equals(bytesFrom(0, size)), String(lengths))
  }
})

test('a short body stays as it came, a long one lies in segments whose memory can be given back', () => {
  const short = gatherAll([10, 20]).chunks
  assert.deepEqual(
    short.map(({ length }) => length),
    [10, 20],
  )
  for (const chunk of short) release(chunk)
  assert.equal(Buffer.concat(short).length, 30)
  const [first, ...rest] = gatherAll(Array.from({ length: 40 }, () => 60_000)).chunks
  assert.ok(first)
  release(first)
  assert.equal(first.length, 0)
  assert.equal(Buffer.concat(rest).length, 40 * 60_000 - megabyte)
})

test('a chunk of a long body is given back at once, unless it shares its memory with others', () => {
  const gathering = gather()
  gathering.add(new Uint8Array(megabyte))
  const own = new Uint8Array(1_000)
  const shared = new Uint8Array(2_000).subarray(0, 1_000)
  gathering.add(own)
  gathering.add(shared)
  assert.deepEqual([own.length, shared.length, shared.buffer.byteLength], [0, 1_000, 2_000])
})
