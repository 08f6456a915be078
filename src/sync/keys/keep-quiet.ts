import type { LedgerWriter } from '../ledger.ts'
import { advance, fail, wait, type Bench, type Next } from './bench.ts'
import { goneMessage } from './give-key.ts'
import { quietReason, quietUntil, type Rotation } from './rotation.ts'

/** Where the vendor tells of last uses, it is asked at least so often during the quiet time. */
const watchMs = 5 * 60_000

/** Waits until the old key was not used for the quiet time; a use that the vendor tells of begins it anew. */
export async function keepQuiet(bench: Bench): Promise<Next> {
  const { rotation, keys, hand } = bench
  const now = hand.parts.clock()
  const until = quietUntil(rotation) ?? now
  if (now < until && keys.lastUse !== 'told') return wait(bench, reasonOf(rotation), until)
  const listed = await keys.list()
  if (!listed.some(({ id }) => id === rotation.newKeyId)) return fail(bench, goneMessage(bench))
  const used = listed.find(({ id }) => id === rotation.oldKeyId)?.lastUsedAt
  if (used && rotation.quietSince && used > rotation.quietSince) {
    const seen = { quietSince: used, oldKeyUsedAt: used }
    await advance(bench, { ...seen, reason: reasonOf({ ...rotation, ...seen }) }, { fact: 'rotation.oldKeyUsed' })
    return 'again'
  }
  if (now < until) return wait(bench, reasonOf(rotation), earlier(until, new Date(now.getTime() + watchMs)))
  await advance(
    bench,
    { state: 'deleting', reason: 'the old key stayed unused for the quiet time and is being deleted' },
    { also: (tx, at) => callReconcile(tx, rotation, at) },
  )
  return 'again'
}

/** The old key is deleted by whoever works on the connection, so that nobody calls with it meanwhile (delete-key.ts). */
export async function callReconcile(tx: LedgerWriter, rotation: Rotation, dueAt: Date): Promise<Partial<Rotation>> {
  const { organizationId, connectionId } = rotation
  await tx.schedule({ organizationId, kind: 'reconcile', subject: connectionId, dueAt })
  return {}
}

const reasonOf = ({ oldKeyId, oldKeyUsedAt }: Rotation): string =>
  oldKeyUsedAt
    ? `the old key ${oldKeyId} was used again at ${oldKeyUsedAt.toISOString()}, so the quiet time has begun anew: something calls with it still. Both are valid`
    : quietReason

const earlier = (a: Date, b: Date): Date => (a < b ? a : b)
