import { sql, type Kysely, type RawBuilder } from 'kysely'
import type { Schema, Value } from './schema.ts'
import { statement, type Statement } from './statement.ts'

/** The schema without the columns' types, for statements that are made from lists of columns. */
type Loose = Kysely<Record<string, Record<string, Value>>>
type Columns<T extends keyof Schema> = readonly (keyof Schema[T] & string)[]

/** Inserts a whole row, or puts it in the place of the one with the same key. */
export const putRow = <T extends keyof Schema>(
  table: T,
  input: { readonly key: Columns<T>; readonly rest: Columns<T> },
): Statement<Schema[T], never> =>
  statement((db, row) => {
    const source: object = row
    const values: Readonly<Record<string, Value>> = Object.fromEntries(
      [...input.key, ...input.rest].map((column) => [column, Reflect.get(source, column)]),
    )
    const name: string = table
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Kysely cannot follow columns that are named by a list
    const loose = db as unknown as Loose
    return loose
      .insertInto(name)
      .values(values)
      .onConflict((conflict) =>
        input.rest.length === 0
          ? conflict.columns([...input.key]).doNothing()
          : conflict
              .columns([...input.key])
              .doUpdateSet(Object.fromEntries(input.rest.map((column) => [column, excluded(column)]))),
      )
      .$castTo<never>()
  })

/** In an upsert: the value that was to be inserted. */
export const excluded = <T = Value>(column: string): RawBuilder<T> => sql<T>`${sql.ref(`excluded.${column}`)}`

export const dateOf = (ms: number): Date => new Date(ms)
export const dateOrNone = (ms: number | null): Date | undefined => (ms === null ? undefined : new Date(ms))
export const msOf = (date: Date): number => date.getTime()
export const msOrNull = (date: Date | undefined): number | null => date?.getTime() ?? null
