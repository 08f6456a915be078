import { query, type Call } from '../../directory/call.ts'
import type { LedgerReader } from '../ledger.ts'
import type { SyncParts } from '../parts.ts'
import { takeCheckpoint } from './take-checkpoint.ts'
import { verifyRecord, type RecordVerdict } from './verify-record.ts'

/** What is written down, and proof that it is still what was written. */
export interface RecordEngine {
  /** Walks facts, checkpoints and receipts, and names the first row that is not as it was written. Changes nothing. */
  verifyRecord(call: Call): Promise<RecordVerdict>
  /** Signs where the chain stands, unless nothing happened since the last time. */
  takeCheckpoint(call: Call): Promise<void>
}

export const createRecordEngine = (parts: SyncParts): RecordEngine => ({
  verifyRecord: async (call) => {
    await query(parts.ledger, 'audit', async (_: LedgerReader) => undefined)(call, undefined)
    return verifyRecord(parts, call)
  },
  takeCheckpoint: (call) => takeCheckpoint(parts, call),
})
