import { unchanged } from '../../directory/call.ts'
import { DirectoryError } from '../../directory/errors.ts'
import { isRemoteFailure } from '../vendor.ts'
import { commit, type Hand } from '../work.ts'
import { advance, fail, leave, postpone, takeBench, takeStep, type Bench, type Next } from './bench.ts'
import { goneMessage, proveKey } from './give-key.ts'
import { callReconcile } from './keep-quiet.ts'
import { removeStrays, straysIn } from './make-key.ts'

/** How often a deletion that changes nothing is tried. */
const patience = 8

/** How soon the connection is called for again, where nobody has come to it yet. */
const callAgainMs = 5_000

/** Has whoever works on the connection next delete the old key. */
export async function callForDeletion({ hand, rotation }: Bench): Promise<Next> {
  const dueAt = hand.parts.clock()
  await commit(hand, async (tx) => unchanged(await callReconcile(tx, rotation, dueAt)))
  return new Date(dueAt.getTime() + callAgainMs)
}

/**
 * Deletes the old key of a rotation that has come so far. `hand` is the connection itself, so nothing of ours calls with the old key meanwhile.
 * Answers whether anything was done: what the hand has opened may then call with a key that is gone.
 */
export async function deleteOldKey(hand: Hand): Promise<boolean> {
  const bench = await takeBench(hand)
  if (bench?.rotation.state !== 'deleting' || !bench.connection.writesEnabled) return false
  const { retryAt } = bench.rotation
  if (retryAt && retryAt > hand.parts.clock()) return false
  await takeStep(bench, deleteNow)
  return true
}

/** Proves the new key once more, deletes the old one, and looks whether it is gone. */
async function deleteNow(bench: Bench): Promise<Next> {
  const { hand, rotation, keys } = bench
  const { oldKeyId, newKeyId } = rotation
  if (newKeyId === undefined) throw new TypeError(`rotation ${rotation.id} deletes without a new key`)
  const listed = await keys.list()
  if (!listed.some(({ id }) => id === newKeyId)) return fail(bench, goneMessage(bench))
  if (keys.inUse() === oldKeyId)
    return fail(bench, `The connection was given the old key ${oldKeyId} again, so it stays. Both keys are valid.`)
  const refused = await refusalOf(bench)
  if (refused !== undefined)
    return fail(bench, `The new key ${newKeyId} works no more (${refused}), so the old one, ${oldKeyId}, stays. Start again.`)
  await removeStrays(keys, straysIn(listed, rotation))
  try {
    await keys.remove(oldKeyId, { id: newKeyId })
  } catch (error) {
    if (!(error instanceof DirectoryError) || error.refusal !== 'unsafe') throw error
    return rotation.attempts < patience ? postpone(bench, error.message) : leave(bench, error.message)
  }
  const reason = `${hand.vendor.name} lists the old key ${oldKeyId} no more; ${newKeyId} is in its place`
  await advance(bench, { state: 'done', sealedSecret: undefined, ownSecret: undefined, reason }, { fact: 'rotation.done' })
  return 'again'
}

/** What the vendor says to the new key when it refuses it; undefined when it takes it. Any other failure is thrown. */
async function refusalOf(bench: Bench): Promise<string | undefined> {
  try {
    await proveKey(bench)
    return undefined
  } catch (error) {
    if (isRemoteFailure(error) && error.status === 401) return error.message
    throw error
  }
}
