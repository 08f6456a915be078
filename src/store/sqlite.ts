import { chmodSync, closeSync, existsSync, openSync, renameSync, rmSync } from 'node:fs'
import { backup, DatabaseSync, type StatementSync } from 'node:sqlite'
import { ConfigError, DirectoryError } from '../directory/errors.ts'
import type { Database } from './database.ts'
import { takenError, unavailableError } from './failure.ts'
import { checkNotNewer, latestMigration, migrationQueries, statusFrom, type MigrationStatus } from './migrate.ts'
import { createCompiler, createExecutor, runWork, type Driver } from './executor.ts'
import { sqliteDialect } from './sql-dialect.ts'
import { createWriteQueue } from './sqlite-write-queue.ts'
import type { Prepared } from './statement.ts'

/** How long a process waits for another one that is writing to the same file, in milliseconds. */
const busyTimeoutMs = 5_000

/**
 * Opens or creates a SQLite file, readable by its owner alone: one connection writes, another reads, so that readers see committed rows only
 * and never wait. Throws ConfigError for a file that is no database or is newer than this code.
 */
export async function openSqlite(file: string): Promise<Database> {
  if (file === '' || file === ':memory:') throw new ConfigError('SQLite needs a file. Name one, such as ./.rollcall/rollcall.db.')
  const dialect = sqliteDialect()
  const compiler = createCompiler(dialect)
  const listeners: ((organizationId: string) => void)[] = []
  const writer = openConnection(file, 8)
  let reader: DatabaseSync
  try {
    migrateFile(writer)
    reader = openConnection(file, 32)
  } catch (error) {
    writer.close()
    throw error
  }
  // From here on the queue waits for other processes without blocking this one.
  writer.exec('pragma busy_timeout = 0')
  const queue = createWriteQueue(writer, busyTimeoutMs)
  const writing = createDriver(writer)
  return {
    reader: createExecutor(compiler, createDriver(reader)),
    write: async (_organizationId, work) => {
      const factsOf = new Set<string>()
      const result = await queue.run(() => runWork(compiler, { driver: writing, factsOf }, work))
      for (const id of factsOf) for (const listener of listeners) listener(id)
      return result
    },
    onFacts: (listener) => void listeners.push(listener),
    check: async () => {
      const current = guardedStatement(() => currentMigration(reader))
      checkNotNewer(current)
      if (current < latestMigration) throw unavailableError(undefined)
    },
    backup: async (target) => backupFile(file, target),
    close: async () => {
      await queue.close()
      if (reader.isOpen) reader.close()
      if (writer.isOpen) writer.close()
    },
  }
}

/** What stands in the file, changing nothing. */
export function sqliteMigrationStatus(file: string): MigrationStatus {
  if (!existsSync(file)) return statusFrom(0)
  const db = openConnection(file, 2)
  try {
    return statusFrom(currentMigration(db))
  } finally {
    db.close()
  }
}

function openConnection(file: string, cacheMiB: number): DatabaseSync {
  try {
    // The -wal and -shm files take their mode from this one.
    closeSync(openSync(file, 'a', 0o600))
    chmodSync(file, 0o600)
    const db = new DatabaseSync(file, { timeout: busyTimeoutMs })
    db.exec(
      `pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma temp_store = memory; pragma journal_size_limit = 67108864; pragma cache_size = ${-1024 * cacheMiB}`,
    )
    return db
  } catch (cause) {
    throw new ConfigError(
      `${file} cannot be opened as a SQLite database. Check the path, its permissions, and that it is a Rollcall database.`,
      { cause },
    )
  }
}

/** Without giving the turn away: who waits for the lock in this same process would wait for ever. */
function migrateFile(db: DatabaseSync): void {
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

function currentMigration(db: DatabaseSync): number {
  if (!db.prepare(`select 1 from sqlite_schema where type = 'table' and name = 'migrations'`).get()) return 0
  return Number(db.prepare('select coalesce(max(number), 0) as number from migrations').get()?.['number'])
}

function createDriver(db: DatabaseSync): Driver {
  const statements = new WeakMap<Prepared, StatementSync>()
  const statementOf = (prepared: Prepared): StatementSync => {
    let found = statements.get(prepared)
    if (!found) statements.set(prepared, (found = db.prepare(prepared.text)))
    return found
  }
  return {
    all: (prepared, values) => guardedStatement(() => statementOf(prepared).all(...values)),
    run: (prepared, values) => guardedStatement(() => Number(statementOf(prepared).run(...values).changes)),
  }
}

/** SQLite's result codes that say the database, not the statement, is in trouble: busy, locked, read-only, I/O, corrupt, full, cannot open, not a database. */
const troubles: ReadonlySet<number> = new Set([5, 6, 8, 10, 11, 13, 14, 26])

function guardedStatement<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw translate(error)
  }
}

/** What a caller can do about an error of SQLite; others come back as they are. */
export function translate(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof DirectoryError) return error
  if ('code' in error && error.code === 'ERR_INVALID_STATE') return unavailableError(error)
  if (!('errcode' in error) || typeof error.errcode !== 'number') return error
  if ((error.errcode & 0xff) === 19) return takenError(error.message, error) ?? error
  return troubles.has(error.errcode & 0xff) ? unavailableError(error) : error
}

/** Copies one committed state, however much is written meanwhile: the copy is read inside one read transaction. It appears whole or not at all. */
async function backupFile(file: string, target: string): Promise<void> {
  const draft = `${target}.partial`
  const db = openConnection(file, 2)
  try {
    closeSync(openSync(draft, 'w', 0o600))
    db.exec('begin')
    db.prepare('select count(*) from migrations').get()
    await backup(db, draft)
    db.exec('rollback')
    renameSync(draft, target)
  } catch (cause) {
    throw new ConfigError(`The backup to ${target} could not be written. Check the folder and the space in it.`, { cause })
  } finally {
    db.close()
    rmSync(draft, { force: true })
  }
}
