import { sql, type Kysely, type RawBuilder } from 'kysely'
import type { Schema, Value } from './schema.ts'
import type { SqlDialect } from './sql-dialect.ts'
import { statement, type Statement } from './statement.ts'

/** The schema without the columns' types, for statements that are made from lists of columns. */
type Loose = Kysely<Record<string, Record<string, Value>>>
type ColumnOf<T extends keyof Schema> = keyof Schema[T] & string

/** The columns of a table that are written: those of its key, and others. */
interface TableColumns<C> {
  readonly key: readonly C[]
  readonly rest: readonly C[]
}

/** Inserts a row, or puts it in the place of the one with the same key. */
export const putRow = <T extends keyof Schema, C extends ColumnOf<T>>(
  table: T,
  { key, rest }: TableColumns<C>,
): Statement<Pick<Schema[T], C>, never> =>
  statement((db, row, dialect) =>
    loosely(db)
      .insertInto(nameOf(table))
      .values(valuesOf(row, [...key, ...rest], dialect))
      .onConflict((conflict) =>
        rest.length === 0
          ? conflict.columns([...key]).doNothing()
          : conflict.columns([...key]).doUpdateSet(Object.fromEntries(rest.map((column) => [column, excluded(column)]))),
      )
      .$castTo<never>(),
  )

/** Inserts a row whose key is free. */
export const addRow = <T extends keyof Schema, C extends ColumnOf<T>>(
  table: T,
  { key, rest }: TableColumns<C>,
): Statement<Pick<Schema[T], C>, never> =>
  statement((db, row, dialect) =>
    loosely(db)
      .insertInto(nameOf(table))
      .values(valuesOf(row, [...key, ...rest], dialect))
      .$castTo<never>(),
  )

/** Puts a row in the place of the one with the same key; touches none where there is none. */
export const changeRow = <T extends keyof Schema, C extends ColumnOf<T>>(
  table: T,
  { key, rest }: TableColumns<C>,
): Statement<Pick<Schema[T], C>, never> =>
  statement((db, row, dialect) =>
    Object.entries(valuesOf(row, key, dialect))
      .reduce(
        (update, [column, value]) => update.where(column, '=', value),
        loosely(db)
          .updateTable(nameOf(table))
          .set(valuesOf(row, rest, dialect)),
      )
      .$castTo<never>(),
  )

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Kysely cannot follow columns that are named by a list
const loosely = (db: Kysely<Schema>): Loose => db as unknown as Loose
const nameOf = (table: keyof Schema): string => table

/** Each value where it stands; a document for conditions in the form that the database looks into fastest. */
function valuesOf(
  row: object,
  columns: readonly string[],
  { document }: Pick<SqlDialect, 'document'>,
): Readonly<Record<string, RawBuilder<Value>>> {
  return Object.fromEntries(
    columns.map((column) => {
      const value = sql<Value>`${Reflect.get(row, column)}`
      return [column, column === 'search' ? document(value) : value]
    }),
  )
}

/** In an upsert: the value that was to be inserted. */
export const excluded = <T = Value>(column: string): RawBuilder<T> => sql<T>`${sql.ref(`excluded.${column}`)}`

/** How many rows go to the database in one statement. */
const chunkSize = 1_000

/** The items in parts that fit into one statement each, none of them empty. */
export function* inChunks<T>(items: readonly T[]): Generator<readonly [T, ...T[]]> {
  for (let start = 0; start < items.length; start += chunkSize) {
    const [first, ...rest] = items.slice(start, start + chunkSize)
    if (first !== undefined) yield [first, ...rest]
  }
}

export const dateOf = (ms: number): Date => new Date(ms)
export const dateOrNone = (ms: number | null): Date | undefined => (ms === null ? undefined : new Date(ms))
export const msOf = (date: Date): number => date.getTime()
export const msOrNull = (date: Date | undefined): number | null => date?.getTime() ?? null
