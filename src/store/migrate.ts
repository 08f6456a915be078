import { sql, type Compilable, type CompiledQuery } from 'kysely'
import { ConfigError } from '../directory/errors.ts'
import { start } from './migrations/0001-start.ts'
import { confinedCredentials } from './migrations/0002-confined-credentials.ts'
import { persons } from './migrations/0003-persons.ts'
import { outbox } from './migrations/0004-outbox.ts'
import { blocks } from './migrations/0005-blocks.ts'
import { asideAccounts } from './migrations/0006-aside-accounts.ts'
import { findings } from './migrations/0007-findings.ts'
import { keys } from './migrations/0008-keys.ts'
import { webhooks } from './migrations/0009-webhooks.ts'
import { connectionCredentials } from './migrations/0010-connection-credentials.ts'
import { leavers } from './migrations/0011-leavers.ts'
import { reviews } from './migrations/0012-reviews.ts'
import { checkpoints } from './migrations/0014-checkpoints.ts'
import { securityEvents } from './migrations/0015-security-events.ts'
import { scimResources } from './migrations/0016-scim-resources.ts'
import { oauth } from './migrations/0017-oauth.ts'
import { customExtensions } from './migrations/0018-custom-extensions.ts'
import { memberEmails } from './migrations/0020-member-emails.ts'
import { binaryDocuments } from './migrations/0022-binary-documents.ts'
import { nestedGroups } from './migrations/0019-nested-groups.ts'
import { configuration } from './migrations/0014-configuration.ts'
import { attributeNames } from './migrations/0021-attribute-names.ts'
import type { SqlDialect } from './sql-dialect.ts'

/** Every migration in order; their numbers are their places, from 1. */
const migrations: readonly { readonly name: string; readonly up: (dialect: SqlDialect) => readonly Compilable[] }[] = [
  { name: 'start', up: start },
  { name: 'confined-credentials', up: confinedCredentials },
  { name: 'persons', up: persons },
  { name: 'outbox', up: outbox },
  { name: 'blocks', up: blocks },
  { name: 'aside-accounts', up: asideAccounts },
  { name: 'findings', up: findings },
  { name: 'keys', up: keys },
  { name: 'webhooks', up: webhooks },
  { name: 'connection-credentials', up: connectionCredentials },
  { name: 'leavers', up: leavers },
  { name: 'reviews', up: reviews },
  { name: 'checkpoints', up: checkpoints },
  { name: 'security-events', up: securityEvents },
  { name: 'oauth', up: oauth },
  { name: 'configuration', up: configuration },
  { name: 'scim-resources', up: scimResources },
  { name: 'attribute-names', up: attributeNames },
  { name: 'member-emails', up: memberEmails },
  { name: 'binary-documents', up: binaryDocuments },
  { name: 'custom-extensions', up: customExtensions },
  { name: 'nested-groups', up: nestedGroups },
]

export interface MigrationStatus {
  /** The number of the last migration that was applied; 0 for an empty database. */
  readonly current: number
  /** The number that this code needs. */
  readonly latest: number
  readonly pending: readonly string[]
}

export const latestMigration = migrations.length

/**
 * What brings a database from its last migration to this code's, in order; nothing when it is there already. The caller holds a lock and a
 * transaction around reading `current` and running this. Throws ConfigError for a database that is newer than the code.
 */
export function migrationQueries(dialect: SqlDialect, current: number): readonly CompiledQuery[] {
  checkNotNewer(current)
  return migrations.flatMap(({ name, up }, index) => {
    if (index < current) return []
    const applied = dialect.kysely
      .insertInto('migrations')
      .values({ number: index + 1, name, applied_at: sql<string>`cast(current_timestamp as text)` })
    return [...(index === 0 ? [migrationTable(dialect)] : []), ...up(dialect), applied].map((statement) => statement.compile())
  })
}

const migrationTable = ({ kysely, types, tableEnd }: SqlDialect): Compilable =>
  kysely.schema
    .createTable('migrations')
    .addColumn('number', sql`${types.integer}`, (column) => column.primaryKey().notNull())
    .addColumn('name', sql`${types.text}`, (column) => column.notNull())
    .addColumn('applied_at', sql`${types.text}`, (column) => column.notNull())
    .modifyEnd(tableEnd)

export function statusFrom(current: number): MigrationStatus {
  return { current, latest: migrations.length, pending: migrations.slice(current).map(({ name }) => name) }
}

export function checkNotNewer(current: number): void {
  if (current > migrations.length)
    throw new ConfigError(
      `The database has schema ${current}, this version of Rollcall knows ${migrations.length}. Use the version that wrote it, or a newer one.`,
    )
}
