import type { Sink } from '../src/sync/read-list.ts'
import { readAccounts, type Reading } from '../src/sync/snapshot.ts'
import type { Account, VendorReader } from '../src/sync/vendor.ts'

export interface MemorySink extends Sink {
  /** By id, as they were put last. */
  readonly accounts: Map<string, Account>
}

export function createMemorySink(): MemorySink {
  const accounts = new Map<string, Account>()
  return {
    accounts,
    put: async (shown) => {
      for (const account of shown) accounts.set(account.id, account)
    },
    remove: async (accountId) => {
      accounts.delete(accountId)
    },
  }
}

/** A reading with the accounts that it put into its sink. */
export async function readInMemory(
  reader: VendorReader,
  known: readonly string[],
): Promise<Reading & { readonly accounts: readonly Account[] }> {
  const sink = createMemorySink()
  const reading = await readAccounts(reader, known, { sink })
  return { ...reading, accounts: [...sink.accounts.values()] }
}
