/** A checkpoint as it is kept: the text says the same as its number and sequence. */
export interface StoredCheckpoint {
  readonly organizationId: string
  readonly number: number
  /** Of the fact that it signs. */
  readonly sequence: number
  readonly text: string
}

export interface CheckpointLedgerReader {
  latestCheckpoint(organizationId: string): Promise<StoredCheckpoint | undefined>
  /** Those after a number, in order. */
  checkpoints(
    organizationId: string,
    page: { readonly after: number; readonly limit: number },
  ): Promise<readonly StoredCheckpoint[]>
  /** Ids of the receipts of one table, in order, whatever they hold. */
  receiptIds(
    organizationId: string,
    page: { readonly kind: 'receipts' | 'leaver_receipts'; readonly after: string; readonly limit: number },
  ): Promise<readonly string[]>
  /** Whether the receipt is found under the offboarding. */
  hasLeaverReceipt(organizationId: string, of: { readonly offboardingId: string; readonly id: string }): Promise<boolean>
}

export interface CheckpointLedgerWriter {
  /** Adds it; throws when its number is taken. */
  addCheckpoint(checkpoint: StoredCheckpoint): Promise<void>
}
