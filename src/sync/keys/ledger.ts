import type { Rotation } from './rotation.ts'

export interface KeyLedgerReader {
  rotation(organizationId: string, id: string): Promise<Rotation | undefined>
  /** The one rotation of the connection that has not ended. */
  openRotation(organizationId: string, connectionId: string): Promise<Rotation | undefined>
  /** Newest first, in the order of ids; `before` (an id) walks on to older ones. */
  rotations(
    organizationId: string,
    filter: { readonly connectionId?: string | undefined; readonly before?: string | undefined; readonly limit: number },
  ): Promise<readonly Rotation[]>
}

export interface KeyLedgerWriter {
  putRotation(rotation: Rotation): Promise<void>
}
