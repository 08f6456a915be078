import { chmodSync, closeSync, openSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { ConfigError } from '../../directory/errors.ts'
import type { Driver } from '../executor.ts'
import { latestMigration, migrationQueries } from '../migrate.ts'
import { sqliteDialect } from '../sql-dialect.ts'
import type { Prepared } from '../statement.ts'
import { guarded } from './failure.ts'

/** How long a process waits for another one that is writing to the same file, in milliseconds. */
export const busyTimeoutMs = 5_000

/** How large the log may stay after a checkpoint, in bytes. */
const logSizeLimit = 64 * 1024 * 1024

/** Opens or creates the file, readable by its owner alone. What is committed is on disk. Throws ConfigError when it cannot be a database. */
export function openConnection(file: string, { cacheMiB }: { readonly cacheMiB: number }): DatabaseSync {
  let db: DatabaseSync | undefined
  try {
    // The -wal and -shm files take their mode from this one.
    closeSync(openSync(file, 'a', 0o600))
    chmodSync(file, 0o600)
    db = new DatabaseSync(file, { timeout: busyTimeoutMs })
    db.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma temp_store = memory')
    db.exec(`pragma cache_size = ${-1024 * cacheMiB}; pragma journal_size_limit = ${logSizeLimit}`)
    return db
  } catch (cause) {
    db?.close()
    throw new ConfigError(`${file} cannot be opened as a SQLite database. Check the path, its permissions, and that it is one.`, {
      cause,
    })
  }
}

/** Without giving the turn away: who waits for the lock in this same process would wait for ever. */
export function migrateFile(db: DatabaseSync): void {
  if (currentMigration(db) === latestMigration) return
  db.exec('begin immediate')
  try {
    for (const { sql, parameters } of migrationQueries(sqliteDialect(), currentMigration(db)))
      db.prepare(sql).run(...parameters.map((value) => (typeof value === 'number' ? value : String(value))))
    db.exec('commit')
  } catch (error) {
    db.exec('rollback')
    throw error
  }
}

/** The number of the last migration that was applied; 0 for an empty database. */
export function currentMigration(db: DatabaseSync): number {
  if (!db.prepare(`select 1 from sqlite_schema where type = 'table' and name = 'migrations'`).get()) return 0
  return Number(db.prepare('select coalesce(max(number), 0) as number from migrations').get()?.['number'])
}

/** Prepares each text once. */
export function createDriver(db: DatabaseSync): Driver {
  const statements = new WeakMap<Prepared, Reading>()
  const readingOf = (prepared: Prepared): Reading => {
    let found = statements.get(prepared)
    if (!found) statements.set(prepared, (found = prepareReading(db, prepared.text)))
    return found
  }
  return {
    all: (prepared, values) =>
      guarded(() => {
        const { statement, names } = readingOf(prepared)
        return statement.all(...values).map((row) => toRow(names, row))
      }),
    run: (prepared, values) => guarded(() => Number(readingOf(prepared).statement.run(...values).changes)),
  }
}

interface Reading {
  readonly statement: StatementSync
  /** Of the columns. */
  readonly names: readonly string[]
}

/** Rows come as lists of values: the objects that node:sqlite makes of them take twice as long to make and to read. */
function prepareReading(db: DatabaseSync, text: string): Reading {
  const statement = db.prepare(text)
  statement.setReturnArrays(true)
  return { statement, names: statement.columns().map(({ name }) => name) }
}

function toRow(names: readonly string[], values: Readonly<Record<number, unknown>>): object {
  const row: Record<string, unknown> = {}
  for (let index = 0; index < names.length; index++) row[names[index]!] = values[index]
  return row
}
