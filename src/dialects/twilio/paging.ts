import { DirectoryError } from '../../directory/errors.ts'
import { fromSid, toSid } from './sid.ts'
import type { Meta, PageQuery } from './wire.ts'

/** Which part of a list is asked for. */
export interface PageRequest {
  readonly size: number
  /** Counted from 0; what a client is told, and nothing is looked up by. */
  readonly number: number
  /** Where the token stands; undefined at the start. */
  readonly position: Position | undefined
  /** How many items to skip where a page is asked for by its number alone. */
  readonly offset: number
}

/** After which id a page starts, and how many of the items that follow were shown already. */
export interface Position {
  readonly after: string
  readonly skip: number
}

/** Reads a page request. A PageSize above the most is cut to it (TWIL-Q05); a token that was never given is refused. */
export function readPage(
  { PageSize, Page, PageToken }: PageQuery,
  { usual, most }: { readonly usual: number; readonly most: number },
): PageRequest {
  if (PageSize !== undefined && PageSize < 1)
    throw new DirectoryError('invalid', 'PageSize must be 1 or more.', { field: 'PageSize' })
  if (Page !== undefined && Page < 0) throw new DirectoryError('invalid', 'Page must be 0 or more.', { field: 'Page' })
  const size = Math.min(PageSize ?? usual, most)
  const number = Page ?? 0
  const position = PageToken === undefined ? undefined : readToken(PageToken)
  const offset = position ? 0 : number * size
  if (!Number.isSafeInteger(offset)) throw new DirectoryError('invalid', 'Page is too large.', { field: 'Page' })
  return { size, number, position, offset }
}

/** The same for a list whose pages are counted and that gives no tokens. */
export function readNumberedPage(query: PageQuery, sizes: { readonly usual: number; readonly most: number }): PageRequest {
  if (query.PageToken !== undefined) throw strangeToken()
  return readPage(query, sizes)
}

/** The same for a list that is walked by tokens alone: a page that is only counted is refused. */
export function readTokenPage(query: PageQuery, sizes: { readonly usual: number; readonly most: number }): PageRequest {
  const page = readPage(query, sizes)
  if (page.offset > 0)
    throw new DirectoryError('invalid', 'This list has no pages by number. Follow its links.', { field: 'Page' })
  return page
}

/** Where the next page starts: behind a position, or simply at the next number; undefined on the last page. */
export type Next = Position | 'number' | undefined

/** The block that says where a page stands. `list` is the URL of the list, with what it is narrowed by in `filters`. */
export function toMeta(
  page: PageRequest,
  {
    key,
    list,
    filters = {},
    next,
  }: {
    readonly key: string
    readonly list: string
    readonly filters?: Readonly<Record<string, string | undefined>>
    readonly next: Next
  },
): Meta {
  const links = toLinks(page, { list, filters, next })
  return {
    page: page.number,
    page_size: page.size,
    next_page_url: links.next,
    first_page_url: links.first,
    previous_page_url: links.previous,
    url: links.self,
    key,
  }
}

/** Links to the pages around one, each under `list`. */
export function toLinks(
  page: PageRequest,
  {
    list,
    filters,
    next,
  }: {
    readonly list: string
    readonly filters: Readonly<Record<string, string | undefined>>
    readonly next: Next
  },
) {
  const link = (number: number, position: Position | undefined): string => {
    const query = new URLSearchParams({ PageSize: String(page.size), Page: String(number) })
    for (const [name, value] of Object.entries(filters)) if (value !== undefined) query.set(name, value)
    if (position) query.set('PageToken', toToken(position))
    return `${list}?${query.toString()}`
  }
  return {
    self: link(page.number, page.position),
    first: link(0, undefined),
    previous: page.number > 0 ? link(page.number - 1, undefined) : null,
    next: next ? link(page.number + 1, next === 'number' ? undefined : next) : null,
  }
}

const toToken = ({ after, skip }: Position): string => `PA${toSid('US', after)}${skip > 0 ? `-${skip}` : ''}`

function readToken(token: string): Position {
  const [, sid = '', skip = '0'] = /^PA(US[0-9a-f]{32})(?:-([1-9][0-9]{0,5}))?$/.exec(token) ?? []
  const after = fromSid('US', sid)
  if (after === undefined) throw strangeToken()
  return { after, skip: Number(skip) }
}

const strangeToken = () =>
  new DirectoryError('invalid', 'This PageToken was never given. Follow the links of the list.', { field: 'PageToken' })
