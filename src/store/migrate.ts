import { sql, type Compilable } from 'kysely'
import { ConfigError } from '../directory/errors.ts'
import { start } from './migrations/0001-start.ts'
import type { SqlDialect } from './sql-dialect.ts'

/** Every migration in order; their numbers are their places, from 1. */
const migrations: readonly { readonly name: string; readonly up: (dialect: SqlDialect) => readonly Compilable[] }[] = [
  { name: 'start', up: start },
]

export interface MigrationStatus {
  /** The number of the last migration that was applied; 0 for an empty database. */
  readonly current: number
  /** The number that this code needs. */
  readonly latest: number
  readonly pending: readonly string[]
}

/** Runs texts on one connection that holds the migration lock. */
export interface MigrationRunner {
  run(text: string, values: readonly unknown[]): Promise<void>
  /** Number of the last migration that was applied; 0 when there is no table of them. */
  current(): Promise<number>
}

export const latestMigration = migrations.length

export const migrationTable = ({ kysely, types, tableEnd }: SqlDialect): Compilable =>
  kysely.schema
    .createTable('migrations')
    .ifNotExists()
    .addColumn('number', sql`${types.integer}`, (column) => column.primaryKey().notNull())
    .addColumn('name', sql`${types.text}`, (column) => column.notNull())
    .addColumn('applied_at', sql`${types.text}`, (column) => column.notNull())
    .modifyEnd(tableEnd)

/** Applies what is missing. The caller holds a lock and a transaction around it. */
export async function migrate(dialect: SqlDialect, runner: MigrationRunner): Promise<void> {
  const current = await runner.current()
  checkNotNewer(current)
  if (current === migrations.length) return
  await runner.run(migrationTable(dialect).compile().sql, [])
  for (const [index, { name, up }] of migrations.entries()) {
    if (index < current) continue
    for (const statement of up(dialect)) await runner.run(statement.compile().sql, [])
    const applied = dialect.kysely
      .insertInto('migrations')
      .values({ number: index + 1, name, applied_at: sql<string>`cast(current_timestamp as text)` })
      .compile()
    await runner.run(applied.sql, applied.parameters)
  }
}

export function statusFrom(current: number): MigrationStatus {
  return { current, latest: migrations.length, pending: migrations.slice(current).map(({ name }) => name) }
}

export function checkNotNewer(current: number): void {
  if (current > migrations.length)
    throw new ConfigError(
      `The database has schema ${current}, this version of Rollcall knows ${migrations.length}. Use the version that wrote it, or a newer one.`,
    )
}
