import { deflateRawSync, inflateRawSync } from 'node:zlib'

/** A body as it came. To be walked any number of times; each piece is good until the next one is asked for. */
export interface Content extends Iterable<Uint8Array> {
  /** In bytes. */
  readonly size: number
}

export interface Gathering {
  /** The chunk is not used any more by whoever hands it over. */
  readonly add: (chunk: Uint8Array) => void
  readonly size: () => number
  /** Everything, in order; nothing may be added after it. */
  readonly content: () => Content
}

/** What is held as it came; of a longer body, how much is packed at a time. */
const segmentSize = 1024 * 1024

/** Gathers the chunks of a body. A long one is held compressed: lists repeat themselves, and a tenth is enough to hold while the rest is worked on. */
export function gather(): Gathering {
  const packed: Buffer[] = []
  const chunks: Uint8Array[] = []
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
    }
    free(chunk)
  }
  return {
    add: (chunk) => {
      size += chunk.length
      chunks.push(chunk)
      if (size > segmentSize) for (const one of chunks.splice(0)) pack(one)
    },
    size: () => size,
    content: () => ({
      size,
      *[Symbol.iterator]() {
        for (const part of packed) {
          const piece = inflateRawSync(part, { chunkSize: segmentSize })
          yield piece
          free(piece)
        }
        yield* chunks
        if (segment) yield segment.subarray(0, filled)
      },
    }),
  }
}

/** The content in one piece. */
export function bytesOf(content: Content): Uint8Array {
  const bytes = Buffer.allocUnsafe(content.size)
  let offset = 0
  for (const piece of content) {
    bytes.set(piece, offset)
    offset += piece.length
  }
  return bytes
}

export const contentOf = (bytes: Uint8Array): Content => ({
  size: bytes.length,
  *[Symbol.iterator]() {
    yield bytes
  },
})

/** Gives memory back at once, which the collector does not see the need of: it is not on its heap. What shares its memory with others is left alone. */
function free({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength) buffer.transfer(0)
}
