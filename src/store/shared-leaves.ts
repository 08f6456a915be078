import { sql, type RawBuilder } from 'kysely'
import type { LeafKind, SqlDialect } from './sql-dialect.ts'

/** How a test reads a value of a document. */
export type ReadLeaf = (names: readonly string[], kind: LeafKind) => RawBuilder<unknown>

/** What a test reads, as the columns of a row `row`, and the test over them; `columns` is undefined where it reads too little twice for that. */
export interface Shared<T> {
  readonly tested: T
  readonly columns: RawBuilder<unknown> | undefined
}

/** From how many repetitions on a row of its own costs less than they do. */
const worthwhile = 3

/** Makes a test that reads each value of a document once, however often it looks at it. `build` is called again for that. */
export function sharingLeaves<T>(
  dialect: Pick<SqlDialect, 'leaf'>,
  document: RawBuilder<unknown>,
  { row, build }: { readonly row: string; readonly build: (leaf: ReadLeaf) => T },
): Shared<T> {
  const read = new Map<string, RawBuilder<unknown>>()
  let reads = 0
  const plain = build((names, kind) => {
    const leaf = dialect.leaf(document, names, kind)
    read.set(keyOf(names, kind), leaf)
    reads++
    return leaf
  })
  if (reads - read.size < worthwhile) return { tested: plain, columns: undefined }
  const places = [...read.keys()]
  const tested = build((names, kind) => sql.ref(`${row}.l${places.indexOf(keyOf(names, kind))}`))
  const columns = sql.join([...read.values()].map((leaf, index) => sql`${leaf} as ${sql.ref(`l${index}`)}`))
  return { tested, columns }
}

const keyOf = (names: readonly string[], kind: LeafKind): string => JSON.stringify([kind, ...names])
