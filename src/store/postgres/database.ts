import { ConfigError } from '../../directory/errors.ts'
import type { Database } from '../database.ts'
import { createCompiler, createExecutor, runWork } from '../executor.ts'
import { unavailableError } from '../failure.ts'
import { createGroupCommit } from '../group-commit.ts'
import { checkNotNewer, latestMigration, statusFrom, type MigrationStatus } from '../migrate.ts'
import { postgresDialect } from '../sql-dialect.ts'
import { guarded } from './failure.ts'
import { createDriver, createPool, currentMigration, migrateDatabase } from './pool.ts'
import { beginShared } from './transaction.ts'

/**
 * Opens a PostgreSQL database (13 or later) by URL. Writers never take a reader's connection. Throws ConfigError for a URL, password or
 * database that is wrong or newer than this code, DirectoryError `unavailable` when there is no answer.
 */
export async function openPostgres(url: string): Promise<Database> {
  const compiler = createCompiler(postgresDialect())
  const pools = { readers: createPool(url), writers: createPool(url, 'inOneGo') }
  const endPools = () => Promise.all([pools.readers.end(), pools.writers.end()])
  const listeners: ((organizationId: string) => void)[] = []
  // One commit of this process at a time, so that those who wait for an organization do not wait with a connection in hand.
  const groupCommit = createGroupCommit((organizationId) => beginShared(pools, organizationId))
  let closed = false
  try {
    await migrateDatabase(pools.writers)
  } catch (error) {
    await endPools()
    throw error
  }
  return {
    reader: createExecutor(compiler, createDriver(pools.readers)),
    write: async (organizationId, work) => {
      const factsOf = new Set<string>()
      const result = await groupCommit.run(organizationId, (driver) => runWork(compiler, { driver, factsOf }, work))
      for (const id of factsOf) for (const listener of listeners) listener(id)
      return result
    },
    onFacts: (listener) => void listeners.push(listener),
    check: async () => {
      const current = await guarded(() => currentMigration(pools.readers))
      checkNotNewer(current)
      if (current < latestMigration) throw unavailableError(undefined)
    },
    backup: async () => {
      throw new ConfigError('The database is PostgreSQL. Back it up with pg_dump, and keep the keys folder with it.')
    },
    close: async () => {
      if (closed) return
      closed = true
      await groupCommit.close()
      await endPools()
    },
  }
}

/** What stands in the database, changing nothing. */
export async function postgresMigrationStatus(url: string): Promise<MigrationStatus> {
  const pool = createPool(url)
  try {
    return statusFrom(await guarded(() => currentMigration(pool)))
  } finally {
    await pool.end()
  }
}
