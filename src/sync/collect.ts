/** Everything of a list that is read in pages by id. */
export async function collect<T>(
  page: (part: { readonly after: string | undefined; readonly limit: number }) => Promise<readonly T[]>,
  idOf: (item: T) => string,
): Promise<T[]> {
  const limit = 1000
  const all: T[] = []
  for (;;) {
    const last = all.at(-1)
    const items = await page({ after: last === undefined ? undefined : idOf(last), limit })
    all.push(...items)
    if (items.length < limit) return all
  }
}
