import { release } from './segments.ts'

const quote = 34
const comma = 44
const colon = 58
const openList = 91
const backslash = 92
const closeList = 93
const openObject = 123
const closeObject = 125

/** Beside a list, nothing large stands in a document that is cut: it would be repeated with each portion. */
const mostAround = 64 * 1024

/**
 * Cuts a JSON document that is mostly one long list into shorter documents: each has whatever stands around the list, and at most `size` of its items, in
 * their order. Only the list's commas are looked for: whether a portion is JSON, its reader finds out. A document without that list at its top, or one that
 * ends amid it, stays whole. Takes the bytes out of `chunks` as it goes, so that no more is held than what is still to come.
 */
export function* cutList(
  chunks: Uint8Array[],
  { member, size }: { readonly member: string; readonly size: number },
): Generator<Uint8Array, void, undefined> {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  const list = findList(chunks, { member, size })
  if (!list || list.start + (length - list.end) > mostAround || endsInComma(chunks, list)) {
    yield Buffer.concat(chunks.splice(0))
    return
  }
  const head = slice(chunks, 0, list.start)
  const tail = slice(chunks, list.end, length)
  const take = createTaker(chunks)
  take(list.start)
  for (const cut of list.cuts) {
    yield Buffer.concat([head, take(cut), tail])
    // The comma.
    take(cut + 1)
  }
  yield Buffer.concat([head, take(list.end), tail])
  chunks.length = 0
}

interface List {
  /** Behind the opening bracket. */
  readonly start: number
  /** At the closing bracket. */
  readonly end: number
  /** At the commas that end portions. */
  readonly cuts: readonly number[]
}

/** Undefined where the object has no such list, or does not end. */
function findList(
  chunks: readonly Uint8Array[],
  { member, size }: { readonly member: string; readonly size: number },
): List | undefined {
  const name = Buffer.from(JSON.stringify(member))
  const cuts: number[] = []
  let [depth, items, offset] = [0, 0, 0]
  let [start, end] = [-1, -1]
  let [inString, escaped] = [false, false]
  // What has matched of the name, of a string at the top; -1 where it is another one.
  let matched = -1
  let isNamed = false
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!
      if (inString) {
        if (matched >= 0) matched = byte === name[matched] ? matched + 1 : -1
        if (escaped) escaped = false
        else if (byte === backslash) escaped = true
        else if (byte === quote) inString = false
      } else if (byte === quote) {
        inString = true
        matched = depth === 1 && start < 0 ? 1 : -1
      } else if (byte === colon) isNamed = depth === 1 && matched === name.length
      else if (byte === openList || byte === openObject) {
        depth++
        if (byte === openList && isNamed && start < 0) start = offset + at + 1
        isNamed = false
      } else if (byte === closeList || byte === closeObject) {
        depth--
        if (depth === 1 && start >= 0 && end < 0) end = offset + at
      } else if (byte === comma && depth === 2 && start >= 0 && end < 0 && ++items % size === 0) cuts.push(offset + at)
    }
    offset += chunk.length
  }
  return end >= 0 && depth === 0 && !inString ? { start, end, cuts } : undefined
}

/** Copies a part, leaving the chunks as they are. */
function slice(chunks: readonly Uint8Array[], from: number, to: number): Uint8Array {
  const parts: Uint8Array[] = []
  let offset = 0
  for (const chunk of chunks) {
    if (offset < to && offset + chunk.length > from)
      parts.push(chunk.subarray(Math.max(0, from - offset), Math.min(chunk.length, to - offset)))
    offset += chunk.length
  }
  return Buffer.concat(parts)
}

/** Takes a copy of everything up to a position out of the chunks, from where the last call stopped. */
function createTaker(chunks: Uint8Array[]): (to: number) => Uint8Array {
  let offset = 0
  let next = 0
  return (to) => {
    const parts: Uint8Array[] = []
    const done: Uint8Array[] = []
    for (let chunk = chunks[next]; chunk && offset < to; chunk = chunks[next]) {
      const taken = Math.min(chunk.length, to - offset)
      parts.push(chunk.subarray(0, taken))
      offset += taken
      if (taken < chunk.length) chunks[next] = chunk.subarray(taken)
      else {
        done.push(chunk)
        chunks[next++] = new Uint8Array()
      }
    }
    const copied = Buffer.concat(parts)
    for (const chunk of done) release(chunk)
    return copied
  }
}

/** A comma with nothing behind it is no JSON, and must not vanish between two portions. */
function endsInComma(chunks: readonly Uint8Array[], { cuts, end }: List): boolean {
  const cut = cuts.at(-1)
  return (
    cut !== undefined &&
    Buffer.from(slice(chunks, cut + 1, end))
      .toString('latin1')
      .trim() === ''
  )
}
