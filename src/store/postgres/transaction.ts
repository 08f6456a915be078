import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool, PoolClient } from 'pg'
import { DirectoryError } from '../../directory/errors.ts'
import { unavailableError } from '../failure.ts'
import type { SharedTransaction } from '../group-commit.ts'
import { brokeConnection, guarded, translate } from './failure.ts'
import { createDriver } from './pool.ts'

/** How long the outcome of a commit is asked for after its connection broke, in milliseconds. */
const outcomeTimeoutMs = 10_000

interface Pools {
  readonly readers: Pool
  readonly writers: Pool
}

/**
 * Begins a transaction that holds the organization (if one is named) against every other process. Its commit resolves when it is durable, also when the
 * connection broke before the answer to it came.
 */
export async function beginShared({ readers, writers }: Pools, organizationId: string | undefined): Promise<SharedTransaction> {
  const client = await guarded(() => writers.connect())
  let id: string
  try {
    id = await begin(client, organizationId)
  } catch (error) {
    await rollback(client)
    throw error
  }
  return {
    driver: createDriver(client),
    mark: () => {
      // Nobody waits for the answer: what fails here fails whatever comes behind it.
      client.query('release savepoint work; savepoint work').catch(() => {})
    },
    takeBack: () => guarded(async () => void (await client.query('rollback to savepoint work'))),
    commit: async () => {
      const lost = await commit(client)
      if (lost) await confirmCommit(readers, id, lost.cause)
    },
    abandon: () => rollback(client),
  }
}

/** Answers the transaction's id, by which its outcome can be asked for. */
async function begin(client: PoolClient, organizationId: string | undefined): Promise<string> {
  const lock =
    organizationId === undefined
      ? ''
      : `select pg_advisory_xact_lock(hashtextextended(${client.escapeLiteral(organizationId)}, 0));`
  const text = `begin isolation level read committed; set local synchronous_commit = on; ${lock} savepoint work; select pg_current_xact_id()::text as id`
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

/** Answers why, when nobody knows whether the commit took effect. Throws when it did not. */
async function commit(client: PoolClient): Promise<{ readonly cause: unknown } | undefined> {
  let command: string
  try {
    command = (await client.query('commit')).command
  } catch (error) {
    client.release(true)
    if (brokeConnection(error)) return { cause: error }
    throw translate(error)
  }
  client.release()
  // A transaction that had failed is rolled back by its commit, without an error.
  if (command !== 'COMMIT') throw new TypeError('a failed transaction was committed')
  return undefined
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

/** Resolves when the transaction took effect, throws when it did not or when that cannot be found out. */
async function confirmCommit(readers: Pool, id: string, cause: unknown): Promise<void> {
  const deadline = performance.now() + outcomeTimeoutMs
  for (let waitMs = 10; performance.now() < deadline; waitMs = Math.min(waitMs * 2, 500)) {
    const status = await statusOf(readers, id)
    if (status === 'committed') return
    if (status === 'aborted') throw unavailableError(cause)
    await sleep(waitMs)
  }
  throw new DirectoryError(
    'unavailable',
    'The database went away during the commit. Read before you repeat: the change may have been made.',
    { cause },
  )
}

/** `committed`, `aborted`, `in progress`; undefined while the server does not answer. */
async function statusOf(readers: Pool, id: string): Promise<string | undefined> {
  try {
    const { rows } = await readers.query<{ readonly status: string | null }>('select pg_xact_status($1::xid8) as status', [id])
    return rows[0]?.status ?? undefined
  } catch {
    return undefined
  }
}
