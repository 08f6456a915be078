import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Found } from './pair.ts'

type Page<T> = (part: { readonly after: string | undefined; readonly limit: number }) => Promise<readonly T[]>

/** Rows of a page. */
const limit = 1_000
/** Rows of a part that is looked through and forgotten: few enough to be gone before they are old to the garbage collector. */
const rowsOfPart = 100

/** Everything of a list that is read in pages by id. */
export async function collect<T>(page: Page<T>, idOf: (item: T) => string): Promise<T[]> {
  const all: T[] = []
  for await (const items of pagesOf(page, idOf)) for (const item of items) all.push(item)
  return all
}

/** The same page by page. Others get their turn in between: a long list must not hold them up. */
export async function* pagesOf<T>(page: Page<T>, idOf: (item: T) => string): AsyncGenerator<readonly T[], void, undefined> {
  for (let after: string | undefined; ;) {
    const items = await page({ after, limit })
    if (items.length > 0) yield items
    const last = items.at(-1)
    if (last === undefined || items.length < limit) return
    after = idOf(last)
    await nextTurn()
  }
}

/** The same of a list that is looked through part by part, most of which may hold nothing. The next part is read while one is looked at. */
export async function* partsOf<T>(
  part: (from: { readonly after: string | undefined; readonly limit: number }) => Promise<Found<T>>,
): AsyncGenerator<readonly T[], void, undefined> {
  const read = (after: string | undefined) => {
    const found = part({ after, limit: rowsOfPart })
    found.catch(() => undefined)
    return found
  }
  for (let reading = read(undefined); ;) {
    const { items, next } = await reading
    if (next !== undefined) reading = read(next)
    if (items.length > 0) yield items
    if (next === undefined) return
    await nextTurn()
  }
}
