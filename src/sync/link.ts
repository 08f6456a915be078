import type { Fact } from '../directory/fact.ts'
import type { Link } from './ledger.ts'
import type { Account } from './vendor.ts'

/** What a person said of an account that no link tells. */
export type Marking = {
  readonly organizationId: string
  readonly connectionId: string
  readonly accountId: string
  /** The user name, for people to read. */
  readonly subject: string
  readonly by: string
  readonly at: Date
  readonly reason: string
} & (
  | /** Known and nobody's, such as a service account: no orphan, and never linked by a rule. */
    { readonly kind: 'outside' }
  /** The second account of a member who keeps another one: its removal is planned as long as that one stands. */
  | { readonly kind: 'surplus'; readonly membershipId: string; readonly keptAccountId: string }
)

/** A link's member who was removed from the directory, as they were then. */
export interface Departed {
  readonly membershipId: string
  readonly personId: string
  readonly userName: string
  readonly externalId: string | undefined
}

interface After {
  readonly after?: string | undefined
  readonly limit: number
}

export interface LinkLedgerReader {
  /** Who holds a link of the connection and is no member any more. */
  departed(organizationId: string, connectionId: string): Promise<readonly Departed[]>
  linkOfAccount(organizationId: string, connectionId: string, accountId: string): Promise<Link | undefined>
  account(organizationId: string, connectionId: string, accountId: string): Promise<Account | undefined>
  /** By account id. */
  markings(organizationId: string, connectionId: string, page: After): Promise<readonly Marking[]>
  marking(organizationId: string, connectionId: string, accountId: string): Promise<Marking | undefined>
  /** Of one account, at whatever connection: links made and removed, oldest first. */
  linkFacts(organizationId: string, accountId: string): Promise<readonly Fact[]>
}

export interface LinkLedgerWriter {
  putMarking(marking: Marking): Promise<void>
  removeMarking(organizationId: string, connectionId: string, accountId: string): Promise<void>
}
