import { deflateRawSync, inflateRawSync } from 'node:zlib'

/** A body as it came, of which any part can be copied, as often as needed. */
export interface Content {
  /** In bytes. */
  readonly size: number
  /** Copies what stands from a position on into the target, as much as is at hand; answers how many bytes that was, none only at the end. */
  readonly read: (target: Uint8Array, from: number) => number
}

export interface Gathering {
  /** The chunk is not used any more by whoever hands it over. */
  readonly add: (chunk: Uint8Array) => void
  readonly size: () => number
  /** Everything, in order; nothing may be added after it. */
  readonly content: () => Content
}

/** How long a body may be to be held as it came; a longer one is packed so much at a time. */
const segmentSize = 1024 * 1024
/**
 * After so many of them the collector is asked to look, where the process lets it be asked (docs/decisions/0010): the socket’s buffers are outside of its
 * heap, and by itself it would not see for tens of megabytes that nobody needs them any more.
 */
const segmentsToCollect = 8

/**
 * Gathers the chunks of a body. A long one is held compressed: lists repeat themselves, so that a tenth of them is enough to hold while the rest is worked
 * on. It is not worked on while it arrives, for then the connection would have to last as long as the work, and one that broke could not be tried again.
 */
export function gather(): Gathering {
  const whole: Uint8Array[] = []
  const packed: Uint8Array[] = []
  let segment: Uint8Array | undefined
  let [size, filled] = [0, 0]
  const pack = (chunk: Uint8Array) => {
    segment ??= new Uint8Array(segmentSize)
    for (let taken = 0; taken < chunk.length;) {
      const part = chunk.subarray(taken, taken + segmentSize - filled)
      segment.set(part, filled)
      taken += part.length
      filled += part.length
      if (filled < segmentSize) continue
      packed.push(deflateRawSync(segment, { level: 1 }))
      filled = 0
      if (packed.length % segmentsToCollect === 0) globalThis.gc?.()
    }
    free(chunk)
  }
  return {
    add: (chunk) => {
      size += chunk.length
      whole.push(chunk)
      if (size > segmentSize) for (const one of whole.splice(0)) pack(one)
    },
    size: () => size,
    content: () => (segment ? packedContent(packed, segment.subarray(0, filled)) : contentOf(Buffer.concat(whole))),
  }
}

export const contentOf = (bytes: Uint8Array): Content => ({
  size: bytes.length,
  read: (target, from) => {
    const part = bytes.subarray(from, from + target.length)
    target.set(part)
    return part.length
  },
})

/** Segments that were packed when they were full, and what came after the last of them. */
function packedContent(packed: readonly Uint8Array[], rest: Uint8Array): Content {
  // Whoever reads on finds what was unpacked last. Nobody else ever holds it, so that it can be freed.
  let unpacked: { readonly index: number; readonly bytes: Uint8Array } | undefined
  const segmentAt = (index: number): Uint8Array => {
    const part = packed[index]
    if (part === undefined) return index === packed.length ? rest : new Uint8Array()
    if (unpacked?.index !== index) {
      if (unpacked) free(unpacked.bytes)
      unpacked = { index, bytes: inflateRawSync(part, { chunkSize: segmentSize }) }
    }
    return unpacked.bytes
  }
  return {
    size: packed.length * segmentSize + rest.length,
    read: (target, from) => {
      const start = from % segmentSize
      const part = segmentAt(Math.floor(from / segmentSize)).subarray(start, start + target.length)
      target.set(part)
      return part.length
    },
  }
}

/** A copy of a part of the content. */
export function sliceOf(content: Content, from: number, to: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(to, content.size) - from))
  for (let filled = 0; filled < bytes.length;) filled += content.read(bytes.subarray(filled), from + filled)
  return bytes
}

export const bytesOf = (content: Content): Uint8Array => sliceOf(content, 0, content.size)

/** Gives memory back at once, which the collector does not see the need of: it is not on its heap. What shares its memory with others is left alone. */
function free({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength) buffer.transfer(0)
}
