import { command, query, type Call, type Outcome } from '../../directory/call.ts'
import { DirectoryError } from '../../directory/errors.ts'
import { findConnection } from '../connections.ts'
import type { LedgerReader, LedgerWriter } from '../ledger.ts'
import { openVendor, refusingConfigErrors } from '../open-vendor.ts'
import type { SyncParts } from '../parts.ts'
import { answering } from '../plans.ts'
import { ageInDays, isTooOld } from './age.ts'
import { detailOf, giveBack } from './bench.ts'
import type { KeyEngine, KeyList } from './engine.ts'
import { isOpen, quietReason, viewOfRotation, type Rotation, type RotationView } from './rotation.ts'
import { scheduleRotation, startRotation } from './start.ts'

export function createKeyEngine(parts: SyncParts): KeyEngine {
  const { ledger } = parts
  return {
    listKeys: (call, { connectionId }) => listKeys(parts, call, connectionId),
    startRotation: command(ledger, 'operate', startRotation(parts)),
    getRotation: query(ledger, 'read', async (tx: LedgerReader, call: Call, { id }: { readonly id: string }) =>
      viewOfRotation(await findRotation(tx, call, id)),
    ),
    listRotations: query(
      ledger,
      'read',
      async (tx: LedgerReader, { organizationId }: Call, filter: Parameters<LedgerReader['rotations']>[1]) =>
        (await tx.rotations(organizationId, filter)).map(viewOfRotation),
    ),
    confirmRotation: command(ledger, 'operate', confirm),
    abortRotation: command(ledger, 'operate', abort),
  }
}

async function listKeys(parts: SyncParts, call: Call, connectionId: string): Promise<KeyList> {
  const find = query(parts.ledger, 'read', async (tx: LedgerReader, given: Call, id: string) => ({
    connection: await findConnection(tx, given, id),
    rotation: await tx.openRotation(given.organizationId, id),
  }))
  const { connection, rotation } = await find(call, connectionId)
  const vendor = refusingConfigErrors('credentials', () => openVendor(parts, connection))
  const { keys } = vendor
  if (!keys) return { managed: false, keys: [], most: undefined, lastUse: 'untold', handOuts: [], rotation: undefined }
  const listed = await answering({ vendor }, () => keys.list())
  return {
    managed: true,
    keys: listed.map((key) => ({
      ...key,
      ageDays: ageInDays(key, call.now),
      inUse: key.id === keys.inUse(),
      tooOld: isTooOld(key, connection.policy, call.now),
    })),
    most: keys.most,
    lastUse: keys.lastUse ?? 'untold',
    handOuts: parts.handOuts?.offeredTo(connectionId) ?? [],
    rotation: rotation && viewOfRotation(rotation),
  }
}

async function confirm(tx: LedgerWriter, call: Call, { id }: { readonly id: string }): Promise<Outcome<RotationView>> {
  const rotation = await findRotation(tx, call, id)
  if (rotation.state !== 'handedOut')
    throw new DirectoryError('conflict', `The rotation waits for no confirmation: it is ${rotation.state}.`)
  return change(tx, call, rotation, {
    state: 'quiet',
    proof: { kind: 'person', at: call.now, actor: call.actor },
    quietSince: call.now,
    reason: quietReason,
  })
}

async function abort(
  tx: LedgerWriter,
  call: Call,
  { id, reason }: { readonly id: string; readonly reason: string },
): Promise<Outcome<RotationView>> {
  const rotation = await findRotation(tx, call, id)
  if (!isOpen(rotation)) throw new DirectoryError('conflict', `The rotation has ended: it is ${rotation.state}.`)
  if (rotation.state === 'deleting')
    throw new DirectoryError('conflict', 'The old key is being deleted: it is too late to keep it.')
  await giveBack(tx, rotation, call.now)
  return change(tx, call, rotation, { state: 'aborting', reason: `given up: ${reason}` })
}

async function change(tx: LedgerWriter, call: Call, rotation: Rotation, over: Partial<Rotation>): Promise<Outcome<RotationView>> {
  const next: Rotation = {
    ...rotation,
    attempts: 0,
    retryAt: undefined,
    ...over,
    version: rotation.version + 1,
    updatedAt: call.now,
  }
  await tx.putRotation(next)
  await scheduleRotation(tx, next, call.now)
  const action = next.state === 'quiet' ? 'rotation.proven' : 'rotation.aborting'
  return [viewOfRotation(next), { action, subject: next.id, detail: detailOf(next) }]
}

async function findRotation(tx: LedgerReader, call: Call, id: string): Promise<Rotation> {
  const rotation = await tx.rotation(call.organizationId, id)
  if (!rotation) throw new DirectoryError('notFound', 'There is no such rotation in this organization.', { field: 'id' })
  return rotation
}
