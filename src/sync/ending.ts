import type { FactAction, FactDraft } from '../directory/fact.ts'
import { canonicalJson, type JsonObject } from '../directory/json.ts'
import { emailOf } from '../directory/membership.ts'
import { sha256 } from './leaver/issue.ts'
import { noteRemoval } from './leaver/gone.ts'
import { withOurSuspension } from './leaver/lock.ts'
import { accountDetail } from './access/recorded.ts'
import type { Approval, LedgerWriter, Link, Plan, Snapshot, Staleness, Step } from './ledger.ts'
import { systemCall } from './parts.ts'
import { takesAway } from './plan.ts'
import { signReceipt, type Receipt } from './receipt.ts'
import { memberOrNone } from './leavers.ts'
import type { Account } from './vendor.ts'
import { commit, type Hand } from './work.ts'

/** What became of a step, with what is known of the account since. */
export type Ending =
  | { readonly state: 'done'; readonly reason: string; readonly account: Account; readonly link: Link }
  /** The account is gone, by the vendor's own answer. */
  | { readonly state: 'done'; readonly reason: string; readonly gone: Gone }
  | {
      readonly state: 'failed'
      readonly reason: string
      readonly retryAt: Date | undefined
      /** The account as it was found meanwhile, or `gone`. */
      readonly found?: Account | 'gone' | undefined
      /** See Step. */
      readonly refusedWith?: number | undefined
      /** The account is not as the plan saw it. */
      readonly stale?: Staleness
    }
  | { readonly state: 'unknown'; readonly reason: string }
  | { readonly state: 'unsupported'; readonly reason: string }

export interface Gone {
  readonly before: { readonly at: Date; readonly account: Account | undefined } | undefined
  readonly sentAt: Date | undefined
  readonly answer: Receipt['removal']['answer']
  readonly verifiedAt: Date
}

const actions: Readonly<Record<Ending['state'], FactAction>> = {
  done: 'step.done',
  failed: 'step.failed',
  unknown: 'step.unknown',
  unsupported: 'step.failed',
}

/** Ends a step in one transaction: its state, the account and link as they are now, the receipt of a removal, and the facts. */
export async function endStep(hand: Hand, step: Step, ending: Ending): Promise<Step> {
  const { parts, connection } = hand
  const { organizationId, id: connectionId } = connection
  const proof = 'gone' in ending ? await gatherProof(hand, step) : undefined
  return commit(hand, async (tx, call) => {
    const { stale: _, ...before } = step
    const ended: Step = {
      ...before,
      ...('stale' in ending && ending.stale && { stale: ending.stale }),
      state: ending.state,
      reason: ending.reason,
      retryAt: ending.state === 'failed' ? ending.retryAt : undefined,
      refusedWith: ending.state === 'failed' ? ending.refusedWith : undefined,
      updatedAt: call.now,
    }
    await tx.putStep(ended)
    const { kind, subject, membershipId, attempts } = ended
    const facts: FactDraft[] = []
    const accountId = 'account' in ending ? ending.account.id : step.accountId
    const detail = {
      connectionId,
      planId: step.planId,
      kind,
      subject,
      membershipId,
      accountId,
      attempt: attempts,
      reason: ending.reason,
      ...accountIn(ending),
    }
    if ('account' in ending) {
      const formerly = await tx.linkOf(organizationId, connectionId, ending.link.membershipId)
      await tx.putAccount(organizationId, connectionId, ending.account)
      const same = formerly?.accountId === ending.link.accountId && formerly.rule === ending.link.rule
      const leftBy = takesAway(kind) ? formerly?.leftBy : undefined
      // A link is as old as the rule that made it, however often its account is written.
      const link = {
        ...(await withOurSuspension(tx, ending, call.now)),
        ...(same && { madeAt: formerly.madeAt }),
        ...(leftBy && { leftBy }),
      }
      await tx.putLink(link)
      if (!same)
        facts.push({
          action: 'link.made',
          subject: ending.account.id,
          detail: { connectionId, membershipId: link.membershipId, rule: link.rule, madeAt: link.madeAt.toISOString() },
        })
    }
    if ('found' in ending && ending.found === 'gone' && step.accountId)
      await tx.removeAccount(organizationId, connectionId, step.accountId)
    else if ('found' in ending && typeof ending.found === 'object')
      await tx.putAccount(organizationId, connectionId, ending.found)
    if ('gone' in ending && proof) {
      if (accountId === undefined) throw new TypeError('a removal without an account')
      await tx.removeAccount(organizationId, connectionId, accountId)
      const link = membershipId === undefined ? undefined : await tx.linkOf(organizationId, connectionId, membershipId)
      if (link && link.accountId === accountId) {
        await tx.removeLink(organizationId, connectionId, link.membershipId)
        facts.push({
          action: 'link.removed',
          subject: accountId,
          detail: { connectionId, membershipId, reason: 'the account was removed' },
        })
      }
      facts.push(...(await openResidue(hand, tx, { subject, accountId, now: call.now })))
      const plan = await tx.plan(organizationId, step.planId)
      const approvals = await tx.approvals(organizationId, step.planId)
      const snapshot = await tx.latestSnapshot(organizationId, connectionId)
      if (!plan || !snapshot) throw new TypeError('a removal without its plan or its read')
      const id = parts.newId()
      const receipt = receiptContent(hand, {
        id,
        step,
        plan,
        snapshot,
        gone: ending.gone,
        proof,
        chain: await tx.chainHead(organizationId),
        now: call.now,
      })
      const text = signReceipt(
        { ...receipt, approvals: approvals.filter(({ digest }) => digest === plan.digest).map(approvalOf) },
        parts.signer,
      )
      await tx.putReceipt({ id, organizationId, connectionId, stepId: step.id, subject, issuedAt: call.now, text })
      facts.push({
        action: 'receipt.issued',
        subject: id,
        detail: { connectionId, stepId: step.id, subject, sha256: sha256(text) },
      })
      const { sentAt, answer, verifiedAt } = ending.gone
      const noted = await noteRemoval(hand, tx, {
        call,
        membershipId,
        accountId,
        request: { kind: 'remove', sentAt, answeredAt: verifiedAt, answer, status: undefined },
        verifiedAt,
        removal: { planId: step.planId, receiptId: id, sha256: sha256(text) },
        reason: ending.reason,
      })
      facts.push(...noted)
    }
    return [ended, { action: actions[ending.state], subject: step.id, detail }, ...facts]
  })
}

