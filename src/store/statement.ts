import type { Compilable, Kysely } from 'kysely'
import { DirectoryError } from '../directory/errors.ts'
import type { Schema, Value } from './schema.ts'
import type { SqlDialect } from './sql-dialect.ts'

/** What a statement is given each time it runs. Columns that a row type calls by name are values; nothing else is. */
export type Parameters = Readonly<Record<string, Value>>

/** Builds a query around parameters whose values are not known yet. Pure: it is called once per database and compiled. */
export type Build<P, Row> = (db: Kysely<Schema>, parameters: P, dialect: SqlDialect) => Compilable<Row>

/** One query, written once for both databases. */
export interface Statement<P, Row> {
  readonly build: Build<P, Row>
}

export const statement = <P, Row>(build: Build<P, Row>): Statement<P, Row> => ({ build })

/** A compiled query: its text, and for each position the parameter that goes there or the constant that stands there. */
export interface Prepared {
  /** By which PostgreSQL keeps it; undefined for those that are not kept. */
  readonly name: string | undefined
  readonly text: string
  readonly slots: readonly ({ readonly parameter: string } | { readonly constant: Value })[]
}

const parameterName = Symbol('parameter')

export function prepare<P, Row>(dialect: SqlDialect, build: Build<P, Row>, name: string | undefined): Prepared {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a builder only hands its parameters on to Kysely, which takes any value
  const placeholders = new Proxy({}, { get: (_, key) => ({ [parameterName]: key }) }) as P & object
  const { sql, parameters } = build(dialect.kysely, placeholders, dialect).compile()
  return { name, text: sql, slots: parameters.map(toSlot) }
}

/** The values of one run, in the order of the slots. */
export function bind(prepared: Prepared, parameters: object): Value[] {
  return prepared.slots.map((slot) =>
    'constant' in slot ? slot.constant : checkedValue(Reflect.get(parameters, slot.parameter), slot.parameter),
  )
}

function toSlot(parameter: unknown): Prepared['slots'][number] {
  if (typeof parameter === 'object' && parameter !== null && parameterName in parameter)
    return { parameter: String(parameter[parameterName]) }
  if (typeof parameter === 'string' || typeof parameter === 'number' || parameter === null) return { constant: parameter }
  throw new TypeError(`a ${typeof parameter} cannot stand in a statement`)
}

function checkedValue(value: unknown, name: string): Value {
  if (typeof value === 'string') return checkedText(value)
  if (typeof value === 'number' || value === null) return value
  throw new TypeError(`the parameter ${name} was not given, or is no value`)
}

/** PostgreSQL's text cannot hold U+0000, and neither database keeps half a surrogate pair: both are refused, so that what is stored is what was sent. */
export function checkedText(text: string): string {
  if (text.includes('\0') || !text.isWellFormed())
    throw new DirectoryError('invalid', 'A text holds the character U+0000 or half of a surrogate pair. Send it without.')
  return text
}
