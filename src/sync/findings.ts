import { isDeepStrictEqual } from 'node:util'
import type { FactAction, FactDraft } from '../directory/fact.ts'
import { pagesOf } from './collect.ts'
import { dropMarkings } from './drop-markings.ts'
import { stateOfFinding, versionOf } from './finding.ts'
import type { Finding, FindingKind } from './ledger.ts'
import { observe, observeKeys, type Observation } from './observe.ts'
import { putQuestions } from './put-questions.ts'
import type { Known } from './read-vendor.ts'
import type { Survey } from './survey.ts'
import { isRemoteFailure } from './vendor.ts'
import { commitInParts, type Hand } from './work.ts'

/** Findings per fact; more of a kind at once are told in further facts. */
const subjectsPerFact = 500

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

/** Asks what the comparison leaves open, and opens and closes what it shows. A read that is not complete shows nothing. */
export async function putSurveyFindings(hand: Hand, seen: Survey): Promise<void> {
  if (!seen.known.snapshot.certificate.complete) return
  const { policy } = hand.connection
  const now = hand.parts.clock()
  await dropMarkings(hand, seen)
  const questions = await putQuestions(hand, seen)
  const keys = await lookAtKeys(hand, now)
  const { residue } = hand.vendor.capabilities
  await putFindings(hand, {
    kinds: [
      'orphan',
      'missing',
      'extraRight',
      'drift',
      'staleInvitation',
      'duplicate',
      'residual',
      ...(keys ? (['keyTooOld'] as const) : []),
    ],
    observed: [...observe(seen, { questions, vendor: hand.vendor.name, policy, now }), ...(keys ?? [])],
    // What a vendor keeps of an account that it lists no more shows in no list: it stands until the account is listed again.
    stands: async ({ organizationId, connectionId, kind, subject, message }) =>
      residue !== undefined &&
      kind === 'residual' &&
      message.endsWith(residue) &&
      !(await hand.parts.ledger.read((tx) => tx.account(organizationId, connectionId, subject))),
  })
}

/** Undefined when the vendor would not say: nothing is known of its keys then. */
async function lookAtKeys({ vendor, connection }: Hand, now: Date): Promise<readonly Observation[] | undefined> {
  const maxAgeDays = connection.policy.findings?.keyMaxAgeDays
  if (maxAgeDays === undefined || !vendor.keys) return []
  try {
    return observeKeys(await vendor.keys.list(), { maxAgeDays, now })
  } catch (error) {
    if (!isRemoteFailure(error)) throw error
    return undefined
  }
}

async function putFindings(
  hand: Hand,
  {
    kinds,
    observed,
    stands = async () => false,
  }: {
    readonly kinds: readonly FindingKind[]
    readonly observed: readonly Observation[]
    /** Whether an open finding stays although nothing shows it. */
    readonly stands?: (finding: Finding) => Promise<boolean>
  },
): Promise<void> {
  const { organizationId, id: connectionId } = hand.connection
  const unopened = new Map(kinds.map((kind) => [kind, new Map<string, Observation>()]))
  for (const item of observed) unopened.get(item.kind)?.set(item.subject, item)
  const closed: Finding[] = []
  const changed: { readonly before: Finding; readonly next: Finding }[] = []
  const pages = pagesOf(
    ({ after, limit }) =>
      hand.parts.ledger.read((tx) => tx.findings(organizationId, { connectionId, open: true, before: after, limit })),
    ({ id }) => id,
  )
  for await (const findings of pages)
    for (const finding of findings) {
      const known = unopened.get(finding.kind)
      if (!known) continue
      const item = known.get(finding.subject)
      known.delete(finding.subject)
      if (!item && !(await stands(finding))) closed.push(finding)
      else {
        const next = renewed(finding, item, hand.parts.clock())
        if (next !== finding) changed.push({ before: finding, next })
      }
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
        version: 1,
      })
    return tell('finding.opened', connectionId, part)
  })
  await commitInParts(hand, closed, async (tx, call, part) => {
    for (const finding of part) await tx.putFinding({ ...finding, closedAt: call.now, version: versionOf(finding) + 1 })
    return tell('finding.closed', connectionId, part)
  })
  await commitInParts(hand, changed, async (tx, _call, part) => {
    for (const { next } of part) await tx.putFinding(next)
    const reopened = part.flatMap(({ before: old, next }) => (old.decision?.kind === 'ignore' && !next.decision ? [next] : []))
    return tell('finding.reopened', connectionId, reopened)
  })
}

/** The finding as it is seen now. What a person decided was decided on what they saw: it goes when that changes, and when its time is over. */
function renewed(finding: Finding, seen: Observation | undefined, now: Date): Finding {
  const { decision, ...rest } = finding
  const isOver = decision?.kind === 'ignore' && stateOfFinding(finding, now) === 'open'
  const version = versionOf(finding) + 1
  if (seen && (seen.message !== finding.message || !sameDifferences(seen, finding))) {
    const { message, differences, membershipId } = seen
    return { ...rest, message, differences, membershipId, version }
  }
  if (isOver) return { ...rest, version }
  return finding
}

const sameDifferences = (a: Observation, b: Finding): boolean => isDeepStrictEqual(a.differences ?? [], b.differences ?? [])

function tell(action: FactAction, connectionId: string, items: readonly Observation[]): readonly FactDraft[] {
  return [...Map.groupBy(items, ({ kind }) => kind)].flatMap(([kind, group]) =>
    Array.from({ length: Math.ceil(group.length / subjectsPerFact) }, (_, index): FactDraft => {
      const subjects = group.slice(index * subjectsPerFact, (index + 1) * subjectsPerFact).map(({ subject }) => subject)
      return { action, subject: connectionId, detail: { kind, subjects } }
    }),
  )
}
