import { openKeys, advance, fail, postpone, wait, type Bench, type Next } from './bench.ts'
import { secretContext } from '../open-vendor.ts'
import type { LedgerWriter } from '../ledger.ts'
import type { VendorKeys } from '../vendor.ts'
import type { HandOutcome } from './hand-out.ts'
import { quietReason, rotationContext, type Proof, type Rotation } from './rotation.ts'

/** Where the vendor tells of last uses, it is asked so often whether the new key is in use. */
const watchMs = 15_000

/** Proves that the new key works, hands it out, and switches the connection to it where its old one is replaced. */
export async function giveKey(bench: Bench): Promise<Next> {
  const { rotation, connection, keys, hand } = bench
  const key = newKeyOf(bench)
  const switches = rotation.replacesOwn && keys.inUse() === rotation.oldKeyId
  if (!switches && !rotation.handOut)
    return fail(bench, 'The connection was given other credentials meanwhile, so there is nobody to give the new key to.')
  await proveKey(bench)
  const handed: HandOutcome = rotation.handOut
    ? ((await hand.parts.handOuts?.deliver(rotation.handOut.name, {
        rotation: rotation.id,
        connection: connection.id,
        vendor: connection.vendor,
        key,
        replaces: rotation.oldKeyId,
      })) ?? { outcome: 'failed', reason: 'there are no hand-outs any more' })
    : { outcome: 'acknowledged' }
  if (handed.outcome === 'failed')
    return postpone(
      bench,
      `The new key could not be handed out to ${rotation.handOut?.name}: ${handed.reason}. Both keys are valid.`,
    )
  await advance(
    bench,
    {
      state: 'handedOut',
      handedOutAt: hand.parts.clock(),
      acknowledged: handed.outcome === 'acknowledged',
      reason: 'the new key is handed out',
    },
    { fact: 'rotation.handedOut', ...(switches && { also: (tx: LedgerWriter, now: Date) => switchOver(bench, tx, now) }) },
  )
  return 'again'

  /** Only from the credentials that the key was made with. */
  async function switchOver({ hand: { parts } }: Bench, tx: LedgerWriter, now: Date): Promise<Partial<Rotation> | undefined> {
    const current = await tx.connection(connection.organizationId, connection.id)
    if (current?.sealedSecret !== connection.sealedSecret) return undefined
    const after = parts.sealer.seal(JSON.stringify(keys.credentialsWith(key)), secretContext(connection.id))
    await tx.putConnection({ ...current, sealedSecret: after, updatedAt: now })
    return { ownSecret: { before: current.sealedSecret, after } }
  }
}

/** Waits for the proof that the new key is in use. */
export async function awaitProof(bench: Bench): Promise<Next> {
  const { rotation, keys, hand } = bench
  const now = hand.parts.clock()
  if (!rotation.handOut) {
    await keys.list()
    return proven(bench, { kind: 'ownCalls', at: now })
  }
  // Rollcall's own calls with a key that it shares say nothing of the others'.
  if (keys.lastUse === 'told' && !rotation.replacesOwn) {
    const listed = (await keys.list()).find(({ id }) => id === rotation.newKeyId)
    if (!listed) return fail(bench, goneMessage(bench))
    if (listed.lastUsedAt && rotation.handedOutAt && listed.lastUsedAt > rotation.handedOutAt)
      return proven(bench, { kind: 'lastUse', at: listed.lastUsedAt })
    return wait(
      bench,
      `the new key is handed out to ${rotation.handOut.name}, and ${hand.vendor.name} has not seen it used yet. Both keys are valid`,
      new Date(now.getTime() + watchMs),
    )
  }
  if (rotation.acknowledged) return proven(bench, { kind: 'acknowledged', at: now })
  return wait(
    bench,
    `the new key is handed out to ${rotation.handOut.name}; ${hand.vendor.name} does not tell whether it is used. Both keys are valid. Once everything uses the new one: rollcall keys confirm ${rotation.id}`,
    undefined,
  )
}

async function proven(bench: Bench, proof: Proof): Promise<Next> {
  const change = { state: 'quiet', proof, quietSince: bench.hand.parts.clock(), reason: quietReason } as const
  await advance(bench, change, { fact: 'rotation.proven' })
  return 'again'
}

/** Proves with a harmless request that the new key works. Throws RemoteError. Leaves the connection's own calls as they are. */
export async function proveKey(bench: Bench): Promise<void> {
  await keysAside(bench).use(newKeyOf(bench))
}

export const goneMessage = ({ hand, rotation }: Bench): string =>
  `${hand.vendor.name} lists the new key ${rotation.newKeyId} no more: somebody deleted it. The old one, ${rotation.oldKeyId}, stays. Start again.`

function newKeyOf({ hand, rotation }: Bench): { readonly id: string; readonly secret: string } {
  const { newKeyId, sealedSecret } = rotation
  if (newKeyId === undefined || sealedSecret === undefined) throw new TypeError(`rotation ${rotation.id} has no new key`)
  return { id: newKeyId, secret: hand.parts.sealer.open(sealedSecret, rotationContext(rotation)) }
}

/** A second door to the vendor, so that trying a key does not change what the first one calls with. */
function keysAside({ hand, connection, keys }: Bench): VendorKeys {
  return openKeys(hand, connection) ?? keys
}
