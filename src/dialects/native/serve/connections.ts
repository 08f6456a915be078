import type { Call } from '../../../directory/call.ts'
import type { ConnectionView } from '../../../sync/connection.ts'
import type { Engine } from '../../../sync/engine.ts'
import type { Mount } from '../../../wire/serve.ts'
import type { ServeServices } from '../../dialect.ts'
import * as wire from '../wire/connections.ts'
import { toFinding } from './finding-view.ts'
import { idIn, withoutKey } from './request.ts'
import { fromAssignment, toAssignment, toConnection, toSnapshot } from './sync-view.ts'

export function serveConnections(
  mount: Mount<Call>,
  { directory, baseUrlOf }: Pick<ServeServices, 'directory' | 'baseUrlOf'>,
  engine: Engine,
): void {
  const shown = (call: Call, connection: ConnectionView) => toConnection(connection, baseUrlOf(call).replace(/\/api\/v1$/, ''))

  mount(wire.listConnections, async (call) => ({
    value: { items: (await engine.listConnections(call)).map((connection) => shown(call, connection)) },
  }))
  mount(wire.createConnection, async (call, { body }) => {
    const connection = await engine.addConnection(call, {
      name: body.name,
      vendor: body.vendor,
      baseUrl: body.baseUrl,
      credentials: body.credentials,
      assignments: body.assignments.map(fromAssignment),
      policy: body.policy,
    })
    return { value: shown(call, connection) }
  })
  mount(wire.readConnection, async (call, { params }) => {
    const found = await engine.getConnection(call, { id: idIn(params, 'connectionId') })
    return {
      value: {
        connection: shown(call, found.connection),
        assignments: found.assignments.map(toAssignment),
        capabilities: { ...found.capabilities, notes: [...found.capabilities.notes] },
        snapshot: found.snapshot && toSnapshot(found.snapshot),
      },
    }
  })
  mount(wire.changeConnection, async (call, { params, body }) => {
    const connection = await engine.changeConnection(call, {
      id: idIn(params, 'connectionId'),
      writesEnabled: body.writesEnabled,
      policy: body.policy,
      credentials: body.credentials,
      baseUrl: body.baseUrl,
      assignments: body.assignments?.map(fromAssignment),
    })
    return { value: shown(call, connection) }
  })
  mount(wire.deleteConnection, async (call, { params }) => {
    await engine.removeConnection(call, { id: idIn(params, 'connectionId') })
    return { value: undefined }
  })
  mount(wire.checkConnection, async (call, { params }) => {
    const { usable, findings } = await engine.checkConnection(call, { id: idIn(params, 'connectionId') })
    return { value: { usable, findings: [...findings] } }
  })
  mount(wire.quarantineConnection, async (call, { params, body }) => {
    const connection = await engine.quarantineConnection(call, { id: idIn(params, 'connectionId'), reason: body.reason })
    return { value: shown(call, connection) }
  })
  mount(wire.releaseConnection, async (call, { params, body }) => {
    const connection = await engine.releaseConnection(call, { id: idIn(params, 'connectionId'), reason: body.reason })
    return { value: shown(call, connection) }
  })
  mount(wire.importAccounts, async (call, { params }) => {
    const id = idIn(params, 'connectionId')
    const { snapshot, matched, findings } = await engine.importAccounts(await withoutKey(directory, call), { id })
    return {
      value: { snapshot: toSnapshot(snapshot), matched, findings: findings.map((finding) => toFinding(finding, call.now)) },
    }
  })
}
