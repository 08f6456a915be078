import { z } from 'zod'
import { json, operation } from '../../../wire/operation.ts'
import { id, page, pageQuery, when } from './page.ts'

export const rotationStates = [
  'started',
  'creating',
  'stored',
  'handedOut',
  'quiet',
  'deleting',
  'aborting',
  'done',
  'aborted',
  'failed',
] as const
export const proofKinds = ['ownCalls', 'acknowledged', 'lastUse', 'person'] as const

const HandOut = z.object({ name: z.string(), kind: z.enum(['file', 'command', 'webhook']) })

/** `reason` says in a sentence what stands and what is waited for. */
const Rotation = z.object({
  id,
  connectionId: id,
  state: z.enum(rotationStates),
  reason: z.string(),
  oldKeyId: z.string(),
  oldKeyName: z.string().optional(),
  newKeyId: z.string().optional(),
  newKeyName: z.string(),
  replacesOwn: z.boolean(),
  handOut: HandOut.optional(),
  handedOutAt: when.optional(),
  proof: z.object({ kind: z.enum(proofKinds), at: when, actor: z.string().optional() }).optional(),
  quietSeconds: z.number(),
  quietSince: when.optional(),
  quietUntil: when.optional(),
  oldKeyUsedAt: when.optional(),
  attempts: z.int(),
  retryAt: when.optional(),
  startedBy: z.string(),
  startedAt: when,
  updatedAt: when,
})

export const listKeys = operation({
  name: 'listKeys',
  summary:
    'The keys of a connection’s vendor as it lists them now, how many it allows, the ways to hand new ones out, and the rotation under way. Secrets are never shown. None where the vendor has no API for its keys (`managed`)',
  method: 'GET',
  path: '/connections/:connectionId/keys',
  status: 200,
  reply: json(
    z.object({
      managed: z.boolean(),
      items: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          createdAt: when.optional(),
          ageDays: z.int().optional(),
          owner: z.string().optional(),
          lastUsedAt: when.optional(),
          inUse: z.boolean(),
          tooOld: z.boolean(),
        }),
      ),
      most: z.int().optional(),
      lastUse: z.enum(['told', 'untold']),
      handOuts: z.array(HandOut),
      rotation: Rotation.optional(),
    }),
  ),
})

export const startRotation = operation({
  name: 'startRotation',
  summary:
    'Puts a new key in place of the one that the connection calls with, or of another: create, store, hand out, prove, wait, delete, look. It goes on in the background',
  method: 'POST',
  path: '/connections/:connectionId/rotations',
  request: json(
    z.strictObject({
      keyId: z.string().min(1).max(500).optional(),
      name: z.string().trim().min(1).max(50).optional(),
      handOut: z.string().max(63).optional(),
      quietSeconds: z.number().min(0).max(2_592_000).optional(),
    }),
  ),
  status: 201,
  reply: json(Rotation),
})

export const listRotations = operation({
  name: 'listRotations',
  summary: 'Rotations of keys, newest first',
  method: 'GET',
  path: '/rotations',
  query: z.strictObject({ ...pageQuery, connectionId: id.optional() }),
  status: 200,
  reply: json(page(Rotation)),
})

export const readRotation = operation({
  name: 'readRotation',
  summary: 'One rotation: how far it has come, why, and what it waits for',
  method: 'GET',
  path: '/rotations/:rotationId',
  status: 200,
  reply: json(Rotation),
})

export const confirmRotation = operation({
  name: 'confirmRotation',
  summary: 'Says that the new key is in use wherever it was handed out: the quiet time of the old one begins',
  method: 'POST',
  path: '/rotations/:rotationId/confirm',
  status: 200,
  reply: json(Rotation),
})

export const abortRotation = operation({
  name: 'abortRotation',
  summary:
    'Gives a rotation up: nothing is deleted, both keys stay valid, the connection calls with the old one again. Refused once the old one is being deleted',
  method: 'POST',
  path: '/rotations/:rotationId/abort',
  request: json(z.strictObject({ reason: z.string().trim().min(1).max(1000) })),
  status: 200,
  reply: json(Rotation),
})
