import { query, type Call } from '../directory/call.ts'
import type { Scope } from '../directory/credential.ts'
import type { Directory } from '../directory/directory.ts'
import type { Json } from '../directory/json.ts'
import type { Sealer } from '../directory/seal.ts'
import type { HandOuts } from './keys/hand-out.ts'
import type { Ledger, Queue } from './ledger.ts'
import type { Signer } from './signed.ts'
import type { Vendor } from './vendor.ts'

/** What the engine and its runner are made of. */
export interface SyncParts {
  readonly ledger: Ledger
  readonly queue: Queue
  readonly directory: Directory
  readonly sealer: Sealer
  /** Throws ConfigError for an unknown vendor or wrong credentials; calls nobody. */
  readonly connect: (vendor: string, options: { readonly baseUrl: string; readonly credentials: Json }) => Vendor
  readonly signer: Signer
  /** Who signs where the facts stand, the same in every process of an installation: the first signs, the word of each counts. `signer` where it is absent. */
  readonly checkpointSigners?: readonly [Signer, ...Signer[]]
  /** Where new keys may be handed out to; nowhere where it is absent. */
  readonly handOuts?: HandOuts
  readonly clock: () => Date
  readonly newId: () => string
  /** In [0, 1). */
  readonly random: () => number
  readonly sleep: (ms: number) => Promise<void>
  /** This process; no other one has the same name. */
  readonly holder: string
  /** How long a process may be silent before another takes its work. */
  readonly leaseMs: number
  /** How often work is looked for when nobody wakes the runner. */
  readonly pollMs: number
  readonly log: (event: object, message: string) => void
}

/** The actor of work in the background. */
export const systemActor = 'system:sync'

const systemScopes: ReadonlySet<Scope> = new Set<Scope>(['read', 'operate', 'audit'])

export const systemCall = (parts: Pick<SyncParts, 'clock' | 'newId'>, organizationId: string): Call => ({
  organizationId,
  actor: systemActor,
  scopes: systemScopes,
  now: parts.clock(),
  requestId: parts.newId(),
  via: 'sync.reconcile',
})

/** Refuses a caller who may not operate connections; for what does something else before its first command. */
export const requireOperator = ({ ledger }: Pick<SyncParts, 'ledger'>, call: Call): Promise<void> =>
  query(ledger, 'operate', async () => undefined)(call, undefined)
