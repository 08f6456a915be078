import { randomFillSync } from 'node:crypto'

/**
 * A source of UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, then a counter seeded at random within the millisecond, so that ids made
 * by one process sort in the order they were made. The order by id is the default order of every list.
 */
export function createIdSource(clock: () => Date): () => string {
  // Drawn for many ids at once: every request takes one.
  const pool = Buffer.alloc(10 * 400)
  let used = pool.length
  let lastMs = 0
  let counter = 0
  return () => {
    const nowMs = clock().getTime()
    if (used === pool.length) {
      randomFillSync(pool)
      used = 0
    }
    const random = pool.subarray(used, (used += 10))
    if (nowMs > lastMs) {
      lastMs = nowMs
      counter = random.readUInt16BE(0) & 0x07ff
    } else if (++counter > 0x0fff) {
      lastMs++
      counter = 0
    }
    const time = lastMs.toString(16).padStart(12, '0')
    const low = (0x7000 | counter).toString(16)
    random[2] = (random[2]! & 0x3f) | 0x80
    const tail = random.toString('hex', 2)
    return `${time.slice(0, 8)}-${time.slice(8)}-${low}-${tail.slice(0, 4)}-${tail.slice(4)}`
  }
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

export const isId = (text: string): boolean => uuid.test(text)

/** The 32 hexadecimal digits of an id, for dialects that spell ids with a prefix. */
export const toHex = (id: string): string => id.replaceAll('-', '')

/** The id of 32 lower-case hexadecimal digits; undefined for anything else, so that a foreign id is simply not found. */
export function fromHex(hex: string): string | undefined {
  if (!/^[0-9a-f]{32}$/.test(hex)) return undefined
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