/** The account as it is known at the end, or that it is gone; nothing where the ending tells nothing of it. */
function accountIn(ending: Ending): JsonObject {
  if ('account' in ending) return { account: accountDetail(ending.account) }
  if ('gone' in ending || ('found' in ending && ending.found === 'gone')) return { gone: true }
  return 'found' in ending && typeof ending.found === 'object' ? { account: accountDetail(ending.found) } : {}
}

/** Reports what the vendor keeps of somebody whose account is gone. */
async function openResidue(
  { parts, connection, vendor }: Hand,
  tx: LedgerWriter,
  { subject, accountId, now }: { readonly subject: string; readonly accountId: string; readonly now: Date },
): Promise<readonly FactDraft[]> {
  const { residue } = vendor.capabilities
  if (residue === undefined) return []
  const { organizationId, id: connectionId } = connection
  const open = await tx.findings(organizationId, { connectionId, open: true, limit: 1_000_000 })
  if (open.some((finding) => finding.kind === 'residual' && finding.subject === accountId)) return []
  const message = `${subject}: ${residue}`
  const id = parts.newId()
  await tx.putFinding({
    id,
    organizationId,
    connectionId,
    kind: 'residual',
    subject: accountId,
    message,
    openedAt: now,
    closedAt: undefined,
  })
  return [{ action: 'finding.opened', subject: connectionId, detail: { kind: 'residual', subjects: [accountId] } }]
}

interface Proof {
  readonly organizationName: string
  readonly email: string | undefined
  readonly userName: string
}

async function gatherProof({ parts, connection }: Hand, step: Step): Promise<Proof> {
  const member =
    step.membershipId === undefined ? undefined : await memberOrNone(parts, connection.organizationId, step.membershipId)
  const organization = await parts.directory.getOrganization(systemCall(parts, connection.organizationId), undefined)
  return {
    organizationName: organization.name,
    userName: member?.userName ?? step.observed?.userName ?? step.subject,
    email: member ? emailOf(member) : step.observed?.email,
  }
}

function receiptContent(
  { connection }: Hand,
  input: {
    readonly id: string
    readonly step: Step
    readonly plan: Plan
    readonly snapshot: Snapshot
    readonly gone: Gone
    readonly proof: Proof
    readonly chain: Receipt['chain']
    readonly now: Date
  },
): Omit<Receipt, 'key' | 'signature'> {
  const { step, plan, snapshot, gone, proof, chain } = input
  const { certificate } = snapshot
  return {
    version: 1,
    id: input.id,
    organization: { id: connection.organizationId, name: proof.organizationName },
    person: { membershipId: step.membershipId ?? null, userName: proof.userName, email: proof.email ?? null },
    connection: { id: connection.id, name: connection.name, vendor: connection.vendor, baseUrl: connection.baseUrl },
    account: { id: step.accountId ?? '', userName: step.observed?.userName ?? step.subject, email: step.observed?.email ?? null },
    request: { reason: plan.reason, authors: plan.authors, askedAt: plan.createdAt.toISOString() },
    plan: { id: plan.id, digest: plan.digest, removals: plan.removals, accounts: plan.accounts },
    approvals: [],
    snapshot: {
      id: snapshot.id,
      finishedAt: snapshot.finishedAt.toISOString(),
      pages: certificate.pages,
      accounts: certificate.accounts,
      declaredTotal: certificate.declaredTotal ?? null,
      provenGone: certificate.provenGone,
      digest: certificate.digest,
    },
    before: gone.before
      ? {
          at: gone.before.at.toISOString(),
          found: gone.before.account !== undefined,
          recordSha256: gone.before.account ? digestOfRecord(gone.before.account) : null,
        }
      : null,
    removal: { sentAt: gone.sentAt?.toISOString() ?? null, answer: gone.answer },
    verifiedGoneAt: gone.verifiedAt.toISOString(),
    chain: { sequence: chain.sequence, hash: chain.hash },
    issuedAt: input.now.toISOString(),
  }
}

const approvalOf = (approval: Approval): Receipt['approvals'][number] => ({
  actor: approval.actor,
  at: approval.at.toISOString(),
  removals: approval.removals ?? null,
  reason: approval.reason,
})

const digestOfRecord = (account: Account): string => sha256(canonicalJson(account.raw ?? null))
