import type { Link, Wanted } from './ledger.ts'
import type { Account } from './vendor.ts'

/** Somebody who is wanted, with the link to their account and the account itself, where there are. */
export interface Pair {
  readonly wanted: Wanted
  readonly link: Link | undefined
  readonly account: Account | undefined
}

/** The link of somebody who is not wanted, with the account where it stands. */
export interface LeftLink {
  readonly link: Link
  readonly account: Account | undefined
}

/** Whether the last read was complete; of one that was not, what it showed stands aside and comes before what was stored. */
export type LastRead = 'complete' | 'incomplete'

interface Part {
  readonly after?: string | undefined
  /** How many rows are looked at. */
  readonly limit: number
}

/** What was found among the rows of a part; `next` is where the next part begins, undefined at the end. */
export interface Found<T> {
  readonly items: readonly T[]
  readonly next: string | undefined
}

/** The directory, the links and a vendor's accounts held side by side, a part at a time: the store joins them, since each may be very long. */
export interface PairLedgerReader {
  /** Everybody who is wanted (LedgerReader.wanted), by membership id. */
  pairs(organizationId: string, connectionId: string, part: Part & { readonly read: LastRead }): Promise<Found<Pair>>
  /** Those of them whose folded user name or address is one of the names. */
  pairsNamed(
    organizationId: string,
    connectionId: string,
    which: { readonly names: readonly string[]; readonly read: LastRead },
  ): Promise<readonly Pair[]>
  /** Links of members who are not wanted, by membership id. */
  leftLinks(organizationId: string, connectionId: string, part: Part & { readonly read: LastRead }): Promise<Found<LeftLink>>
  /** Accounts that no link names, by account id: of those that are stored, or of those that stand aside. */
  looseAccounts(
    organizationId: string,
    connectionId: string,
    part: Part & { readonly of: 'stored' | 'aside' },
  ): Promise<Found<Account>>
}
