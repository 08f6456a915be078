import type { KeyLedgerReader, KeyLedgerWriter } from '../../sync/keys/ledger.ts'
import { isOpen, type Rotation } from '../../sync/keys/rotation.ts'
import type { Executor } from '../executor.ts'
import { decode, encode } from '../plain.ts'
import { putRow } from '../rows.ts'
import { statement } from '../statement.ts'
import { newestWhere } from './newest.ts'

const byId = statement((db, p: { readonly organization_id: string; readonly id: string }) =>
  db.selectFrom('rotations').select('content').where('organization_id', '=', p.organization_id).where('id', '=', p.id),
)
const openOne = statement((db, p: { readonly organization_id: string; readonly connection_id: string }) =>
  db
    .selectFrom('rotations')
    .select('content')
    .where('organization_id', '=', p.organization_id)
    .where('connection_id', '=', p.connection_id)
    .where('open', '=', 1),
)
const put = putRow('rotations', { key: ['organization_id', 'id'], rest: ['connection_id', 'open', 'content'] })

export function readKeys(executor: Executor) {
  const toOne = (row: { readonly content: string } | undefined) => row && decode<Rotation>(row.content)
  return {
    rotation: async (organizationId, id) => toOne(await executor.first(byId, { organization_id: organizationId, id })),
    openRotation: async (organizationId, connectionId) =>
      toOne(await executor.first(openOne, { organization_id: organizationId, connection_id: connectionId })),
    rotations: async (organizationId, { connectionId, before, limit }) => {
      const equal = { connection_id: connectionId }
      const contents = await newestWhere(executor, { table: 'rotations', organizationId, before, limit, equal })
      return contents.map((content) => decode<Rotation>(content))
    },
  } satisfies KeyLedgerReader
}

export function writeKeys(executor: Executor) {
  return {
    putRotation: async (rotation) => {
      const { organizationId, connectionId, id } = rotation
      await executor.run(put, {
        organization_id: organizationId,
        connection_id: connectionId,
        id,
        open: isOpen(rotation) ? 1 : 0,
        content: encode(rotation),
      })
    },
  } satisfies KeyLedgerWriter
}
