import type { CheckpointLedgerReader, CheckpointLedgerWriter, StoredCheckpoint } from '../../sync/ledger.ts'
import type { Executor } from '../executor.ts'
import { addRow } from '../rows.ts'
import type { CheckpointRow } from '../schema.ts'
import { statement } from '../statement.ts'

interface Owned {
  readonly organization_id: string
}

const latest = statement((db, p: Owned) =>
  db.selectFrom('checkpoints').selectAll().where('organization_id', '=', p.organization_id).orderBy('number', 'desc').limit(1),
)
const page = statement((db, p: Owned & { readonly after: number; readonly limit: number }) =>
  db
    .selectFrom('checkpoints')
    .selectAll()
    .where('organization_id', '=', p.organization_id)
    .where('number', '>', p.after)
    .orderBy('number')
    .limit(p.limit),
)
const idsOf = (table: 'receipts' | 'leaver_receipts') =>
  statement((db, p: Owned & { readonly after: string; readonly limit: number }) =>
    db
      .selectFrom(table)
      .select('id')
      .where('organization_id', '=', p.organization_id)
      .where('id', '>', p.after)
      .orderBy('id')
      .limit(p.limit),
  )
const ids = { receipts: idsOf('receipts'), leaver_receipts: idsOf('leaver_receipts') }
const leaverReceipt = statement((db, p: Owned & { readonly offboarding_id: string; readonly id: string }) =>
  db
    .selectFrom('leaver_receipts')
    .select('id')
    .where('organization_id', '=', p.organization_id)
    .where('offboarding_id', '=', p.offboarding_id)
    .where('id', '=', p.id),
)
const add = addRow('checkpoints', { key: ['organization_id', 'number'], rest: ['sequence', 'content'] })

export const readCheckpoints = (executor: Executor): CheckpointLedgerReader => ({
  latestCheckpoint: async (organizationId) => {
    const row = await executor.first(latest, { organization_id: organizationId })
    return row && toCheckpoint(row)
  },
  checkpoints: async (organizationId, { after, limit }) =>
    (await executor.all(page, { organization_id: organizationId, after, limit })).map(toCheckpoint),
  receiptIds: async (organizationId, { kind, after, limit }) =>
    (await executor.all(ids[kind], { organization_id: organizationId, after, limit })).map(({ id }) => id),
  hasLeaverReceipt: async (organizationId, { offboardingId, id }) =>
    (await executor.first(leaverReceipt, { organization_id: organizationId, offboarding_id: offboardingId, id })) !== undefined,
})

export const writeCheckpoints = (executor: Executor): CheckpointLedgerWriter => ({
  addCheckpoint: async ({ organizationId, number, sequence, text }) => {
    await executor.run(add, { organization_id: organizationId, number, sequence, content: text })
  },
})

const toCheckpoint = (row: CheckpointRow): StoredCheckpoint => ({
  organizationId: row.organization_id,
  number: row.number,
  sequence: row.sequence,
  text: row.content,
})
