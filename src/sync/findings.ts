import type { FactDraft } from '../directory/fact.ts'
import { pagesOf } from './collect.ts'
import type { Finding, FindingKind } from './ledger.ts'
import type { Known } from './read-vendor.ts'
import type { Survey } from './survey.ts'
import { commitInParts, type Hand } from './work.ts'

type Observation = Pick<Finding, 'kind' | 'subject' | 'message'>

/** Opens a finding for a read that is not complete and closes it after one that is. */
export const putReadFinding = (hand: Hand, { snapshot }: Known): Promise<void> => {
  const { complete, reasons } = snapshot.certificate
  return putFindings(hand, {
    kinds: ['badRead'],
    observed: complete ? [] : [{ kind: 'badRead', subject: hand.connection.id, message: reasons.join('; ') }],
  })
}

/** Opens a finding for a vendor that could not be read at all; the next complete read closes it. */
export const putFailedRead = (hand: Hand, message: string): Promise<void> =>
  putFindings(hand, { kinds: ['badRead'], observed: [{ kind: 'badRead', subject: hand.connection.id, message }] })

/** Opens and closes what a comparison shows. A read that is not complete shows nothing. */
export async function putSurveyFindings(hand: Hand, seen: Survey): Promise<void> {
  if (!seen.known.snapshot.certificate.complete) return
  const { residue } = hand.vendor.capabilities
  const listed = new Set(residue === undefined ? [] : seen.accounts.map(({ id }) => id))
  await putFindings(hand, {
    kinds: ['orphan', 'missing', 'drift', 'duplicate', 'residual'],
    observed: observe(seen),
    // What a vendor keeps of an account that it lists no more shows in no list: it stands until the account is listed again.
    stands: ({ kind, subject, message }) =>
      residue !== undefined && kind === 'residual' && message.endsWith(residue) && !listed.has(subject),
  })
}

function observe({ accounts, links, matching, own }: Survey): readonly Observation[] {
  const linked = new Set(links.map(({ accountId }) => accountId))
  const orphans = accounts.filter(({ id }) => !linked.has(id) && !matching.duplicates.has(id))
  const from = (kind: FindingKind, messages: ReadonlyMap<string, string>): readonly Observation[] =>
    [...messages].map(([subject, message]) => ({ kind, subject, message }))
  return [
    ...orphans.map(({ id, userName }): Observation => ({
      kind: 'orphan',
      subject: id,
      message: `${userName} belongs to nobody in the directory`,
    })),
    ...from('duplicate', matching.duplicates),
    ...from('drift', own.drift),
    ...from('missing', own.missing),
    ...from('residual', own.residual),
  ]
}

async function putFindings(
  hand: Hand,
  {
    kinds,
    observed,
    stands = () => false,
  }: {
    readonly kinds: readonly FindingKind[]
    readonly observed: readonly Observation[]
    /** Whether an open finding stays although nothing shows it. */
    readonly stands?: (finding: Finding) => boolean
  },
): Promise<void> {
  const { organizationId, id: connectionId } = hand.connection
  const unopened = new Map(kinds.map((kind) => [kind, new Map<string, Observation>()]))
  for (const item of observed) unopened.get(item.kind)?.set(item.subject, item)
  const closed: Finding[] = []
  const reworded: Finding[] = []
  const pages = pagesOf(
    ({ after, limit }) =>
      hand.parts.ledger.read((tx) => tx.findings(organizationId, { connectionId, open: true, before: after, limit })),
    ({ id }) => id,
  )
  for await (const findings of pages)
    for (const finding of findings) {
      const known = unopened.get(finding.kind)
      const item = known?.get(finding.subject)
      known?.delete(finding.subject)
      if (known && !item && !stands(finding)) closed.push(finding)
      if (item && item.message !== finding.message) reworded.push({ ...finding, message: item.message })
    }
  const opened = [...unopened.values()].flatMap((items) => [...items.values()])
  await commitInParts(hand, opened, async (tx, call, part) => {
    for (const item of part)
      await tx.putFinding({
        ...item,
        id: hand.parts.newId(),
        organizationId,
        connectionId,
        openedAt: call.now,
        closedAt: undefined,
      })
    return tell('finding.opened', connectionId, part)
  })
  await commitInParts(hand, closed, async (tx, call, part) => {
    for (const finding of part) await tx.putFinding({ ...finding, closedAt: call.now })
    return tell('finding.closed', connectionId, part)
  })
  await commitInParts(hand, reworded, async (tx, _call, part) => {
    for (const finding of part) await tx.putFinding(finding)
    return []
  })
}

/** One fact for each kind. */
function tell(
  action: 'finding.opened' | 'finding.closed',
  connectionId: string,
  items: readonly Observation[],
): readonly FactDraft[] {
  return [...Map.groupBy(items, ({ kind }) => kind)].map(([kind, group]): FactDraft => {
    const subjects = group.map(({ subject }) => subject)
    return { action, subject: connectionId, detail: { kind, subjects } }
  })
}
