import type { Call } from '../../directory/call.ts'
import type { VendorKey } from '../vendor.ts'
import type { HandOut } from './hand-out.ts'
import type { RotationView } from './rotation.ts'

export interface KeyView extends VendorKey {
  readonly ageDays: number | undefined
  /** The connection itself calls with it. */
  readonly inUse: boolean
  /** Older than the connection's policy allows. */
  readonly tooOld: boolean
}

export interface KeyList {
  /** Whether the vendor has an API for its keys; without one nothing is known of them. */
  readonly managed: boolean
  readonly keys: readonly KeyView[]
  /** How many the vendor allows at a time. */
  readonly most: number | undefined
  /** Whether the vendor says when a key was last used: otherwise nothing is known of it. */
  readonly lastUse: 'told' | 'untold'
  /** Ways to hand new keys out that are set up for the connection. */
  readonly handOuts: readonly HandOut[]
  /** The rotation that is under way. */
  readonly rotation: RotationView | undefined
}

export interface StartRotation {
  readonly connectionId: string
  /** The key to replace; without it the one that the connection calls with. */
  readonly keyId?: string | undefined
  /** What the new key is called, before the mark of its rotation; without it the connection's name. */
  readonly name?: string | undefined
  /** Name of the hand-out; without it only Rollcall is switched to the new key. */
  readonly handOut?: string | undefined
  readonly quietMs?: number | undefined
}

/** The keys of connections. Reading needs the scope `read`, everything else `operate`. */
export interface KeyEngine {
  /** Asks the vendor for its keys. */
  listKeys(call: Call, input: { readonly connectionId: string }): Promise<KeyList>
  /** Begins a rotation, which goes on in the background. `conflict` while another one of the connection is under way. */
  startRotation(call: Call, input: StartRotation): Promise<RotationView>
  getRotation(call: Call, input: { readonly id: string }): Promise<RotationView>
  listRotations(
    call: Call,
    input: { readonly connectionId?: string | undefined; readonly before?: string | undefined; readonly limit: number },
  ): Promise<readonly RotationView[]>
  /** Says that the new key is in use where it was handed out: the quiet time of the old one begins. `conflict` in any other state. */
  confirmRotation(call: Call, input: { readonly id: string }): Promise<RotationView>
  /** Gives a rotation up: nothing is deleted, both keys stay valid, and the connection calls with the old one again. `conflict` once the old one is being deleted. */
  abortRotation(call: Call, input: { readonly id: string; readonly reason: string }): Promise<RotationView>
}
