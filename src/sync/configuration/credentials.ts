import { ConfigError } from '../../directory/errors.ts'
import { canonicalJson, type Json } from '../../directory/json.ts'
import type { Connection } from '../connection.ts'
import { secretContext } from '../open-vendor.ts'
import type { SyncParts } from '../parts.ts'
import type { Difference } from './configuration.ts'

/** The credentials that a file gave last are bound to the connection, and do not open in its own place. */
export const givenContext = (connectionId: string): string => `configuration:${connectionId}`

/**
 * How a connection's credentials differ from those that the file gives now, or gave last; no value is told. What the file gave before never comes back
 * over something newer: a rotated key would be replaced by one that is deleted.
 */
export function credentialsDifference(
  { sealer }: Pick<SyncParts, 'sealer'>,
  connection: Connection,
  { given, sealedBefore }: { readonly given?: Json | undefined; readonly sealedBefore?: string | undefined },
): Difference | undefined {
  const path = `connections.${connection.name}.credentials`
  const before = opened(sealer, sealedBefore, givenContext(connection.id))
  const wanted = given === undefined ? before : canonicalJson(given)
  if (wanted === undefined || wanted === opened(sealer, connection.sealedSecret, secretContext(connection.id))) return undefined
  return wanted === before
    ? {
        path,
        note: 'The connection was given other credentials since the file was applied, by rollcall keys rotate or connection renew. They are kept. Put the new ones where the file’s reference points.',
        kept: true,
      }
    : { path, note: 'The file gives other credentials.', kept: false }
}

/** Undefined for what no key of ours opens any more. */
function opened(sealer: SyncParts['sealer'], sealed: string | undefined, context: string): string | undefined {
  if (sealed === undefined) return undefined
  try {
    return canonicalJson(JSON.parse(sealer.open(sealed, context)))
  } catch (cause) {
    if (cause instanceof ConfigError) return undefined
    throw cause
  }
}
