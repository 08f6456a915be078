import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Place } from '../../../directory/condition.ts'
import { refusal } from '../errors.ts'

/** Where a walk by cursor goes on (RFC 9865), and what it began with. */
export interface Cursor {
  /** Behind this id, or, in lists that are sorted, behind this place. */
  readonly next: string | Place
  /** The page size that was asked for at its start. */
  readonly count: number | undefined
}

/** How long a cursor is good for, in seconds. What is published is what is promised. */
export const cursorLifetimeSeconds = 24 * 60 * 60

export interface Cursors {
  /** Makes a cursor of unreserved characters. `walk` says whose walk it is and over what: nobody else's, and no other list's, takes it. */
  print(cursor: Cursor, walk: readonly unknown[], now: Date): string
  /** Throws invalidCursor and expiredCursor. */
  parse(text: string, walk: readonly unknown[], now: Date): Cursor
}

/** Cursors hold all that there is to a walk, so that no process has to remember it. The first key signs, all verify. */
export function createCursors(keys: readonly Uint8Array[]): Cursors {
  const sign = (key: Uint8Array, body: string, walk: readonly unknown[]) =>
    createHmac('sha256', key)
      .update(JSON.stringify([body, ...walk]))
      .digest()
  return {
    print: ({ next, count }, walk, now) => {
      const [key] = keys
      if (!key) throw new TypeError('cursors were given no key')
      const body = Buffer.from(JSON.stringify([next, count ?? null, now.getTime()])).toString('base64url')
      return `${body}.${sign(key, body, walk).toString('base64url')}`
    },
    parse: (text, walk, now) => {
      const [body = '', signature = ''] = text.split('.')
      const sent = Buffer.from(signature, 'base64url')
      const isOurs = keys.some((key) => {
        const expected = sign(key, body, walk)
        return sent.length === expected.length && timingSafeEqual(sent, expected)
      })
      if (!isOurs)
        throw refusal('invalidCursor', 'This cursor belongs to no walk over this list. Begin again without one.', 'cursor')
      const [next, count, at]: readonly [string | Place, number | null, number] = JSON.parse(
        Buffer.from(body, 'base64url').toString('utf8'),
      )
      if (now.getTime() - at > cursorLifetimeSeconds * 1_000)
        throw refusal('expiredCursor', 'This cursor is too old. Begin the walk again without one.', 'cursor')
      return { next, count: count ?? undefined }
    },
  }
}
