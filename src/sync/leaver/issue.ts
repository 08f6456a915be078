import { createHash } from 'node:crypto'
import type { Call } from '../../directory/call.ts'
import type { FactDraft } from '../../directory/fact.ts'
import { canonicalJson } from '../../directory/json.ts'
import type { LedgerReader, LedgerWriter } from '../ledger.ts'
import type { SyncParts } from '../parts.ts'
import { parseReceipt } from '../receipt-shape.ts'
import { isFinal, type IssuedReceipt, type Offboarding, type Visit } from './offboarding.ts'
import { outcomes } from './receipt-shape.ts'
import { signLeaverReceipt, type LeaverConnection } from './receipt.ts'

/** Connections are read again one after another: their re-checks are told in one receipt where they fall together. */
const togetherMs = 5 * 60_000

/** Issues the receipt once every visit has come to its end, and again whenever there is more to tell; undefined when there is not. */
export async function issueReceipt(
  tx: LedgerWriter,
  call: Call,
  input: {
    readonly offboarding: Offboarding
    readonly visits: readonly Visit[]
    readonly parts: Pick<SyncParts, 'newId' | 'signer'>
  },
): Promise<{ readonly receipt: IssuedReceipt; readonly fact: FactDraft } | undefined> {
  const { offboarding, visits, parts } = input
  if (!visits.every(isFinal) || visits.some((visit) => isDue(visit, call.now))) return undefined
  const connections: LeaverConnection[] = []
  for (const visit of visits) connections.push(await connectionOf(tx, visit))
  const basis = sha256(canonicalJson(connections))
  const former = offboarding.receipt
  if (former?.basis === basis) return undefined
  const { organizationId, id: offboardingId, membershipId, person, asked } = offboarding
  const id = parts.newId()
  const number = (former?.number ?? 0) + 1
  const chain = await tx.chainHead(organizationId)
  const text = signLeaverReceipt(
    {
      kind: 'leaver',
      version: 1,
      id,
      offboardingId,
      number,
      former: former ? { id: former.id, sha256: former.sha256 } : null,
      organization: { id: organizationId, name: await tx.organizationName(organizationId) },
      person: { membershipId, userName: person.userName, email: person.email ?? null },
      asked: { by: asked.by, at: asked.at.toISOString(), how: asked.how, reason: asked.reason ?? null },
      connections,
      chain: { sequence: chain.sequence, hash: chain.hash },
      issuedAt: call.now.toISOString(),
    },
    parts.signer,
  )
  const receipt: IssuedReceipt = { id, number, sha256: sha256(text), issuedAt: call.now, basis }
  const { basis: _, ...issued } = receipt
  await tx.putLeaverReceipt({ ...issued, organizationId, offboardingId, text })
  const detail = { offboardingId, membershipId, subject: person.userName, number, sha256: receipt.sha256, former: former?.sha256 }
  return { receipt, fact: { action: 'receipt.issued', subject: id, detail } }
}

const isDue = ({ rechecks }: Visit, now: Date): boolean =>
  rechecks.some(({ doneAt, dueAt }) => !doneAt && dueAt.getTime() <= now.getTime() + togetherMs)

async function connectionOf(tx: LedgerReader, visit: Visit): Promise<LeaverConnection> {
  const { connection, account, look, removal } = visit
  const outcome = outcomes.find((each) => each === visit.state)
  if (!outcome) throw new TypeError('a receipt of something that is not at its end')
  return {
    id: visit.connectionId,
    name: connection.name,
    vendor: connection.vendor,
    baseUrl: connection.baseUrl,
    outcome,
    reason: visit.reason,
    account: account
      ? {
          id: account.id,
          userName: account.userName,
          email: account.email ?? null,
          status: account.status,
          roles: account.roles,
          activeSessions: account.activeSessions ?? null,
        }
      : null,
    look: look ? { snapshotId: look.snapshotId, at: look.at.toISOString(), accounts: look.accounts, digest: look.digest } : null,
    requests: visit.requests.map(({ kind, sentAt, answeredAt, answer, status }) => ({
      kind,
      sentAt: sentAt?.toISOString() ?? null,
      answeredAt: answeredAt.toISOString(),
      answer,
      status: status ?? null,
    })),
    reads: visit.reads.map(({ at, occasion, found, others }) => ({ at: at.toISOString(), occasion, found, others })),
    removal: removal ? { planId: removal.planId, receiptId: removal.receiptId, sha256: removal.sha256 } : null,
    approvals: removal ? await approvalsOf(tx, visit, removal.receiptId) : [],
    residues: visit.residues,
    tasks: visit.tasks,
    rechecks: visit.rechecks.map(({ after, dueAt, doneAt }) => ({
      after,
      dueAt: dueAt.toISOString(),
      doneAt: doneAt?.toISOString() ?? null,
    })),
  }
}

/** Who approved the removal, as its own receipt tells. */
async function approvalsOf(
  tx: LedgerReader,
  { organizationId }: Visit,
  receiptId: string,
): Promise<LeaverConnection['approvals']> {
  const stored = await tx.receipt(organizationId, receiptId)
  if (!stored) return []
  return parseReceipt(JSON.parse(stored.text)).approvals.map(({ actor, at, reason }) => ({ actor, at, reason }))
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
