import type { Call } from '../../directory/call.ts'
import { DirectoryError } from '../../directory/errors.ts'

/**
 * The call of a write, which may read what it needs: user:write and scim:write do not ask for user:read and scim:read beside them (MBRD-05, MBRD-06).
 * Throws `forbidden` when the credential may not write.
 */
export function readingToo(call: Call): Call {
  if (!call.scopes.has('write'))
    throw new DirectoryError('forbidden', 'This credential may only read. Use one with the scope user:write or scim:write.')
  return { ...call, scopes: new Set([...call.scopes, 'read']) }
}
