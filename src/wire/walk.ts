/** A part of a list as the other side cut it. */
export interface Portion<T> {
  readonly items: readonly T[]
  /** How many there are in all, where the other side says so. */
  readonly total: number | undefined
}

export interface Walk<T> {
  /** The part that begins at a position, from 0; as many items as the other side gives. */
  readonly fetch: (from: number) => Promise<Portion<T>>
  readonly idOf: (item: T) => string
}

const maxStepsBack = 20

/**
 * Walks a list that is cut by position. Each part overlaps the one before by an item: where items were taken out meanwhile, so that nothing of the
 * overlap comes back, the walk steps back until it joins again, at most 20 times; where items were put in, those that come back are left out. Repetitions
 * elsewhere are passed on: they are the other side's fault. Ends at the declared total, or where nothing more comes.
 */
export async function* walkByOffset<T>({ fetch, idOf }: Walk<T>): AsyncGenerator<Portion<T>, void, undefined> {
  const seen = createMemory()
  let [from, reached, size, stepsBack] = [0, 0, 0, 0]
  for (;;) {
    const { items, total } = await fetch(from)
    size ||= items.length
    const joins = from === 0 || size === 1 || items.length === 0 || items.some((item) => seen.has(idOf(item)))
    if (!joins && stepsBack < maxStepsBack) {
      stepsBack++
      from = Math.max(0, from - (size - 1))
      reached = from
      continue
    }
    const fresh = size > 1 ? withoutLeading(items, (item) => seen.has(idOf(item))) : items
    // As far back as the steps reach.
    for (const item of fresh) seen.add(idOf(item), { atLeast: (maxStepsBack + 1) * size })
    yield { items: fresh, total }
    const position = from + items.length
    if (position <= reached || (total !== undefined && position >= total)) return
    reached = position
    from = size > 1 ? position - 1 : position
  }
}

/** The ids that came last, at least so many: of a long list not all can be held beside what is made of it. */
function createMemory() {
  let recent = new Set<string>()
  let older = new Set<string>()
  return {
    has: (id: string): boolean => recent.has(id) || older.has(id),
    add: (id: string, { atLeast }: { readonly atLeast: number }): void => {
      if (recent.size >= atLeast) [older, recent] = [recent, new Set()]
      recent.add(id)
    },
  }
}

function withoutLeading<T>(items: readonly T[], isSeen: (item: T) => boolean): readonly T[] {
  const first = items.findIndex((item) => !isSeen(item))
  return first === -1 ? [] : items.slice(first)
}
