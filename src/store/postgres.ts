import { DatabaseError, Pool, type ClientBase, type PoolClient } from 'pg'
import { setTimeout as sleep } from 'node:timers/promises'
import { ConfigError, DirectoryError } from '../directory/errors.ts'
import type { Database } from './database.ts'
import { createCompiler, createExecutor, runWork, type Driver } from './executor.ts'
import { takenError, unavailableError } from './failure.ts'
import { createLine } from './line.ts'
import { checkNotNewer, latestMigration, migrationQueries, statusFrom, type MigrationStatus } from './migrate.ts'
import { postgresDialect } from './sql-dialect.ts'

/** How long a connection may take to come about, and how long a statement may run, in milliseconds. */
const connectTimeoutMs = 5_000
const statementTimeoutMs = 30_000
/** How many connections may read, and how many may write. Writers never take a reader's. */
const poolSize = 10
/** How long the outcome of a commit is asked for after its connection broke, in milliseconds. */
const outcomeTimeoutMs = 10_000
/** The migration lock: the letters `roll` as a number. */
const migrationLock = 0x726f6c6c

/**
 * Opens a PostgreSQL database (13 or later) by URL. Throws ConfigError for a URL, password or database that is wrong or newer than this code,
 * DirectoryError `unavailable` when there is no answer.
 */
export async function openPostgres(url: string): Promise<Database> {
  const dialect = postgresDialect()
  const compiler = createCompiler(dialect)
  const readers = createPool(url)
  const writers = createPool(url)
  const listeners: ((organizationId: string) => void)[] = []
  const line = createLine()
  let closed = false
  try {
    await migrateDatabase(writers)
  } catch (error) {
    await Promise.all([readers.end(), writers.end()])
    throw error
  }
  return {
    reader: createExecutor(compiler, createDriver(readers)),
    write: async (organizationId, work) => {
      if (closed) throw unavailableError(undefined)
      const factsOf = new Set<string>()
      const transaction = () =>
        inTransaction(writers, { organizationId, readers }, (client) =>
          runWork(compiler, { driver: createDriver(client), factsOf }, work),
        )
      // One of this process at a time, so that those who wait for an organization do not wait with a connection in hand.
      const result = await (organizationId === undefined ? transaction() : line.run(organizationId, transaction))
      for (const id of factsOf) for (const listener of listeners) listener(id)
      return result
    },
    onFacts: (listener) => void listeners.push(listener),
    check: async () => {
      const current = await currentMigration(readers)
      checkNotNewer(current)
      if (current < latestMigration) throw unavailableError(undefined)
    },
    backup: async () => {
      throw new ConfigError('The database is PostgreSQL. Back it up with pg_dump, and keep the keys folder with it.')
    },
    close: async () => {
      if (closed) return
      closed = true
      await line.idle()
      await Promise.all([readers.end(), writers.end()])
    },
  }
}

/** What stands in the database, changing nothing. */
export async function postgresMigrationStatus(url: string): Promise<MigrationStatus> {
  const pool = createPool(url)
  try {
    return statusFrom(await currentMigration(pool))
  } finally {
    await pool.end()
  }
}

