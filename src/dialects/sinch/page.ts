import { DirectoryError } from '../../directory/errors.ts'
import { fromHex, toHex } from '../../directory/id.ts'
import type { PageQuery } from './wire.ts'

/** How many a page holds where nothing is said, and at most (SNCH-11; SNCH-P01 for the public API's keys). */
export interface PageSize {
  readonly usual: number
  readonly most: number
}

/** What part of a list is asked for. More than a page can hold is cut down to that; what is no page size, or no token of ours, is refused. */
export function readPage(
  query: PageQuery,
  { usual, most }: PageSize,
): { readonly limit: number; readonly after: string | undefined } {
  const size = query.page_size ?? query.pageSize
  if (size !== undefined && !/^0*[1-9][0-9]{0,8}$/.test(size))
    throw new DirectoryError('invalid', `page_size must be a whole number from 1 to ${most}.`, { field: 'page_size' })
  const token = query.page_token ?? query.pageToken
  return { limit: Math.min(Number(size ?? usual), most), after: token ? fromPageToken(token) : undefined }
}

/** The id that a page ended at; base64url, since the vendor's own client mangles a plus sign (SNCH-Q06). */
export const toPageToken = (id: string): string => Buffer.from(toHex(id), 'hex').toString('base64url')

function fromPageToken(token: string): string {
  const id = /^[\w-]{22}$/.test(token) ? fromHex(Buffer.from(token, 'base64url').toString('hex')) : undefined
  if (id === undefined)
    throw new DirectoryError('invalid', 'page_token is not one of this list. Start again without it.', { field: 'page_token' })
  return id
}

/** One page of what was loaded with one more than asked for. The last page's token is empty (SNCH-Q05). */
export function cutPage<T extends { readonly id: string }>(
  loaded: readonly T[],
  limit: number,
): { readonly items: readonly T[]; readonly next: string } {
  const items = loaded.slice(0, limit)
  const last = items.at(-1)
  return { items, next: loaded.length > limit && last ? toPageToken(last.id) : '' }
}
