import type { Call } from '../../../directory/call.ts'
import type { KeyEngine } from '../../../sync/keys/engine.ts'
import type { RotationView } from '../../../sync/keys/rotation.ts'
import type { Value } from '../../../wire/operation.ts'
import type { Mount } from '../../../wire/serve.ts'
import * as wire from '../wire/keys.ts'
import { pageOf } from './page.ts'
import { idIn } from './request.ts'

export function serveKeys(mount: Mount<Call>, engine: KeyEngine): void {
  mount(wire.listKeys, async (call, { params }) => {
    const found = await engine.listKeys(call, { connectionId: idIn(params, 'connectionId') })
    const { managed, keys, most, lastUse, handOuts, rotation } = found
    const value = {
      managed,
      items: [...keys],
      most,
      lastUse,
      handOuts: [...handOuts],
      rotation: rotation && toRotation(rotation),
    }
    return { value }
  })
  mount(wire.startRotation, async (call, { params, body }) => {
    const { quietSeconds, ...rest } = body
    const rotation = await engine.startRotation(call, {
      connectionId: idIn(params, 'connectionId'),
      ...rest,
      quietMs: quietSeconds === undefined ? undefined : Math.round(quietSeconds * 1_000),
    })
    return { value: toRotation(rotation) }
  })
  mount(wire.listRotations, async (call, { query }) => {
    const { connectionId } = query
    const value = await pageOf(
      query,
      { list: 'rotations', organizationId: call.organizationId, filter: { connectionId } },
      {
        load: (before, limit) => engine.listRotations(call, { connectionId, before, limit }),
        positionOf: (rotation) => rotation.id,
        translate: toRotation,
      },
    )
    return { value }
  })
  mount(wire.readRotation, async (call, { params }) => ({
    value: toRotation(await engine.getRotation(call, { id: idIn(params, 'rotationId') })),
  }))
  mount(wire.confirmRotation, async (call, { params }) => ({
    value: toRotation(await engine.confirmRotation(call, { id: idIn(params, 'rotationId') })),
  }))
  mount(wire.abortRotation, async (call, { params, body }) => ({
    value: toRotation(await engine.abortRotation(call, { id: idIn(params, 'rotationId'), reason: body.reason })),
  }))
}

const toRotation = (rotation: RotationView): Value<(typeof wire.readRotation)['reply']> => ({
  id: rotation.id,
  connectionId: rotation.connectionId,
  state: rotation.state,
  reason: rotation.reason,
  oldKeyId: rotation.oldKeyId,
  oldKeyName: rotation.oldKeyName,
  newKeyId: rotation.newKeyId,
  newKeyName: rotation.newKeyName,
  replacesOwn: rotation.replacesOwn,
  handOut: rotation.handOut && { ...rotation.handOut },
  handedOutAt: rotation.handedOutAt,
  proof: rotation.proof && { ...rotation.proof },
  quietSeconds: rotation.quietMs / 1_000,
  quietSince: rotation.quietSince,
  quietUntil: rotation.quietUntil,
  oldKeyUsedAt: rotation.oldKeyUsedAt,
  attempts: rotation.attempts,
  retryAt: rotation.retryAt,
  startedBy: rotation.startedBy,
  startedAt: rotation.startedAt,
  updatedAt: rotation.updatedAt,
})
