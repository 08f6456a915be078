/** What the last pages of narrowed lists showed, so that the next page does not begin at the start again, nor count again. */
export interface Walks {
  /** The walks over one list, as it has been since the organization's fact of this number; what was seen before another fact is forgotten. */
  of(list: string, sequence: number): Walk
}

export interface Walk {
  total: number | undefined
  /** The nearest item that was seen at a position or before it; undefined where none was. */
  before(position: number): Mark | undefined
  mark(mark: Mark): void
}

/** What stands at a position, counted from 0. */
export interface Mark {
  readonly position: number
  readonly id: string
}

/** How many lists are remembered, and how many items of each: those seen last. */
const lists = 100
const marksPerList = 32

export function createWalks(): Walks {
  const walks = new Map<string, { readonly sequence: number; readonly walk: Walk }>()
  return {
    of(list, sequence) {
      const known = walks.get(list)
      const found = known?.sequence === sequence ? known : { sequence, walk: createWalk() }
      walks.delete(list)
      walks.set(list, found)
      const [oldest] = walks.keys()
      if (walks.size > lists && oldest !== undefined) walks.delete(oldest)
      return found.walk
    },
  }
}

function createWalk(): Walk {
  const marks = new Map<number, string>()
  return {
    total: undefined,
    before(position) {
      const nearest = Math.max(...[...marks.keys()].filter((seen) => seen <= position))
      const id = marks.get(nearest)
      return id === undefined ? undefined : { position: nearest, id }
    },
    mark({ position, id }) {
      marks.delete(position)
      marks.set(position, id)
      const [oldest] = marks.keys()
      if (marks.size > marksPerList && oldest !== undefined) marks.delete(oldest)
    },
  }
}
