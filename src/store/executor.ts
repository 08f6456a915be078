import type { Value } from './schema.ts'
import type { SqlDialect } from './sql-dialect.ts'
import { bind, prepare, type Build, type Parameters, type Prepared, type Statement } from './statement.ts'

/** What a database can be asked, inside or outside a transaction. Throws DirectoryError `taken` and `unavailable` (failure.ts). */
export interface Executor {
  readonly all: <P extends object, Row>(statement: Statement<P, Row>, parameters: P) => Promise<readonly Row[]>
  readonly first: <P extends object, Row>(statement: Statement<P, Row>, parameters: P) => Promise<Row | undefined>
  /** Answers how many rows it touched. */
  readonly run: <P extends object, Row>(statement: Statement<P, Row>, parameters: P) => Promise<number>
  /** For a query that comes in shapes: `shape` names the text, the parameters fill it. Texts used lately are kept. */
  readonly shaped: <Row>(shape: string, build: Build<Parameters, Row>, parameters: Parameters) => Promise<readonly Row[]>
}

/** An executor inside a transaction. */
export interface WriteExecutor extends Executor {
  /** Organizations that the transaction appended facts to; told to listeners when it is committed. */
  readonly factsOf: Set<string>
}

/** One connection, or a pool of them. */
export interface Driver {
  all(prepared: Prepared, values: readonly Value[]): Promise<readonly unknown[]> | readonly unknown[]
  run(prepared: Prepared, values: readonly Value[]): Promise<number> | number
}

/** Compiles each statement once per database. */
export interface Compiler {
  statement<P, Row>(statement: Statement<P, Row>): Prepared
  shaped<Row>(shape: string, build: Build<Parameters, Row>): Prepared
}

/** How many texts of shaped queries are kept, and how long a shape may be to be kept, in characters. */
const keptShapes = 500
const longestShape = 4_000
/** How many of them PostgreSQL keeps, on each connection and for as long as that lasts: the first that are asked for again. */
const namedShapes = 64

export function createCompiler(dialect: SqlDialect): Compiler {
  const statements = new Map<object, Prepared>()
  const shapes = new Map<string, Prepared>()
  let named = 0
  return {
    statement(statement) {
      let prepared = statements.get(statement)
      if (!prepared) statements.set(statement, (prepared = prepare(dialect, statement.build, `rollcall_${statements.size + 1}`)))
      return prepared
    },
    shaped(shape, build) {
      let prepared = shapes.get(shape)
      if (!prepared) prepared = prepare(dialect, build, undefined)
      else {
        shapes.delete(shape)
        if (prepared.name === undefined && named < namedShapes) prepared = { ...prepared, name: `rollcall_shape_${++named}` }
      }
      if (shape.length > longestShape) return prepared
      shapes.set(shape, prepared)
      if (shapes.size > keptShapes)
        for (const oldest of shapes.keys()) {
          shapes.delete(oldest)
          break
        }
      return prepared
    },
  }
}

export function createExecutor(compiler: Compiler, driver: Driver): Executor {
  const ask = async <Row>(prepared: Prepared, parameters: object): Promise<readonly Row[]> => {
    const rows = await driver.all(prepared, bind(prepared, parameters))
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the query was built against the schema, which is what the migrations made
    return rows as readonly Row[]
  }
  const rows = <P extends object, Row>(statement: Statement<P, Row>, parameters: P) =>
    ask<Row>(compiler.statement(statement), parameters)
  return {
    all: rows,
    first: async (statement, parameters) => (await rows(statement, parameters))[0],
    run: async (statement, parameters) => {
      const prepared = compiler.statement(statement)
      return driver.run(prepared, bind(prepared, parameters))
    },
    shaped: (shape, build, parameters) => ask(compiler.shaped(shape, build), parameters),
  }
}

/**
 * Runs `work` with an executor that serves only as long as the work does. A statement that failed fails the work, also when the work
 * swallows the error: PostgreSQL would take back everything, SQLite nothing.
 */
export async function runWork<T>(
  compiler: Compiler,
  input: { readonly driver: Driver; readonly factsOf: Set<string> },
  work: (executor: WriteExecutor) => Promise<T>,
): Promise<T> {
  let open = true
  let failure: { readonly error: unknown } | undefined
  const guard = async <R>(call: () => Promise<R> | R): Promise<R> => {
    if (!open) throw new TypeError('a transaction was used after its end')
    try {
      return await call()
    } catch (error) {
      failure ??= { error }
      throw error
    }
  }
  const driver: Driver = {
    all: async (prepared, values) => guard(() => input.driver.all(prepared, values)),
    run: async (prepared, values) => guard(() => input.driver.run(prepared, values)),
  }
  try {
    const result = await work({ ...createExecutor(compiler, driver), factsOf: input.factsOf })
    if (failure) throw failure.error
    return result
  } finally {
    open = false
  }
}
