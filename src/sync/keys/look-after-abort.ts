import { advance, type Bench, type Next } from './bench.ts'
import { removeStrays, straysIn } from './make-key.ts'

/** Looks what there is after a rotation was given up: a key whose secret was never stored goes, the old one and the new one stay. */
export async function lookAfterAbort(bench: Bench): Promise<Next> {
  const { rotation, keys } = bench
  const listed = await keys.list()
  await removeStrays(keys, straysIn(listed, rotation))
  const { oldKeyId, newKeyId } = rotation
  const valid = [oldKeyId, newKeyId].filter((id) => listed.some((key) => key.id === id))
  const said =
    valid.length === 2
      ? `both keys are valid, the old one, ${oldKeyId}, and the new one, ${newKeyId}; delete the one that nobody uses at the vendor`
      : valid.length === 1
        ? `${valid[0]} is valid, and there is no other key of this rotation`
        : 'neither key is listed any more: somebody deleted them'
  const own = rotation.replacesOwn ? `. Rollcall calls with ${keys.inUse()}` : ''
  const reason = `${rotation.reason}; ${said}${own}`
  await advance(bench, { state: 'aborted', sealedSecret: undefined, ownSecret: undefined, reason }, { fact: 'rotation.aborted' })
  return 'again'
}
