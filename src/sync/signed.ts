import { createPublicKey, verify } from 'node:crypto'
import { canonicalJson } from '../directory/json.ts'
import { NotReceipt } from './receipt-members.ts'

/** Signs with ed25519. */
export interface Signer {
  /** PEM, SPKI. */
  readonly publicKey: string
  readonly sign: (bytes: Uint8Array) => Uint8Array
}

/** What every signed document ends with. */
export interface Signed {
  /** PEM of the key that signed. */
  readonly key: string
  /** Lower-case hex, over the canonical JSON of everything else. */
  readonly signature: string
}

export type Verdict<D> = { readonly valid: true; readonly receipt: D } | { readonly valid: false; readonly reason: string }

/** The document's exact bytes. */
export function sign(content: object, signer: Signer): string {
  const unsigned = { ...content, key: signer.publicKey }
  return textOf({ ...unsigned, signature: Buffer.from(signer.sign(signedBytes(unsigned))).toString('hex') })
}

/**
 * Judges a document by its text alone: one changed byte anywhere, white space included, and it does not verify. `parse` reads it member by member
 * in the order in which it is written, and throws NotReceipt. With `trustedKey` (PEM) only a signature by that key counts; without, the verdict
 * says that the text is whole, not who wrote it.
 */
export function verifySigned<D extends Signed>(
  text: string,
  parse: (value: unknown) => D,
  { trustedKey }: { readonly trustedKey?: string | undefined } = {},
): Verdict<D> {
  let receipt: D
  try {
    receipt = parse(JSON.parse(text))
  } catch (error) {
    if (error instanceof SyntaxError) return { valid: false, reason: 'This is not a receipt: it is not JSON.' }
    if (error instanceof NotReceipt) return { valid: false, reason: `This is not a receipt: ${error.message}.` }
    throw error
  }
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

const textOf = (document: object): string => `${JSON.stringify(document, null, 2)}\n`

const signedBytes = (unsigned: object): Uint8Array => Buffer.from(canonicalJson(unsigned))

function openKey(pem: string) {
  try {
    const key = createPublicKey(pem)
    return key.asymmetricKeyType === 'ed25519' ? key : undefined
  } catch {
    return undefined
  }
}
