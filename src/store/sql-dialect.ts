import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type Expression,
  type RawBuilder,
  type SqlBool,
} from 'kysely'
import { DirectoryError } from '../directory/errors.ts'
import type { Schema, Value } from './schema.ts'

/** What is kept of a value in a search document (search-document.ts), by the letter that it is kept under. */
export type LeafKind = 't' | 'f' | 'i' | 'n' | 'b'

/** The few things that the two databases spell differently. Everything else is one text for both. */
export interface SqlDialect {
  readonly name: 'sqlite' | 'postgres'
  /** Builds and compiles; never runs anything. */
  readonly kysely: Kysely<Schema>
  readonly types: {
    readonly text: RawBuilder<unknown>
    readonly integer: RawBuilder<unknown>
    /** For documents that conditions look into. */
    readonly document: RawBuilder<unknown>
  }
  /** What ends each `create table`. */
  readonly tableEnd: RawBuilder<unknown>
  /** The elements of a bound JSON array of objects, as a table `r` with a column `value`; read with `r.value ->> 'name'`. */
  rows(json: string): RawBuilder<unknown>
  /** The elements of a bound JSON array of texts, for `in`. */
  texts(json: Value): RawBuilder<string>
  /** Over the rows of a query: the JSON text of a list of lists, one for each row, in no order; null or an empty list where there is none. */
  lists(values: readonly Expression<unknown>[]): RawBuilder<string | null>
  /** Whether a value is among those of a query that is answered first, so that an index on the value serves. */
  isOneOf(value: Expression<unknown>, query: RawBuilder<unknown>): RawBuilder<SqlBool>
  /** Whether a text holds another one. */
  contains(text: Expression<unknown>, part: Expression<unknown>): RawBuilder<boolean>
  /** A search document as it is stored, of its JSON text. */
  document(text: RawBuilder<Value>): RawBuilder<Value>
  /** A value inside a search document; null when there is none of that kind. */
  leaf(document: Expression<unknown>, names: readonly string[], kind: LeafKind): RawBuilder<unknown>
  /** Whatever stands at a place of a search document; null when nothing does. */
  node(document: Expression<unknown>, names: readonly string[]): RawBuilder<unknown>
  /** The elements of a list in a search document, as a table of that name with the columns `value` and, in the list's order, `key`. */
  elements(document: Expression<unknown>, names: readonly string[], alias: string): RawBuilder<unknown>
}

export function sqliteDialect(): SqlDialect {
  return {
    name: 'sqlite',
    kysely: new Kysely<Schema>({
      dialect: {
        createAdapter: () => new SqliteAdapter(),
        createDriver: () => new DummyDriver(),
        createIntrospector: (db) => new SqliteIntrospector(db),
        createQueryCompiler: () => new SqliteQueryCompiler(),
      },
    }),
    types: { text: sql`text`, integer: sql`integer`, document: sql`text` },
    tableEnd: sql`strict`,
    rows: (json) => sql`json_each(${json}) as r`,
    texts: (json) => sql`(select value from json_each(${json}))`,
    lists: (values) => sql`json_group_array(json_array(${sql.join(values)}))`,
    isOneOf: (value, query) => sql`${value} in (${query})`,
    contains: (text, part) => sql`instr(${text}, ${part}) > 0`,
    document: (text) => sql`jsonb(${text})`,
    leaf: (document, names, kind) => sql`json_extract(${document}, ${jsonPath([...names, kind])})`,
    node: (document, names) => sql`jsonb_extract(${document}, ${jsonPath(names)})`,
    elements: (document, names, alias) =>
      sql`json_each(case json_type(${document}, ${jsonPath(names)}) when 'array' then jsonb_extract(${document}, ${jsonPath(names)}) else '[]' end) as ${sql.ref(alias)}`,
  }
}

export function postgresDialect(): SqlDialect {
  const node = (document: Expression<unknown>, names: readonly string[]): RawBuilder<unknown> =>
    names.reduce<RawBuilder<unknown>>((inner, name) => sql`(${inner} -> ${checkedName(name)}::text)`, sql`${document}`)
  return {
    name: 'postgres',
    kysely: new Kysely<Schema>({
      dialect: {
        createAdapter: () => new PostgresAdapter(),
        createDriver: () => new DummyDriver(),
        createIntrospector: (db) => new PostgresIntrospector(db),
        createQueryCompiler: () => new PostgresQueryCompiler(),
      },
    }),
    types: { text: sql`text collate "C"`, integer: sql`bigint`, document: sql`jsonb` },
    tableEnd: sql``,
    rows: (json) => sql`jsonb_array_elements(${json}::jsonb) as r(value)`,
    texts: (json) => sql`(select value from jsonb_array_elements_text(${json}::jsonb) as t(value))`,
    lists: (values) => sql`json_agg(json_build_array(${sql.join(values)}))::text`,
    isOneOf: (value, query) => sql`${value} = any(array(${query}))`,
    contains: (text, part) => sql`strpos(${text}, ${part}) > 0`,
    document: (text) => text,
    leaf: (document, names, kind) => {
      const value = sql`(${node(document, names)} ->> ${sql.lit(kind)})`
      return kind === 't' || kind === 'f' ? sql`(${value} collate "C")` : sql`(${value})::numeric`
    },
    node,
    elements: (document, names, alias) => {
      const list = node(document, names)
      return sql`jsonb_array_elements(case jsonb_typeof(${list}) when 'array' then ${list} else '[]'::jsonb end) with ordinality as ${sql.ref(alias)}(value, key)`
    },
  }
}

const jsonPath = (names: readonly string[]): string => `$${names.map((name) => `."${checkedName(name)}"`).join('')}`

/** Path and name are bound, not written into the text; but SQLite's paths know no escape inside quotes. */
function checkedName(name: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what is refused
  if (/["\\\u0000-\u001f]/.test(name))
    throw new DirectoryError('invalid', 'An attribute name holds a character that no attribute name has.', { field: 'filter' })
  return name
}
