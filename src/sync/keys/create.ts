import { command, query, type Call, type Outcome } from '../../directory/call.ts'
import { DirectoryError } from '../../directory/errors.ts'
import { findConnection } from '../connections.ts'
import type { LedgerReader, LedgerWriter } from '../ledger.ts'
import { openVendor, refusingConfigErrors } from '../open-vendor.ts'
import type { SyncParts } from '../parts.ts'
import { answering } from '../plans.ts'
import { ageInDays, isTooOld } from './age.ts'
import { detailOf, giveBack } from './bench.ts'
import type { KeyEngine, KeyList, StartRotation } from './engine.ts'
import type { HandOut } from './hand-out.ts'
import { isOpen, quietReason, viewOfRotation, type Rotation, type RotationView } from './rotation.ts'

/** How long the old key must stay unused: longer than a token that was made from it lasts, where others had it; tokens of ours do not outlast their work. */
const usualQuietMs = { handedOut: 24 * 60 * 60_000, own: 10 * 60_000 }
const longestQuietMs = 30 * 24 * 60 * 60_000

export function createKeyEngine(parts: SyncParts): KeyEngine {
  const { ledger } = parts
  return {
    listKeys: (call, { connectionId }) => listKeys(parts, call, connectionId),
    startRotation: command(ledger, 'operate', (tx: LedgerWriter, call: Call, input: StartRotation) =>
      start(parts, tx, call, input),
    ),
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
  if (!keys) throw withoutKeys(vendor.name)
  const listed = await answering({ vendor }, () => keys.list())
  return {
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

async function start(parts: SyncParts, tx: LedgerWriter, call: Call, input: StartRotation): Promise<Outcome<RotationView>> {
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

const scheduleRotation = (tx: LedgerWriter, { organizationId, connectionId }: Rotation, dueAt: Date): Promise<void> =>
  tx.schedule({ organizationId, kind: 'rotate', subject: connectionId, dueAt })

async function findRotation(tx: LedgerReader, call: Call, id: string): Promise<Rotation> {
  const rotation = await tx.rotation(call.organizationId, id)
  if (!rotation) throw new DirectoryError('notFound', 'There is no such rotation in this organization.', { field: 'id' })
  return rotation
}

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
