import type { Link } from '../ledger.ts'
import type { Account } from '../vendor.ts'
import type { Person } from './row.ts'

/** An account as it stands in the ledger, with whom it is linked to and the groups they are in. */
export interface HeldAccount {
  readonly account: Account
  /** Undefined for an account that nobody is linked to. */
  readonly link: Link | undefined
  /** Undefined without a link; `unknown` for somebody of whom the directory has no trace. */
  readonly person: Person | undefined
  readonly groups: ReadonlyMap<string, string>
  /** Whether a review denied them the connection. */
  readonly excluded: boolean
}

/** The last row of a page: account id, and membership id or nothing. */
export interface HeldPosition {
  readonly accountId: string
  readonly membershipId: string
}

export interface AccessLedgerReader {
  /** A connection's accounts with their people, in the order of account id and membership id */
  heldAccounts(
    organizationId: string,
    connectionId: string,
    page: {
      readonly after?: HeldPosition | undefined
      readonly limit: number
    },
  ): Promise<readonly HeldAccount[]>
  /** The account that the member is linked to, if the vendor has it. */
  accountHeldBy(organizationId: string, connectionId: string, membershipId: string): Promise<HeldAccount | undefined>
}
