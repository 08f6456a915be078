import { DirectoryError } from '../../directory/errors.ts'
import type { VendorKey, VendorKeys } from '../vendor.ts'
import { advance, fail, type Bench, type Next } from './bench.ts'
import { rotationContext, type Rotation } from './rotation.ts'

/** Looks whether the old key is there and the vendor has room for one more, before anything is changed. */
export async function checkRoom(bench: Bench): Promise<Next> {
  const { rotation, keys, hand } = bench
  const listed = await keys.list()
  const old = listed.find(({ id }) => id === rotation.oldKeyId)
  if (!old)
    return fail(bench, `${hand.vendor.name} lists no key ${rotation.oldKeyId}. Nothing was changed. See: rollcall keys list`)
  const full = noRoom(listed, keys, hand.vendor.name)
  if (full) return fail(bench, full)
  const room = keys.most === undefined ? '' : `: ${listed.length} of ${keys.most} keys are there`
  await advance(bench, { state: 'creating', oldKeyName: old.name, reason: `there is room${room}; the new key is being made` })
  return 'again'
}

/**
 * Makes the new key. One that an earlier try left without an answer is found by its name and deleted first: its secret reached nobody. The secret is
 * sealed and stored before anything else happens; where it cannot be, the vendor's key is deleted again.
 */
export async function makeKey(bench: Bench): Promise<Next> {
  const { rotation, keys, hand } = bench
  const listed = await keys.list()
  const strays = straysIn(listed, rotation)
  const full = noRoom(
    listed.filter((key) => !strays.includes(key)),
    keys,
    hand.vendor.name,
  )
  if (full) return fail(bench, full)
  await removeStrays(keys, strays)
  try {
    await keys.create(rotation.newKeyName, async ({ id }, secret) => {
      const stored = await advance(
        bench,
        {
          state: 'stored',
          newKeyId: id,
          sealedSecret: hand.parts.sealer.seal(secret, rotationContext(rotation)),
          reason: 'the new key is made and its secret is sealed; nobody has it yet',
        },
        { fact: 'rotation.keyCreated' },
      )
      if (!stored) throw new DirectoryError('stale', 'The rotation was given up while its key was being made.')
    })
  } catch (error) {
    if (!(error instanceof DirectoryError) || error.refusal !== 'stale') throw error
  }
  return 'again'
}

/** Keys that were made for the rotation and whose secret was never stored. */
export const straysIn = (listed: readonly VendorKey[], rotation: Rotation): readonly VendorKey[] =>
  listed.filter(({ id, name }) => name === rotation.newKeyName && id !== rotation.newKeyId)

/** Nobody has their secret, so nobody calls with them. */
export async function removeStrays(keys: VendorKeys, strays: readonly VendorKey[]): Promise<void> {
  for (const { id } of strays) await keys.remove(id, 'unused')
}

function noRoom(listed: readonly VendorKey[], { most }: Pick<VendorKeys, 'most'>, vendor: string): string | undefined {
  if (most === undefined || listed.length < most) return undefined
  return `${vendor} allows ${most} keys, and there are ${listed.length}: there is no room for a new one. Nothing was changed. Delete a key that nobody uses at the vendor, then start again.`
}
