import { parseReceipt } from './receipt-shape.ts'
import { sign, verifySigned, type Signed, type Signer, type Verdict } from './signed.ts'

/** Signed proof that an account of somebody who left is gone. Times are ISO 8601 in UTC. */
export interface Receipt extends Signed {
  readonly version: 1
  readonly id: string
  readonly organization: { readonly id: string; readonly name: string }
  readonly person: { readonly membershipId: string | null; readonly userName: string; readonly email: string | null }
  readonly connection: { readonly id: string; readonly name: string; readonly vendor: string; readonly baseUrl: string }
  readonly account: { readonly id: string; readonly userName: string; readonly email: string | null }
  readonly request: { readonly reason: string; readonly authors: readonly string[]; readonly askedAt: string }
  readonly plan: { readonly id: string; readonly digest: string; readonly removals: number; readonly accounts: number }
  readonly approvals: readonly {
    readonly actor: string
    readonly at: string
    readonly removals: number | null
    readonly reason: string
  }[]
  /** The complete read that the removal rests on. */
  readonly snapshot: {
    readonly id: string
    readonly finishedAt: string
    readonly pages: number
    readonly accounts: number
    readonly declaredTotal: number | null
    readonly provenGone: number
    readonly digest: string
  }
  /** What the vendor answered, asked for the account by id, right before; null when that answer was lost with the process that got it. */
  readonly before: { readonly at: string; readonly found: boolean; readonly recordSha256: string | null } | null
  readonly removal: {
    /** Null when the account was gone before we sent anything. */
    readonly sentAt: string | null
    readonly answer: 'accepted' | 'lost' | 'goneBefore'
  }
  /** When the vendor, asked for the account by id, answered that there is none. */
  readonly verifiedGoneAt: string
  /** The end of the organization's chain of facts when the receipt was issued. */
  readonly chain: { readonly sequence: number; readonly hash: string }
  readonly issuedAt: string
}

export type ReceiptVerdict = Verdict<Receipt>

/** The receipt's exact bytes. */
export const signReceipt = (content: Omit<Receipt, keyof Signed>, signer: Signer): string => sign(content, signer)

/** Judges a receipt by its text alone (verifySigned). */
export const verifyReceipt = (text: string, trustedKey?: string): ReceiptVerdict =>
  verifySigned(text, parseReceipt, { trustedKey })
