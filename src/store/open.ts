import type { Explanations } from '../directory/explanation.ts'
import type { GaugeReader } from '../directory/gauges.ts'
import type { Outbox } from '../directory/mail.ts'
import type { Sealer } from '../directory/seal.ts'
import type { Store } from '../directory/store.ts'
import type { WebhookQueue } from '../directory/webhook.ts'
import type { Ledger, Queue } from '../sync/ledger.ts'
import type { Database } from './database.ts'
import { createExplanations } from './explanations.ts'
import { createGauges } from './gauges.ts'
import { createLedger } from './ledger/ledger.ts'
import { createQueue } from './ledger/work.ts'
import { createOutbox } from './mails.ts'
import type { MigrationStatus } from './migrate.ts'
import { openSqlite, sqliteMigrationStatus } from './sqlite/database.ts'
import { createStore } from './store.ts'
import { createWebhookQueue } from './webhooks.ts'

export interface OpenStore {
  readonly store: Store
  readonly ledger: Ledger
  readonly queue: Queue
  readonly outbox: Outbox
  readonly webhookQueue: WebhookQueue
  readonly explanations: Explanations
  readonly gauges: GaugeReader
  /** Resolves when the database answers and its schema is current; throws DirectoryError `unavailable`. */
  check(): Promise<void>
  /** Called after each commit of this process that appended facts, with the organization's id. */
  onFacts(listener: (organizationId: string) => void): void
  /** SQLite: a consistent copy while in use. PostgreSQL: ConfigError that says to use pg_dump. */
  backup(file: string): Promise<void>
  close(): Promise<void>
}

/** `database` is a SQLite file or a postgres:// URL. Migrates first, under a lock. */
export async function openStore({
  database: location,
  sealer,
}: {
  readonly database: string
  readonly sealer: Sealer
}): Promise<OpenStore> {
  const database = await openDatabase(location)
  return {
    store: createStore(database, sealer),
    ledger: createLedger(database, sealer),
    queue: createQueue(database),
    outbox: createOutbox(database, sealer),
    webhookQueue: createWebhookQueue(database, sealer),
    explanations: createExplanations(database),
    gauges: createGauges(database),
    check: () => database.check(),
    onFacts: (listener) => database.onFacts(listener),
    backup: (file) => database.backup(file),
    close: () => database.close(),
  }
}

/** Which migrations a database has and lacks. Changes nothing. */
export const migrationStatus = async (location: string): Promise<MigrationStatus> =>
  isPostgres(location) ? (await postgres()).postgresMigrationStatus(location) : sqliteMigrationStatus(location)

const isPostgres = (location: string): boolean => /^postgres(ql)?:\/\//.test(location)
const openDatabase = async (location: string): Promise<Database> =>
  isPostgres(location) ? (await postgres()).openPostgres(location) : openSqlite(location)
/** Loaded only where it is used: most installations start without it, and faster. */
const postgres = () => import('./postgres/database.ts')
