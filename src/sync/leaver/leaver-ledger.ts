import type { Offboarding, OffboardingState, StoredLeaverReceipt, Visit } from './offboarding.ts'

/** What is kept of leavers. */
export interface LeaverLedgerReader {
  organizationName(organizationId: string): Promise<string>
  offboarding(organizationId: string, id: string): Promise<Offboarding | undefined>
  /** The member's newest one. */
  latestOffboarding(organizationId: string, membershipId: string): Promise<Offboarding | undefined>
  /** Newest first, in the order of ids; `before` (an id) walks on to older ones. */
  offboardings(
    organizationId: string,
    filter: {
      readonly membershipId?: string | undefined
      readonly state?: OffboardingState | undefined
      readonly before?: string | undefined
      readonly limit: number
    },
  ): Promise<readonly Offboarding[]>
  /** By connection id. */
  visits(organizationId: string, offboardingId: string): Promise<readonly Visit[]>
  /** The visits at a connection that its turns still look after, oldest offboarding first. */
  openVisits(organizationId: string, connectionId: string): Promise<readonly Visit[]>
  /** Those that found this account at the connection, oldest first. */
  visitsOfAccount(organizationId: string, connectionId: string, accountId: string): Promise<readonly Visit[]>
  /** How many people but that one were locked out at the connection since then. */
  locksSince(
    organizationId: string,
    connectionId: string,
    filter: { readonly since: Date; readonly except: string },
  ): Promise<number>
  leaverReceipt(organizationId: string, id: string): Promise<StoredLeaverReceipt | undefined>
  /** Oldest first. */
  leaverReceipts(organizationId: string, offboardingId: string): Promise<readonly StoredLeaverReceipt[]>
}

export interface LeaverLedgerWriter {
  putOffboarding(offboarding: Offboarding): Promise<void>
  /** `open`: the connection's turns still have to look after it. */
  putVisit(visit: Visit, input: { readonly open: boolean }): Promise<void>
  putLeaverReceipt(receipt: StoredLeaverReceipt): Promise<void>
}
