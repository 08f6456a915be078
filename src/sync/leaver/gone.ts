import type { Call } from '../../directory/call.ts'
import type { FactDraft } from '../../directory/fact.ts'
import { accountsGone } from '../access/recorded.ts'
import { versionOf } from '../finding.ts'
import type { LedgerWriter } from '../ledger.ts'
import type { Capabilities, Vendor } from '../vendor.ts'
import type { Hand } from '../work.ts'
import { noteVisits } from './note-visits.ts'
import {
  isFinal,
  recheckMs,
  type CitedRemoval,
  type Recheck,
  type SentRequest,
  type VerifyingRead,
  type Visit,
} from './offboarding.ts'

/** Both re-checks, counted from now. */
export const rechecksFrom = (now: Date): readonly Recheck[] =>
  (['hour', 'day'] as const).map((after) => ({ after, dueAt: new Date(now.getTime() + recheckMs[after]), doneAt: undefined }))

/** The visit of an account that is gone by the vendor's own answer; takes account and link out of the ledger and closes the finding that it had come back. */
export async function goneFrom(
  { connection, vendor }: Pick<Hand, 'connection' | 'vendor'>,
  tx: LedgerWriter,
  { visit, now, reason }: { readonly visit: Visit; readonly now: Date; readonly reason: string },
): Promise<{ readonly visit: Visit; readonly facts: readonly FactDraft[] }> {
  const { organizationId, id: connectionId } = connection
  const { membershipId } = visit
  const facts: FactDraft[] = []
  const accountId = visit.account?.id
  if (accountId !== undefined) {
    await tx.removeAccount(organizationId, connectionId, accountId)
    facts.push(...accountsGone(connectionId, [accountId]))
    const link = await tx.linkOf(organizationId, connectionId, membershipId)
    if (link?.accountId === accountId) {
      await tx.removeLink(organizationId, connectionId, membershipId)
      facts.push({
        action: 'link.removed',
        subject: accountId,
        detail: { connectionId, membershipId, reason: 'the account is gone' },
      })
    }
  }
  return {
    visit: goneVisit(visit, { now, reason, vendor }),
    facts: [...facts, ...(await closeReturned(tx, visit, { accountId, now }))],
  }
}

const goneVisit = (
  visit: Visit,
  {
    now,
    reason,
    vendor,
  }: { readonly now: Date; readonly reason: string; readonly vendor: Pick<Vendor, 'name' | 'capabilities'> },
): Visit => ({
  ...visit,
  state: 'gone',
  reason,
  residues: residuesOf(visit, vendor),
  rechecks: rechecksFrom(now),
})

/** What stays of somebody whose account is gone. */
function residuesOf(
  { account, reads }: Visit,
  { name, capabilities }: { readonly name: string; readonly capabilities: Capabilities },
): readonly string[] {
  const sessions = account?.activeSessions ?? 0
  const before = reads.at(0)?.at
  return [
    ...(capabilities.residue === undefined ? [] : [`${name}: ${capabilities.residue}.`]),
    ...(sessions > 0
      ? [
          `${name}: they were signed in when they left${before ? `, before ${before.toISOString()}` : ''} (open sessions: ${sessions}), and the vendor does not say that the sessions have ended.`,
        ]
      : []),
  ]
}

/** The end of a removal step, in its transaction: the visits of the person whose account it was are at their end with it. */
export async function noteRemoval(
  hand: Pick<Hand, 'connection' | 'vendor' | 'parts'>,
  tx: LedgerWriter,
  input: {
    readonly call: Call
    readonly membershipId: string | undefined
    readonly accountId: string
    readonly request: SentRequest
    readonly verifiedAt: Date
    readonly removal: CitedRemoval
    readonly reason: string
  },
): Promise<readonly FactDraft[]> {
  const { call, membershipId, accountId, request, verifiedAt, removal, reason } = input
  if (membershipId === undefined) return []
  const { organizationId, id: connectionId } = hand.connection
  const visits = (await tx.openVisits(organizationId, connectionId)).filter(
    (visit) =>
      visit.membershipId === membershipId &&
      !(isFinal(visit) && visit.state !== 'forPerson') &&
      (visit.account === undefined || visit.account.id === accountId),
  )
  const facts: FactDraft[] = []
  const gone: Visit[] = []
  for (const visit of visits) {
    const read = { at: verifiedAt, occasion: 'remove', found: 'gone', others: [] } as const
    const known = { ...visit, requests: [...visit.requests, request], reads: [...visit.reads, read], removal }
    gone.push(goneVisit(known, { now: call.now, reason, vendor: hand.vendor }))
    facts.push(...(await closeReturned(tx, visit, { accountId, now: call.now })))
  }
  return [...facts, ...(await noteVisits(tx, call, { visits: gone, parts: hand.parts }))]
}

/** Closes the finding that the account had come back. */
async function closeReturned(
  tx: LedgerWriter,
  { organizationId, connectionId, reads }: Visit,
  { accountId, now }: { readonly accountId: string | undefined; readonly now: Date },
): Promise<readonly FactDraft[]> {
  const wasBack = reads.some(({ occasion, found, others }) => isRecheck(occasion) && (found !== 'gone' || others.length > 0))
  if (!wasBack) return []
  const open = await tx.findings(organizationId, { connectionId, open: true, kind: 'returned', limit: 1_000 })
  const back = open.filter(({ subject }) => subject === accountId)
  for (const finding of back) await tx.putFinding({ ...finding, closedAt: now, version: versionOf(finding) + 1 })
  if (back.length === 0) return []
  const subjects = back.map(({ subject }) => subject)
  return [{ action: 'finding.closed', subject: connectionId, detail: { kind: 'returned', subjects } }]
}

const isRecheck = (occasion: VerifyingRead['occasion']): boolean => occasion === 'hour' || occasion === 'day'
