import type { Call, Outcome } from '../../directory/call.ts'
import { DirectoryError } from '../../directory/errors.ts'
import { findConnection } from '../connections.ts'
import type { LedgerWriter } from '../ledger.ts'
import { openVendor, refusingConfigErrors } from '../open-vendor.ts'
import type { SyncParts } from '../parts.ts'
import { detailOf } from './bench.ts'
import type { StartRotation } from './engine.ts'
import type { HandOut } from './hand-out.ts'
import { viewOfRotation, type Rotation, type RotationView } from './rotation.ts'

/** How long the old key must stay unused: longer than a token that was made from it lasts, where others had it; tokens of ours do not outlast their work. */
const usualQuietMs = { handedOut: 24 * 60 * 60_000, own: 10 * 60_000 }
const longestQuietMs = 30 * 24 * 60 * 60_000

/** Writes down what is to be done, and has it begun. Asks the vendor nothing: what it says is the rotation's first step. */
export const startRotation =
  (parts: SyncParts) =>
  async (tx: LedgerWriter, call: Call, input: StartRotation): Promise<Outcome<RotationView>> => {
    const connection = await findConnection(tx, call, input.connectionId)
    const { name, keys } = refusingConfigErrors('credentials', () => openVendor(parts, connection))
    if (!keys) throw withoutKeys(name)
    if (!connection.writesEnabled)
      throw new DirectoryError('conflict', 'The connection only reads. Enable its writes first.', { field: 'connectionId' })
    const underWay = await tx.openRotation(call.organizationId, connection.id)
    if (underWay)
      throw new DirectoryError(
        'conflict',
        `The rotation ${underWay.id} of this connection is under way. Wait for it, or abort it.`,
        { field: 'connectionId' },
      )
    const oldKeyId = input.keyId ?? keys.inUse()
    const replacesOwn = oldKeyId === keys.inUse()
    const handOut = findHandOut(parts, connection.id, input.handOut)
    if (!handOut && !replacesOwn)
      throw new DirectoryError(
        'invalid',
        'The connection does not call with this key, so somebody else does: say how they are given the new one.',
        { field: 'handOut' },
      )
    const quietMs = input.quietMs ?? (handOut ? usualQuietMs.handedOut : usualQuietMs.own)
    if (!Number.isFinite(quietMs) || quietMs < 0 || quietMs > longestQuietMs)
      throw new DirectoryError('invalid', 'The quiet time is from 0 seconds to 30 days.', { field: 'quietSeconds' })
    const id = parts.newId()
    const rotation: Rotation = {
      id,
      organizationId: call.organizationId,
      connectionId: connection.id,
      state: 'started',
      version: 1,
      oldKeyId,
      oldKeyName: undefined,
      newKeyName: nameFor(input.name ?? connection.name, id),
      newKeyId: undefined,
      sealedSecret: undefined,
      replacesOwn,
      ownSecret: undefined,
      handOut,
      handedOutAt: undefined,
      acknowledged: false,
      proof: undefined,
      quietMs,
      quietSince: undefined,
      oldKeyUsedAt: undefined,
      reason: 'about to look whether there is room for a new key',
      attempts: 0,
      retryAt: undefined,
      startedBy: call.actor,
      startedAt: call.now,
      updatedAt: call.now,
    }
    await tx.putRotation(rotation)
    await scheduleRotation(tx, rotation, call.now)
    return [viewOfRotation(rotation), { action: 'rotation.started', subject: id, detail: detailOf(rotation) }]
  }

export const scheduleRotation = (tx: LedgerWriter, { organizationId, connectionId }: Rotation, dueAt: Date): Promise<void> =>
  tx.schedule({ organizationId, kind: 'rotate', subject: connectionId, dueAt })

function findHandOut({ handOuts }: SyncParts, connectionId: string, name: string | undefined): HandOut | undefined {
  if (name === undefined) return undefined
  const offered = handOuts?.offeredTo(connectionId) ?? []
  const found = offered.find((one) => one.name === name)
  if (found) return found
  const names = offered.map((one) => one.name).join(', ')
  throw new DirectoryError(
    'invalid',
    `No hand-out "${name}" is set up for this connection. ${names ? `There are: ${names}.` : 'Whoever runs the server sets them up in settings.json.'}`,
    { field: 'handOut' },
  )
}

const withoutKeys = (vendor: string) =>
  new DirectoryError(
    'conflict',
    `${vendor} offers no API for its keys. Rotate them at the vendor, then give the connection the new one.`,
    {
      field: 'connectionId',
    },
  )

/** Vendors that limit names leave room for this. */
const nameFor = (base: string, rotationId: string): string => `${base.trim().slice(0, 50)} [rollcall ${rotationId}]`
