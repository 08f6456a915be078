import { fromCursor, toCursor, type CursorScope } from '../cursor.ts'

export const defaultLimit = 100

/** Reads one page by position: asks for one more than it answers, so that the last page is known to be the last. */
export async function pageOf<T, V>(
  query: { readonly cursor?: string | undefined; readonly limit?: number | undefined },
  scope: CursorScope,
  parts: {
    readonly load: (after: string | undefined, limit: number) => Promise<readonly T[]>
    readonly positionOf: (item: T) => string
    readonly translate: (item: T) => V
  },
): Promise<{ items: V[]; nextCursor: string | undefined }> {
  const limit = query.limit ?? defaultLimit
  const after = query.cursor === undefined ? undefined : fromCursor(query.cursor, scope)
  const loaded = await parts.load(after, limit + 1)
  const last = loaded.length > limit ? loaded[limit - 1] : undefined
  return { items: loaded.slice(0, limit).map(parts.translate), nextCursor: last && toCursor(parts.positionOf(last), scope) }
}
