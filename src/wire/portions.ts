import { bytesOf, sliceOf, type Content } from './content.ts'

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
/** How much is looked through at a time. */
const pieceSize = 64 * 1024

/**
 * Cuts a JSON document that is mostly one long list into shorter documents: each has whatever stands around the list, and at most `size` of its items, in
 * their order. Only the list's commas are looked for: whether a portion is JSON, its reader finds out. A document without that list at its top, or one that
 * ends amid it, stays whole.
 */
export function* cutList(
  content: Content,
  { member, size }: { readonly member: string; readonly size: number },
): Generator<Uint8Array, void, undefined> {
  const list = findList(content, { member, size })
  if (!list || list.start + (content.size - list.end) > mostAround || endsInComma(content, list)) {
    yield bytesOf(content)
    return
  }
  const head = sliceOf(content, 0, list.start)
  const tail = sliceOf(content, list.end, content.size)
  let from = list.start
  for (const to of [...list.cuts, list.end]) {
    yield Buffer.concat([head, sliceOf(content, from, to), tail])
    // Behind the comma.
    from = to + 1
  }
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
function findList(content: Content, { member, size }: { readonly member: string; readonly size: number }): List | undefined {
  const name = Buffer.from(JSON.stringify(member))
  const cuts: number[] = []
  let [depth, items, offset] = [0, 0, 0]
  let [start, end] = [-1, -1]
  let [inString, escaped] = [false, false]
  // What has matched of the name, of a string at the top; -1 where it is another one.
  let matched = -1
  let isNamed = false
  const piece = new Uint8Array(pieceSize)
  for (let length = content.read(piece, 0); length > 0; offset += length, length = content.read(piece, offset)) {
    for (let at = 0; at < length; at++) {
      const byte = piece[at]!
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
  }
  return end >= 0 && depth === 0 && !inString ? { start, end, cuts } : undefined
}

/** A comma with nothing behind it is no JSON, and must not vanish between two portions. */
function endsInComma(content: Content, { cuts, end }: List): boolean {
  const cut = cuts.at(-1)
  return (
    cut !== undefined &&
    Buffer.from(sliceOf(content, cut + 1, end))
      .toString('latin1')
      .trim() === ''
  )
}
