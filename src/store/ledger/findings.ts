import type { Finding, LedgerReader, LedgerWriter, StoredReceipt } from '../../sync/ledger.ts'
import type { Executor } from '../executor.ts'
import { decode, encode } from '../plain.ts'
import { putRow } from '../rows.ts'
import { statement } from '../statement.ts'
import { newestWhere } from './newest.ts'

const putFinding = putRow('findings', { key: ['organization_id', 'id'], rest: ['connection_id', 'open', 'content'] })
const receipt = statement((db, p: { readonly organization_id: string; readonly id: string }) =>
  db.selectFrom('receipts').select('content').where('organization_id', '=', p.organization_id).where('id', '=', p.id),
)
const putReceipt = putRow('receipts', { key: ['organization_id', 'id'], rest: ['connection_id', 'subject', 'content'] })

export function readFindings(executor: Executor) {
  return {
    findings: async (organizationId, { connectionId, open, before, limit }) => {
      const equal = { connection_id: connectionId, open: open ? 1 : undefined }
      return (await newestWhere(executor, { table: 'findings', organizationId, before, limit, equal })).map((content) =>
        decode<Finding>(content),
      )
    },
    receipt: async (organizationId, id) => {
      const row = await executor.first(receipt, { organization_id: organizationId, id })
      return row && decode<StoredReceipt>(row.content)
    },
    receipts: async (organizationId, { subject, before, limit }) =>
      (await newestWhere(executor, { table: 'receipts', organizationId, before, limit, equal: { subject } })).map((content) =>
        decode<StoredReceipt>(content),
      ),
  } satisfies Partial<LedgerReader>
}

export function writeFindings(executor: Executor) {
  return {
    putFinding: async (finding) => {
      const { organizationId, connectionId, id, closedAt } = finding
      await executor.run(putFinding, {
        organization_id: organizationId,
        connection_id: connectionId,
        id,
        open: closedAt ? 0 : 1,
        content: encode(finding),
      })
    },
    putReceipt: async (value) => {
      const { organizationId, connectionId, id, subject } = value
      await executor.run(putReceipt, {
        organization_id: organizationId,
        connection_id: connectionId,
        id,
        subject,
        content: encode(value),
      })
    },
  } satisfies Partial<LedgerWriter>
}
