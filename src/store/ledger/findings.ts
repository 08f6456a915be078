import { sql } from 'kysely'
import type { FindingCount, FindingFilter } from '../../sync/finding.ts'
import type { Finding, LedgerReader, LedgerWriter, StoredReceipt } from '../../sync/ledger.ts'
import type { Executor } from '../executor.ts'
import { decode, encode } from '../plain.ts'
import { msOf, msOrNull, putRow } from '../rows.ts'
import { statement } from '../statement.ts'
import { countBy, newestWhere, type Narrowing } from './newest.ts'

const putFinding = putRow('findings', {
  key: ['organization_id', 'id'],
  rest: ['connection_id', 'open', 'kind', 'membership_id', 'ignored_until', 'content'],
})
const finding = statement((db, p: { readonly organization_id: string; readonly id: string }) =>
  db.selectFrom('findings').select('content').where('organization_id', '=', p.organization_id).where('id', '=', p.id),
)
const receipt = statement((db, p: { readonly organization_id: string; readonly id: string }) =>
  db.selectFrom('receipts').select('content').where('organization_id', '=', p.organization_id).where('id', '=', p.id),
)
const putReceipt = putRow('receipts', { key: ['organization_id', 'id'], rest: ['connection_id', 'subject', 'content'] })

export function readFindings(executor: Executor) {
  return {
    finding: async (organizationId, id) => {
      const row = await executor.first(finding, { organization_id: organizationId, id })
      return row && decode<Finding>(row.content)
    },
    findings: async (organizationId, { open, before, limit, ...filter }) => {
      const where = whereOf(filter)
      const equal = equalOf(filter, open)
      return (await newestWhere(executor, { table: 'findings', organizationId, before, limit, equal, where })).map((content) =>
        decode<Finding>(content),
      )
    },
    countFindings: async (organizationId, filter) => {
      const counts = await countBy<FindingCount>(executor, {
        table: 'findings',
        column: 'kind',
        organizationId,
        equal: equalOf(filter, undefined),
        where: whereOf(filter),
      })
      return counts.map(({ kind, count }) => ({ kind, count }))
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
    putFinding: async (value) => {
      const { organizationId, connectionId, id, closedAt, kind, membershipId, decision } = value
      await executor.run(putFinding, {
        organization_id: organizationId,
        connection_id: connectionId,
        id,
        open: closedAt ? 0 : 1,
        kind,
        membership_id: membershipId ?? null,
        ignored_until: msOrNull(decision?.kind === 'ignore' ? decision.until : undefined),
        content: encode(value),
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

const equalOf = ({ connectionId, kind, membershipId, standing }: FindingFilter, open: true | undefined) => ({
  connection_id: connectionId,
  kind,
  membership_id: membershipId,
  open: standing ? (standing.state === 'closed' ? 0 : 1) : open ? 1 : undefined,
})

/** Whether an ignored finding is open again depends on the moment alone. */
function whereOf({ standing }: FindingFilter): Narrowing | undefined {
  if (!standing || standing.state === 'closed') return undefined
  const values = { now: msOf(standing.now) }
  return standing.state === 'ignored'
    ? { name: 'ignored', build: (p) => sql`ignored_until > ${p['now']}`, values }
    : { name: 'open', build: (p) => sql`(ignored_until is null or ignored_until <= ${p['now']})`, values }
}