function createPool(url: string): Pool {
  const pool = new Pool({
    ...parseUrl(url),
    max: poolSize,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: 2 * statementTimeoutMs,
    keepAlive: true,
    application_name: 'rollcall',
    // Rows come back as SQLite gives them: numbers as numbers, everything else as text.
    types: { getTypeParser: (type: number) => (numberTypes.has(type) ? Number : (text: string) => text) },
  })
  // A connection that breaks while nobody uses it must not end the process; whoever uses one next is told.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

/** int8, int2, int4, numeric. */
const numberTypes: ReadonlySet<number> = new Set([20, 21, 23, 1700])

function parseUrl(url: string): { readonly connectionString: string } {
  if (!URL.canParse(url))
    throw new ConfigError('The database URL cannot be read. It looks like postgres://user:password@host:5432/database.')
  return { connectionString: url }
}

function createDriver(client: Pool | ClientBase): Driver {
  return {
    all: async ({ name, text }, values) =>
      (await guarded(() => client.query({ ...(name !== undefined && { name }), text, values: [...values] }))).rows,
    run: async ({ name, text }, values) =>
      (await guarded(() => client.query({ ...(name !== undefined && { name }), text, values: [...values] }))).rowCount ?? 0,
  }
}

/** Runs `work` between begin and commit, holding the organization against every other process. */
async function inTransaction<T>(
  writers: Pool,
  { organizationId, readers }: { readonly organizationId: string | undefined; readonly readers: Pool },
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await guarded(() => writers.connect())
  let result: T
  let id: string
  try {
    id = await begin(client, organizationId)
    result = await work(client)
  } catch (error) {
    await rollback(client)
    throw error
  }
  try {
    const { command } = await client.query('commit')
    client.release()
    if (command !== 'COMMIT') throw unavailableError(undefined)
    return result
  } catch (error) {
    if (error instanceof DirectoryError) throw error
    client.release(true)
    if (error instanceof DatabaseError && !breaksConnection(error)) throw translate(error)
    await confirmCommit(readers, id, error)
    return result
  }
}

/** Answers the transaction's id, by which its outcome can be asked for. */
async function begin(client: PoolClient, organizationId: string | undefined): Promise<string> {
  const lock =
    organizationId === undefined
      ? ''
      : `select pg_advisory_xact_lock(hashtextextended(${client.escapeLiteral(organizationId)}, 0));`
  const text = `begin isolation level read committed; set local synchronous_commit = on; ${lock} select pg_current_xact_id()::text as id`
  return lastId(await guarded(() => client.query(text)))
}

/** Several statements in one text are answered by as many results, whatever the types of `pg` say. */
function lastId(results: unknown): string {
  const last: unknown = Array.isArray(results) ? results.at(-1) : results
  if (typeof last === 'object' && last !== null && 'rows' in last && Array.isArray(last.rows)) {
    const row: unknown = last.rows[0]
    if (typeof row === 'object' && row !== null && 'id' in row && typeof row.id === 'string') return row.id
  }
  throw new TypeError('a transaction without an id')
}

async function rollback(client: PoolClient): Promise<void> {
  try {
    await client.query('rollback')
    client.release()
  } catch {
    // The connection is gone, and the transaction with it.
    client.release(true)
  }
}

/** After a commit whose answer was lost: resolves when it took effect, throws when it did not or when that cannot be found out. */
async function confirmCommit(readers: Pool, id: string, cause: unknown): Promise<void> {
  const deadline = performance.now() + outcomeTimeoutMs
  for (let waitMs = 10; performance.now() < deadline; waitMs = Math.min(waitMs * 2, 500)) {
    try {
      const { rows } = await readers.query<{ readonly status: string | null }>('select pg_xact_status($1::xid8) as status', [id])
      const status = rows[0]?.status
      if (status === 'committed') return
      if (status === 'aborted') throw unavailableError(cause)
    } catch (error) {
      if (error instanceof DirectoryError) throw error
    }
    await sleep(waitMs)
  }
  throw new DirectoryError(
    'unavailable',
    'The database went away during the commit. Read before you repeat: the change may have been made.',
    { cause },
  )
}

async function migrateDatabase(pool: Pool): Promise<void> {
  const client = await connectFirst(pool)
  try {
    if ((await currentMigration(client)) === latestMigration) return client.release()
    await client.query(`begin; set local statement_timeout = 0; select pg_advisory_xact_lock(${migrationLock})`)
    for (const { sql, parameters } of migrationQueries(postgresDialect(), await currentMigration(client)))
      await client.query(sql, [...parameters])
    await client.query('commit')
    client.release()
  } catch (error) {
    await rollback(client)
    throw translate(error)
  }
}

/** Errors that mean the URL is wrong rather than the database away: authentication, no such database, no rights. */
const misconfigured: ReadonlySet<string> = new Set(['28000', '28P01', '3D000', '42501'])

async function connectFirst(pool: Pool): Promise<PoolClient> {
  try {
    return await pool.connect()
  } catch (cause) {
    if (cause instanceof DatabaseError && misconfigured.has(cause.code ?? ''))
      throw new ConfigError(`PostgreSQL refuses the connection: ${cause.message}. Check DATABASE_URL.`, { cause })
    throw translate(cause)
  }
}

async function currentMigration(client: Pool | PoolClient): Promise<number> {
  const found = await guarded(() => client.query(`select to_regclass('migrations')::text as found`))
  if (found.rows[0]?.found === null) return 0
  const { rows } = await guarded(() =>
    client.query<{ readonly number: number }>('select coalesce(max(number), 0) as number from migrations'),
  )
  return rows[0]?.number ?? 0
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw translate(error)
  }
}

/** What a caller can do about an error of PostgreSQL; errors in our own statements come back as they are. */
function translate(error: unknown): unknown {
  if (error instanceof DirectoryError || error instanceof ConfigError || error instanceof TypeError) return error
  if (!(error instanceof DatabaseError)) return unavailableError(error)
  if (error.code === '23505') return takenError(error.constraint ?? '', error) ?? error
  return breaksConnection(error) || troubles.test(error.code ?? '') ? unavailableError(error) : error
}

/** Connection exceptions and an administrator's or a crash's shutdown. */
const breaksConnection = (error: DatabaseError): boolean => /^(08|57P)/.test(error.code ?? '')

/** Serialization and deadlock, resources, lock and idle time-outs, a cancelled statement, system errors, a read-only database. */
const troubles = /^(40|53|55P03|25P03|25006|57|58)/
