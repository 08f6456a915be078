import { Socket } from 'node:net'
import { Pool, type ClientBase } from 'pg'
import { ConfigError } from '../../directory/errors.ts'
import type { Driver } from '../executor.ts'
import { latestMigration, migrationQueries } from '../migrate.ts'
import { postgresDialect } from '../sql-dialect.ts'
import { guarded } from './failure.ts'

/** How long a connection may take to come about, and how long a statement may run, in milliseconds. */
const connectTimeoutMs = 5_000
const statementTimeoutMs = 30_000
const poolSize = 10
/** `pg_current_xact_id` and `pg_xact_status` stand in 13 and later. */
const oldestVersion = 130_000
/** The advisory lock that migrations are made under: the letters `roll` as a number. */
const migrationLock = 0x726f6c6c

/** Numbers come back as numbers, everything else as text, as SQLite gives them: int8, int2, int4, numeric. */
const numberTypes: ReadonlySet<number> = new Set([20, 21, 23, 1700])

/** A connection of a pool that sends `inOneGo` takes statements while others are under way, and answers them in their order. */
export function createPool(url: string, sends: 'oneByOne' | 'inOneGo' = 'oneByOne'): Pool {
  if (!URL.canParse(url))
    throw new ConfigError('The database URL cannot be read. It looks like postgres://user:password@host:5432/database.')
  const pool = new Pool({
    connectionString: url,
    max: poolSize,
    ...(sends === 'inOneGo' && { pipeline: true, stream: createGatheringSocket }),
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: 2 * statementTimeoutMs,
    keepAlive: true,
    application_name: 'rollcall',
    types: { getTypeParser: (type: number) => (numberTypes.has(type) ? Number : (text: string) => text) },
  })
  // A connection that breaks while nobody asks it anything must not end the process; whoever asks next is told.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

/** A socket that sends what is written in one turn by one call to the system: each costs as much as a small statement. `pg` holds back what makes up one statement only. */
function createGatheringSocket(): Socket {
  const socket = new Socket()
  const send = socket.uncork.bind(socket)
  return Object.assign(socket, { uncork: () => process.nextTick(send) })
}

export function createDriver(client: Pool | ClientBase): Driver {
  const query = ({ name, text }: { readonly name: string | undefined; readonly text: string }, values: readonly unknown[]) =>
    guarded(() => client.query({ ...(name !== undefined && { name }), text, values: [...values] }))
  return {
    all: async (prepared, values) => (await query(prepared, values)).rows,
    run: async (prepared, values) => (await query(prepared, values)).rowCount ?? 0,
  }
}

/** Throws ConfigError for a server that is too old or a database in another encoding. */
export async function migrateDatabase(pool: Pool): Promise<void> {
  const client = await guarded(() => pool.connect())
  try {
    await guarded(async () => {
      await checkServer(client)
      if ((await currentMigration(client)) === latestMigration) return
      await client.query(`begin; set local statement_timeout = 0; select pg_advisory_xact_lock(${migrationLock})`)
      for (const { sql, parameters } of migrationQueries(postgresDialect(), await currentMigration(client)))
        await client.query(sql, [...parameters])
      await client.query('commit')
    })
    client.release()
  } catch (error) {
    // Whatever was begun ends with the connection.
    client.release(true)
    throw error
  }
}

/** The number of the last migration that was applied; 0 for an empty database. */
export async function currentMigration(client: Pool | ClientBase): Promise<number> {
  const found = await client.query<{ readonly found: string | null }>(`select to_regclass('migrations')::text as found`)
  if (found.rows[0]?.found === null) return 0
  const { rows } = await client.query<{ readonly number: number }>('select coalesce(max(number), 0) as number from migrations')
  return rows[0]?.number ?? 0
}

async function checkServer(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ readonly version: number; readonly encoding: string }>(
    `select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding`,
  )
  const [server] = rows
  if (!server || server.version < oldestVersion) throw new ConfigError('PostgreSQL is too old. Use version 13 or later.')
  if (server.encoding !== 'UTF8')
    throw new ConfigError(`The database is encoded in ${server.encoding}. Create one with encoding UTF8.`)
}
