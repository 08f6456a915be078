import type { Call } from '../directory/call.ts'
import type { ImportReport } from './engine.ts'
import { putSurveyFindings } from './findings.ts'
import type { SyncParts } from './parts.ts'
import { putLinks } from './put-links.ts'
import { answering } from './plans.ts'
import { read } from './reconcile.ts'
import { withConnection } from './run.ts'
import { survey } from './survey.ts'

/** Reads a vendor, matches people and accounts, opens and closes findings. Plans nothing and changes nothing there. */
export const importNow = (parts: SyncParts, call: Call, connectionId: string): Promise<ImportReport> =>
  withConnection(parts, call, {
    connectionId,
    work: (hand) =>
      answering(hand, async () => {
        const known = await read(hand, 'person')
        const seen = await survey(hand, known)
        await putLinks(hand, seen)
        await putSurveyFindings(hand, seen)
        const findings = await parts.ledger.read((tx) =>
          tx.findings(call.organizationId, { connectionId, open: true, limit: 1_000 }),
        )
        const present = new Set(seen.accounts.map(({ id }) => id))
        return {
          snapshot: known.snapshot,
          matched: seen.settled.count + seen.links.filter(({ accountId }) => present.has(accountId)).length,
          findings,
        }
      }),
  })
