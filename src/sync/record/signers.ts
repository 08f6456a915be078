import type { SyncParts } from '../parts.ts'
import type { Signer } from '../signed.ts'

/** Those of the installation, else the one that signs receipts: the first signs, the word of each counts. */
export const signersOf = ({ checkpointSigners, signer }: SyncParts): readonly [Signer, ...Signer[]] =>
  checkpointSigners ?? [signer]
