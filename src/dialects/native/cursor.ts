import { createHash } from 'node:crypto'
import { DirectoryError } from '../../directory/errors.ts'

/** What a cursor belongs to: it is good for the same list of the same organization under the same filters, and for nothing else. */
export interface CursorScope {
  readonly list: string
  readonly organizationId: string
  readonly filter?: Readonly<Record<string, string | undefined>>
}

/** Spells the last position of a page so that only this list reads it back. */
export const toCursor = (position: string, scope: CursorScope): string =>
  Buffer.from(`${position}.${seal(position, scope)}`).toString('base64url')

/** The position in a cursor; throws DirectoryError `malformed` for anything that `toCursor` did not answer for the same list. */
export function fromCursor(cursor: string, scope: CursorScope): string {
  const text = Buffer.from(cursor, 'base64url').toString()
  const dot = text.lastIndexOf('.')
  const position = text.slice(0, Math.max(dot, 0))
  if (dot < 1 || toCursor(position, scope) !== cursor)
    throw new DirectoryError(
      'malformed',
      'The cursor is not one of this list. Start again without it, and keep the filters while walking.',
      {
        field: 'cursor',
      },
    )
  return position
}

/** Recognises an altered or misplaced cursor. No secret: every read is bound to the caller's organization anyway. */
const seal = (position: string, { list, organizationId, filter = {} }: CursorScope) =>
  createHash('sha256')
    .update(
      JSON.stringify([
        list,
        organizationId,
        Object.entries(filter)
          .filter(([, value]) => value !== undefined)
          .toSorted(([a], [b]) => (a < b ? -1 : 1)),
        position,
      ]),
    )
    .digest('base64url')
    .slice(0, 16)
