import type { Executor, WriteExecutor } from './executor.ts'

/** A database with the current schema. Both implementations keep the promises of directory/store.ts `Transactions`. */
export interface Database {
  readonly reader: Executor
  /** Runs `work` in a transaction that holds the organization, or none in particular. Resolves when it is durable. */
  write<T>(organizationId: string | undefined, work: (executor: WriteExecutor) => Promise<T>): Promise<T>
  /** Grows with every commit, before it is answered; absent where other processes may change what stands in the database. */
  readonly commits?: () => number
  onFacts(listener: (organizationId: string) => void): void
  check(): Promise<void>
  backup(file: string): Promise<void>
  close(): Promise<void>
}
