import { createHash, createPublicKey, verify } from 'node:crypto'
import { canonicalJson, type JsonObject } from '../directory/json.ts'
import type { Signer } from './signed.ts'

/** The end of a signed document: what every line before it hashes to, and who says so. */
interface Seal {
  readonly kind: 'rollcall.seal'
  readonly lines: number
  /** Hex SHA-256 over the bytes of all lines before, line feeds included. */
  readonly sha256: string
}

export interface SealedEnds {
  /** The document's first line. */
  readonly head: string
  /** Its last line. */
  readonly seal: string
}

/**
 * A signed document of any length, as lines of canonical JSON: a head that says what it is (`kind`, `version`), one line for each thing, and a seal.
 * Only a hash is held, so that neither writing nor signing needs the whole. Add each line in order; `end` answers the first and last line.
 */
export function createSignedLines(head: JsonObject, signer: Signer): { add(item: unknown): void; end(): SealedEnds } {
  const first = canonicalJson(head)
  const digest = createDigest()
  digest.add(first)
  return {
    add: (item) => digest.add(canonicalJson(item)),
    end: () => {
      const unsigned = { kind: 'rollcall.seal', ...digest.end(), key: signer.publicKey } satisfies Seal & { readonly key: string }
      const signature = Buffer.from(signer.sign(Buffer.from(canonicalJson(unsigned)))).toString('hex')
      return { head: first, seal: canonicalJson({ ...unsigned, signature }) }
    },
  }
}

/** Counts and hashes lines as a seal does. */
export function createDigest(): { add(line: string): void; end(): { readonly lines: number; readonly sha256: string } } {
  const hash = createHash('sha256')
  let lines = 0
  return {
    add: (line) => {
      hash.update(`${line}\n`)
      lines++
    },
    end: () => ({ lines, sha256: hash.digest('hex') }),
  }
}

/** Whether the seal is the one over lines of that number and hash. */
export const sealsLines = (seal: string, { lines, sha256 }: { readonly lines: number; readonly sha256: string }): boolean => {
  const parsed = parseObject(seal)
  return parsed?.['lines'] === lines && parsed['sha256'] === sha256
}

export type SignedLinesVerdict =
  | { readonly valid: true; readonly head: Readonly<Record<string, unknown>>; readonly items: number; readonly key: string }
  | { readonly valid: false; readonly reason: string }

/** Whether a text begins as a signed document of lines does, whatever is the matter with it. */
export const isSignedLines = (text: string): boolean =>
  /^\{[^\n]*"kind":"rollcall\.[a-z]+"/.test(text.slice(0, 100_000)) && text.includes('\n')

/** Judges a document by its text alone: one changed byte, a line more or less, and it does not verify. With `trustedKey` (PEM) only that key counts. */
export function verifySignedLines(text: string, trustedKey?: string): SignedLinesVerdict {
  const end = text.endsWith('\n') ? text.lastIndexOf('\n', text.length - 2) : -1
  if (end < 0) return { valid: false, reason: 'The document was cut off: its seal is missing.' }
  const seal = text.slice(end + 1, -1)
  const body = text.slice(0, end + 1)
  const head = parseObject(body.slice(0, body.indexOf('\n')))
  const parsed = parseObject(seal)
  if (!head || parsed?.['kind'] !== 'rollcall.seal' || canonicalJson(parsed) !== seal)
    return { valid: false, reason: 'The last line is no seal: the document was cut off or changed.' }
  const { signature, ...unsigned } = parsed
  const { key: pem, lines, sha256 } = unsigned
  if (typeof signature !== 'string' || !/^[0-9a-f]{128}$/.test(signature) || typeof pem !== 'string')
    return { valid: false, reason: 'The seal has no signature or no key.' }
  const key = openKey(pem)
  if (!key) return { valid: false, reason: 'The key in the seal is not an ed25519 public key.' }
  if (!verify(null, Buffer.from(canonicalJson(unsigned)), key, Buffer.from(signature, 'hex')))
    return { valid: false, reason: 'The signature does not belong to this seal: it was changed after it was signed.' }
  if (createHash('sha256').update(body).digest('hex') !== sha256 || body.split('\n').length - 1 !== lines)
    return { valid: false, reason: 'The lines are not those that were signed: the document was changed after it was signed.' }
  if (trustedKey !== undefined && !openKey(trustedKey)?.equals(key))
    return { valid: false, reason: 'The document was signed by another key than the one that is trusted.' }
  return { valid: true, head, items: lines - 1, key: pem }
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value))
      : undefined
  } catch {
    return undefined
  }
}

function openKey(pem: string) {
  try {
    const key = createPublicKey(pem)
    return key.asymmetricKeyType === 'ed25519' ? key : undefined
  } catch {
    return undefined
  }
}
