import { sign, verifySigned, type Signed, type Signer, type Verdict } from '../signed.ts'
import {
  parseLeaverReceipt,
  type answers,
  type conditions,
  type occasions,
  type outcomes,
  type requestKinds,
} from './receipt-shape.ts'

/** Signed proof of what was done everywhere for somebody who left. Times are ISO 8601 in UTC. */
export interface LeaverReceipt extends Signed {
  readonly kind: 'leaver'
  /** Of this shape. */
  readonly version: 1
  readonly id: string
  readonly offboardingId: string
  /** 1 for the first; a later one cites the digest of the text that it takes the place of. */
  readonly number: number
  readonly former: { readonly id: string; readonly sha256: string } | null
  readonly organization: { readonly id: string; readonly name: string }
  readonly person: { readonly membershipId: string; readonly userName: string; readonly email: string | null }
  readonly asked: {
    readonly by: string
    readonly at: string
    readonly how: 'request' | 'deactivation'
    readonly reason: string | null
  }
  /** Every connection that there was when the person left. */
  readonly connections: readonly LeaverConnection[]
  /** The end of the organization's chain of facts when the receipt was issued. */
  readonly chain: { readonly sequence: number; readonly hash: string }
  readonly issuedAt: string
}

export interface LeaverConnection {
  readonly id: string
  readonly name: string
  readonly vendor: string
  readonly baseUrl: string
  readonly outcome: (typeof outcomes)[number]
  readonly reason: string
  /** As it was when the person left; null where there was none. */
  readonly account: {
    readonly id: string
    readonly userName: string
    readonly email: string | null
    readonly status: Exclude<(typeof conditions)[number], 'gone'>
    readonly roles: readonly string[]
    readonly activeSessions: number | null
  } | null
  /** The complete read of the vendor that shows whether there was an account; null where the account was known by its link alone. */
  readonly look: {
    readonly snapshotId: string
    readonly at: string
    readonly accounts: number
    readonly digest: string
  } | null
  readonly requests: readonly {
    readonly kind: (typeof requestKinds)[number]
    readonly sentAt: string | null
    readonly answeredAt: string
    readonly answer: (typeof answers)[number]
    readonly status: number | null
  }[]
  /** What the vendor answered, asked for the account by id afterwards. */
  readonly reads: readonly {
    readonly at: string
    readonly occasion: (typeof occasions)[number]
    readonly found: (typeof conditions)[number]
    readonly others: readonly string[]
  }[]
  /** The removal's own receipt, by its digest, and who approved it. */
  readonly removal: { readonly planId: string; readonly receiptId: string; readonly sha256: string } | null
  readonly approvals: readonly { readonly actor: string; readonly at: string; readonly reason: string }[]
  readonly residues: readonly string[]
  readonly tasks: readonly string[]
  /** When the vendor is read again; done and to come. */
  readonly rechecks: readonly { readonly after: 'hour' | 'day'; readonly dueAt: string; readonly doneAt: string | null }[]
}

export type LeaverVerdict = Verdict<LeaverReceipt>

/** The receipt's exact bytes. */
export const signLeaverReceipt = (content: Omit<LeaverReceipt, keyof Signed>, signer: Signer): string => sign(content, signer)

/** Judges a leaver's receipt by its text alone (verifySigned). */
export const verifyLeaverReceipt = (text: string, trustedKey?: string): LeaverVerdict =>
  verifySigned(text, parseLeaverReceipt, { trustedKey })

/** Whether a text says of itself that it is a leaver's receipt; what it is worth, verifyLeaverReceipt tells. */
export const isLeaverReceipt = (text: string): boolean => /^\s*\{\s*"kind"\s*:\s*"leaver"/.test(text)
