import { randomBytes } from 'node:crypto'

/**
 * A source of UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, then a counter seeded at random within the millisecond, so that ids made
 * by one process sort in the order they were made. The order by id is the default order of every list.
 */
export function createIdSource(clock: () => Date): () => string {
  // Drawn, and spelled, for many ids at once: every request takes one.
  let pool = ''
  let used = 0
  const draw = (digits: number): string => {
    if (used + digits > pool.length) {
      pool = randomBytes(4_000).toString('hex')
      used = 0
    }
    return pool.slice(used, (used += digits))
  }
  let lastMs = 0
  let time = ''
  let counter = 0
  return () => {
    const nowMs = clock().getTime()
    if (nowMs > lastMs) {
      lastMs = nowMs
      time = timeDigits(lastMs)
      counter = Number.parseInt(draw(4), 16) & 0x07ff
    } else if (++counter > 0x0fff) {
      time = timeDigits(++lastMs)
      counter = 0
    }
    const variant = '89ab'[Number.parseInt(draw(1), 16) & 3]
    return `${time}-${(0x7000 | counter).toString(16)}-${variant}${draw(3)}-${draw(12)}`
  }
}

const timeDigits = (ms: number): string => {
  const digits = ms.toString(16).padStart(12, '0')
  return `${digits.slice(0, 8)}-${digits.slice(8)}`
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
