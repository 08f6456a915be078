import type { HandOut } from './hand-out.ts'

/**
 * How far a rotation has come. `started`: nothing was asked of the vendor yet. `creating`: there was room, and the request for the new key may be out.
 * `stored`: the new key exists and its secret is sealed here. `handedOut`: whoever uses the old key was given the new one. `quiet`: the new key is proven
 * in use, and the old one must stay unused for a while. `deleting`: the request that deletes the old key may be out. `aborting`: given up, both keys
 * stay; what the vendor has is still to be looked at. The others are ends.
 */
export type RotationState = OpenState | 'done' | 'aborted' | 'failed'
export type OpenState = (typeof openStates)[number]
export const openStates = ['started', 'creating', 'stored', 'handedOut', 'quiet', 'deleting', 'aborting'] as const

/** How it was proven that the new key is in use: Rollcall's own calls, the receiver's word, the vendor's, or a person's. */
export interface Proof {
  readonly kind: 'ownCalls' | 'acknowledged' | 'lastUse' | 'person'
  readonly at: Date
  /** The person. */
  readonly actor?: string
}

/** One key of a connection being put in another's place. */
export interface Rotation {
  readonly id: string
  readonly organizationId: string
  readonly connectionId: string
  readonly state: RotationState
  /** Grows with every change: whoever changes it says which one they saw. */
  readonly version: number
  readonly oldKeyId: string
  readonly oldKeyName: string | undefined
  /** What the new key is called at the vendor. Names this rotation, so that a key whose creation was never answered is recognised. */
  readonly newKeyName: string
  readonly newKeyId: string | undefined
  /** Of the new key, sealed for this rotation; gone when it ends. */
  readonly sealedSecret: string | undefined
  /** The old key is the one that Rollcall itself calls with. */
  readonly replacesOwn: boolean
  /** The connection's sealed credentials before and after it was switched to the new key. */
  readonly ownSecret: { readonly before: string; readonly after: string } | undefined
  /** Who else is given the new key; undefined when nobody but Rollcall calls with it. */
  readonly handOut: HandOut | undefined
  readonly handedOutAt: Date | undefined
  /** Whoever was given the key has said that they use it. */
  readonly acknowledged: boolean
  readonly proof: Proof | undefined
  readonly quietMs: number
  /** Since when the old key has not been used, as far as is known. */
  readonly quietSince: Date | undefined
  /** When the old key was seen used again after the new one was proven, which began the quiet time anew. */
  readonly oldKeyUsedAt: Date | undefined
  /** What stands, and what is waited for, in a sentence. */
  readonly reason: string
  /** How often the present state was tried in vain, and when it is tried again. */
  readonly attempts: number
  readonly retryAt: Date | undefined
  readonly startedBy: string
  readonly startedAt: Date
  readonly updatedAt: Date
}

/** What anybody may see of a rotation. */
export type RotationView = Omit<Rotation, 'sealedSecret' | 'ownSecret' | 'version'> & { readonly quietUntil: Date | undefined }

const open: ReadonlySet<string> = new Set(openStates)
export const isOpen = ({ state }: Pick<Rotation, 'state'>): boolean => open.has(state)

export const quietUntil = ({ quietSince, quietMs }: Pick<Rotation, 'quietSince' | 'quietMs'>): Date | undefined =>
  quietSince && new Date(quietSince.getTime() + quietMs)

export const viewOfRotation = ({
  sealedSecret: _secret,
  ownSecret: _own,
  version: _version,
  ...view
}: Rotation): RotationView => ({
  ...view,
  quietUntil: quietUntil(view),
})

export const quietReason = 'the new key is in use; the old one has to stay unused for the quiet time. Both are valid'

/** The secret of a new key is bound to its rotation: in another row it does not open. */
export const rotationContext = ({ id }: Pick<Rotation, 'id'>): string => `rotation:${id}`
