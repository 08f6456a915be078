import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto'
import { ConfigError } from './errors.ts'

/** Keeps secrets at rest. `context` binds a sealed text to its place: moved to another row it does not open. */
export interface Sealer {
  seal(text: string, context: string): string
  /** Throws ConfigError when no key opens it. */
  open(sealed: string, context: string): string
}

/**
 * AES-256-GCM over a list of keys of 32 bytes: the first seals, all open. Rotation is a new first key. A sealed text is
 * `v1.<key id>.<nonce>.<ciphertext and tag>`, each base64url; the key id is the first 8 bytes of the key's SHA-256.
 */
export function createSealer(keys: readonly Uint8Array[], randomBytes: (size: number) => Uint8Array): Sealer {
  const [first] = keys
  if (!first || keys.some((key) => key.length !== 32))
    throw new ConfigError('Sealing needs at least one key of 32 bytes. Check the keys file, or ROLLCALL_KEYS.')
  const keyId = (key: Uint8Array) => createHash('sha256').update(key).digest().subarray(0, 8).toString('base64url')
  const byId = new Map(keys.map((key) => [keyId(key), key]))
  return {
    seal(text, context) {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', first, nonce).setAAD(Buffer.from(context))
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return ['v1', keyId(first), Buffer.from(nonce).toString('base64url'), sealed.toString('base64url')].join('.')
    },
    open(sealed, context) {
      const [version, id, nonce, body] = sealed.split('.')
      const key = byId.get(id ?? '')
      if (version !== 'v1' || !nonce || !body || !key)
        throw new ConfigError(
          'A stored secret was sealed with a key that is not in the key list. Add that key to the end of the list.',
        )
      const bytes = Buffer.from(body, 'base64url')
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64url'), { authTagLength: 16 }).setAAD(
          Buffer.from(context),
        )
        decipher.setAuthTag(bytes.subarray(-16))
        return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString('utf8')
      } catch (cause) {
        throw new ConfigError('A stored secret does not open: it was changed or moved in the database.', { cause })
      }
    },
  }
}

/**
 * Keys of 32 bytes for another purpose, one for each sealing key in the same order (HKDF-SHA-256, RFC 5869): every process with the same keys gets the
 * same ones, and none tells of a sealing key or of another purpose's.
 */
export const deriveKeys = (keys: readonly Uint8Array[], purpose: string): readonly Uint8Array[] =>
  keys.map((key) => new Uint8Array(hkdfSync('sha256', key, new Uint8Array(), `rollcall ${purpose}`, 32)))
