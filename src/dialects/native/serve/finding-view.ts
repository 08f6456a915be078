import { stateOfFinding, versionOf } from '../../../sync/finding.ts'
import type { Finding } from '../../../sync/ledger.ts'
import type { Value } from '../../../wire/operation.ts'
import type { Finding as FindingBody } from '../wire/findings.ts'

/** A finding as it stands at a moment: one that is ignored until then is open again. */
export const toFinding = (finding: Finding, now: Date): Value<typeof FindingBody> => {
  const { decision } = finding
  return {
    id: finding.id,
    connectionId: finding.connectionId,
    kind: finding.kind,
    subject: finding.subject,
    memberId: finding.membershipId,
    message: finding.message,
    differences: finding.differences?.map(({ attribute, ours, theirs }) => ({ attribute, ours: [...ours], theirs: [...theirs] })),
    state: stateOfFinding(finding, now),
    version: versionOf(finding),
    decision: decision && {
      kind: decision.kind,
      by: decision.by,
      at: decision.at,
      reason: decision.reason,
      until: decision.kind === 'ignore' ? decision.until : undefined,
      planId: decision.kind === 'revert' ? decision.planId : undefined,
    },
    openedAt: finding.openedAt,
    closedAt: finding.closedAt,
  }
}
