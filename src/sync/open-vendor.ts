import { ConfigError, DirectoryError } from '../directory/errors.ts'
import type { Json } from '../directory/json.ts'
import type { Connection } from './connection.ts'
import type { SyncParts } from './parts.ts'
import type { Vendor } from './vendor.ts'

/** A connection's secret is bound to the connection: in another row it does not open. */
export const secretContext = (connectionId: string): string => `connection:${connectionId}`

/** Unseals the credentials and connects; calls nobody. Throws ConfigError where the keys or the credentials do not fit. */
export function openVendor(parts: Pick<SyncParts, 'sealer' | 'connect'>, connection: Connection): Vendor {
  const credentials: Json = JSON.parse(parts.sealer.open(connection.sealedSecret, secretContext(connection.id)))
  return parts.connect(connection.vendor, { baseUrl: connection.baseUrl, credentials })
}

/** What a caller is told when the connection is set up wrongly: a refusal that says what to mend. */
export function refusingConfigErrors<T>(field: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof ConfigError) throw new DirectoryError('invalid', cause.message, { field, cause })
    throw cause
  }
}
