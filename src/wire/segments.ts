/** How much a segment holds, in bytes. */
const segmentSize = 1024 * 1024

/** Bytes as they arrive. */
export interface Gathering {
  readonly add: (chunk: Uint8Array) => void
  readonly size: () => number
  /** Everything, in order; nothing may be added after it. */
  readonly chunks: () => Uint8Array[]
}

/**
 * Gathers the chunks of a body, which are its own from then on. A long body is moved into segments of memory of their own: thousands of small pieces, let go
 * one by one, leave the process's memory full of holes, while a segment goes back to the system as soon as it is released.
 */
export function gather(): Gathering {
  let chunks: Uint8Array[] = []
  let size = 0
  let free = 0
  const copy = (chunk: Uint8Array) => {
    for (let taken = 0; taken < chunk.length;) {
      if (free === 0) {
        chunks.push(new Uint8Array(new ArrayBuffer(segmentSize, { maxByteLength: segmentSize })))
        free = segmentSize
      }
      const part = chunk.subarray(taken, taken + free)
      chunks.at(-1)!.set(part, segmentSize - free)
      taken += part.length
      free -= part.length
    }
    if (chunk.buffer instanceof ArrayBuffer && chunk.byteLength === chunk.buffer.byteLength) chunk.buffer.transfer(0)
  }
  return {
    add: (chunk) => {
      const wasLong = size > segmentSize
      size += chunk.length
      if (size <= segmentSize) chunks.push(chunk)
      else if (wasLong) copy(chunk)
      else {
        const before = chunks
        chunks = []
        for (const one of [...before, chunk]) copy(one)
      }
    },
    size: () => size,
    chunks: () => {
      const last = chunks.at(-1)
      return last && free > 0 ? [...chunks.slice(0, -1), last.subarray(0, segmentSize - free)] : chunks
    },
  }
}

/** Gives the memory of a segment back. Whoever calls it knows that nobody else looks at the chunk; what is no segment is left to the collector. */
export function release({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.resizable) buffer.resize(0)
}
