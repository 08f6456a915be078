import { unchanged } from '../../directory/call.ts'
import type { FactAction } from '../../directory/fact.ts'
import type { JsonObject } from '../../directory/json.ts'
import { retryTime } from '../backoff.ts'
import type { Connection } from '../connection.ts'
import type { LedgerWriter } from '../ledger.ts'
import { openVendor } from '../open-vendor.ts'
import { isRemoteFailure, type VendorKeys } from '../vendor.ts'
import { commit, type Hand } from '../work.ts'
import { isOpen, viewOfRotation, type OpenState, type Rotation } from './rotation.ts'

/** What one step of a rotation works with, as it stands now. */
export interface Bench {
  readonly hand: Hand
  readonly rotation: Rotation & { readonly state: OpenState }
  readonly connection: Connection
  /** Called with the connection's present credentials. */
  readonly keys: VendorKeys
}

/**
 * What the connection's rotation is worked on with; undefined when none is open. The door to the vendor that the step `before` came through is used again
 * while the connection's credentials are the same: a new one would ask for another token.
 */
export async function takeBench(hand: Hand, before?: Bench): Promise<Bench | undefined> {
  const { organizationId, id } = hand.connection
  return hand.parts.ledger.read(async (tx) => {
    const rotation = await tx.openRotation(organizationId, id)
    const connection = rotation && (await tx.connection(organizationId, id))
    if (!connection || !hasOpenState(rotation)) return undefined
    const { sealedSecret, baseUrl } = connection
    const isSame = before?.connection.sealedSecret === sealedSecret && before.connection.baseUrl === baseUrl
    const keys = isSame ? before.keys : openKeys(hand, connection)
    return keys && { hand, rotation, connection, keys }
  })
}

const hasOpenState = (rotation: Rotation): rotation is Bench['rotation'] => isOpen(rotation)

/** A key that the vendor refuses so often is taken to be gone. */
const patience = 3

/** Takes a step. What the vendor refuses for good, before there is a new key and when the old one is to go, ends the rotation; any other failure is tried again. */
export async function takeStep(bench: Bench, step: (bench: Bench) => Promise<Next>): Promise<Next> {
  const { rotation } = bench
  const { state, oldKeyId, newKeyId } = rotation
  try {
    return await step(bench)
  } catch (error) {
    if (!isRemoteFailure(error)) throw error
    const final = error.effect === 'none' && !error.retryable
    if (final && (state === 'started' || state === 'creating'))
      return fail(bench, `${error.message}. No new key was made; the old one, ${oldKeyId}, stays.`)
    if (error.status === 401 && rotation.ownSecret && rotation.attempts >= patience)
      return fail(bench, `${error.message}. The new key ${newKeyId} works no more; the old one, ${oldKeyId}, stays. Start again.`)
    if (final && error.status !== 401 && state === 'deleting') return leave(bench, error.message)
    return postpone(bench, error.message)
  }
}

/** When the next step may be taken: at once, then, or not before somebody asks for it. */
export type Next = 'again' | Date | undefined

/** Calls the vendor with the connection's present credentials; undefined where its keys cannot be managed. */
export function openKeys({ parts, watch }: Hand, connection: Connection): VendorKeys | undefined {
  const { keys } = openVendor(parts, connection)
  return keys && watch.keys(keys)
}

type Change = Partial<Rotation> & Pick<Rotation, 'reason'>

/**
 * Stores what became of a step, with its fact. Undefined, and nothing changed, when somebody else changed the rotation meanwhile.
 * `also` belongs to the same transaction; answering undefined it calls all of it off.
 */
export const advance = (
  { hand, rotation }: Pick<Bench, 'hand' | 'rotation'>,
  change: Change,
  options: {
    readonly fact?: FactAction
    readonly also?: (tx: LedgerWriter, now: Date) => Promise<Partial<Rotation> | undefined>
  } = {},
): Promise<Rotation | undefined> =>
  commit(hand, async (tx, { now }) => {
    const current = await tx.rotation(rotation.organizationId, rotation.id)
    if (current?.version !== rotation.version) return unchanged(undefined)
    const more = options.also ? await options.also(tx, now) : {}
    if (!more) return unchanged(undefined)
    const next: Rotation = {
      ...current,
      attempts: 0,
      retryAt: undefined,
      ...change,
      ...more,
      version: current.version + 1,
      updatedAt: now,
    }
    await tx.putRotation(next)
    return options.fact ? [next, { action: options.fact, subject: next.id, detail: detailOf(next) }] : unchanged(next)
  })

/** Ends the rotation without deleting anything, and has the connection call with its old key again. */
export async function fail(bench: Pick<Bench, 'hand' | 'rotation'>, reason: string): Promise<Next> {
  const { rotation } = bench
  const change = { state: 'failed', sealedSecret: undefined, ownSecret: undefined, reason } as const
  await advance(bench, change, { fact: 'rotation.failed', also: (tx, now) => giveBack(tx, rotation, now) })
  return 'again'
}

/** Ends the rotation with the new key in use, since the old one cannot be deleted. */
export async function leave(bench: Pick<Bench, 'hand' | 'rotation'>, message: string): Promise<Next> {
  const reason = `${message}. The new key is in use; the old one, ${bench.rotation.oldKeyId}, is valid still: delete it at the vendor.`
  await advance(bench, { state: 'failed', sealedSecret: undefined, ownSecret: undefined, reason }, { fact: 'rotation.failed' })
  return 'again'
}

/** Tries the same step again later. */
export async function postpone(bench: Pick<Bench, 'hand' | 'rotation'>, reason: string): Promise<Next> {
  const { hand, rotation } = bench
  const attempts = rotation.attempts + 1
  const retryAt = retryTime(hand.parts.clock(), attempts)
  return (await advance(bench, { reason, attempts, retryAt })) ? retryAt : 'again'
}

/** Waits, and says for what; the row is written only when that is news. */
export async function wait(bench: Pick<Bench, 'hand' | 'rotation'>, reason: string, until: Date | undefined): Promise<Next> {
  if (bench.rotation.reason === reason) return until
  return (await advance(bench, { reason })) ? until : 'again'
}

/** Switches the connection back to the key it had, unless it was given other credentials since. */
export async function giveBack(tx: LedgerWriter, rotation: Rotation, now: Date): Promise<Partial<Rotation>> {
  const { ownSecret, organizationId, connectionId } = rotation
  const connection = await tx.connection(organizationId, connectionId)
  if (ownSecret && connection?.sealedSecret === ownSecret.after)
    await tx.putConnection({ ...connection, sealedSecret: ownSecret.before, updatedAt: now })
  return {}
}

/** What the facts of a rotation say; never a secret. */
export function detailOf(rotation: Rotation): JsonObject {
  const { connectionId, oldKeyId, newKeyId, replacesOwn, handOut, proof, reason } = viewOfRotation(rotation)
  return { connectionId, oldKeyId, newKeyId, replacesOwn, handOut: handOut?.name, proof: proof?.kind, reason }
}
