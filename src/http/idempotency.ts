import { createHash } from 'node:crypto'
import type { Call } from '../directory/call.ts'
import { DirectoryError } from '../directory/errors.ts'

export interface KeyedRequest {
  readonly method: string
  readonly url: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: unknown
}

/**
 * The Idempotency-Key of a write with a fingerprint of what it came with: method, path with query, and the SHA-256 of the body's bytes. Undefined for
 * reads and without the header. Throws DirectoryError `invalid` for a key that is not 1 to 255 visible ASCII characters.
 */
export function idempotencyOf({ method, url, headers, body }: KeyedRequest): Call['idempotency'] {
  const key = headers['idempotency-key']
  if (key === undefined || method === 'GET' || method === 'HEAD') return undefined
  if (!/^[\x21-\x7e]{1,255}$/.test(key))
    throw new DirectoryError('invalid', 'Idempotency-Key must be 1 to 255 visible ASCII characters.', {
      field: 'Idempotency-Key',
    })
  const hash = createHash('sha256').update(`${method} ${url}\n`)
  if (body instanceof Uint8Array) hash.update(body)
  return { key, fingerprint: hash.digest('hex') }
}
