import { createPublicKey, verify } from 'node:crypto'
import { canonicalJson } from '../directory/json.ts'
import { parseReceipt } from './receipt-shape.ts'

/** Signs with ed25519. */
export interface Signer {
  /** PEM, SPKI. */
  readonly publicKey: string
  readonly sign: (bytes: Uint8Array) => Uint8Array
}

/** Signed proof that an account of somebody who left is gone. Times are ISO 8601 in UTC. */
export interface Receipt {
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
  readonly key: string
  /** Lower-case hex, over the canonical JSON of everything else. */
  readonly signature: string
}

export type ReceiptVerdict =
  | { readonly valid: true; readonly receipt: Receipt }
  | { readonly valid: false; readonly reason: string }

/** The receipt's exact bytes. */
export function signReceipt(content: Omit<Receipt, 'key' | 'signature'>, signer: Signer): string {
  const unsigned = { ...content, key: signer.publicKey }
  return textOf({ ...unsigned, signature: Buffer.from(signer.sign(signedBytes(unsigned))).toString('hex') })
}

/**
 * Judges a receipt by its text alone: one changed byte anywhere, white space included, and it does not verify. With `trustedKey` (PEM) only a
 * signature by that key counts; without, the verdict says that the text is whole, not who wrote it.
 */
export function verifyReceipt(text: string, trustedKey?: string): ReceiptVerdict {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return { valid: false, reason: 'This is not a receipt: it is not JSON.' }
  }
  const shape = parseReceipt(parsed)
  if (!shape.ok) return { valid: false, reason: `This is not a receipt: ${shape.reason}.` }
  const { receipt } = shape
  if (textOf(receipt) !== text)
    return { valid: false, reason: 'The text was changed: it is not spelled the way receipts are written.' }
  const { signature, ...unsigned } = receipt
  const key = openKey(receipt.key)
  if (!key) return { valid: false, reason: 'The key in the receipt is not an ed25519 public key.' }
  if (!verify(null, signedBytes(unsigned), key, Buffer.from(signature, 'hex')))
    return { valid: false, reason: 'The signature does not belong to this text: the receipt was changed after it was signed.' }
  if (trustedKey !== undefined && !openKey(trustedKey)?.equals(key))
    return { valid: false, reason: 'The receipt was signed by another key than the one that is trusted.' }
  return { valid: true, receipt }
}

const textOf = (receipt: Receipt): string => `${JSON.stringify(receipt, null, 2)}\n`

const signedBytes = (unsigned: Omit<Receipt, 'signature'>): Uint8Array => Buffer.from(canonicalJson(unsigned))

function openKey(pem: string) {
  try {
    const key = createPublicKey(pem)
    return key.asymmetricKeyType === 'ed25519' ? key : undefined
  } catch {
    return undefined
  }
}
