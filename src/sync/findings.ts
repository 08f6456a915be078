import type { FactDraft } from '../directory/fact.ts'
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
  const listed = new Set(seen.accounts.map(({ id }) => id))
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
  const keyOf = ({ kind, subject }: Observation) => `${kind} ${subject}`
  const open = await hand.parts.ledger.read(async (tx) =>
    (await tx.findings(organizationId, { connectionId, open: true, limit: 1_000_000 })).filter(({ kind }) =>
      kinds.includes(kind),
    ),
  )
  const before = new Map(open.map((finding) => [keyOf(finding), finding]))
  const now = new Map(observed.map((item) => [keyOf(item), item]))
  const opened = [...now].filter(([key]) => !before.has(key)).map(([, item]) => item)
  const closed = [...before].filter(([key, finding]) => !now.has(key) && !stands(finding)).map(([, finding]) => finding)
  const reworded = [...before].flatMap(([key, finding]) => {
    const message = now.get(key)?.message
    return message === undefined || message === finding.message ? [] : [{ ...finding, message }]
  })
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
